/*
 * weak.h - a map of the weaker classes, for one thread and one user.
 *
 * No map of the library has a retention with a bound, or coarser times of expired entries, or
 * goes without last_seen.  This one has whatever its traits say, and tells one lie if asked, so
 * that the tests of these classes are seen to find it.
 */
#ifndef CONTEND_TESTS_PRESENCE_MAP_WEAK_H
#define CONTEND_TESTS_PRESENCE_MAP_WEAK_H

#include "presence_map/presence_map.h"

enum weak_lie {
    WEAK_HONEST,
    WEAK_TELLS_LAST_SEEN,   /* although it says that it cannot */
    WEAK_KEEPS_TOO_LITTLE,  /* refuses less than max_retain */
    WEAK_ACCEPTS_MORE,      /* takes one millisecond more than max_retain */
    WEAK_ROUNDS_ONLINE,     /* keeps the time of those who are online as coarsely, too */
    WEAK_ROUNDS_MORE,       /* keeps old times twice as coarsely */
    WEAK_SWEEPS_EARLY,      /* by the rounded time */
    WEAK_SWEEPS_LATE,
    WEAK_RESERVES,          /* although it says that it cannot */
    WEAK_LIES
};

/* Coarse old times and a bound of retention; with last_seen or without. */
const struct presence_ops *weak_map(enum weak_lie lie, bool last_seen);

#endif
