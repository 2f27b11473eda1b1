/*
 * simplicity.h - how much a strategy asks of the program that takes it.
 *
 * Of two strategies that carry a load the simpler one is the better answer.  What counts is
 * declared, and each debt has a weight: a library to link and to license, a thread of its own,
 * announcements that every thread owes, state that a thread must attach, and answers or ids that
 * are less than what a plain object under a mutex gives.
 */
#ifndef CONTEND_BENCH_JUDGE_SIMPLICITY_H
#define CONTEND_BENCH_JUDGE_SIMPLICITY_H

#include "bench/engine/workload.h"

/* X(bit, weight, in words) */
#define DEBT_EACH(X)                                                            \
    X(LIBRARY, 8, "a library")                                                  \
    X(OWN_THREAD, 6, "a thread of its own")                                     \
    X(ANNOUNCES, 6, "quiescent states from each thread")                        \
    X(INEXACT, 4, "patience with inexact answers")                              \
    X(FIXED, 4, "a capacity that is known beforehand")                          \
    X(NARROW_IDS, 3, "ids narrower than 64 bits")                               \
    X(STATE, 3, "an attach by each thread")                                     \
    X(SPINS, 2, "a processor for each waiting thread")

#define DEBT_BIT(BIT, WEIGHT, WORDS) DEBT_AT_##BIT,
enum debt_at { DEBT_EACH(DEBT_BIT) DEBT_COUNT };
#undef DEBT_BIT
#define DEBT_VALUE(BIT, WEIGHT, WORDS) DEBT_##BIT = 1 << DEBT_AT_##BIT,
enum debt { DEBT_EACH(DEBT_VALUE) DEBT_NONE = 0 };
#undef DEBT_VALUE

/* What it owes, a set of enum debt. */
unsigned simplicity_debts(const struct contestant *c);
/* The sum of the weights: 0 is simplest. */
unsigned simplicity_rank(const struct contestant *c);
/* "asks for nothing", or "asks for a library and an attach by each thread". */
enum { SIMPLICITY_WORDS = 320 };
const char *simplicity_words(const struct contestant *c, char buffer[SIMPLICITY_WORDS]);

#endif
