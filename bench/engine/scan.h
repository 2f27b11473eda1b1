/*
 * scan.h - how fast a map counts and lists who is online, beside a plain read of as many bytes.
 *
 * A map is filled with users who are all online.  Then one thread in turn reads an array as large as the
 * map, counts, and walks: each evicts what the others have left in the caches, so all three begin
 * alike.  Times are the thread's processor time, which others on a busy machine lengthen less.
 */
#ifndef CONTEND_BENCH_ENGINE_SCAN_H
#define CONTEND_BENCH_ENGINE_SCAN_H

#include "bench/engine/disturb.h"

/* Of the turns: the shortest, and the one in the middle.  In ns. */
struct scan_time {
    double best, median;
};

struct scan_result {
    unsigned turns;
    uint64_t users;          /* that are online */
    uint64_t counted, met;   /* by count_online and for_each_online, in the last turn */
    size_t bytes;            /* that the map holds, as it says itself; a scan need not read them all */
    size_t read_bytes;       /* of the plain read: as many, or the most that it takes */
    struct scan_time read, count, walk;
};

/*
 * Three turns, and more until `ends_ns`.  0, or a negative errno value; with a reason in `why`,
 * -ENOTSUP for what has no users that come and go, and -E2BIG for what would take too much memory.
 */
int scan_run(const struct contestant *who, const cpu_set_t *allowed, uint64_t users,
             uint64_t ends_ns, struct scan_result *out, char why[DISTURB_WHY]);

#endif
