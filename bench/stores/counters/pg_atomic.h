/*
 * pg_atomic.h - UPDATE ... SET n = n + 1: the addition is the database's.
 *
 * Idea: fetch-and-add in SQL.  A statement that finds the row locked waits, and then adds to what
 *   the other one has left.
 * Invariant: the row's lock is held from the moment the statement reads the row to its commit.
 * Linearisation points: an add at its commit, a read at its snapshot.
 * Progress: blocking: writers of a row take turns, for one statement and its commit.
 * Read guarantee: linearizable for every mix.
 * Cost: one round trip a clap, and one new version of the row, which a vacuum must remove.
 * Breaks when: a post is so hot that its turns, a commit each, are too few: then pg_sharded.
 * Use when: the new value follows from the old one in SQL.  Take this one first.
 * Reference: PostgreSQL's manual, chapter 13.2.1: an UPDATE under READ COMMITTED sees the row as
 *   the transaction it waited for has left it.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_PG_ATOMIC_H
#define CONTEND_BENCH_STORES_COUNTERS_PG_ATOMIC_H

#include "bench/stores/pg/counter.h"

static const struct pg_plan counter_pg_atomic_plan = {
    .schema = PG_COUNTER_SCHEMA,
    .statements = { PG_TRANSACTION, PG_COUNTER_READS,
                    "UPDATE posts SET n = n + $1::bigint WHERE id = 1 RETURNING n" },
};

PG_COUNTER(pg_atomic)

static inline int counter_pg_atomic_add_get(struct counter_pg_atomic *c,
                                            struct counter_pg_atomic_handle *h, int64_t n,
                                            int64_t *sum)
{
    int rows = pg_execute(&h->link, PG_COUNTER_OWN, &n, 1, sum, 1);

    (void)c;
    return rows < 0 ? rows : rows == 1 ? 0 : -EIO;
}

static const struct counter_traits counter_pg_atomic_traits = {
    .id = {
        .name = "pg_atomic",
        .title = "UPDATE posts SET n = n + 1: one statement",
        .reference = "PostgreSQL, manual, chapter 13.2.1",
        .flags = CONTEND_REMOTE,
        .options = pg_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(pg_atomic, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(pg_atomic)

#endif
