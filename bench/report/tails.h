/*
 * tails.h - how late operations are with the strategies of the short answer.
 *
 * A rate says nothing about the slowest of a thousand operations.  So after the blocks each
 * strategy that nothing beats gets an open loop (bench/engine/open_loop.h) of one Mu, in one cell
 * for all of its family: the one with the most threads that have processors.  That is a look and no
 * sweep: `contend latency` finds the rate at which a strategy stops coping.
 */
#ifndef CONTEND_BENCH_REPORT_TAILS_H
#define CONTEND_BENCH_REPORT_TAILS_H

#include "bench/report/report.h"

/* 1 Mu: a million users who beat every ten seconds, operations a second. */
#define TAILS_PER_S 100000.0

struct tail {
    const struct contestant *who; /* in the family's cell */
    const struct plan_cell *cell;
    double p999_ns;               /* from due to done; NAN: not measured */
    bool disturbed;               /* in all tries its workers waited for processors */
};

struct tails {
    struct tail *of;
    unsigned count;
};

/*
 * Measures them, in a quarter of the time that the blocks took, in what is left of the budget,
 * and in budget_for_tails() at most; Ctrl-C ends it.  What there is no time for stays NAN.
 */
void tails_measure(struct tails *t, const struct report *r);
void tails_free(struct tails *t);

/* The one of a contestant, whatever its cell; NULL if there is none. */
const struct tail *tails_find(const struct tails *t, const struct contestant *who);
/* Its p99.9, or NAN. */
double tails_p999(const struct tails *t, const struct contestant *who);

#endif
