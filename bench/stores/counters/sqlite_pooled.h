/*
 * sqlite_pooled.h - n = n + 1 over a pool of connections to one file, which more threads share than it has.
 *
 * Idea: as redis_pooled: connections are kept and lent, the one that was given back last first, and a
 *   semaphore admits as many threads as there are free ones.
 * Invariant: a connection is lent to one thread at a time; the semaphore's value is the number of
 *   those that are free.
 * Linearisation points: as sqlite_atomic: an add at the commit of its statement, a read at its snapshot.
 * Progress: blocking: a thread waits for the file's lock, and for the threads before it in the pool.
 * Read guarantee: linearizable for every mix.
 * Cost: sqlite_atomic's, and a semaphore.  A pool of one puts writers in a queue of the process's own, where
 *   they are woken, instead of the library's, where they sleep and try again.  With size = 0 each
 *   operation opens the file, reads its schema, and prepares its statements.
 * Breaks when: the pool is larger than one and all write: the lock is the file's.  With admission = 3, or when
 *   wait_ms are over, add answers -EAGAIN and has changed nothing.  A file that was replaced under an
 *   open connection takes its claps with it; with health_check = 1 that is noticed before each use.
 * Use when: many threads write now and then, and a file is enough.
 * Reference: J. D. C. Little, A Proof for the Queuing Formula L = lambda W, 1961.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_SQLITE_POOLED_H
#define CONTEND_BENCH_STORES_COUNTERS_SQLITE_POOLED_H

#include "bench/stores/sqlite/counter.h"
#include "bench/stores/pooled.h"

static const struct contend_option counter_sqlite_pooled_options[] = {
    SQLITE_OPTIONS POOLED_OPTIONS(POOL_LARGEST) CONTEND_OPTIONS_END
};

enum { SQLITE_POOLED_ADD = SQLITE_COUNTER_READ + 1 };

/* A file does not hang up, but may be moved away: then the name is opened anew. */
static inline void sqlite_link_check(struct sqlite_link *l)
{
    struct sqlite_place *p = l->place;
    int moved = 0;

    if (l->db)
        sqlite3_file_control(l->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (l->db && !moved)
        return;
    sqlite_link_close(l);
    sqlite_link_open(p, l); /* without success the next use says so, and tries again */
}

static inline int sqlite_pooled_add(struct sqlite_link *l, int64_t n, int64_t *sum)
{
    int rows = sqlite_execute(l, SQLITE_POOLED_ADD, &n, 1, sum, 1);

    return rows < 0 ? rows : rows == 1 ? 0 : -EIO;
}

static inline int sqlite_pooled_look(struct sqlite_link *l, int64_t *n)
{
    return sqlite_counter_look(l, n, NULL);
}

POOLED_IN_STORE(sqlite)

static const struct sqlite_pooled_plan counter_sqlite_pooled_plan = {
    .store = {
        .schema = SQLITE_COUNTER_SCHEMA,
        .statements = { SQLITE_COUNTER_READS,
                        "UPDATE posts SET n = n + ?1 WHERE id = 1 RETURNING n" },
    },
};

COUNTER_POOLED(sqlite, sqlite_pooled, counter_sqlite_pooled_options, sqlite_pooled_add,
               sqlite_pooled_look)

static const struct counter_traits counter_sqlite_pooled_traits = {
    .id = {
        .name = "sqlite_pooled",
        .title = "a pool of connections that threads share: n = n + 1",
        .reference = "Little, A Proof for the Queuing Formula L = lambda W, 1961",
        .flags = CONTEND_REMOTE,
        .options = counter_sqlite_pooled_options,
    },
    COUNTER_TRAITS_IN_STORE(sqlite_pooled, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(sqlite_pooled)

#endif
