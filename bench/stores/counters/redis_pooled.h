/*
 * redis_pooled.h - INCRBY over a pool of connections, which more threads share than it has.
 *
 * Idea: connections are kept and lent.  A semaphore admits as many threads as there are free ones; the
 *   one that was given back last is lent first.
 * Invariant: a connection is lent to one thread at a time; the semaphore's value is the number of
 *   those that are free.
 * Linearisation points: as redis_incr: each operation when the server executes its command.
 * Progress: blocking: a thread waits for the server, and for the threads before it in the pool.
 * Read guarantee: linearizable for every mix.
 * Cost: redis_incr's, and a semaphore; with size = 0 a connection for each operation instead.
 * Breaks when: the pool is too small: by Little's law rate times response time connections are in
 *   use, so fewer than that make threads wait; or too large: the server has one thread, and more
 *   requests at once only wait there.  With admission = 3, or when wait_ms are over, add answers
 *   -EAGAIN and has changed nothing.  A connection that broke is replaced by the next call, and the
 *   call that met it answers -EIO; with health_check = 1 a PING meets it instead.
 * Use when: threads outnumber the connections that a server should have.
 * Reference: J. D. C. Little, A Proof for the Queuing Formula L = lambda W, 1961.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_REDIS_POOLED_H
#define CONTEND_BENCH_STORES_COUNTERS_REDIS_POOLED_H

#include "bench/stores/redis/counter.h"
#include "bench/stores/redis/pooled.h"

static const struct contend_option counter_redis_pooled_options[] = {
    REDIS_OPTIONS REDIS_POOLED_OPTIONS CONTEND_OPTIONS_END
};

static const struct redis_pooled_plan counter_redis_pooled_plan = { .redis.scripts = { NULL } };

COUNTER_IN_STORE(redis_pooled, redis_pooled, counter_redis_pooled_options)

static inline int counter_redis_pooled_add_get(struct counter_redis_pooled *c,
                                               struct counter_redis_pooled_handle *h, int64_t n,
                                               int64_t *sum)
{
    char key[REDIS_KEY], word[REDIS_WORD];
    const char *const words[] = { "INCRBY", redis_key(&c->place.redis, "n", key),
                                  redis_word(n, word) };
    struct redis_link *link;
    int error = redis_pooled_take(&c->place, &link);

    (void)h;
    if (error)
        return error;
    error = redis_number(link, words, 3, sum);
    redis_pooled_give(&c->place, link);
    return error;
}

COUNTER_ADD_BY_ADD_GET(redis_pooled)

static inline int64_t counter_redis_pooled_read(struct counter_redis_pooled *c,
                                                struct counter_redis_pooled_handle *h)
{
    struct redis_link *link;
    int64_t n = COUNTER_UNREADABLE;

    (void)h;
    if (redis_pooled_take(&c->place, &link) != 0)
        return COUNTER_UNREADABLE;
    if (redis_counter_look(link, &n) != 0)
        n = COUNTER_UNREADABLE;
    redis_pooled_give(&c->place, link);
    return n;
}

static const struct counter_traits counter_redis_pooled_traits = {
    .id = {
        .name = "redis_pooled",
        .title = "a pool of connections that threads share: INCRBY",
        .reference = "Little, A Proof for the Queuing Formula L = lambda W, 1961",
        .flags = CONTEND_REMOTE,
        .options = counter_redis_pooled_options,
    },
    COUNTER_TRAITS_IN_STORE(redis_pooled, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(redis_pooled)

#endif
