/*
 * promise_counter.h - the words for the consistency of a counter's reads.
 */
#ifndef CONTEND_BENCH_JUDGE_PROMISE_COUNTER_H
#define CONTEND_BENCH_JUDGE_PROMISE_COUNTER_H

#include "counters/counter.h"

/* "linearizable" */
const char *promise_consistency(enum counter_consistency kind);

#endif
