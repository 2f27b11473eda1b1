/*
 * promise_claps.h - the words for how exact the answers of bounded claps are.
 */
#ifndef CONTEND_BENCH_JUDGE_PROMISE_CLAPS_H
#define CONTEND_BENCH_JUDGE_PROMISE_CLAPS_H

#include "counters/claps.h"

/* "linearizable" */
const char *promise_claps_consistency(enum claps_consistency kind);

#endif
