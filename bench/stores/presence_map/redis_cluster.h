/*
 * redis_cluster.h - a presence map in a Redis Cluster: sorted sets whose slots several masters share.
 *
 * Idea: one server's thread is a limit, so the users are shared out among `parts` sorted sets as
 *   redis_zset.h has one, and a part's number in braces, a hash tag, names the slot that it is in.
 *   Each of the masters serves a third of the 16,384 slots.  The client computes the slot (CRC16), asks
 *   its owner, and follows MOVED and ASK where slots have moved.
 * Invariant: a user's part never changes, and its member's score is the latest heartbeat of its user.
 * Linearisation points: each operation on one user when the slot's owner executes its command or script.
 * Progress: blocking: each master has one thread for all commands.
 * Read guarantee: exact for one user, while its master lives.  A count and a walk go from part to part.
 *   A batch is a pipeline to each master: each element is atomic, the batch is not.
 * Cost: one round trip each, or one to each master for each `depth` users of a batch.  A count, a walk
 *   and a sweep take a round trip for each part.
 * Breaks when: a master dies that has no replica: its users cannot be asked for (-EAGAIN), and are
 *   offline when it is back, until they beat.  A replica that took over would lose what had not reached
 *   it, since Redis acknowledges before it replicates.  A count needs every master.
 * Use when: one server's thread or memory is not enough, and a third of the users may be away for a
 *   while.
 * Reference: Redis cluster specification.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_CLUSTER_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_CLUSTER_H

#include "bench/stores/redis/cluster.h"
#include "bench/stores/redis/parted.h"
#include "locks/parts/hash.h"

static const struct contend_option presence_redis_cluster_options[] = {
    REDIS_CLUSTER_PARTS PRESENCE_REDIS_OPTIONS CONTEND_OPTIONS_END
};

static inline unsigned presence_redis_cluster_parts(const void *place)
{
    return ((const struct redis_cluster_place *)place)->parts;
}

static inline unsigned presence_redis_cluster_part_of(const void *place, uint64_t user)
{
    return (unsigned)(presence_hash(user, 0) % presence_redis_cluster_parts(place));
}

static inline const char *presence_redis_cluster_key(const void *place, unsigned part,
                                                     char key[REDIS_KEY])
{
    char stem[REDIS_WORD];

    snprintf(stem, sizeof stem, "{%u}", part);
    return redis_key(&((const struct redis_cluster_place *)place)->redis, stem, key);
}

static inline struct redis_link *presence_redis_cluster_connection(void *link, unsigned part)
{
    struct redis_cluster_link *l = link;
    char key[REDIS_KEY];

    return redis_cluster_owner(l, presence_redis_cluster_key(l->place, part, key));
}

static inline int presence_redis_cluster_call(void *link, unsigned part, const char *key,
                                              const char *const *words, unsigned count,
                                              redisReply **reply)
{
    (void)part;
    return redis_cluster_call(link, key, words, count, reply);
}

static inline int presence_redis_cluster_script(void *link, unsigned part, unsigned script,
                                                const char *key, const char *const *arguments,
                                                unsigned count, redisReply **reply)
{
    (void)part;
    return redis_cluster_script(link, script, key, arguments, count, reply);
}

static const struct redis_parted presence_redis_cluster_parted = {
    presence_redis_cluster_parts,      presence_redis_cluster_part_of, presence_redis_cluster_key,
    presence_redis_cluster_connection, presence_redis_cluster_call,    presence_redis_cluster_script,
};

PRESENCE_IN_PARTS(redis_cluster, redis_cluster, presence_redis_cluster_options,
                  presence_redis_cluster_parted)

static const struct presence_traits presence_redis_cluster_traits = {
    .id = {
        .name = "redis_cluster",
        .title = "a Redis Cluster: sorted sets whose slots three masters share",
        .reference = "Redis cluster specification",
        .flags = CONTEND_REMOTE,
        .options = presence_redis_cluster_options,
    },
    PRESENCE_TRAITS_IN_STORE(redis_cluster),
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .expiry = "the range below a score, in batches, part by part",
    .max_retain = UINT64_MAX,
};

PRESENCE_STATIC_TRAITS(redis_cluster)

#endif
