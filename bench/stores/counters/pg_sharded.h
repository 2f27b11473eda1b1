/*
 * pg_sharded.h - a post in k rows: the striped counter in SQL.
 *
 * Idea: each connection adds to a row of its own choice, so that those of different rows do not
 *   wait for each other's commits; the sum is that of all rows.
 * Invariant: the rows' numbers make the sum; each is changed as in pg_atomic.
 * Linearisation points: an add at its commit; a read at its snapshot, which all rows share.
 * Progress: blocking: those that share a row take turns.
 * Read guarantee: linearizable for every mix: one statement reads one snapshot of all rows.
 * Cost: one round trip a clap; a read adds up k rows.
 * Breaks when: the sum is wanted with each clap (there is no add_get), or a bound depends on it.
 * Use when: one post takes more claps than one row has commits.
 * Reference: the striped counter, counters/striped.h; for rows: Helland, Life beyond Distributed
 *   Transactions, 2007.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_PG_SHARDED_H
#define CONTEND_BENCH_STORES_COUNTERS_PG_SHARDED_H

#include "bench/stores/pg/counter.h"

static const struct contend_option counter_pg_sharded_options[] = {
    PG_OPTIONS PG_SHARDS CONTEND_OPTIONS_END
};

static const struct pg_plan counter_pg_sharded_plan = {
    .schema = "CREATE $TABLE shards (id bigint PRIMARY KEY, n numeric NOT NULL)"
              " WITH (fillfactor = 50); INSERT INTO shards SELECT generate_series(0, 63), 0",
    .statements = { PG_TRANSACTION, "SELECT sum(n), 0 FROM shards",
                    "UPDATE shards SET n = n + $1::bigint WHERE id = $2::bigint" },
};

PG_COUNTER_READ_ONLY(pg_sharded, counter_pg_sharded_options)

static inline int counter_pg_sharded_add(struct counter_pg_sharded *c,
                                         struct counter_pg_sharded_handle *h, int64_t n)
{
    int64_t to[2] = { n, (int64_t)(h->link.number % (uint64_t)c->place.shards) };
    int rows = pg_execute(&h->link, PG_COUNTER_OWN, to, 2, NULL, 0);

    return rows < 0 ? rows : 0;
}

COUNTER_NO_ADD_GET(pg_sharded)


static const struct counter_traits counter_pg_sharded_traits = {
    .id = {
        .name = "pg_sharded",
        .title = "k rows a post, each connection adds to one of them",
        .reference = "Helland, Life beyond Distributed Transactions, 2007",
        .flags = CONTEND_REMOTE,
        .options = counter_pg_sharded_options,
    },
    COUNTER_TRAITS_IN_STORE(pg_sharded, COUNTER_LINEARIZABLE),
};

COUNTER_STATIC_TRAITS(pg_sharded)

#endif
