/*
 * counter.h - the row in which a counter of SQLite lives, and how it is read.
 */
#ifndef CONTEND_BENCH_STORES_SQLITE_COUNTER_H
#define CONTEND_BENCH_STORES_SQLITE_COUNTER_H

#include "bench/stores/counter.h"
#include "bench/stores/sqlite/place.h"

/* One row; the version counts its changes, for those who look before they write. */
#define SQLITE_COUNTER_SCHEMA                                                                 \
    "CREATE TABLE posts (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, version INTEGER NOT NULL);" \
    "INSERT INTO posts VALUES (1, 0, 0)"

/* The first of every counter's statements. */
enum { SQLITE_COUNTER_READ = 0 };
#define SQLITE_COUNTER_READS "SELECT n, version FROM posts WHERE id = 1"

static const struct contend_option sqlite_counter_options[] = {
    SQLITE_OPTIONS CONTEND_OPTIONS_END
};

/* 0, or a negative errno value; `version` may be NULL. */
static inline int sqlite_counter_look(struct sqlite_link *l, int64_t *n, int64_t *version)
{
    int64_t columns[2];
    int rows = sqlite_execute(l, SQLITE_COUNTER_READ, NULL, 0, columns, 2);

    if (rows <= 0)
        return rows ? rows : -EIO;
    *n = columns[0];
    if (version)
        *version = columns[1];
    return 0;
}

static inline int64_t sqlite_counter_read(struct sqlite_link *l)
{
    int64_t n;

    return sqlite_counter_look(l, &n, NULL) == 0 ? n : COUNTER_UNREADABLE;
}

/* All but add_get, which each counter writes in its own way. */
#define SQLITE_COUNTER(NAME)                                                                  \
    COUNTER_IN_STORE(sqlite, NAME, sqlite_counter_options)                                    \
    static inline int64_t counter_##NAME##_read(struct counter_##NAME *c,                     \
                                                struct counter_##NAME##_handle *h)            \
    {                                                                                         \
        (void)c;                                                                              \
        return sqlite_counter_read(&h->link);                                                 \
    }                                                                                         \
    COUNTER_ADD_BY_ADD_GET(NAME)

#endif
