/* latency.c - the search for each strategy's highest rate. */
#include "bench/report/latency.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/interrupt.h"
#include "bench/base/progress.h"
#include "bench/base/text.h"
#include "bench/engine/open_loop.h"
#include "bench/engine/tape.h"
#include "bench/report/latency_points.h"
#include "bench/report/output.h"

enum {
    POINTS_GUESSED = 14,             /* of one search: for the length of a point and the progress */
    SHORTEST_NS = 40000000,
    LONGEST_NS = 1000000000,
    WARMUP_NS = 10000000,
    TAIL = 20                        /* operations beyond a percentile, or it is not given */
};

/* A point is disturbed, and a run noisy, by the measures of `contend run` (measure.c, verdict.h). */
static const double disturbed_above = 0.10, noisy_share = 0.30;

static const struct knee_range range = {
    .first = LATENCY_MU, .least = LATENCY_MU / 256, .most = LATENCY_MU * 1024, .halvings = 3,
};

struct search {
    struct latency_results *r;
    struct latency_curve *curve;
    struct stage *stage;
    struct open_loop_result *loop; /* large */
    struct progress *progress;
    uint64_t ends_ns;
};

/* A quantile is given only if enough lies beyond it. */
static double quantile(const struct histogram *h, double q)
{
    return (double)h->count * (1 - q) < TAIL ? NAN : histogram_quantile(h, q);
}

static struct latency_figures figures(const struct histogram *h)
{
    return (struct latency_figures){
        .p50 = quantile(h, 0.5), .p90 = quantile(h, 0.9), .p99 = quantile(h, 0.99),
        .p999 = quantile(h, 0.999), .max = h->count ? (double)h->max : NAN,
    };
}

static int try_rate(void *ctx, double per_s)
{
    struct search *s = ctx;
    struct latency_results *r = s->r;
    struct open_loop_plan plan = {
        .arrivals = r->options->arrivals, .per_s = per_s, .length_ns = r->length_ns,
        .pause_ns = r->options->pause_ms * UINT64_C(1000000),
        .seed = r->options->run.seed + s->curve->count,
    };

    r->interrupted |= interrupt_came();
    r->out_of_budget |= contend_clock_ns() > s->ends_ns;
    if (r->interrupted || r->out_of_budget || s->curve->count == LATENCY_POINTS)
        return -EINTR;
    int error = open_loop_run(s->stage, &plan, s->loop);
    if (error)
        return error;
    r->interrupted |= interrupt_came();
    if (r->interrupted)
        return -EINTR; /* the point was cut off */
    s->curve->points[s->curve->count++] = (struct latency_point){
        .per_s = per_s, .copes = s->loop->copes, .due = s->loop->due, .served = s->loop->served,
        .busy = s->loop->busy, .run_delay = s->loop->covariates.run_delay, .response = figures(&s->loop->response),
        .service = figures(&s->loop->service),
    };
    return s->loop->copes;
}

/* The rates that were asked for; or a search, and then the rates that all can be compared at. */
static int try_all(struct search *s)
{
    const struct latency_options *o = s->r->options;
    struct knee *knee = &s->curve->knee;
    int error = 0;

    for (unsigned i = 0; i < o->rate_count && error >= 0; i++) {
        error = try_rate(s, o->rates[i]);
        if (error > 0 && o->rates[i] > knee->copes)
            knee->copes = o->rates[i];
        if (error == 0 && (knee->fails == 0 || o->rates[i] < knee->fails))
            knee->fails = o->rates[i];
    }
    if (o->rate_count)
        return error < 0 ? error : 0;
    error = knee_find(knee, &range, try_rate, s);
    if (error == 0 && knee->copes > 0)
        error = try_rate(s, knee->copes / 2);
    return error < 0 ? error : 0;
}

static void search(struct search *s)
{
    const struct run_options *run = &s->r->options->run;
    struct window_settings settings = {
        .length_ns = s->r->length_ns, .warmup_ns = WARMUP_NS, .seed = run->seed,
    };
    struct window_result out = { .error = 0 };
    struct latency_curve *c = s->curve;

    if (sched_getaffinity(0, sizeof settings.allowed, &settings.allowed) != 0)
        CPU_ZERO(&settings.allowed);
    c->error = stage_make(&s->stage, &c->cell->cell, &c->cell->contestants[c->contestant],
                          &settings, &out);
    if (c->error == 0) {
        int error = try_all(s);
        c->done = error == 0;
        c->error = error == -EINTR ? 0 : error;
        if (c->error)
            snprintf(c->why, sizeof c->why, "%s", strerror(-c->error));
        int lost = stage_end(s->stage, &out);
        c->error = c->error ? c->error : lost;
    }
    c->skipped = out.skipped;
    if (out.error)
        snprintf(c->why, sizeof c->why, "%s", out.why);
}

static int list_curves(struct latency_results *r)
{
    unsigned most = 0;

    for (unsigned i = 0; i < r->plan->count; i++)
        most += r->plan->cells[i].count;
    r->curves = calloc(most ? most : 1, sizeof *r->curves);
    if (!r->curves)
        return -ENOMEM;
    for (unsigned i = 0; i < r->plan->count; i++)
        for (unsigned k = 0; k < r->plan->cells[i].count; k++)
            if (!r->plan->cells[i].contestants[k].again)
                r->curves[r->count++] = (struct latency_curve){ .cell = &r->plan->cells[i],
                                                                .contestant = k };
    return 0;
}

static uint64_t length_of_point(const struct latency_options *o, unsigned curves)
{
    unsigned points = o->rate_count ? o->rate_count : POINTS_GUESSED;
    double share = o->run.budget_s * 0.8e9 / ((double)curves * points);

    if (o->length_ms)
        return o->length_ms * UINT64_C(1000000);
    return (uint64_t)fmin(fmax(share, SHORTEST_NS), LONGEST_NS);
}

static void search_all(struct search *s)
{
    struct latency_results *r = s->r;
    char name[PLAN_NAME];

    for (unsigned i = 0; i < r->count && !r->interrupted && !r->out_of_budget; i++) {
        s->curve = &r->curves[i];
        progress_show(s->progress, i, r->count,
                      plan_name(s->curve->cell, s->curve->contestant, name));
        search(s);
    }
}

bool latency_is_noisy(const struct latency_results *r, unsigned *disturbed, unsigned *all)
{
    *disturbed = *all = 0;
    for (unsigned i = 0; i < r->count; i++)
        for (unsigned k = 0; k < r->curves[i].count; k++) {
            ++*all;
            *disturbed += r->curves[i].points[k].run_delay > disturbed_above;
        }
    return *disturbed > noisy_share * *all;
}

static bool any_wrong(const struct latency_results *r)
{
    for (unsigned i = 0; i < r->count; i++) {
        const struct latency_curve *c = &r->curves[i];
        const struct contestant *who = &c->cell->contestants[c->contestant];
        if (c->error && !c->skipped && !(contestant_identity(who)->flags & CONTEND_EXHIBIT))
            return true;
    }
    return false;
}

static void print_plan(const struct latency_results *r)
{
    const struct latency_options *o = r->options;
    unsigned points = o->rate_count ? o->rate_count : POINTS_GUESSED;
    double seconds = (double)r->length_ns * 1e-9 * r->count * points * 1.15;
    char cells[TEXT_NUMBER], sentence[400];

    snprintf(sentence, sizeof sentence,
             "Plan: %u strategies in %s, about %u rates each, %.0f ms a rate, %s arrivals; about "
             "%.0f s of measuring (budget %u s, seed %" PRIu64 ").  Ctrl-C ends it early and keeps "
             "what was measured.",
             r->count, text_count(r->plan->count, "cell", "cells", cells), points,
             (double)r->length_ns / 1e6, arrivals_name(o->arrivals), seconds, o->run.budget_s,
             o->run.seed);
    text_wrapped(stdout, sentence, 0, 80);
    putchar('\n');
    fflush(stdout);
}

int latency_run(const struct plan *plan, const struct latency_options *o)
{
    struct latency_results r = { .options = o, .plan = plan };
    struct progress progress;
    struct search s = { .r = &r, .progress = &progress };
    cpu_set_t allowed;
    int error = list_curves(&r);

    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        CPU_ZERO(&allowed);
    session_record(&r.session, &allowed, o->run.seed);
    s.loop = malloc(sizeof *s.loop);
    if (error || !s.loop) {
        arguments_error("%s", strerror(ENOMEM));
        free(r.curves);
        return 1;
    }
    r.length_ns = length_of_point(o, r.count);
    s.ends_ns = contend_clock_ns() + o->run.budget_s * UINT64_C(1000000000);
    print_plan(&r);
    interrupt_catch();
    progress_begin(&progress, o->run.quiet, o->run.budget_s);
    search_all(&s);
    progress_end(&progress);
    interrupt_release();
    tape_free_all();
    latency_print(stdout, &r);
    fflush(stdout);
    if (o->run.json) {
        char *text = latency_json(&r);
        error = output_save("json", o->run.json, text);
        free(text);
        if (!error)
            printf("\n  saved         %s\n", o->run.json);
    }
    bool wrong = any_wrong(&r);
    free(s.loop);
    free(r.curves);
    return r.interrupted ? 130 : error || wrong ? 1 : 0;
}
