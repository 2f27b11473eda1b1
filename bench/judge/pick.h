/*
 * pick.h - which strategy to take, and why, in one sentence.
 *
 * The fastest correct one; and if others are not distinguishable from it, the one
 * with the stronger promise among them: the read guarantee first, then progress,
 * then memory, then the order of teaching, which begins with the simplest.
 */
#ifndef CONTEND_BENCH_JUDGE_PICK_H
#define CONTEND_BENCH_JUDGE_PICK_H

#include "bench/judge/verdict.h"

/* Sets v->pick and v->reason.  A cell without a ranking gets a reason and no pick. */
void pick_make(struct cell_verdict *v, uint64_t seed);

#endif
