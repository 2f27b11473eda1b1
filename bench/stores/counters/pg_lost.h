/*
 * pg_lost.h - SELECT, then UPDATE, in a transaction: an exhibit that loses claps.
 *
 * Idea: BEGIN, ask for the number, add to it, write it back, COMMIT, at the isolation level that
 *   PostgreSQL has by default: READ COMMITTED.
 * Invariant: none that helps.  Each statement sees what is committed when it begins, so the number
 *   that was read is old by the time it is written.
 * Linearisation points: there are none of an add; a read's is its snapshot.
 * Progress: blocking: a writer waits for the commit of another writer of the row.
 * Read guarantee: none.  The second writer waits for the first one's lock of the row, and then
 *   writes over what it has not seen.
 * Cost: four round trips a clap.
 * Breaks when: two threads clap for one post.  "It is in a transaction" is half the truth: the
 *   level decides, and this one protects the row's bytes, not the sum.
 * Use when: never.
 * Reference: Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995: lost update (P4).
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_PG_LOST_H
#define CONTEND_BENCH_STORES_COUNTERS_PG_LOST_H

#include "bench/stores/pg/counter.h"

static const struct pg_plan counter_pg_lost_plan = {
    .schema = PG_COUNTER_SCHEMA,
    .statements = { PG_TRANSACTION, PG_COUNTER_READS,
                    "UPDATE posts SET n = $1::bigint WHERE id = 1" },
};

PG_COUNTER(pg_lost)

static inline int counter_pg_lost_add_get(struct counter_pg_lost *c,
                                          struct counter_pg_lost_handle *h, int64_t n,
                                          int64_t *sum)
{
    int error = pg_transaction_begin(&h->link);

    (void)c;
    if (error)
        return error;
    error = pg_counter_read_and_write(&h->link, PG_COUNTER_READ, PG_COUNTER_OWN, n, sum);
    return pg_transaction_end(&h->link, error);
}

static const struct counter_traits counter_pg_lost_traits = {
    .id = {
        .name = "pg_lost",
        .title = "SELECT and UPDATE in one transaction, READ COMMITTED: loses claps",
        .reference = "Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995",
        .flags = CONTEND_EXHIBIT | CONTEND_REMOTE,
        .options = pg_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(pg_lost, COUNTER_UNSPECIFIED),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(pg_lost)

#endif
