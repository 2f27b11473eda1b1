/*
 * redis_lost.h - GET, then SET: an exhibit that loses claps.
 *
 * Idea: ask for the number, add to it, write it back.  Redis executes one command at a time, and
 *   that helps nobody: each command is atomic, and the two are not.
 * Invariant: none that helps: what was read is old by the time it is written.
 * Linearisation points: there are none of an add; a read's is its GET.
 * Progress: blocking, as the server is.
 * Read guarantee: none.  Two that read the same number write the same sum, and a clap is gone.
 * Cost: two round trips a clap.
 * Breaks when: two clients clap for one post.
 * Use when: never.
 * Reference: Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995: lost update (P4).
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_REDIS_LOST_H
#define CONTEND_BENCH_STORES_COUNTERS_REDIS_LOST_H

#include "bench/stores/redis/counter.h"

static const struct redis_plan counter_redis_lost_plan = { .scripts = { NULL } };

REDIS_COUNTER(redis_lost)

static inline int counter_redis_lost_add_get(struct counter_redis_lost *c,
                                             struct counter_redis_lost_handle *h, int64_t n,
                                             int64_t *sum)
{
    char key[REDIS_KEY], word[REDIS_WORD];
    redisReply *reply = NULL;
    int64_t after = 0;
    int error = redis_counter_look(&h->link, &after);

    after += error ? 0 : n;
    const char *const words[] = { "SET", redis_key(&c->place, "n", key), redis_word(after, word) };
    if (!error)
        error = redis_call(&h->link, words, 3, &reply);
    freeReplyObject(reply);
    if (!error)
        *sum = after;
    return error;
}

static const struct counter_traits counter_redis_lost_traits = {
    .id = {
        .name = "redis_lost",
        .title = "a key that is read and then written: loses claps",
        .reference = "Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995",
        .flags = CONTEND_EXHIBIT | CONTEND_REMOTE,
        .options = redis_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(redis_lost, COUNTER_UNSPECIFIED),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(redis_lost)

#endif
