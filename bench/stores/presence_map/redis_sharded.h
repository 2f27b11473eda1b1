/*
 * redis_sharded.h - a presence map on several Redis servers, among which the client shares out the users.
 *
 * Idea: servers that know nothing of each other need no cluster: the client computes from the user's
 *   number which of them to ask.  With the number modulo k, a further server would move nearly all
 *   users; on a ring (consistent hashing) it takes over a (k + 1)th of them, and all others stay.
 * Invariant: a user is asked for at one server, the ring's, whose sorted set has the user's latest
 *   heartbeat as the score.
 * Linearisation points: each operation on one user when its server executes its command or script.
 * Progress: blocking: each server has one thread for all commands.
 * Read guarantee: exact for one user.  A count and a walk go from server to server.  A batch is a
 *   pipeline to each server: each element is atomic, the batch is not.
 * Cost: as redis_zset.h; a count, a walk and a sweep take a round trip for each server.
 * Breaks when: clients disagree about the servers: then a user is at two of them.  Users whom a new
 *   server takes over are offline until they beat again, which is within one interval of heartbeats.
 * Use when: one server's thread is not enough, all clients have one configuration, and nothing but
 *   presence is kept, which comes back by itself.
 * Reference: Karger et al., Consistent hashing and random trees, STOC 1997.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_SHARDED_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_SHARDED_H

#include "bench/stores/redis/parted.h"
#include "bench/stores/redis/sharded.h"

static const struct contend_option presence_redis_sharded_options[] = {
    REDIS_SHARDED_NODES PRESENCE_REDIS_OPTIONS CONTEND_OPTIONS_END
};

static inline unsigned presence_redis_sharded_parts(const void *place)
{
    return ((const struct redis_sharded_place *)place)->ring.nodes;
}

static inline unsigned presence_redis_sharded_part_of(const void *place, uint64_t user)
{
    return ring_node(&((const struct redis_sharded_place *)place)->ring, user);
}

static inline const char *presence_redis_sharded_key(const void *place, unsigned part,
                                                     char key[REDIS_KEY])
{
    (void)part;
    return redis_key(&((const struct redis_sharded_place *)place)->redis, "online", key);
}

static inline struct redis_link *presence_redis_sharded_connection(void *link, unsigned part)
{
    return redis_sharded_node(link, part);
}

static inline int presence_redis_sharded_call(void *link, unsigned part, const char *key,
                                              const char *const *words, unsigned count,
                                              redisReply **reply)
{
    struct redis_link *at = redis_sharded_node(link, part);

    (void)key;
    *reply = NULL;
    return at ? redis_call(at, words, count, reply) : -EAGAIN;
}

static inline int presence_redis_sharded_script(void *link, unsigned part, unsigned script,
                                                const char *key, const char *const *arguments,
                                                unsigned count, redisReply **reply)
{
    struct redis_link *at = redis_sharded_node(link, part);

    *reply = NULL;
    return at ? redis_script(at, script, key, arguments, count, reply) : -EAGAIN;
}

static const struct redis_parted presence_redis_sharded_parted = {
    presence_redis_sharded_parts,      presence_redis_sharded_part_of, presence_redis_sharded_key,
    presence_redis_sharded_connection, presence_redis_sharded_call,    presence_redis_sharded_script,
};

PRESENCE_IN_PARTS(redis_sharded, redis_sharded, presence_redis_sharded_options,
                  presence_redis_sharded_parted)

static const struct presence_traits presence_redis_sharded_traits = {
    .id = {
        .name = "redis_sharded",
        .title = "several Redis servers, shared out by the client: a consistent ring",
        .reference = "Karger et al., Consistent hashing and random trees, STOC 1997",
        .flags = CONTEND_REMOTE,
        .options = presence_redis_sharded_options,
    },
    PRESENCE_TRAITS_IN_STORE(redis_sharded),
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .expiry = "the range below a score, in batches, server by server",
    .max_retain = UINT64_MAX,
};

PRESENCE_STATIC_TRAITS(redis_sharded)

#endif
