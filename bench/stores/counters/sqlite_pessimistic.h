/*
 * sqlite_pessimistic.h - a transaction that takes the write lock before it looks.
 *
 * Idea: BEGIN IMMEDIATE, SELECT, UPDATE, COMMIT.  This is the "transaction" of the textbook's
 *   answer: while one looks and writes, every other writer of the file waits.
 * Invariant: between BEGIN IMMEDIATE and COMMIT no other connection writes to the file.
 * Linearisation points: an add at its COMMIT, a read at its snapshot.
 * Progress: blocking.  A writer that stalls inside holds up all others, until their time-out.
 * Read guarantee: linearizable for every mix: a snapshot is the last commit, and reads wait
 *   for no writer.
 * Cost: four statements a clap.  The lock is that of the file, not of the row: claps for
 *   different posts wait for one another too.
 * Breaks when: many write: waiting writers sleep and look again, 1 to 100 ms each time.
 * Use when: more must be decided between the look and the write than SQL can say.
 * Reference: SQLite, Transactions, and Gray and Reuter, Transaction Processing, 1993.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_SQLITE_PESSIMISTIC_H
#define CONTEND_BENCH_STORES_COUNTERS_SQLITE_PESSIMISTIC_H

#include "bench/stores/sqlite/counter.h"

enum {
    SQLITE_PESSIMISTIC_BEGIN = SQLITE_COUNTER_READ + 1,
    SQLITE_PESSIMISTIC_WRITE,
    SQLITE_PESSIMISTIC_COMMIT,
    SQLITE_PESSIMISTIC_ROLLBACK
};

static const struct sqlite_plan counter_sqlite_pessimistic_plan = {
    .schema = SQLITE_COUNTER_SCHEMA,
    .statements = { SQLITE_COUNTER_READS, "BEGIN IMMEDIATE",
                    "UPDATE posts SET n = ?1 WHERE id = 1", "COMMIT", "ROLLBACK" },
};

SQLITE_COUNTER(sqlite_pessimistic)

static inline int counter_sqlite_pessimistic_add_get(struct counter_sqlite_pessimistic *c,
                                                     struct counter_sqlite_pessimistic_handle *h,
                                                     int64_t n, int64_t *sum)
{
    struct sqlite_link *l = &h->link;
    int64_t after = 0;
    int error = sqlite_execute(l, SQLITE_PESSIMISTIC_BEGIN, NULL, 0, NULL, 0);

    (void)c;
    if (error)
        return error;
    error = sqlite_counter_look(l, &after, NULL);
    after += error ? 0 : n;
    if (!error)
        error = sqlite_execute(l, SQLITE_PESSIMISTIC_WRITE, &after, 1, NULL, 0);
    if (!error)
        error = sqlite_execute(l, SQLITE_PESSIMISTIC_COMMIT, NULL, 0, NULL, 0);
    if (error && !sqlite3_get_autocommit(l->db)) /* some errors have rolled it back already */
        sqlite_execute(l, SQLITE_PESSIMISTIC_ROLLBACK, NULL, 0, NULL, 0);
    if (!error)
        *sum = after;
    return error;
}

static const struct counter_traits counter_sqlite_pessimistic_traits = {
    .id = {
        .name = "sqlite_pessimistic",
        .title = "a row under the write lock of its file: BEGIN IMMEDIATE",
        .reference = "Gray and Reuter, Transaction Processing, 1993",
        .flags = CONTEND_REMOTE,
        .options = sqlite_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(sqlite_pessimistic, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(sqlite_pessimistic)

#endif
