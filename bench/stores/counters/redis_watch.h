/*
 * redis_watch.h - WATCH, then a transaction that fails if somebody was faster.
 *
 * Idea: compare-and-swap in Redis.  WATCH the key and GET it; MULTI, SET, EXEC.  If the key was
 *   written since the WATCH, EXEC executes nothing and says nil: begin anew.
 * Invariant: the key's number is the sum: it is written only if it is still what was read.
 * Linearisation points: an add at the EXEC that was executed, a read at its GET.
 * Progress: blocking: the server has one thread.  Of those that look at once one succeeds; a
 *   given one may lose any number of times.
 * Read guarantee: linearizable for every mix.
 * Cost: two round trips a clap, the first with two commands and the second with three, and two
 *   more for each time that it lost.
 * Breaks when: many clap for one post: most of their work is thrown away.
 * Use when: the next value takes more to find than a script should do in the server.
 * Reference: Redis, Transactions: optimistic locking using check-and-set.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_REDIS_WATCH_H
#define CONTEND_BENCH_STORES_COUNTERS_REDIS_WATCH_H

#include "bench/stores/redis/counter.h"

static const struct redis_plan counter_redis_watch_plan = { .scripts = { NULL } };

REDIS_COUNTER(redis_watch)

/* 1: executed, 0: somebody was faster, or a negative errno value. */
static inline int counter_redis_watch_try(struct redis_link *l, int64_t n, int64_t *sum)
{
    char key[REDIS_KEY], word[REDIS_WORD];
    const char *const watch[] = { "WATCH", redis_key(l->place, "n", key) };
    const char *const get[] = { "GET", key }, *const multi[] = { "MULTI" }, *const exec[] = { "EXEC" };
    redisReply *reply = NULL;
    int64_t after = 0;
    int error = redis_ask(l, watch, 2);

    if (!error)
        error = redis_ask(l, get, 2);
    if (!error)
        error = redis_flush(l);
    if (!error)
        error = redis_reply(l, &reply);
    freeReplyObject(reply);
    reply = NULL;
    if (!error)
        error = redis_reply(l, &reply);
    if (!error)
        error = redis_number_of(l, reply, &after);
    freeReplyObject(reply);
    if (error && error != -ENOENT) /* a key that is not there yet is 0 */
        return error;
    after += n;
    const char *const set[] = { "SET", key, redis_word(after, word) };
    error = redis_ask(l, multi, 1);
    if (!error)
        error = redis_ask(l, set, 3);
    if (!error)
        error = redis_ask(l, exec, 1);
    if (!error)
        error = redis_flush(l);
    int executed = 0;
    for (unsigned i = 0; i < 3 && !error; i++) {
        error = redis_reply(l, &reply);
        executed = !error && reply->type == REDIS_REPLY_ARRAY;
        freeReplyObject(reply);
    }
    if (executed)
        *sum = after;
    return error ? error : executed;
}

static inline int counter_redis_watch_add_get(struct counter_redis_watch *c,
                                              struct counter_redis_watch_handle *h, int64_t n,
                                              int64_t *sum)
{
    int done;

    (void)c;
    while ((done = counter_redis_watch_try(&h->link, n, sum)) == 0)
        ;
    return done < 0 ? done : 0;
}

static const struct counter_traits counter_redis_watch_traits = {
    .id = {
        .name = "redis_watch",
        .title = "a key that is watched: written only if nobody was faster",
        .reference = "Redis, Transactions",
        .flags = CONTEND_REMOTE,
        .options = redis_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(redis_watch, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(redis_watch)

#endif
