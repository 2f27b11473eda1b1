/*
 * stall.h - whether the others go on while one worker stands still.
 *
 * Progress classes, tried out: a worker is stopped at whatever instruction it has come to, and
 * the others are watched, by role.  A role is blocked if none of its workers completes anything.
 * (One worker alone may have lost every race for a lock against the others of its role.)  An
 * operation that is declared lock-free or better must never be blocked; that one which may block
 * was not seen to proves nothing.
 *
 * The cell has readers and writers, two of each, so that both can be stopped and watched.
 */
#ifndef CONTEND_BENCH_ENGINE_STALL_H
#define CONTEND_BENCH_ENGINE_STALL_H

#include "bench/engine/stage.h"

/* Indices: by role, as in enum stage_role. */
enum { STALL_ROLES = 2, STALL_EACH = 2, STALL_THREADS = STALL_ROLES * STALL_EACH };

struct stall_plan {
    unsigned trials;      /* of each role: so often one is stopped */
    unsigned enough;      /* a pair of roles that was blocked so often is not tried further */
    uint64_t patience_ns; /* a role that has done nothing for so long is blocked */
    uint64_t stop_ns;     /* length of the long stop at the end */
    uint64_t ends_ns;     /* of the budget, on the clock; UINT64_MAX: none */
    uint64_t seed;
};

struct stall_pair {
    unsigned trials, blocked;
    unsigned starved; /* trials that do not count: one had no processor, so nothing was learnt */
};

/* One long stop. */
struct stall_stop {
    double calm_per_s, stopped_per_s;      /* the others' operations, before and meanwhile */
    size_t retired_before, retired_after;  /* bytes removed and not freed yet */
};

struct stall_result {
    struct stall_pair pair[STALL_ROLES][STALL_ROLES]; /* [stopped][watched] */
    struct stall_stop stop[STALL_ROLES];              /* by who was stopped */
    bool cut_short; /* by the user or the budget: the rest was not tried */
};

/* The phases on a stage with STALL_EACH readers and writers.  0 or a negative errno value. */
int stall_run(struct stage *s, const struct stall_plan *plan, struct stall_result *out);

#endif
