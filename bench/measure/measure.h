/*
 * measure.h - runs a plan in randomised complete blocks.
 *
 * A block is all contestants of one cell, each once, in a seeded random order,
 * between two short probes of the floor.  Blocks of different cells take turns,
 * so that a run that ends early has about as many of each.  Whole blocks are
 * rejected, on what happened to the machine and never on a result.
 */
#ifndef CONTEND_BENCH_MEASURE_MEASURE_H
#define CONTEND_BENCH_MEASURE_MEASURE_H

#include "bench/measure/plan.h"
#include "bench/engine/window.h"

struct block {
    struct window_result *windows; /* one per contestant */
    unsigned done;                 /* how many have run; only a complete block counts */
    double probe_before, probe_after; /* ns per dependent step */
    const char *rejected;          /* NULL, or the covariate that was out of bounds */
};

struct measured_cell {
    const struct plan_cell *plan;
    struct block *blocks; /* plan->blocks of them */
    unsigned complete, rejected;
    bool settled;         /* every interval is narrow: no more blocks are needed */
};

struct measurement {
    const struct plan *plan;
    const struct run_options *options;
    struct measured_cell *cells; /* as many as the plan has */
    cpu_set_t allowed;
    uint64_t started_ns, ended_ns;
    bool out_of_budget, interrupted;
    char *gb_text; /* what google-benchmark would have written to --benchmark_out */
};

/* Makes an empty measurement of a plan.  0 or a negative errno value. */
int measure_begin(struct measurement *m, const struct plan *plan, const struct run_options *o);

/* Callbacks between two blocks. */
struct measure_hooks {
    /* A block of this cell is complete, and may have been rejected. */
    void (*block_done)(void *ctx, unsigned cell);
    /* Whether more blocks of the cell would change no verdict. */
    bool (*settled)(const struct measured_cell *c, uint64_t seed);
    double later_s; /* about how long what comes behind the blocks takes, for the time left */
    void *ctx;
};

/*
 * Runs until the plan or the budget ends, or the user interrupts it.  The caller catches Ctrl-C:
 * the window under way is finished, and what has been measured stays.  0 or a
 * negative errno value.
 */
int measure_run(struct measurement *m, const struct window_engine *engine,
                const struct measure_hooks *hooks);
void measure_free(struct measurement *m);

/* Whether the budget ended the cell before its blocks. */
bool measure_cut_short(const struct measurement *m, const struct measured_cell *c);

/* Whether a block is complete and was not rejected. */
bool block_counts(const struct measured_cell *c, const struct block *b);

#endif
