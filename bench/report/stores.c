/* stores.c - what `contend run --stores` measures. */
#include "bench/report/stores.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/engine/open_loop.h"
#include "bench/engine/rates.h"
#include "bench/report/latency.h"
#include "bench/report/stores_figures.h"
#include "bench/report/stores_time.h"
#include "bench/stores/parts/trouble.h"

enum {
    POINTS_GUESSED = 12,            /* rates of one search: for their length */
    SHORTEST_NS = 50000000,
    LONGEST_NS = 500000000,
    SLOW_LONGEST_NS = 2000000000,   /* where so few operations fit */
    OPERATIONS = 400,               /* of a rate, at least: a few are in flight at its end */
    CLOSED_NS = 200000000,
    TAIL = 20                       /* operations beyond a percentile, or it is not given */
};

/* Of an entry's time, what its search may use; the percentiles and the object's end have the rest. */
static const double search_part = 0.8;

struct search {
    struct stores_results *r;
    struct stores_figures *figures;
    struct stage *stage;
    struct open_loop_result *loop; /* large */
    uint64_t planned_ns;           /* of a rate, if time is not scarce */
    uint64_t length_ns, longest_ns; /* of a rate of this entry; the second one where it is slow */
    uint64_t search_ends_ns;       /* of the entry: then it ends with what it has found */
    uint64_t tries;
};

/* A rate with few operations a second lasts longer, so that what is in flight does not decide. */
static uint64_t length_at(const struct search *s, double per_s)
{
    double wanted = OPERATIONS / per_s * 1e9;

    return (uint64_t)fmin(fmax(wanted, (double)s->length_ns), (double)s->longest_ns);
}

static int run_rate(struct search *s, double per_s)
{
    const struct open_loop_plan plan = {
        .arrivals = ARRIVALS_EXPONENTIAL, .per_s = per_s, .length_ns = length_at(s, per_s),
        .seed = s->r->options->run.seed + s->tries++,
    };

    if (series_is_over(&s->r->series))
        return -EINTR;
    int error = open_loop_run(s->stage, &plan, s->loop);
    if (error)
        return error;
    if (series_is_over(&s->r->series) && s->r->series.interrupted)
        return -EINTR; /* the rate was cut off */
    return s->loop->copes;
}

static int try_rate(void *ctx, double per_s)
{
    struct search *s = ctx;

    /* No more than that, however slow the store is; the first rate is tried in any case. */
    if (s->figures->rates > 0 && contend_clock_ns() >= s->search_ends_ns) {
        s->figures->coarse = true;
        return -ETIME;
    }
    s->figures->rates++;
    return run_rate(s, per_s);
}

/* A quantile is given only if enough lies beyond it. */
static double quantile(const struct histogram *h, double q)
{
    return (double)h->count * (1 - q) < TAIL ? NAN : histogram_quantile(h, q);
}

/* The highest rate; and then half of it, for the percentiles. */
static int search_rate(struct search *s)
{
    struct stores_figures *f = s->figures;
    const double most = LATENCY_MU * 1024;
    struct knee_range range = {
        .first = fmin(fmax(f->per_s / 2, 1), LATENCY_MU * 32), .least = 1, .most = most,
        .halvings = 3,
    };
    int error = knee_find(&f->knee, &range, try_rate, s);

    if (error == -ETIME)
        error = 0;
    if (error == 0 && f->knee.copes > 0)
        error = run_rate(s, f->knee.copes / 2);
    if (error < 0 || f->knee.copes <= 0)
        return error < 0 ? error : 0;
    f->p50 = quantile(&s->loop->response, 0.5);
    f->p99 = quantile(&s->loop->response, 0.99);
    f->p999 = quantile(&s->loop->response, 0.999);
    return 0;
}

static double items_of(const struct cell *c)
{
    return c->workload->keys == KEYS_USERS ? (double)c->users : (double)c->posts;
}

/* What has changed since `before`, for each of the operations. */
static void note_traffic(struct search *s, const struct store_traffic *before, uint64_t ops)
{
    struct stores_figures *f = s->figures;
    struct store_traffic t;
    double n = ops ? (double)ops : NAN;

    f->store->traffic(s->stage->subject.object, &t);
    f->round_trips = (double)(t.round_trips - before->round_trips) / n;
    f->bytes = (double)(t.sent - before->sent + t.received - before->received + t.written -
                        before->written) / n;
    f->units = (double)(t.units - before->units) / 1000 / n;
    f->sent = (double)(t.sent - before->sent) / n;
    f->server_cpu_ns = (double)(t.server_cpu_ns - before->server_cpu_ns) / n;
    if (t.held_by)
        f->held_per_item = (double)t.held / items_of(s->stage->subject.cell);
}

/* As fast as the threads can: the rate, and what an operation costs. */
static void measure_costs(struct search *s)
{
    struct crew_phase timed = {
        .work = { stage_batches, stage_batches, stage_sweeper, stage_hog },
        .length_ns = CLOSED_NS, .measured = true,
    };
    struct window_result window = { .error = 0 };
    struct store_traffic before = { .round_trips = 0 };
    double by_role[CREW_ROLES];

    if (s->figures->store)
        s->figures->store->traffic(s->stage->subject.object, &before);
    crew_perform(s->stage->crew, &timed, &window.covariates);
    rates_fill(s->stage->crew, &window, by_role);
    stage_advance(s->stage);
    s->figures->per_s = window.ops_per_s;
    s->figures->client_cpu_ns = window.cpu_ns_per_op;
    if (s->figures->store)
        note_traffic(s, &before, window.ops);
}

static int measure(void *ctx, unsigned item, struct stage *stage)
{
    struct search *s = ctx;

    s->figures = &s->r->figures[item];
    s->stage = stage;
    measure_costs(s);
    return search_rate(s);
}

static void begin_figures(struct stores_results *r, unsigned item)
{
    r->figures[item] = (struct stores_figures){
        .store = stores_of(r->series.items[item].who->ops), .per_s = NAN, .round_trips = NAN,
        .bytes = NAN, .client_cpu_ns = NAN, .server_cpu_ns = NAN, .held_per_item = NAN,
        .p50 = NAN, .p99 = NAN, .p999 = NAN,
    };
}

/* What an entry takes that is not slow. */
static double ordinary_s(const struct search *s)
{
    return (POINTS_GUESSED * (double)s->planned_ns + CLOSED_NS) * 1.2 / 1e9;
}

static void begin_search(struct search *s, unsigned item)
{
    const struct series *all = &s->r->series;
    uint64_t now = contend_clock_ns();
    double left = now < all->ends_ns ? (double)(all->ends_ns - now) / 1e9 : 0;
    double part = stores_part(left, all->count - item, ordinary_s(s)) * search_part * 1e9;

    s->search_ends_ns = now + (uint64_t)part;
    /* On a machine that is busy the rates are shorter, rather than the last entries missing. */
    s->length_ns = (uint64_t)fmin(fmax(part / POINTS_GUESSED, SHORTEST_NS), (double)s->planned_ns);
    s->longest_ns = (uint64_t)fmin(fmax(part / 2, LONGEST_NS), SLOW_LONGEST_NS);
}

static void run_all(struct search *s)
{
    struct series *all = &s->r->series;

    series_start(all);
    for (unsigned i = 0; i < all->count && !series_is_over(all); i++) {
        char text[TROUBLE_TEXT];
        begin_search(s, i);
        series_run_one(all, i, measure, s);
        if (trouble_take(text))
            snprintf(s->r->figures[i].trouble, sizeof s->r->figures[i].trouble, "%s", text);
    }
    series_stop(all);
}

static void print_plan(const struct search *s)
{
    const struct stores_results *r = s->r;
    const struct run_options *o = &r->options->run;
    char cells[TEXT_NUMBER], sentence[400];

    snprintf(sentence, sizeof sentence,
             "Plan: %u entries in %s, each alone: %d ms as fast as it can, then about %d rates of at "
             "least %.0f ms; about %.0f s of measuring, and more for what is slow (budget %u s, seed %" PRIu64 ").  Ctrl-C ends "
             "it early and keeps what was measured.",
             r->series.count, text_count(r->series.plan->count, "cell", "cells", cells),
             CLOSED_NS / 1000000, POINTS_GUESSED, (double)s->planned_ns / 1e6,
             r->series.count * ordinary_s(s),
             o->budget_s, o->seed);
    text_wrapped(stdout, sentence, 0, 80);
    putchar('\n');
    fflush(stdout);
}

bool stores_may_be_taken(const struct stores_results *r, unsigned item)
{
    const struct series_item *i = &r->series.items[item];

    return i->begun && !i->error && !i->skipped &&
           !(contestant_identity(i->who)->flags & (CONTEND_FLOOR | CONTEND_EXHIBIT));
}

bool stores_carries(const struct stores_results *r, unsigned item, double per_s)
{
    return stores_may_be_taken(r, item) && r->figures[item].knee.copes >= per_s;
}

int stores_run(const struct plan *plan, const struct stores_options *o)
{
    struct stores_results r = { .options = o };
    struct search s = { .r = &r };

    if (series_begin(&r.series, plan, &o->run) != 0)
        return 1;
    s.loop = malloc(sizeof *s.loop);
    r.figures = calloc(r.series.count, sizeof *r.figures);
    bool ready = s.loop && r.figures;
    if (ready) {
        double share = o->run.budget_s * 0.5e9 / (r.series.count * (double)POINTS_GUESSED);
        s.planned_ns = (uint64_t)fmin(fmax(share, SHORTEST_NS), LONGEST_NS);
        for (unsigned i = 0; i < r.series.count; i++)
            begin_figures(&r, i);
        print_plan(&s);
        run_all(&s);
        stores_print(stdout, &r);
    } else {
        shortage_fail(-ENOMEM);
    }
    int status = series_end(&r.series, ready ? stores_json(&r) : NULL, !ready);
    free(s.loop);
    free(r.figures);
    return status;
}
