/*
 * redis_incr.h - INCRBY: the server adds.
 *
 * Idea: say what is to happen, not what the result is.  Redis executes one command at a time, so
 *   that a single command that reads and writes is all it takes.
 * Invariant: the key's number is the sum.
 * Linearisation points: each operation when the server executes its command.
 * Progress: blocking: the server has one thread for all commands.
 * Read guarantee: linearizable for every mix.
 * Cost: one round trip a clap, about 40 bytes of request and 10 of reply.
 * Breaks when: the clap must survive the server: by default Redis writes to disk later, or not.
 * Use when: the count is shared by many processes and Redis is there already.
 * Reference: Redis, INCRBY.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_REDIS_INCR_H
#define CONTEND_BENCH_STORES_COUNTERS_REDIS_INCR_H

#include "bench/stores/redis/counter.h"

static const struct redis_plan counter_redis_incr_plan = { .scripts = { NULL } };

REDIS_COUNTER(redis_incr)

static inline int counter_redis_incr_add_get(struct counter_redis_incr *c,
                                             struct counter_redis_incr_handle *h, int64_t n,
                                             int64_t *sum)
{
    char key[REDIS_KEY], word[REDIS_WORD];
    const char *const words[] = { "INCRBY", redis_key(&c->place, "n", key), redis_word(n, word) };

    return redis_number(&h->link, words, 3, sum);
}

static const struct counter_traits counter_redis_incr_traits = {
    .id = {
        .name = "redis_incr",
        .title = "a key to which the server adds: INCRBY",
        .reference = "Redis, INCRBY",
        .flags = CONTEND_REMOTE,
        .options = redis_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(redis_incr, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(redis_incr)

#endif
