/* crowd.c - a point for each strategy and number of threads. */
#include "bench/report/crowd.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/engine/crowd.h"
#include "bench/judge/promise.h"
#include "bench/report/results.h"

enum {
    SHORTEST_NS = 40000000, /* some turns of the scheduler for each of four threads a processor */
    LONGEST_NS = 200000000,
    SETUP_NS = 30000000,    /* of a point: the object, its threads, filling, the check */
    TAIL = 20               /* operations beyond a percentile, or it is not given */
};

struct crowd_run {
    struct crowd_results *r;
    struct crowd_result *result; /* large */
};

bool crowd_preempts(const struct crowd_results *r, const struct cell *c)
{
    return c->threads + c->hogs + c->workload->sweeper > r->cpus;
}

bool crowd_has(const struct crowd_results *r, unsigned item)
{
    return r->series.items[item].done && !r->series.items[item].error;
}

static double quantile(const struct histogram *h, double q)
{
    return (double)h->count * (1 - q) < TAIL ? NAN : histogram_quantile(h, q);
}

static int try_item(void *ctx, unsigned item, struct stage *stage)
{
    struct crowd_run *run = ctx;
    const struct window_result *w = &run->result->figures;
    const struct histogram *took = &run->result->took;
    int error = crowd_run(stage, run->r->length_ns, run->result);

    if (error == -ETIME) { /* that is the machine's doing, and no failure of the strategy */
        struct series_item *starved = &run->r->series.items[item];
        starved->skipped = true;
        snprintf(starved->why, sizeof starved->why, "no thread got to work before the deadline");
    }
    if (error)
        return error;
    run->r->points[item] = (struct crowd_point){
        .ops_per_s = w->ops_per_s, .cpu_ns_per_op = w->cpu_ns_per_op, .jain = w->jain,
        .min_share = w->min_share, .longest_gap_ns = w->longest_gap_ns,
        .p50_ns = quantile(took, 0.5), .p99_ns = quantile(took, 0.99),
        .p999_ns = quantile(took, 0.999), .run_delay = w->covariates.run_delay,
    };
    return series_is_over(&run->r->series) && run->r->series.interrupted ? -EINTR : 0;
}

static uint64_t length_of_phase(const struct crowd_options *o, unsigned items)
{
    double share = o->run.budget_s * 0.85e9 / items - SETUP_NS;

    if (o->length_ms)
        return o->length_ms * UINT64_C(1000000);
    return (uint64_t)fmin(fmax(share / 2, SHORTEST_NS), LONGEST_NS);
}

static json_t *point_json(const struct crowd_results *r, unsigned i)
{
    const struct series_item *item = &r->series.items[i];
    const struct cell *c = &item->cell->cell;
    const struct crowd_point *p = &r->points[i];
    json_t *o = series_item_json(item);
    char words[PROMISE_WORDS];

    json_object_set_new(o, "workload", json_string(c->workload->name));
    json_object_set_new(o, "users", json_integer((json_int_t)c->users));
    json_object_set_new(o, "posts", json_integer((json_int_t)c->posts));
    json_object_set_new(o, "threads", json_integer(c->threads));
    json_object_set_new(o, "hogs", json_integer(c->hogs));
    json_object_set_new(o, "preempts", json_boolean(crowd_preempts(r, c)));
    json_object_set_new(o, "spins", json_boolean(contestant_identity(item->who)->flags &
                                                 CONTEND_SPINS));
    json_object_set_new(o, "guarantee", json_string(promise_guarantee(item->who, words)));
    if (!crowd_has(r, i))
        return o;
    const struct {
        const char *name;
        double value;
    } figures[] = {
        { "ops_per_s", p->ops_per_s }, { "cpu_ns_per_op", p->cpu_ns_per_op },
        { "jain", p->jain }, { "min_share", p->min_share },
        { "longest_gap_ns", p->longest_gap_ns }, { "p50_ns", p->p50_ns }, { "p99_ns", p->p99_ns },
        { "p999_ns", p->p999_ns }, { "run_delay", p->run_delay },
    };
    for (size_t k = 0; k < sizeof figures / sizeof *figures; k++)
        json_object_set_new(o, figures[k].name, results_number(figures[k].value));
    return o;
}

static json_t *crowd_json(const struct crowd_results *r)
{
    json_t *o = series_json(&r->series, r->options->view == CROWD_FAIRNESS
                                            ? "contend.fairness" : "contend.oversubscribe");
    json_t *points = json_array();

    json_object_set_new(o, "phase_s", json_real((double)r->length_ns / 1e9));
    json_object_set_new(o, "processors", json_integer(r->cpus));
    for (unsigned i = 0; i < r->series.count; i++)
        json_array_append_new(points, point_json(r, i));
    json_object_set_new(o, "points", points);
    return o;
}

static void print_plan(const struct crowd_results *r)
{
    const struct crowd_options *o = r->options;
    char cells[TEXT_NUMBER], points[TEXT_NUMBER], sentence[400];

    snprintf(sentence, sizeof sentence,
             "Plan: %s in %s, %.0f ms for rates and as long for tails each; about %.0f s "
             "(budget %u s, seed %" PRIu64 ").  Ctrl-C ends it early and keeps what was measured.",
             text_count(r->series.count, "point", "points", points),
             text_count(r->series.plan->count, "cell", "cells", cells), (double)r->length_ns / 1e6,
             r->series.count * (2 * (double)r->length_ns + SETUP_NS) / 1e9, o->run.budget_s,
             o->run.seed);
    text_wrapped(stdout, sentence, 0, 80);
    putchar('\n');
    fflush(stdout);
}

int crowd_command(const struct plan *plan, const struct crowd_options *o)
{
    struct crowd_results r = { .options = o };
    struct crowd_run run = { .r = &r, .result = malloc(sizeof *run.result) };
    bool ready;

    if (series_begin(&r.series, plan, &o->run) != 0) {
        free(run.result);
        return 1;
    }
    r.points = calloc(r.series.count, sizeof *r.points);
    r.cpus = (unsigned)CPU_COUNT(&r.series.allowed);
    r.length_ns = length_of_phase(o, r.series.count);
    ready = run.result && r.points;
    if (ready) {
        print_plan(&r);
        series_run(&r.series, try_item, &run);
        crowd_print(stdout, &r);
    } else {
        shortage_fail(-ENOMEM);
    }
    int status = series_end(&r.series, ready && o->run.json ? crowd_json(&r) : NULL, !ready);
    free(run.result);
    free(r.points);
    return status;
}
