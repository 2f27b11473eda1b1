/*
 * redis_hash.h - a presence map as small hashes of Redis: 128 neighbours share one.
 *
 * Idea: what a key costs is shared.  Redis keeps a hash of up to 128 short fields as one packed
 *   string, so users whose numbers differ in the last seven bits lie together.  A set names the
 *   hashes that have any users, so that a walk finds them.  Nothing expires by itself.
 * Invariant: a field is the latest heartbeat of its user, and a hash that has fields is in the set.
 * Linearisation points: an operation on one user when the server executes its command or script.
 * Progress: blocking: the server has one thread for all commands.
 * Read guarantee: exact for one user.  A count and a walk go from hash to hash.  A batch is a
 *   pipeline: each element is atomic, the batch is not.
 * Cost: one round trip each, or one for each `depth` users of a batch.  Some 12 bytes a user if
 *   numbers are dense.  A sweep, a count and a walk look at every user.
 * Breaks when: ids are sparse: each has a hash of its own then, and costs more than a plain key.
 *   Fields cannot expire by themselves before Redis 7.4.
 * Use when: many users with dense numbers, and memory is what costs.
 * Reference: Redis, Memory optimization: using hashes.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_HASH_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_HASH_H

#include "bench/stores/redis/presence.h"

enum {
    PRESENCE_REDIS_HASH_BEAT,
    PRESENCE_REDIS_HASH_LEAVE,
    PRESENCE_REDIS_HASH_SWEEP,
    PRESENCE_REDIS_HASH_COUNT
};
enum { PRESENCE_REDIS_HASH_BITS = 7 }; /* of a user's number, which are the field */

/* The set is named after the hash, whose number is the end of its key. */
#define PRESENCE_REDIS_HASH_NAMES "local at, id = string.match(KEYS[1], '^(.*h):(%d+)$') "
static const struct redis_plan presence_redis_hash_plan = {
    .scripts = {
        /* Field and time: the time before, or 0. */
        [PRESENCE_REDIS_HASH_BEAT] =
            PRESENCE_REDIS_HASH_NAMES
            "local before = redis.call('HGET', KEYS[1], ARGV[1]) "
            "if not before then redis.call('SADD', at, id) end "
            "if not before or tonumber(before) < tonumber(ARGV[2]) then "
            "  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) "
            "end "
            "return before or '0'",
        /* Field and time: how many were removed. */
        [PRESENCE_REDIS_HASH_LEAVE] =
            PRESENCE_REDIS_HASH_NAMES
            "local last = redis.call('HGET', KEYS[1], ARGV[1]) "
            "if not last or tonumber(last) > tonumber(ARGV[2]) then return 0 end "
            "redis.call('HDEL', KEYS[1], ARGV[1]) "
            "if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', at, id) end "
            "return 1",
        /* Time and number: removes fields before the time, as many as that. */
        [PRESENCE_REDIS_HASH_SWEEP] =
            PRESENCE_REDIS_HASH_NAMES
            "local all, gone = redis.call('HGETALL', KEYS[1]), 0 "
            "for i = 1, #all, 2 do "
            "  if gone < tonumber(ARGV[2]) and tonumber(all[i + 1]) < tonumber(ARGV[1]) then "
            "    gone = gone + redis.call('HDEL', KEYS[1], all[i]) "
            "  end "
            "end "
            "if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', at, id) end "
            "return gone",
        /* Time: how many fields are not before it. */
        [PRESENCE_REDIS_HASH_COUNT] =
            "local count = 0 "
            "for _, time in ipairs(redis.call('HVALS', KEYS[1])) do "
            "  if tonumber(time) >= tonumber(ARGV[1]) then count = count + 1 end "
            "end "
            "return count",
    },
};

static inline void presence_redis_hash_locate(const struct redis_place *p,
                                              const struct store_books *books, uint64_t user,
                                              char key[REDIS_KEY], char field[REDIS_WORD])
{
    char stem[REDIS_WORD + 2] = "h:";

    (void)books;
    redis_word_of(user >> PRESENCE_REDIS_HASH_BITS, stem + 2);
    redis_key(p, stem, key);
    redis_word_of(user & ((1u << PRESENCE_REDIS_HASH_BITS) - 1), field);
}

static const struct presence_redis_way presence_redis_hash_way = {
    .locate = presence_redis_hash_locate, .script = PRESENCE_REDIS_HASH_BEAT, .look = "HGET",
    .look_words = 3,
};

PRESENCE_IN_STORE(redis, redis_hash, presence_redis_options, struct presence_redis_own,
                  presence_redis_settings, &presence_redis_hash_plan)
PRESENCE_REDIS_BEATS(redis_hash, presence_redis_hash_way)
PRESENCE_REDIS_SEEN(redis_hash, presence_redis_hash_way)

static inline int presence_redis_hash_leave(struct presence_redis_hash *m,
                                            struct presence_redis_hash_handle *h, uint64_t user,
                                            uint64_t now)
{
    char key[REDIS_KEY], field[REDIS_WORD], when[REDIS_WORD];
    const char *const arguments[] = { field, redis_word_of(now, when) };
    int64_t removed = 0;

    if (presence_check(user, now))
        return -EINVAL;
    presence_redis_hash_locate(&m->place, &m->books, user, key, field);
    int error = redis_script_number(&h->link, PRESENCE_REDIS_HASH_LEAVE, key, arguments, 2, &removed);
    store_books_add(&m->books.left, error ? 0 : (uint64_t)removed);
    return error ? error : (int)removed;
}

/* Calls visit(ctx, m, h, key, first) for the key of every hash and the first user in it. */
static inline int presence_redis_hash_each(struct presence_redis_hash *m,
                                           struct presence_redis_hash_handle *h,
                                           int (*visit)(void *ctx, struct presence_redis_hash *m,
                                                        struct presence_redis_hash_handle *h,
                                                        const char *key, uint64_t first),
                                           void *ctx)
{
    char key[REDIS_KEY], field[REDIS_WORD];
    const char *const words[] = { "SMEMBERS", redis_key(&m->place, "h", key) };
    redisReply *reply;
    int result = redis_call(&h->link, words, 2, &reply);

    if (!result && reply->type != REDIS_REPLY_ARRAY)
        result = -EIO;
    for (size_t i = 0; !result && i < reply->elements; i++) {
        uint64_t first = strtoull(reply->element[i]->str, NULL, 10) << PRESENCE_REDIS_HASH_BITS;
        presence_redis_hash_locate(&m->place, &m->books, first, key, field);
        result = visit(ctx, m, h, key, first);
    }
    freeReplyObject(reply);
    return result;
}

struct presence_redis_hash_sum {
    int64_t time;
    uint64_t budget;
    int64_t sum;
    bool spent; /* the budget was */
};

static inline int presence_redis_hash_sweep_one(void *ctx, struct presence_redis_hash *m,
                                                struct presence_redis_hash_handle *h, const char *key,
                                                uint64_t first)
{
    struct presence_redis_hash_sum *s = ctx;
    char before[REDIS_WORD], most[REDIS_WORD];
    const char *const arguments[] = { redis_word(s->time, before), redis_word_of(s->budget, most) };
    int64_t gone = 0;

    (void)first;
    int error = redis_script_number(&h->link, PRESENCE_REDIS_HASH_SWEEP, key, arguments, 2, &gone);
    if (error)
        return error;
    store_books_add(&m->books.swept, (uint64_t)gone);
    s->sum += gone;
    s->budget -= (uint64_t)gone;
    s->spent = s->budget == 0;
    return s->spent;
}

/* Hash by hash, so that the server serves others in between; what is left is found by the next. */
static inline int64_t presence_redis_hash_sweep(struct presence_redis_hash *m,
                                                struct presence_redis_hash_handle *h, uint64_t now,
                                                uint64_t budget, bool *complete)
{
    struct presence_redis_hash_sum s = { .time = store_books_due_before(&m->books, now),
                                         .budget = budget };

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    if (budget == 0)
        return 0;
    int result = presence_redis_hash_each(m, h, presence_redis_hash_sweep_one, &s);
    *complete = result == 0;
    return result < 0 && s.sum == 0 ? result : s.sum;
}

static inline int presence_redis_hash_count_one(void *ctx, struct presence_redis_hash *m,
                                                struct presence_redis_hash_handle *h, const char *key,
                                                uint64_t first)
{
    struct presence_redis_hash_sum *s = ctx;
    char from[REDIS_WORD];
    const char *const arguments[] = { redis_word(s->time, from) };
    int64_t count = 0;

    (void)m, (void)first;
    int error = redis_script_number(&h->link, PRESENCE_REDIS_HASH_COUNT, key, arguments, 1, &count);
    s->sum += count;
    return error;
}

static inline int64_t presence_redis_hash_count_online(struct presence_redis_hash *m,
                                                       struct presence_redis_hash_handle *h,
                                                       uint64_t now)
{
    struct presence_redis_hash_sum s = { .time = store_books_online_from(&m->books, now) };

    if (!presence_valid_now(now))
        return -EINVAL;
    int error = presence_redis_hash_each(m, h, presence_redis_hash_count_one, &s);
    return error ? error : s.sum;
}

struct presence_redis_hash_walk {
    presence_visit fn;
    void *ctx;
    uint64_t from;
};

static inline int presence_redis_hash_walk_one(void *ctx, struct presence_redis_hash *m,
                                               struct presence_redis_hash_handle *h, const char *key,
                                               uint64_t first)
{
    const struct presence_redis_hash_walk *walk = ctx;
    const char *const words[] = { "HGETALL", key };
    redisReply *reply;
    int result = redis_call(&h->link, words, 2, &reply);

    (void)m;
    if (!result && reply->type != REDIS_REPLY_ARRAY)
        result = -EIO;
    for (size_t i = 0; !result && i + 1 < reply->elements; i += 2) {
        uint64_t seen = strtoull(reply->element[i + 1]->str, NULL, 10);
        if (seen >= walk->from)
            result = walk->fn(walk->ctx, first + strtoull(reply->element[i]->str, NULL, 10), seen);
    }
    freeReplyObject(reply);
    return result;
}

static inline int presence_redis_hash_for_each_online(struct presence_redis_hash *m,
                                                      struct presence_redis_hash_handle *h,
                                                      uint64_t now, presence_visit fn, void *ctx)
{
    struct presence_redis_hash_walk walk = { fn, ctx,
                                             (uint64_t)store_books_online_from(&m->books, now) };

    if (!presence_valid_now(now))
        return -EINVAL;
    return presence_redis_hash_each(m, h, presence_redis_hash_walk_one, &walk);
}

static inline void presence_redis_hash_stats(struct presence_redis_hash *m, struct presence_stats *out)
{
    struct presence_redis_hash_handle handle = { .link = { .place = &m->place } };
    struct presence_redis_hash_sum s = { .time = 0 };

    store_books_read(&m->books, out);
    if (presence_redis_hash_each(m, &handle, presence_redis_hash_count_one, &s) == 0)
        out->entries = (uint64_t)s.sum;
    redis_link_close(&handle.link);
    out->bytes = sizeof *m;
}

static const struct presence_traits presence_redis_hash_traits = {
    .id = {
        .name = "redis_hash",
        .title = "small hashes of Redis, each of 128 neighbours",
        .reference = "Redis, Memory optimization",
        .flags = CONTEND_REMOTE,
        .options = presence_redis_options,
    },
    PRESENCE_TRAITS_IN_STORE(redis_hash),
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .expiry = "every hash is looked through",
    .max_retain = UINT64_MAX,
};

PRESENCE_STATIC_TRAITS(redis_hash)

#endif
