/* measure.c - order, budget, rejection and progress of a run. */
#include "bench/measure/measure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/interrupt.h"
#include "bench/base/progress.h"
#include "bench/base/random.h"
#include "bench/floors/calibrate.h"
#include "bench/engine/tape.h"
#include "bench/measure/budget.h"
#include "locks/parts/platform.h"

/*
 * When a block is rejected.  Loose enough that a quiet shared machine passes, and
 * far below the disturbances that were seen to change a ranking.
 */
static const double max_run_delay = 0.10; /* of a window, for the worst worker */
static const double max_steal = 0.03;     /* of all processors' time, over the block */
static const double max_drift = 0.20;     /* of the floor, between the probes */
static const double max_skew = 0.01;      /* of a window, between the first and the last start */

/* One case: a contestant in a block. */
struct step {
    unsigned cell, block, contestant;
    bool first, last; /* of its block */
};

struct runner {
    struct measurement *m;
    struct step *steps;
    size_t count;
    struct window_settings settings;
    struct progress progress;
    unsigned done;
    const struct window_engine *engine;
    const struct measure_hooks *hooks;
};

bool block_counts(const struct measured_cell *c, const struct block *b)
{
    return b->done == c->plan->count && !b->rejected;
}

/* Round by round, cell by cell; within a block shuffled by Fisher and Yates. */
static void order_steps(struct runner *r)
{
    const struct plan *plan = r->m->plan;
    struct random random = random_seeded(r->m->options->seed, 0);

    for (unsigned b = 0; b < plan->blocks; b++)
        for (unsigned c = 0; c < plan->count; c++) {
            const struct plan_cell *cell = &plan->cells[c];
            struct step *block = &r->steps[r->count];
            if (b >= cell->blocks)
                continue;
            for (unsigned k = 0; k < cell->count; k++) {
                unsigned j = (unsigned)random_below(&random, k + 1);
                block[k] = block[j];
                block[j] = (struct step){ .cell = c, .block = b, .contestant = k };
            }
            block[0].first = true;
            block[cell->count - 1].last = true;
            r->count += cell->count;
        }
}

/* The first covariate that is out of bounds, or NULL. */
static const char *judge_block(const struct measurement *m, const struct measured_cell *c,
                               const struct block *b)
{
    const struct cell *cell = &c->plan->cell;
    /* Threads that outnumber the processors must wait for each other. */
    unsigned threads = cell->threads + cell->workload->sweeper;
    bool crowded = threads > (unsigned)CPU_COUNT(&m->allowed);
    double steal = 0;

    if (fabs(b->probe_after / b->probe_before - 1) > max_drift)
        return "the floor drifted";
    for (unsigned k = 0; k < c->plan->count; k++) {
        const struct covariates *v = &b->windows[k].covariates;
        if (b->windows[k].starved)
            return "no worker got to run";
        if (b->windows[k].error)
            continue; /* a failed window has no rate that could be disturbed */
        if (!crowded && v->run_delay > max_run_delay)
            return "a worker waited for its processor";
        if (!crowded && v->start_skew > max_skew)
            return "the workers started apart";
        if (!isnan(v->steal))
            steal += v->steal;
    }
    return steal / c->plan->count > max_steal ? "the hypervisor took time" : NULL;
}

static void finish_block(struct runner *r, struct measured_cell *c, struct block *b)
{
    b->probe_after = calibrate_floor_probe();
    c->complete++;
    b->rejected = judge_block(r->m, c, b);
    c->rejected += b->rejected != NULL;
    unsigned accepted = c->complete - c->rejected;
    if (accepted >= 10 && accepted % 5 == 0 && !r->m->options->publish)
        c->settled = r->hooks->settled(c, r->m->options->seed);
}

static bool should_skip(struct runner *r, const struct step *s)
{
    struct measurement *m = r->m;

    /* A block that has begun is finished, unless the user is waiting. */
    if (s->first && !(budget_left(m->options) > r->hooks->later_s)) /* what follows needs some of it */
        m->out_of_budget = true;
    if (interrupt_came())
        m->interrupted = true;
    struct measured_cell *c = &m->cells[s->cell];
    return m->interrupted || ((m->out_of_budget || c->settled) && c->blocks[s->block].done == 0);
}

/* All that fill_sample() may put. */
static const char *const counters[] = {
    "ops_per_s", "readers_per_s", "writers_per_s", "jain", "min_share", "longest_gap_ns",
    "cpu_ns_per_op", "bytes_per_item", "start_skew", "overrun", "run_delay", "line_ns", "block",
    NULL,
};

static void put(struct gbench_sample *out, const char *name, double value)
{
    out->counter[out->counters].name = name;
    out->counter[out->counters++].value = value;
}

static void fill_sample(const struct step *s, const struct window_result *w,
                        struct gbench_sample *out)
{
    out->error = w->error ? w->why : NULL;
    out->seconds = w->ops ? w->seconds / (double)w->ops : 0;
    put(out, "ops_per_s", w->ops_per_s);
    if (!isnan(w->readers_per_s)) {
        put(out, "readers_per_s", w->readers_per_s);
        put(out, "writers_per_s", w->writers_per_s);
    }
    put(out, "jain", w->jain);
    put(out, "min_share", w->min_share);
    put(out, "longest_gap_ns", w->longest_gap_ns);
    put(out, "cpu_ns_per_op", w->cpu_ns_per_op);
    put(out, "bytes_per_item", w->bytes_per_item);
    put(out, "start_skew", w->covariates.start_skew);
    put(out, "overrun", w->covariates.overrun);
    if (!isnan(w->covariates.run_delay))
        put(out, "run_delay", w->covariates.run_delay);
    if (!isnan(w->covariates.line_ns))
        put(out, "line_ns", w->covariates.line_ns);
    put(out, "block", s->block);
}

static void run_step(void *ctx, size_t index, struct gbench_sample *out)
{
    struct runner *r = ctx;
    const struct step *s = &r->steps[index];
    struct measured_cell *c = &r->m->cells[s->cell];
    struct block *b = &c->blocks[s->block];

    if (should_skip(r, s)) {
        out->skipped = true;
        return;
    }
    /* A new process draws its tapes in any case, and theirs is a luck too. */
    if (s->first && r->engine->renew) {
        r->engine->renew(r->engine->ctx);
        r->settings.seed = random_seeded(r->m->options->seed, 1 + s->block).s[0];
    }
    if (s->first)
        b->probe_before = calibrate_floor_probe();
    r->engine->run(r->engine->ctx, &c->plan->cell, &c->plan->contestants[s->contestant], &r->settings,
                   &b->windows[s->contestant]);
    b->done++;
    fill_sample(s, &b->windows[s->contestant], out);
    if (s->last) {
        finish_block(r, c, b);
        r->hooks->block_done(r->hooks->ctx, s->cell);
    }
    progress_show(&r->progress, ++r->done, r->m->plan->windows,
                  plan_cell_name(&c->plan->cell, r->progress.label));
}

static const char *step_name(void *ctx, size_t index)
{
    struct runner *r = ctx;
    const struct step *s = &r->steps[index];
    static char name[PLAN_NAME]; /* google-benchmark copies it */

    return plan_name(&r->m->plan->cells[s->cell], s->contestant, name);
}

static int allocate(struct measurement *m)
{
    m->cells = calloc(m->plan->count ? m->plan->count : 1, sizeof *m->cells);
    if (!m->cells)
        return -ENOMEM;
    for (unsigned i = 0; i < m->plan->count; i++) {
        struct measured_cell *c = &m->cells[i];
        c->plan = &m->plan->cells[i];
        c->blocks = calloc(c->plan->blocks, sizeof *c->blocks);
        for (unsigned b = 0; c->blocks && b < c->plan->blocks; b++) {
            c->blocks[b].windows = calloc(c->plan->count, sizeof *c->blocks[b].windows);
            if (!c->blocks[b].windows)
                return -ENOMEM;
        }
        if (!c->blocks)
            return -ENOMEM;
    }
    return 0;
}

static int run(struct runner *r)
{
    struct measurement *m = r->m;
    struct gbench_plan cases = { .name = step_name, .body = run_step, .counters = counters,
                                .ctx = r };

    order_steps(r);
    cases.count = r->count;
    m->started_ns = contend_clock_ns();
    progress_begin(&r->progress, m->options->quiet, (unsigned)ceil(budget_left(m->options)));
    r->progress.later_s = r->hooks->later_s;
    int error = gbench_run(&cases, &m->options->gb, &m->gb_text);
    progress_end(&r->progress);
    m->ended_ns = contend_clock_ns();
    return error;
}

int measure_begin(struct measurement *m, const struct plan *plan, const struct run_options *o)
{
    *m = (struct measurement){ .plan = plan, .options = o };
    if (sched_getaffinity(0, sizeof m->allowed, &m->allowed) != 0)
        return -errno;
    return allocate(m);
}

int measure_run(struct measurement *m, const struct window_engine *engine,
                const struct measure_hooks *hooks)
{
    const struct run_options *o = m->options;
    struct runner r = {
        .m = m,
        .engine = engine,
        .hooks = hooks,
        .settings = {
            .length_ns = o->window_ms * UINT64_C(1000000),
            .warmup_ns = o->window_ms * UINT64_C(100000),
            .seed = o->seed,
            .allowed = m->allowed,
        },
    };

    r.steps = calloc(m->plan->windows, sizeof *r.steps);
    int error = r.steps ? run(&r) : -ENOMEM;
    free(r.steps);
    tape_free_all();
    return error;
}

bool measure_cut_short(const struct measurement *m, const struct measured_cell *c)
{
    return m->out_of_budget && !c->settled && c->complete < c->plan->blocks;
}

void measure_free(struct measurement *m)
{
    for (unsigned i = 0; m->cells && i < m->plan->count; i++) {
        struct measured_cell *c = &m->cells[i];
        for (unsigned b = 0; c->blocks && b < c->plan->blocks; b++)
            free(c->blocks[b].windows);
        free(c->blocks);
    }
    free(m->cells);
    free(m->gb_text);
}
