/*
 * patience.h - spinners, when no other thread is left: see patience.c.
 */
#ifndef CONTEND_BENCH_CHECK_PATIENCE_H
#define CONTEND_BENCH_CHECK_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/machine/linkage.h"

/* Called by the running thread. */
void patience_begins(void) CHECK_PRIVATE(patience_begins);
/* The same where the registers have not been kept. */
void patience_begins_blind(void) CHECK_PRIVATE(patience_begins_blind);
void patience_parks(const void *pc) CHECK_PRIVATE(patience_parks);
/* Its registers and its stack, as patience_begins() has found them, in a number. */
uint64_t patience_looks(const void *pc) CHECK_PRIVATE(patience_looks);
bool turn_repeats(void) CHECK_PRIVATE(turn_repeats);
/* Called when only spinners are left: whether to resume them for another turn. */
bool patience_lasts(void) CHECK_PRIVATE(patience_lasts);
/* Whether it was refused since they have turned for too long, though something still counts. */
bool patience_is_over(void) CHECK_PRIVATE(patience_is_over);

/* Spinners that have turned for long take turns without a choice: they are only counted. */
bool patience_circles(void) CHECK_PRIVATE(patience_circles);

/* Whether the strategy plans the next step, if it plans any. */
bool patience_plans(void) CHECK_PRIVATE(patience_plans);

#endif
