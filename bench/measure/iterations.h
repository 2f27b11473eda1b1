/*
 * iterations.h - the same number of operations for each thread: google-benchmark's way, to be seen
 * beside ours.
 *
 * A thread that is done waits for the others, who then have the object to themselves; a thread that
 * is starved makes the run longer and is no unfairness.  The library's rate is all operations over
 * the mean of the threads' times, while the last one is still at work.
 */
#ifndef CONTEND_BENCH_MEASURE_ITERATIONS_H
#define CONTEND_BENCH_MEASURE_ITERATIONS_H

#include "bench/engine/workload.h"

struct iterations_result {
    int error;         /* 0, or a negative errno value with the reason in `why`; -ETIME: it was
                          not done in its part of the time, as all wait for the slowest */
    char why[160];
    double says_per_s; /* the library's rate */
    double real_per_s; /* operations over the time from the first start to the last end */
    uint64_t ends_ns;  /* of its part of the time, from its first attempt on */
    double first_done; /* when the first thread had done its part, as a part of that time */
};

/* Whether a workload can be had this way: those of locks, and of one counter. */
bool iterations_serve(const struct workload *w);

/*
 * Measures the contestants in a cell of such a workload.  Once in a process, since google-benchmark
 * cannot run again.  Each has `each_ns`; then its threads do nothing, so that it ends.  0 or -ENOMEM;
 * each contestant has an error of its own.
 */
int iterations_run(const struct cell *cell, const struct contestant *const *who, unsigned count,
                   uint64_t seed, uint64_t each_ns, struct iterations_result *out);

#endif
