/*
 * pg_advisory.h - a lock of the application's own, kept by the server.
 *
 * Idea: a mutex with a number for a name, which the server hands to one transaction at a time; it
 *   protects whatever the application says it does.
 * Invariant: only the holder reads the row to change it; nothing but the convention enforces that.
 * Linearisation points: an add at its commit, which gives the lock up; a read at its snapshot.
 * Progress: blocking: a holder whose client stands still stops all others.
 * Read guarantee: linearizable for every mix.
 * Cost: five round trips a clap, and the lock is held for four of them.
 * Breaks when: one program changes the row without the lock, or two meanings share a number.
 * Use when: what must not run twice is no row: a job, a migration, an outside service.
 * Reference: PostgreSQL's manual, chapter 13.3.5: advisory locks.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_PG_ADVISORY_H
#define CONTEND_BENCH_STORES_COUNTERS_PG_ADVISORY_H

#include "bench/stores/pg/counter.h"

/* The name has two halves: "clap", and the table, so that no two objects share one. */
static const struct pg_plan counter_pg_advisory_plan = {
    .schema = PG_COUNTER_SCHEMA,
    .statements = { PG_TRANSACTION, PG_COUNTER_READS,
                    "SELECT pg_advisory_xact_lock(1668047216, 'posts'::regclass::oid::int4)",
                    "UPDATE posts SET n = $1::bigint WHERE id = 1" },
};

PG_COUNTER(pg_advisory)

static inline int counter_pg_advisory_add_get(struct counter_pg_advisory *c,
                                              struct counter_pg_advisory_handle *h, int64_t n,
                                              int64_t *sum)
{
    enum { LOCK = PG_COUNTER_OWN, WRITE };
    int error = pg_transaction_begin(&h->link);

    (void)c;
    if (error)
        return error;
    error = pg_execute(&h->link, LOCK, NULL, 0, NULL, 0);
    if (error >= 0)
        error = pg_counter_read_and_write(&h->link, PG_COUNTER_READ, WRITE, n, sum);
    return pg_transaction_end(&h->link, error);
}

static const struct counter_traits counter_pg_advisory_traits = {
    .id = {
        .name = "pg_advisory",
        .title = "an advisory lock around SELECT and UPDATE",
        .reference = "PostgreSQL, manual, chapter 13.3.5",
        .flags = CONTEND_REMOTE,
        .options = pg_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(pg_advisory, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(pg_advisory)

#endif
