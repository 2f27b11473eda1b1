/*
 * distinct_history.h - is a history of distinct clappers what they promise?
 *
 *   LINEARIZABLE   one order of all operations explains every count.  Where there is a merge,
 *                  counts are held to INTERMEDIATE
 *   INTERMEDIATE   a count lies between what had been inserted before it began and what was
 *                  begun before it ended
 *   APPROXIMATE    the same of the estimates of these two sets
 *
 * In weak memory only LINEARIZABLE is judged, by an order that keeps to happens-before.
 */
#ifndef CONTEND_BENCH_CHECK_DISTINCT_HISTORY_H
#define CONTEND_BENCH_CHECK_DISTINCT_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/check/history.h"
#include "counters/distinct.h"

/* A set in a scenario: a bit for each of its users, and one for all that a merge brings. */
enum { DISTINCT_MERGED = 1 << 4 };

struct distinct_rules {
    enum distinct_consistency counts;
    int64_t (*size_of)(unsigned set); /* what a count at rest answers */
    bool weak;                        /* only happens-before orders operations, not time */
};

/* Judges `history`, whose operations are 'i' insert, 'm' merge and 'c' count. */
bool distinct_history_possible(const struct distinct_rules *rules);

#endif
