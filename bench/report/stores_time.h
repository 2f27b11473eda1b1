/*
 * stores_time.h - how long one entry of `contend run --stores` may take.
 *
 * Most entries end their search in a known time; slow ones do not: a rate of a hundred operations a
 * second must last seconds to mean anything.  The budget has a reserve for those.  An entry may draw
 * on it, but only so much that what comes after it still finds the time that an ordinary one needs:
 * it is the search that gets coarser, and no entry that is left out.
 */
#ifndef CONTEND_BENCH_REPORT_STORES_TIME_H
#define CONTEND_BENCH_REPORT_STORES_TIME_H

/* How many times its even part of the reserve an entry may take: about one in four is slow. */
enum { STORES_SLOW_SHARE = 4 };

/*
 * Seconds for the next entry, of `left` seconds for all `entries` that have not begun, it included,
 * which take `ordinary` seconds each unless they are slow.  At least 0.
 */
static inline double stores_part(double left, unsigned entries, double ordinary)
{
    double even = entries && left > 0 ? left / entries : 0;
    double reserve = left - ordinary * entries;

    if (reserve <= 0)
        return even;
    double share = STORES_SLOW_SHARE * reserve / entries;
    return ordinary + (share < reserve ? share : reserve);
}

#endif
