/*
 * redis_zset.h - a presence map as a sorted set of Redis: users by the time of their last heartbeat.
 *
 * Idea: the score is the time.  ZADD GT keeps the later of two times; who is online is a range of
 *   scores, to be counted in logarithmic time, and a sweep removes the range below.  Nothing
 *   expires by itself.
 * Invariant: a member's score is the latest heartbeat of its user.
 * Linearisation points: each operation when the server executes its command or script.
 * Progress: blocking: the server has one thread for all commands.
 * Read guarantee: exact.  A count and a walk are one command, so one instant.  A batch is a pipeline:
 *   each element is atomic, the batch is not.
 * Cost: one round trip each, or one for each `depth` users of a batch, which is what one Mu needs.
 *   About 104 bytes a user: a skip list and a hash table.
 * Breaks when: one server's thread is not enough: then the set is to be split by users.
 * Use when: counts, lists and sweeps by time are wanted, exactly, from several processes.
 * Reference: Redis, ZADD and ZCOUNT; Pugh, Skip Lists, 1990.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_ZSET_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_ZSET_H

#include "bench/stores/redis/presence.h"
#include "bench/stores/redis/zset.h"

PRESENCE_IN_STORE(redis, redis_zset, presence_redis_options, struct presence_redis_own,
                  presence_redis_settings, &redis_zset_plan)

/* One key for all, in which a user is a member. */
static inline const char *presence_redis_zset_key(const struct redis_place *p, char key[REDIS_KEY])
{
    return redis_key(p, "online", key);
}

static inline void presence_redis_zset_locate(const struct redis_place *p,
                                              const struct store_books *books, uint64_t user,
                                              char key[REDIS_KEY], char member[REDIS_WORD])
{
    (void)books;
    presence_redis_zset_key(p, key);
    redis_word_of(user, member);
}

static const struct presence_redis_way presence_redis_zset_way = {
    .locate = presence_redis_zset_locate, .script = REDIS_ZSET_BEAT, .look = "ZSCORE",
    .look_words = 3,
};

PRESENCE_REDIS_BEATS(redis_zset, presence_redis_zset_way)
PRESENCE_REDIS_SEEN(redis_zset, presence_redis_zset_way)

static inline int presence_redis_zset_leave(struct presence_redis_zset *m,
                                            struct presence_redis_zset_handle *h, uint64_t user,
                                            uint64_t now)
{
    char key[REDIS_KEY], who[REDIS_WORD], when[REDIS_WORD];
    const char *const arguments[] = { redis_word_of(user, who), redis_word_of(now, when) };
    int64_t removed = 0;

    if (presence_check(user, now))
        return -EINVAL;
    int error = redis_script_number(&h->link, REDIS_ZSET_LEAVE,
                                    presence_redis_zset_key(&m->place, key), arguments, 2, &removed);
    store_books_add(&m->books.left, error ? 0 : (uint64_t)removed);
    return error ? error : (int)removed;
}

/* In batches, so that the server serves others in between. */
static inline int64_t presence_redis_zset_sweep(struct presence_redis_zset *m,
                                                struct presence_redis_zset_handle *h, uint64_t now,
                                                uint64_t budget, bool *complete)
{
    char key[REDIS_KEY], before[REDIS_WORD], many[REDIS_WORD];
    int64_t removed = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    redis_word(store_books_due_before(&m->books, now), before);
    while (!*complete && budget > 0) {
        uint64_t most = budget < m->own.sweep_batch ? budget : m->own.sweep_batch;
        const char *const arguments[] = { before, redis_word_of(most, many) };
        int64_t gone = 0;
        int error = redis_script_number(&h->link, REDIS_ZSET_SWEEP,
                                        presence_redis_zset_key(&m->place, key), arguments, 2, &gone);
        if (error)
            return removed ? removed : error;
        store_books_add(&m->books.swept, (uint64_t)gone);
        removed += gone;
        budget -= (uint64_t)gone;
        *complete = (uint64_t)gone < most;
    }
    return removed;
}

static inline int64_t presence_redis_zset_count_online(struct presence_redis_zset *m,
                                                       struct presence_redis_zset_handle *h,
                                                       uint64_t now)
{
    char key[REDIS_KEY], from[REDIS_WORD];
    int64_t count = 0;

    if (!presence_valid_now(now))
        return -EINVAL;
    const char *const words[] = { "ZCOUNT", presence_redis_zset_key(&m->place, key),
                                  redis_word(store_books_online_from(&m->books, now), from), "+inf" };
    int error = redis_number(&h->link, words, 4, &count);
    return error ? error : count;
}

/* One command, whose answer is as long as the users online are many. */
static inline int presence_redis_zset_for_each_online(struct presence_redis_zset *m,
                                                      struct presence_redis_zset_handle *h,
                                                      uint64_t now, presence_visit fn, void *ctx)
{
    char key[REDIS_KEY], from[REDIS_WORD];
    redisReply *reply;

    if (!presence_valid_now(now))
        return -EINVAL;
    const char *const words[] = { "ZRANGE", presence_redis_zset_key(&m->place, key),
                                  redis_word(store_books_online_from(&m->books, now), from), "+inf",
                                  "BYSCORE", "WITHSCORES" };
    int result = redis_call(&h->link, words, 6, &reply);
    if (!result && reply->type != REDIS_REPLY_ARRAY)
        result = -EIO;
    for (size_t i = 0; !result && i + 1 < reply->elements; i += 2)
        result = fn(ctx, strtoull(reply->element[i]->str, NULL, 10),
                    strtoull(reply->element[i + 1]->str, NULL, 10));
    freeReplyObject(reply);
    return result;
}

static inline void presence_redis_zset_stats(struct presence_redis_zset *m,
                                             struct presence_stats *out)
{
    char key[REDIS_KEY];
    const char *const words[] = { "ZCARD", presence_redis_zset_key(&m->place, key) };

    store_books_read(&m->books, out);
    out->entries = redis_place_ask(&m->place, words, 2);
    out->bytes = sizeof *m;
}

static const struct presence_traits presence_redis_zset_traits = {
    .id = {
        .name = "redis_zset",
        .title = "a sorted set of Redis: users by the time of their last heartbeat",
        .reference = "Pugh, Skip Lists, 1990; Redis, ZADD and ZCOUNT",
        .flags = CONTEND_REMOTE,
        .options = presence_redis_options,
    },
    PRESENCE_TRAITS_IN_STORE(redis_zset),
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .expiry = "the range below a score, in batches",
    .max_retain = UINT64_MAX,
};

PRESENCE_STATIC_TRAITS(redis_zset)

#endif
