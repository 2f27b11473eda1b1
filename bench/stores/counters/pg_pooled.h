/*
 * pg_pooled.h - UPDATE ... SET n = n + 1 over a pool of connections, which more threads share than it has.
 *
 * Idea: as redis_pooled: connections are kept and lent, the one that was given back last first, and a
 *   semaphore admits as many threads as there are free ones.
 * Invariant: a connection is lent to one thread at a time; the semaphore's value is the number of
 *   those that are free.
 * Linearisation points: as pg_atomic: an add at its commit, a read at its snapshot.
 * Progress: blocking: a thread waits for the server, and for the threads before it in the pool.
 * Read guarantee: linearizable for every mix.
 * Cost: pg_atomic's, and a semaphore.  With size = 0 a connection for each operation instead: a process of
 *   the server that is forked, greets, and ends.
 * Breaks when: the pool is too small, so that threads wait that could be served, or so large that the server has
 *   a process for each and they wait for one row.  With admission = 3, or when wait_ms are over, add
 *   answers -EAGAIN and has changed nothing.  A connection that broke is replaced by the next call, and
 *   the call that met it answers -EIO: unknown; with health_check = 1 a SELECT 1 meets it instead.
 * Use when: threads outnumber the connections that a server should have, each of which is a process.
 * Reference: J. D. C. Little, A Proof for the Queuing Formula L = lambda W, 1961.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_PG_POOLED_H
#define CONTEND_BENCH_STORES_COUNTERS_PG_POOLED_H

#include "bench/stores/pg/counter.h"
#include "bench/stores/pooled.h"

/* A server takes a hundred unless it was told otherwise, and some are its own. */
enum { PG_POOLED_LARGEST = 90 };

static const struct contend_option counter_pg_pooled_options[] = {
    PG_OPTIONS POOLED_OPTIONS(PG_POOLED_LARGEST) CONTEND_OPTIONS_END
};

enum { PG_POOLED_ADD = PG_COUNTER_OWN, PG_POOLED_CHECK };

/* A connection that does not answer is closed, and the next call makes another. */
static inline void pg_link_check(struct pg_link *l)
{
    pg_execute(l, PG_POOLED_CHECK, NULL, 0, NULL, 0);
}

static inline int pg_pooled_add(struct pg_link *l, int64_t n, int64_t *sum)
{
    int rows = pg_execute(l, PG_POOLED_ADD, &n, 1, sum, 1);

    return rows < 0 ? rows : rows == 1 ? 0 : -EIO;
}

static inline int pg_pooled_look(struct pg_link *l, int64_t *n)
{
    return pg_counter_look(l, PG_COUNTER_READ, n, NULL);
}

POOLED_IN_STORE(pg)

static const struct pg_pooled_plan counter_pg_pooled_plan = {
    .store = {
        .schema = PG_COUNTER_SCHEMA,
        .statements = { PG_TRANSACTION, PG_COUNTER_READS,
                        "UPDATE posts SET n = n + $1::bigint WHERE id = 1 RETURNING n", "SELECT 1" },
    },
};

COUNTER_POOLED(pg, pg_pooled, counter_pg_pooled_options, pg_pooled_add, pg_pooled_look)

static const struct counter_traits counter_pg_pooled_traits = {
    .id = {
        .name = "pg_pooled",
        .title = "a pool of connections that threads share: UPDATE ... n = n + 1",
        .reference = "Little, A Proof for the Queuing Formula L = lambda W, 1961",
        .flags = CONTEND_REMOTE,
        .options = counter_pg_pooled_options,
    },
    COUNTER_TRAITS_IN_STORE(pg_pooled, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(pg_pooled)

#endif
