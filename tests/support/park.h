/*
 * park.h - stops one thread between two steps of an operation.
 *
 * In the build with CONTEND_STEPS every strategy calls contend_step() where
 * another thread's step in between would be interesting.  A duel runs operation A
 * up to its k-th such step, then operation B to its end (or, if B has to wait for
 * A, until a while has passed), then the rest of A.  The caller tries k = 0, 1, 2
 * ... until A ends before its k-th step.
 *
 * Each operation has a thread of its own, which attaches what it needs in `enter`
 * before A begins, and detaches it in `leave` after both are done: a strategy may
 * wait for attached threads, and must not be tried with threads that are not.
 */
#ifndef CONTEND_TESTS_SUPPORT_PARK_H
#define CONTEND_TESTS_SUPPORT_PARK_H

#include <stdbool.h>

enum duel_side { SIDE_A, SIDE_B };

struct duel {
    void (*enter)(void *ctx, enum duel_side side);
    void (*a)(void *ctx); /* is parked */
    void (*b)(void *ctx); /* runs meanwhile */
    void (*leave)(void *ctx, enum duel_side side);
    void *ctx;
    unsigned pause_ms; /* how long A stays parked after B: time for a thread that frees memory */
};

/* Whether A reached its k-th step; if not, B ran after A. */
bool duel_run(struct duel *d, unsigned k);

#endif
