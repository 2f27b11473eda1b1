/*
 * park.h - stops one thread between two steps of an operation.
 *
 * In the build with CONTEND_STEPS every strategy calls contend_step() where
 * another thread's step in between would be interesting.  A duel runs operation A
 * up to its k-th such step, then operation B to its end (or, if B has to wait for
 * A, until a while has passed), then the rest of A.  The caller tries k = 0, 1, 2
 * ... until A ends before its k-th step.
 */
#ifndef CONTEND_TESTS_PARK_H
#define CONTEND_TESTS_PARK_H

#include <stdbool.h>

struct duel {
    void (*a)(void *ctx); /* is parked */
    void (*b)(void *ctx); /* runs meanwhile */
    void *ctx;
    bool waited; /* out: B could not finish while A was parked */
};

/* Whether A reached its k-th step; if not, B ran after A. */
bool duel_run(struct duel *d, unsigned k);

#endif
