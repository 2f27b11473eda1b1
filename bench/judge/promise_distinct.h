/*
 * promise_distinct.h - the words for how exact the counts of distinct clappers are.
 */
#ifndef CONTEND_BENCH_JUDGE_PROMISE_DISTINCT_H
#define CONTEND_BENCH_JUDGE_PROMISE_DISTINCT_H

#include "counters/distinct.h"

/* "linearizable" */
const char *promise_distinct_consistency(enum distinct_consistency kind);

#endif
