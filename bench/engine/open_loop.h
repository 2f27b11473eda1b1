/*
 * open_loop.h - operations that come when they are due, whether or not the last one is done.
 *
 * A closed loop starts an operation when the one before it is done.  While the object stalls,
 * nobody asks, so the stall is counted once, and not for everybody who would have waited
 * (coordinated omission: G. Tene, "How NOT to Measure Latency", 2013).  Here the schedule is fixed
 * beforehand, and an operation takes from the instant at which it was due until it is done.
 * How long it takes from its own beginning is kept beside it: what a closed loop at the same
 * rate would have said.
 */
#ifndef CONTEND_BENCH_ENGINE_OPEN_LOOP_H
#define CONTEND_BENCH_ENGINE_OPEN_LOOP_H

#include <stdbool.h>

#include "bench/engine/schedule.h"
#include "bench/engine/stage.h"
#include "bench/floors/histogram.h"

/*
 * Where the cell has batches, a call of so many operations is due at once; a schedule is of calls.
 */
struct open_loop_plan {
    enum arrivals arrivals;
    double per_s;       /* operations a second, of all workers together */
    uint64_t length_ns;
    uint64_t pause_ns;  /* in the middle worker 0 is stopped for so long, wherever it is; 0: no */
    uint64_t seed;
};

struct open_loop_result {
    uint64_t due, served;       /* until the time was up */
    bool copes;                 /* hardly anything was left over */
    double busy;                /* the part of the time in which a worker was not waiting */
    struct histogram response;  /* ns from due to done; what was left over counts as old as it was */
    struct histogram service;   /* ns from begun to done */
    struct covariates covariates;
};

/* One phase on the stage, which stays usable.  0, or a negative errno value: -ENOMEM. */
int open_loop_run(struct stage *s, const struct open_loop_plan *plan, struct open_loop_result *out);

#endif
