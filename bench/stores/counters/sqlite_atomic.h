/*
 * sqlite_atomic.h - n = n + 1: the database adds.
 *
 * Idea: say what is to happen, not what the result is.  The statement reads and writes under
 *   the write lock, so that nothing can come between.
 * Invariant: n is the sum.
 * Linearisation points: an add at the commit of its statement, a read at its snapshot.
 * Progress: blocking: writers take turns.
 * Read guarantee: linearizable for every mix.
 * Cost: one statement a clap, which is a commit: a page in the log, and with synchronous = 2 a
 *   wait for the disk.
 * Breaks when: the next value depends on more than the row that is written.
 * Use when: in doubt.  It is the shortest, and the right one.
 * Reference: SQL-92, UPDATE with an expression; SQLite, UPDATE and RETURNING.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_SQLITE_ATOMIC_H
#define CONTEND_BENCH_STORES_COUNTERS_SQLITE_ATOMIC_H

#include "bench/stores/sqlite/counter.h"

static const struct sqlite_plan counter_sqlite_atomic_plan = {
    .schema = SQLITE_COUNTER_SCHEMA,
    .statements = { SQLITE_COUNTER_READS, "UPDATE posts SET n = n + ?1 WHERE id = 1 RETURNING n" },
};

SQLITE_COUNTER(sqlite_atomic)

static inline int counter_sqlite_atomic_add_get(struct counter_sqlite_atomic *c,
                                                struct counter_sqlite_atomic_handle *h, int64_t n,
                                                int64_t *sum)
{
    enum { ADD = SQLITE_COUNTER_READ + 1 };
    int64_t after;
    int rows = sqlite_execute(&h->link, ADD, &n, 1, &after, 1);

    (void)c;
    if (rows <= 0)
        return rows ? rows : -EIO;
    *sum = after;
    return 0;
}

static const struct counter_traits counter_sqlite_atomic_traits = {
    .id = {
        .name = "sqlite_atomic",
        .title = "a row to which the database adds: n = n + 1",
        .reference = "SQL-92, UPDATE with an expression",
        .flags = CONTEND_REMOTE,
        .options = sqlite_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(sqlite_atomic, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(sqlite_atomic)

#endif
