/*
 * promise.h - what a contestant promises, in the words of the tables.
 */
#ifndef CONTEND_BENCH_JUDGE_PROMISE_H
#define CONTEND_BENCH_JUDGE_PROMISE_H

#include "bench/engine/workload.h"

/* "wait-free", or "lock-free/wait-free" where writes and reads differ. */
const char *promise_progress(const struct contestant *c);
/* "linearizable" of a counter's reads, "exact" or "to 1 s" of a map's. */
const char *promise_reads(const struct contestant *c, const struct workload *w);
/* The two operations that a workload is made of, by their progress class. */
void promise_pair(const struct contestant *c, unsigned *write, unsigned *read);

#endif
