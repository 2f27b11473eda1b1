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

#include "bench/stores/pooled.h"
#include "bench/stores/redis/counter.h"

static const struct contend_option counter_redis_pooled_options[] = {
    REDIS_OPTIONS POOLED_OPTIONS(POOL_LARGEST) CONTEND_OPTIONS_END
};

/* A PING: a dead connection is known by its silence, and the next call makes another. */
static inline void redis_link_check(struct redis_link *l)
{
    const char *const words[] = { "PING" };
    redisReply *reply;

    redis_call(l, words, 1, &reply);
    freeReplyObject(reply);
}

static inline int redis_pooled_add(struct redis_link *l, int64_t n, int64_t *sum)
{
    char key[REDIS_KEY], word[REDIS_WORD];
    const char *const words[] = { "INCRBY", redis_key(l->place, "n", key), redis_word(n, word) };

    return redis_number(l, words, 3, sum);
}

POOLED_IN_STORE(redis)

static const struct redis_pooled_plan counter_redis_pooled_plan = { .store.scripts = { NULL } };

COUNTER_POOLED(redis, redis_pooled, counter_redis_pooled_options, redis_pooled_add,
               redis_counter_look)

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
