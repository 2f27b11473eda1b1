/*
 * counter.h - the row in which a counter of PostgreSQL lives, and the transactions around it.
 */
#ifndef CONTEND_BENCH_STORES_PG_COUNTER_H
#define CONTEND_BENCH_STORES_PG_COUNTER_H

#include "bench/stores/counter.h"
#include "bench/stores/pg/transaction.h"

/*
 * One row; the version counts its changes, for those who look before they write.  Half of each page
 * is left free, so that new versions of a row stay on it and need no new entry in the index (HOT).
 */
#define PG_COUNTER_SCHEMA                                                                     \
    "CREATE $TABLE posts (id bigint PRIMARY KEY, n bigint NOT NULL, version bigint NOT NULL)" \
    " WITH (fillfactor = 50); INSERT INTO posts VALUES (1, 0, 0)"

/* The first of every counter's statements, behind those of transactions. */
enum { PG_COUNTER_READ = PG_TRANSACTION_OWN, PG_COUNTER_OWN };
#define PG_COUNTER_READS "SELECT n, version FROM posts WHERE id = 1"

static const struct contend_option pg_counter_options[] = { PG_OPTIONS CONTEND_OPTIONS_END };

/* 0, or a negative errno value; `version` may be NULL. */
static inline int pg_counter_look(struct pg_link *l, unsigned statement, int64_t *n,
                                  int64_t *version)
{
    int64_t columns[2] = { 0, 0 };
    int rows = pg_execute(l, statement, NULL, 0, columns, 2);

    if (rows <= 0)
        return rows ? rows : -EIO;
    *n = columns[0];
    if (version)
        *version = columns[1];
    return 0;
}

static inline int64_t pg_counter_read(struct pg_link *l)
{
    int64_t n;

    return pg_counter_look(l, PG_COUNTER_READ, &n, NULL) == 0 ? n : COUNTER_UNREADABLE;
}

/*
 * The body of a transaction that reads by one statement and writes the sum by another, whose only
 * parameter it is.
 */
static inline int pg_counter_read_and_write(struct pg_link *l, unsigned read, unsigned write,
                                            int64_t n, int64_t *sum)
{
    int64_t after;
    int error = pg_counter_look(l, read, &after, NULL);

    if (error)
        return error;
    after += n;
    error = pg_execute(l, write, &after, 1, NULL, 0);
    *sum = after;
    return error;
}

/* All but add_get, which each counter writes in its own way. */
#define PG_COUNTER_READ_ONLY(NAME, OPTIONS)                                                   \
    COUNTER_IN_STORE(pg, NAME, OPTIONS)                                                       \
    static inline int64_t counter_##NAME##_read(struct counter_##NAME *c,                     \
                                                struct counter_##NAME##_handle *h)            \
    {                                                                                         \
        (void)c;                                                                              \
        return pg_counter_read(&h->link);                                                     \
    }
#define PG_COUNTER(NAME)                                                                      \
    PG_COUNTER_READ_ONLY(NAME, pg_counter_options)                                            \
    COUNTER_ADD_BY_ADD_GET(NAME)

#endif
