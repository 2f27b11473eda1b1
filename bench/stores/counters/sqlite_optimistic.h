/*
 * sqlite_optimistic.h - a version in the row: write only if nobody has written since.
 *
 * Idea: compare-and-swap in SQL.  Read number and version, then UPDATE ... WHERE version is
 *   still that one; if no row was changed, somebody was faster: begin anew.
 * Invariant: every change of n increments the version, in the same statement.
 * Linearisation points: an add at the commit of the UPDATE that changed a row, a read at its
 *   snapshot.
 * Progress: blocking: writers take turns.  Of those that look at once one succeeds, so that
 *   somebody gets on; a given one may lose any number of times.
 * Read guarantee: linearizable for every mix.
 * Cost: two statements a clap, and two more for each time that it lost.
 * Breaks when: many clap for one post: most of their work is thrown away.
 * Use when: the look and the write lie far apart, in a form that a person fills in, so that no
 *   lock can be held between them; and conflicts are rare.
 * Reference: Kung and Robinson, On Optimistic Methods for Concurrency Control, 1981.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_SQLITE_OPTIMISTIC_H
#define CONTEND_BENCH_STORES_COUNTERS_SQLITE_OPTIMISTIC_H

#include "bench/stores/sqlite/counter.h"

static const struct sqlite_plan counter_sqlite_optimistic_plan = {
    .schema = SQLITE_COUNTER_SCHEMA,
    .statements = { SQLITE_COUNTER_READS,
                    "UPDATE posts SET n = ?1, version = version + 1 WHERE id = 1 AND version = ?2" },
};

SQLITE_COUNTER(sqlite_optimistic)

static inline int counter_sqlite_optimistic_add_get(struct counter_sqlite_optimistic *c,
                                                    struct counter_sqlite_optimistic_handle *h,
                                                    int64_t n, int64_t *sum)
{
    enum { WRITE = SQLITE_COUNTER_READ + 1 };
    int64_t next[2]; /* the sum, and the version on which it is built */

    (void)c;
    for (;;) {
        int error = sqlite_counter_look(&h->link, &next[0], &next[1]);
        if (error)
            return error;
        next[0] += n;
        error = sqlite_execute(&h->link, WRITE, next, 2, NULL, 0);
        if (error)
            return error;
        if (sqlite_changed(&h->link) == 1) {
            *sum = next[0];
            return 0;
        }
    }
}

static const struct counter_traits counter_sqlite_optimistic_traits = {
    .id = {
        .name = "sqlite_optimistic",
        .title = "a row with a version: UPDATE only if nobody has written since",
        .reference = "Kung and Robinson, On Optimistic Methods for Concurrency Control, 1981",
        .flags = CONTEND_REMOTE,
        .options = sqlite_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(sqlite_optimistic, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(sqlite_optimistic)

#endif
