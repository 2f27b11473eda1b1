/*
 * pg_optimistic.h - a version in the row: write only if nobody has written since.
 *
 * Idea: compare-and-swap in SQL, and no transaction across round trips.
 * Invariant: every change of n increments the version, in the same statement.
 * Linearisation points: an add at the commit of the UPDATE that changed a row, a read at its
 *   snapshot.
 * Progress: blocking for as long as the statement of another writer takes.  Of those that look at
 *   once one succeeds; a given one may lose until `timeout_ms` are over (-EAGAIN).
 * Read guarantee: linearizable for every mix.
 * Cost: two round trips a clap, and two more for each time that it lost.
 * Breaks when: many clap for one post: most of their work is thrown away.
 * Use when: the look and the write lie far apart, and conflicts are rare.
 * Reference: Kung and Robinson, On Optimistic Methods for Concurrency Control, 1981.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_PG_OPTIMISTIC_H
#define CONTEND_BENCH_STORES_COUNTERS_PG_OPTIMISTIC_H

#include "bench/stores/pg/counter.h"

static const struct pg_plan counter_pg_optimistic_plan = {
    .schema = PG_COUNTER_SCHEMA,
    .statements = { PG_TRANSACTION, PG_COUNTER_READS,
                    "UPDATE posts SET n = $1::bigint, version = version + 1 "
                    "WHERE id = 1 AND version = $2::bigint" },
};

PG_COUNTER(pg_optimistic)

static inline int counter_pg_optimistic_add_get(struct counter_pg_optimistic *c,
                                                struct counter_pg_optimistic_handle *h, int64_t n,
                                                int64_t *sum)
{
    uint64_t deadline = pg_deadline(&h->link);
    int64_t next[2]; /* the sum, and the version on which it is built */
    int error;

    (void)c;
    do {
        error = pg_counter_look(&h->link, PG_COUNTER_READ, &next[0], &next[1]);
        if (error)
            return error == -EIO || error == -ETIMEDOUT ? -EAGAIN : error;
        next[0] += n;
        error = pg_execute(&h->link, PG_COUNTER_OWN, next, 2, NULL, 0);
        if (error >= 0)
            error = pg_changed(&h->link) == 1 ? 0 : -ESTALE;
    } while (pg_try_again(&h->link, deadline, &error));
    *sum = next[0];
    return error;
}

static const struct counter_traits counter_pg_optimistic_traits = {
    .id = {
        .name = "pg_optimistic",
        .title = "a row with a version: UPDATE only if nobody has written since",
        .reference = "Kung and Robinson, On Optimistic Methods for Concurrency Control, 1981",
        .flags = CONTEND_REMOTE,
        .options = pg_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(pg_optimistic, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(pg_optimistic)

#endif
