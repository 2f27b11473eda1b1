/*
 * sqlite_lost.h - SELECT, then UPDATE: an exhibit that loses claps.
 *
 * Idea: ask for the number, add to it, write it back, each in a transaction of its own, as an
 *   object-relational mapper does when it loads a post, changes it and saves it.
 * Invariant: none that helps.  Each statement is a transaction; what was read is old by the
 *   time it is written.
 * Linearisation points: there are none of an add; a read's is its snapshot.
 * Progress: blocking: writers take turns.
 * Read guarantee: none.  Two that read the same number write the same sum, and a clap is gone.
 *   With BEGIN around the two SQLite itself refuses the second writer (SQLITE_BUSY_SNAPSHOT),
 *   which is why "it is in a transaction" is half the truth: other databases accept it.
 * Cost: two statements a clap, one of them a commit.
 * Breaks when: two threads clap for one post.
 * Use when: never.
 * Reference: Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995: lost update (P4).
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_SQLITE_LOST_H
#define CONTEND_BENCH_STORES_COUNTERS_SQLITE_LOST_H

#include "bench/stores/sqlite/counter.h"

static const struct sqlite_plan counter_sqlite_lost_plan = {
    .schema = SQLITE_COUNTER_SCHEMA,
    .statements = { SQLITE_COUNTER_READS, "UPDATE posts SET n = ?1 WHERE id = 1" },
};

SQLITE_COUNTER(sqlite_lost)

static inline int counter_sqlite_lost_add_get(struct counter_sqlite_lost *c,
                                              struct counter_sqlite_lost_handle *h, int64_t n,
                                              int64_t *sum)
{
    enum { WRITE = SQLITE_COUNTER_READ + 1 };
    int64_t after;
    int error = sqlite_counter_look(&h->link, &after, NULL);

    (void)c;
    after += error ? 0 : n;
    if (!error)
        error = sqlite_execute(&h->link, WRITE, &after, 1, NULL, 0);
    if (!error)
        *sum = after;
    return error;
}

static const struct counter_traits counter_sqlite_lost_traits = {
    .id = {
        .name = "sqlite_lost",
        .title = "a row that is read and then written: loses claps",
        .reference = "Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995",
        .flags = CONTEND_EXHIBIT | CONTEND_REMOTE,
        .options = sqlite_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(sqlite_lost, COUNTER_UNSPECIFIED),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(sqlite_lost)

#endif
