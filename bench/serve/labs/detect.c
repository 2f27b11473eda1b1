/* detect.c - the runs of `contend detect`. */
#include "bench/serve/labs/detect.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/shortage.h"
#include "bench/engine/crew.h"

enum { COST_NS = 120000000, BATCH = 64, BEATS_OF_A_CURVE = 400 };

static const double loss_of_the_arithmetic = 0.01, jitter_of_the_arithmetic = 500000;

const struct beats_network detect_networks[DETECT_NETWORKS] = {
    { .name = "lossy", .loss = 0.01, .delay_us = 50000, .jitter_us = 200000 },
    { .name = "jittery", .loss = 0.0001, .delay_us = 50000, .jitter_us = 1500000 },
    { .name = "pauses", .loss = 0.001, .delay_us = 50000, .jitter_us = 100000,
      .pause_chance = 0.005, .pause_us = 18000000 },
    { .name = "drift", .loss = 0.005, .delay_us = 50000, .jitter_us = 200000, .drift_ppm = 20000 },
};

static bool is_over(void *ctx)
{
    return experiment_is_over(ctx);
}

static int measure(struct detect_lab *l, const struct detect_ops *ops, const struct beats_network *n,
                   double dial, uint64_t clients, uint64_t beats, struct quality *out)
{
    const struct quality_run run = {
        .ops = ops, .network = n, .interval_us = DETECT_INTERVAL_US, .dial = dial,
        .clients = clients, .beats = beats, .seed = l->options->base.seed,
        .is_over = is_over, .ctx = &l->e,
    };

    return quality_measure(&run, out);
}

/* ---- the boundary ---- */

/* After a beat that arrives `beats` must be lost in a row; so many beats arrive a minute. */
static int run_boundary(struct detect_lab *l, struct detect_boundary *b, const char *name)
{
    const struct beats_network n = { .loss = loss_of_the_arithmetic, .delay_us = 50000,
                                     .jitter_us = b->jitter ? jitter_of_the_arithmetic : 0 };
    const struct detect_ops *ops = contend_detect_find(name);
    uint64_t beats = l->options->minutes * 60000000 / DETECT_INTERVAL_US;
    /* The last three beats of a client cannot be followed by a mistake: it crashes before. */
    double minutes = (double)(beats - 3) * DETECT_INTERVAL_US / 60e6;
    struct quality q;
    int error = measure(l, ops, &n, 3, l->options->users, beats, &q);

    if (error || q.clients < l->options->users * 9 / 10)
        return error;
    b->done = true;
    b->expected = b->jitter ? NAN : 60e6 / DETECT_INTERVAL_US * (double)l->options->users *
                                        (1 - n.loss) * pow(n.loss, b->beats);
    b->count = (double)q.mistakes;
    b->seen = b->count / minutes;
    b->expected_count = b->expected * minutes;
    return 0;
}

static int run_boundaries(struct detect_lab *l)
{
    int error = 0;

    for (unsigned i = 0; i < 4 && !error && !experiment_is_over(&l->e); i++) {
        l->boundaries[i].jitter = i >= 2;
        l->boundaries[i].beats = i % 2 ? 2 : 3;
        experiment_progress(&l->e, i, 10, "boundary of a time to live");
        error = run_boundary(l, &l->boundaries[i], i % 2 ? "ttl_exclusive" : "ttl_inclusive");
    }
    return error;
}

/* ---- curves ---- */

static double dial_of(const struct detect_traits *t, unsigned step)
{
    return t->least * pow(t->greatest / t->least, (double)step / (DETECT_STEPS - 1));
}

static int run_curves(struct detect_lab *l)
{
    static const struct beats_network certain = { .name = "certain" };
    int error = measure(l, l->entries[0], &certain, 3, l->options->clients, 20, &l->certain);

    l->certain_done = !error && !experiment_is_over(&l->e);
    for (unsigned n = 0; n < DETECT_NETWORKS; n++) {
        experiment_progress(&l->e, 4 + n, 10, detect_networks[n].name);
        for (unsigned i = 0; i < l->count; i++)
            for (unsigned k = 0; k < DETECT_STEPS && !error && !experiment_is_over(&l->e); k++) {
                struct detect_point *p = &l->points[n][i][k];
                p->dial = dial_of(l->entries[i]->traits, k);
                error = measure(l, l->entries[i], &detect_networks[n], p->dial, l->options->clients,
                                BEATS_OF_A_CURVE, &p->q);
                p->done = !error && !experiment_is_over(&l->e);
            }
    }
    return error;
}

/* ---- what it costs ---- */

struct pair {
    const struct detect_ops *ops;
    void *detector;
    uint64_t suspected;
};

static int ask(struct crew_worker *me)
{
    struct pair *p = me->shared;
    uint64_t now = crew_await_start(me), suspected = 0;

    for (; crew_goes_on(me, now); now = contend_clock_ns()) {
        suspected += p->ops->loops.ask(p->detector, 1, BATCH);
        me->stint.ops += BATCH;
    }
    me->stint.last_ns = now;
    p->suspected = suspected;
    return 0;
}

static int beat(struct crew_worker *me)
{
    struct pair *p = me->shared;
    uint64_t now = crew_await_start(me), at = 0;

    for (; crew_goes_on(me, now); now = contend_clock_ns())
        for (unsigned i = 0; i < BATCH; i++, me->stint.ops++) {
            at++;
            p->ops->heard(p->detector, at, at * DETECT_INTERVAL_US);
        }
    me->stint.last_ns = now;
    return 0;
}

static double ns_per_op(struct crew *c, unsigned worker)
{
    const struct stint *s = &crew_worker_at(c, worker)->stint;

    return s->ops ? (double)(s->last_ns - s->first_ns) / (double)s->ops : NAN;
}

static int run_cost(struct detect_lab *l, unsigned i)
{
    const struct detect_ops *ops = l->entries[i];
    const struct detect_config config = { .interval_us = DETECT_INTERVAL_US };
    struct pair pair = { .ops = ops, .detector = contend_alloc(CONTEND_CACHE_LINE, ops->size) };
    const struct crew_plan plan = { .roles = { { .count = 1 }, { .count = 1, .cpu = 1 } },
                                    .allowed = l->e.allowed, .shared = &pair };
    struct crew_phase alone = { .work = { ask }, .length_ns = COST_NS };
    struct crew_phase beside = { .work = { ask, beat }, .length_ns = COST_NS };
    struct crew *crew;
    int error = pair.detector ? crew_make(&crew, &plan) : -ENOMEM;

    if (!error) {
        ops->init(pair.detector, &config);
        ops->heard(pair.detector, 1, 1);
        error = crew_perform(crew, &alone, NULL);
        l->costs[i].alone_ns = ns_per_op(crew, 0);
        error = error ? error : crew_perform(crew, &beside, NULL);
        l->costs[i].beside_ns = ns_per_op(crew, 0);
        l->costs[i].heard_ns = ns_per_op(crew, 1);
        l->costs[i].done = !error && !experiment_is_over(&l->e);
        crew_end(crew);
    }
    free(pair.detector);
    return error;
}

/* ---- the command ---- */

int detect_lab_command(const struct detect_lab_options *o)
{
    static struct detect_lab lab;
    struct detect_lab *l = &lab;
    int error;

    memset(l, 0, sizeof *l);
    l->options = o;
    experiment_begin(&l->e, "detect", &o->base);
    while (contend_detect_registry[l->count] && l->count < DETECT_ENTRIES) {
        l->entries[l->count] = contend_detect_registry[l->count];
        l->count++;
    }
    error = run_boundaries(l);
    if (!error)
        error = run_curves(l);
    experiment_progress(&l->e, 8, 10, "what a look costs");
    for (unsigned i = 0; i < l->count && !error && !experiment_is_over(&l->e); i++)
        error = run_cost(l, i);
    experiment_progress(&l->e, 9, 10, "SWIM");
    if (!error)
        error = detect_swim_run(l);
    if (error)
        shortage_fail(error);
    detect_lab_judge(l);
    if (experiment_has_figures(&l->e))
        detect_lab_print(l);
    return experiment_end(&l->e, detect_lab_json(l), error != 0);
}
