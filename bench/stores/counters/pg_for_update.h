/*
 * pg_for_update.h - SELECT ... FOR UPDATE: the row is locked from the look to the commit.
 *
 * Idea: pessimistic locking in SQL.  The SELECT takes the row's lock, so that the number is still
 *   right when it is written.
 * Invariant: only the transaction that holds the row's lock changes it.
 * Linearisation points: an add at its commit, while the lock is held; a read at its snapshot.
 * Progress: blocking: a holder that is slow, or whose client stands still between two statements,
 *   stops all others.
 * Read guarantee: linearizable for every mix; reads wait for nobody.
 * Cost: four round trips a clap, and the lock is held for three of them: at 0.5 ms each one post
 *   takes fewer than 700 claps a second, however many threads clap.
 * Breaks when: two rows are locked in different orders: a deadlock, which the server finds after a
 *   second (40P01).
 * Use when: the new value needs code between the look and the write, and conflicts are common.
 * Reference: Gray, Notes on Data Base Operating Systems, 1978: two-phase locking.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_PG_FOR_UPDATE_H
#define CONTEND_BENCH_STORES_COUNTERS_PG_FOR_UPDATE_H

#include "bench/stores/pg/counter.h"

static const struct pg_plan counter_pg_for_update_plan = {
    .schema = PG_COUNTER_SCHEMA,
    .statements = { PG_TRANSACTION, PG_COUNTER_READS,
                    "SELECT n FROM posts WHERE id = 1 FOR UPDATE",
                    "UPDATE posts SET n = $1::bigint WHERE id = 1" },
};

PG_COUNTER(pg_for_update)

static inline int counter_pg_for_update_add_get(struct counter_pg_for_update *c,
                                                struct counter_pg_for_update_handle *h, int64_t n,
                                                int64_t *sum)
{
    enum { LOOK = PG_COUNTER_OWN, WRITE };
    int error = pg_transaction_begin(&h->link);

    (void)c;
    if (error)
        return error;
    error = pg_counter_read_and_write(&h->link, LOOK, WRITE, n, sum);
    return pg_transaction_end(&h->link, error);
}

static const struct counter_traits counter_pg_for_update_traits = {
    .id = {
        .name = "pg_for_update",
        .title = "SELECT ... FOR UPDATE, then UPDATE: the row is locked meanwhile",
        .reference = "Gray, Notes on Data Base Operating Systems, 1978",
        .flags = CONTEND_REMOTE,
        .options = pg_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(pg_for_update, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(pg_for_update)

#endif
