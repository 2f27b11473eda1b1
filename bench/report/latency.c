/* latency.c - the search for each strategy's highest rate. */
#include "bench/report/latency.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/engine/open_loop.h"
#include "bench/report/latency_points.h"

enum {
    POINTS_GUESSED = 14,             /* of one search: for the length of a point and the progress */
    SHORTEST_NS = 40000000,
    LONGEST_NS = 1000000000,
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

    if (series_is_over(&r->series) || s->curve->count == LATENCY_POINTS)
        return -EINTR;
    int error = open_loop_run(s->stage, &plan, s->loop);
    if (error)
        return error;
    if (series_is_over(&r->series) && r->series.interrupted)
        return -EINTR; /* the point was cut off */
    s->curve->points[s->curve->count++] = (struct latency_point){
        .per_s = per_s, .copes = s->loop->copes, .due = s->loop->due, .served = s->loop->served,
        .busy = s->loop->busy, .run_delay = s->loop->covariates.run_delay,
        .response = figures(&s->loop->response), .service = figures(&s->loop->service),
    };
    return s->loop->copes;
}

/* The rates that were asked for. */
static int try_given(struct search *s)
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
    return error;
}

/* The highest rate; and then half of it, at which all can be compared. */
static int try_highest(struct search *s)
{
    struct knee *knee = &s->curve->knee;
    int error = knee_find(knee, &range, try_rate, s);

    if (error == 0 && knee->copes > 0)
        error = try_rate(s, knee->copes / 2);
    return error;
}

static int search(void *ctx, unsigned item, struct stage *stage)
{
    struct search *s = ctx;

    s->curve = &s->r->curves[item];
    s->stage = stage;
    int error = s->r->options->rate_count ? try_given(s) : try_highest(s);
    return error < 0 ? error : 0;
}

static uint64_t length_of_point(const struct latency_options *o, unsigned curves)
{
    unsigned points = o->rate_count ? o->rate_count : POINTS_GUESSED;
    double share = o->run.budget_s * 0.8e9 / ((double)curves * points);

    if (o->length_ms)
        return o->length_ms * UINT64_C(1000000);
    return (uint64_t)fmin(fmax(share, SHORTEST_NS), LONGEST_NS);
}

bool latency_is_noisy(const struct latency_results *r, unsigned *disturbed, unsigned *all)
{
    *disturbed = *all = 0;
    for (unsigned i = 0; i < r->series.count; i++)
        for (unsigned k = 0; k < r->curves[i].count; k++) {
            ++*all;
            *disturbed += r->curves[i].points[k].run_delay > disturbed_above;
        }
    return *disturbed > noisy_share * *all;
}

static void print_plan(const struct latency_results *r)
{
    const struct latency_options *o = r->options;
    const struct series *s = &r->series;
    unsigned points = o->rate_count ? o->rate_count : POINTS_GUESSED;
    double seconds = (double)r->length_ns * 1e-9 * s->count * points * 1.15;
    char cells[TEXT_NUMBER], sentence[400];

    snprintf(sentence, sizeof sentence,
             "Plan: %u strategies in %s, about %u rates each, %.0f ms a rate, %s arrivals; about "
             "%.0f s of measuring (budget %u s, seed %" PRIu64 ").  Ctrl-C ends it early and keeps "
             "what was measured.",
             s->count, text_count(s->plan->count, "cell", "cells", cells), points,
             (double)r->length_ns / 1e6, arrivals_name(o->arrivals), seconds, o->run.budget_s,
             o->run.seed);
    text_wrapped(stdout, sentence, 0, 80);
    putchar('\n');
    fflush(stdout);
}

int latency_run(const struct plan *plan, const struct latency_options *o)
{
    struct latency_results r = { .options = o };
    struct search s = { .r = &r };

    if (series_begin(&r.series, plan, &o->run) != 0)
        return 1;
    s.loop = malloc(sizeof *s.loop);
    r.curves = calloc(r.series.count, sizeof *r.curves);
    bool ready = s.loop && r.curves;
    if (ready) {
        r.length_ns = length_of_point(o, r.series.count);
        print_plan(&r);
        series_run(&r.series, search, &s);
        latency_print(stdout, &r);
    } else {
        shortage_fail(-ENOMEM);
    }
    int status = series_end(&r.series, ready ? latency_json(&r) : NULL, !ready);
    free(s.loop);
    free(r.curves);
    return status;
}
