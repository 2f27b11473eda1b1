/*
 * pick.h - the fastest strategy of a cell, and what speaks for it, in one sentence.
 *
 * Of those that are not told apart from the fastest it is the simplest (judge/simplicity.h), so that
 * nobody pays for a difference that was not seen; then the one with the stronger promise, the read
 * guarantee before progress, then the smallest.  Whether so much speed is wanted at all is said beside
 * it (judge/pareto.h): one begins with the simplest strategy that is not beaten.
 */
#ifndef CONTEND_BENCH_JUDGE_PICK_H
#define CONTEND_BENCH_JUDGE_PICK_H

#include "bench/judge/verdict.h"

/* Sets v->pick and v->reason.  A cell without a ranking gets a reason and no pick. */
void pick_make(struct cell_verdict *v, uint64_t seed);

#endif
