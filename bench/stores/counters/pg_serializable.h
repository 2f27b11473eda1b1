/*
 * pg_serializable.h - SELECT, then UPDATE, at SERIALIZABLE: what would lose a clap begins anew.
 *
 * Idea: the same statements as pg_lost, at another isolation level.  The server sees that what was
 *   read has been changed, refuses (40001), and the client repeats the whole transaction.
 * Invariant: the committed transactions have an order in which each, run alone, would have done
 *   the same.
 * Linearisation points: an add at its commit; a read is a transaction of one statement, at its
 *   snapshot.
 * Progress: blocking while another writer holds the row; a given transaction may be refused until
 *   `timeout_ms` are over (-EAGAIN).
 * Read guarantee: linearizable for every mix, since all of it is one row.
 * Cost: four round trips a clap, and as many for each time that it was refused.
 * Breaks when: the loop around the transaction is missing: then every conflict is an error that a
 *   user sees.
 * Use when: rules span several rows, and no lock protects them all.
 * Reference: Cahill, Roehm and Fekete, Serializable Isolation for Snapshot Databases, 2008.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_PG_SERIALIZABLE_H
#define CONTEND_BENCH_STORES_COUNTERS_PG_SERIALIZABLE_H

#include "bench/stores/pg/counter.h"

static const struct pg_plan counter_pg_serializable_plan = {
    .schema = PG_COUNTER_SCHEMA,
    .statements = { PG_TRANSACTION_SERIALIZABLE, PG_COUNTER_READS,
                    "UPDATE posts SET n = $1::bigint WHERE id = 1" },
};

PG_COUNTER(pg_serializable)

static inline int counter_pg_serializable_add_get(struct counter_pg_serializable *c,
                                                  struct counter_pg_serializable_handle *h,
                                                  int64_t n, int64_t *sum)
{
    uint64_t deadline = pg_deadline(&h->link);
    int error;

    (void)c;
    do {
        error = pg_transaction_begin(&h->link);
        if (error)
            return error;
        error = pg_counter_read_and_write(&h->link, PG_COUNTER_READ, PG_COUNTER_OWN, n, sum);
        error = pg_transaction_end(&h->link, error);
    } while (pg_try_again(&h->link, deadline, &error));
    return error;
}

static const struct counter_traits counter_pg_serializable_traits = {
    .id = {
        .name = "pg_serializable",
        .title = "SELECT and UPDATE at SERIALIZABLE, repeated when refused",
        .reference = "Cahill et al., Serializable Isolation for Snapshot Databases, 2008",
        .flags = CONTEND_REMOTE,
        .options = pg_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(pg_serializable, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(pg_serializable)

#endif
