/*
 * crowd.h - how one object does under a number of threads: rate, fairness, cost, and tails.
 *
 * Two phases on a stage.  In the first the workers do batches, as in a window: rates, shares and
 * processor time.  In the second each operation is timed, so that its percentiles are known;
 * two looks at the clock would spoil the rate of fast operations.  The loop is closed: an
 * operation begins when the worker's last one is done, so the tail is that of operations, not
 * of requests that wait (bench/engine/open_loop.h).
 *
 * The cell may have hogs, which use up processor time beside the workers in both phases.
 */
#ifndef CONTEND_BENCH_ENGINE_CROWD_H
#define CONTEND_BENCH_ENGINE_CROWD_H

#include "bench/engine/stage.h"
#include "bench/floors/histogram.h"

struct crowd_result {
    struct window_result figures; /* ops, rates, fairness and processor time of the first phase;
                                     the longest gap and the covariates of both */
    struct histogram took;        /* ns of each operation of the second phase */
};

/* Both phases, each of `length_ns`.  0; -ENOMEM; -ETIME if no worker got to run. */
int crowd_run(struct stage *s, uint64_t length_ns, struct crowd_result *out);

#endif
