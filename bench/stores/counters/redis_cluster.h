/*
 * redis_cluster.h - a clap counter as a key of a Redis Cluster, to which its slot's master adds.
 *
 * Idea: INCRBY, as redis_incr.h has it, at the master that serves the key's slot; the client computes
 *   the slot and follows MOVED and ASK.
 * Invariant: the key's value is the sum of all adds that its master has executed and not lost.
 * Linearisation points: add, add_get and read when the slot's master executes the command.
 * Progress: blocking: the master has one thread for all commands.
 * Read guarantee: linearizable, while the master lives.
 * Cost: one round trip.
 * Breaks when: one post is hot: all of its claps go to one master, and the others do not help.  A master
 *   that dies without a replica has lost the claps of its posts, acknowledged or not.
 * Use when: there are more posts than one server holds or serves, and Redis is there already.
 * Reference: Redis cluster specification; Redis, INCRBY.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_REDIS_CLUSTER_H
#define CONTEND_BENCH_STORES_COUNTERS_REDIS_CLUSTER_H

#include "bench/stores/counter.h"
#include "bench/stores/redis/cluster.h"

static const struct contend_option counter_redis_cluster_options[] = {
    REDIS_OPTIONS CONTEND_OPTIONS_END
};

static const struct redis_plan counter_redis_cluster_plan = { .scripts = { NULL } };

COUNTER_IN_STORE(redis_cluster, redis_cluster, counter_redis_cluster_options)
COUNTER_ADD_BY_ADD_GET(redis_cluster)

/* A command with the counter's key, whose answer is a number; a key that is not there yet is 0. */
static inline int counter_redis_cluster_ask(struct redis_cluster_link *l, const char *command,
                                            const char *by, int64_t *number)
{
    char key[REDIS_KEY];
    const char *const words[] = { command, redis_key(&l->place->redis, "n", key), by };
    redisReply *reply;
    int error = redis_cluster_call(l, key, words, by ? 3 : 2, &reply);

    if (!error)
        error = redis_number_of(&l->nodes.links[0], reply, number);
    freeReplyObject(reply);
    if (error == -ENOENT)
        *number = 0;
    return error == -ENOENT ? 0 : error;
}

static inline int counter_redis_cluster_add_get(struct counter_redis_cluster *c,
                                                struct counter_redis_cluster_handle *h, int64_t n,
                                                int64_t *sum)
{
    char word[REDIS_WORD];

    (void)c;
    return counter_redis_cluster_ask(&h->link, "INCRBY", redis_word(n, word), sum);
}

static inline int64_t counter_redis_cluster_read(struct counter_redis_cluster *c,
                                                 struct counter_redis_cluster_handle *h)
{
    int64_t n;

    (void)c;
    return counter_redis_cluster_ask(&h->link, "GET", NULL, &n) == 0 ? n : COUNTER_UNREADABLE;
}

static const struct counter_traits counter_redis_cluster_traits = {
    .id = {
        .name = "redis_cluster",
        .title = "a key of a Redis Cluster, to which its slot's master adds",
        .reference = "Redis cluster specification",
        .flags = CONTEND_REMOTE,
        .options = counter_redis_cluster_options,
    },
    COUNTER_TRAITS_IN_STORE(redis_cluster, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(redis_cluster)

#endif
