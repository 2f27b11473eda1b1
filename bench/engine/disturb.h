/*
 * disturb.h - what some users notice while a map does something large.
 *
 * One thread beats for a thousand users, in an open loop at 1 Mu: at fixed instants, and a
 * beat takes from the instant at which it was due until it is done.  Beside it another
 * thread, the actor, makes the map grow, or lets all of a crowd beat at once, or sweeps a crowd
 * that has expired in one instant, among users who stay.
 *
 * Only maps have users, so only their family is served here.
 */
#ifndef CONTEND_BENCH_ENGINE_DISTURB_H
#define CONTEND_BENCH_ENGINE_DISTURB_H

#include "bench/engine/workload.h"
#include "bench/engine/window.h"
#include "bench/floors/histogram.h"

enum { DISTURB_WHY = 160, DISTURB_POINTS = 48 };

/* One instant of growth. */
struct growth_point {
    double ms;      /* since the start */
    uint64_t users; /* inserted so far */
    size_t bytes;   /* held of the allocator */
};

/* Inserts by the actor, into a map that was made for a certain number. */
struct growth {
    struct growth_point points[DISTURB_POINTS];
    unsigned count;
    double inserts_per_s;
    size_t bytes;            /* as the map itself says, at the end */
    size_t bytes_peak;       /* of the allocator, while it grew */
    struct histogram others; /* ns from due to done */
};

struct growth_result {
    struct growth growing; /* a map that was made for the thousand others only */
    struct growth sized;   /* one that was made for all of them */
    struct histogram calm; /* of the others, while nobody inserts */
};

/*
 * Inserts `users`.  0, or a negative errno value; with a reason in `why`, -ENOTSUP for what
 * does not grow, and -E2BIG for what would take too much memory.
 */
int disturb_growth(const struct contestant *who, const cpu_set_t *allowed, uint64_t users,
                   struct growth_result *out, char why[DISTURB_WHY]);

struct mass_wish {
    uint64_t crowd;   /* users that beat, and expire, at once */
    uint64_t among;   /* users in the map, these included: each so-many-th is of the crowd; 0: nobody else */
    uint64_t budget;  /* entries in a call of sweep */
    unsigned rounds;  /* at most */
    uint64_t ends_ns; /* after this instant no round begins but the first one */
};

struct mass_result {
    unsigned rounds;
    uint64_t among;            /* users in the map, but for the thousand others */
    double beats_ms, sweep_ms; /* medians: how long the actor took for the crowd */
    double sweep_cpu_ms;       /* the same of the sweeps, by its processor time */
    uint64_t removed;          /* of the crowd, in all rounds */
    struct histogram calm, beats, expiry; /* of the others */
    struct histogram slices;   /* ns of each call of sweep, while the others beat */
};

/*
 * Rounds: all of the crowd beat at once, nothing happens for a while, and all of them are swept
 * after they have expired in one instant, while the rest stay online.  Errors as above.
 */
int disturb_mass(const struct contestant *who, const cpu_set_t *allowed,
                 const struct mass_wish *wish, struct mass_result *out, char why[DISTURB_WHY]);

#endif
