/*
 * expiry_lag.h - how long after its deadline a user is gone, and what finding that out costs.
 *
 * All in virtual time, by one thread, so that nothing depends on the machine but the processor
 * time of the sweeps.  Users beat every 10 s; half of them stop, one after the other, in the
 * course of a minute.  A sweeper comes by once a second with a budget.  Every 100 ms each
 * user whose deadline has passed is asked for: when is_online says no, when last_seen does.
 */
#ifndef CONTEND_BENCH_ENGINE_EXPIRY_LAG_H
#define CONTEND_BENCH_ENGINE_EXPIRY_LAG_H

#include "bench/engine/workload.h"
#include "bench/floors/histogram.h"

enum {
    EXPIRY_STEP_MS = 100,
    EXPIRY_SWEEP_MS = 1000,
    EXPIRY_END_S = 180,  /* virtual: a minute of stopping, the TTL, and time to sweep */
    EXPIRY_WHY = 160
};

/* Once a virtual second. */
struct expiry_point {
    uint64_t entries, live; /* present, and those that are not past their deadline */
    size_t stale_bytes;     /* of entries past it, and of removed ones that are not freed */
};

struct expiry_lag {
    const char *policy;         /* as the map declares it */
    uint64_t stopped;           /* users that stopped */
    uint64_t removed;           /* of those, gone at the end */
    struct histogram invisible; /* ms from the deadline until is_online says no */
    struct histogram gone;      /* ms from the deadline until last_seen says no; empty if it never can */
    double sweep_ns;            /* processor time of all sweeps */
    uint64_t sweeps;
    struct expiry_point points[EXPIRY_END_S];
    unsigned count;
};

/*
 * The whole story with so many users.  0; -EINTR after an interrupt; -ENOTSUP with a reason in
 * `why` for what has no users; or the map's error.
 */
int expiry_lag_run(const struct contestant *who, uint64_t users, uint64_t budget,
                   struct expiry_lag *out, char why[EXPIRY_WHY]);

#endif
