/*
 * redis_ttl.h - a presence map as keys of Redis that expire: the design of the textbook.
 *
 * Idea: SET user 1 EX 30, and the server forgets by itself.  A user is online while the key exists.
 *   Here the value is the caller's time, which is only recorded, and the time to live runs from the
 *   arrival of the heartbeat at the server, by the server's clock.
 * Invariant: a key exists for TTL + retention after the last heartbeat of its user.
 * Linearisation points: each operation when the server executes its command.
 * Progress: blocking: the server has one thread for all commands.
 * Read guarantee: by the server's clock, exact to its milliseconds: an expired key is gone for every
 *   reader at once.  `now` decides nothing, so that an old heartbeat makes its user online.
 * Cost: one round trip each, or one for each `depth` users of a batch.  100 bytes a user, of which 8
 *   are the data.  A count and a walk look at every key (SCAN).
 * Breaks when: counts or lists are wanted; or 100,000 keys expire at once: the server takes at most a
 *   quarter of its time for it, and memory comes back late.
 * Use when: is_online is all that is asked, and nobody wants to write a sweeper.
 * Reference: Redis, EXPIRE.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_TTL_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_TTL_H

#include "bench/stores/redis/presence.h"

enum { PRESENCE_REDIS_TTL_BEAT, PRESENCE_REDIS_TTL_LEAVE };

static const struct redis_plan presence_redis_ttl_plan = {
    .scripts = {
        /* How long the key shall live and the caller's time: how long it still lived, or -2. */
        [PRESENCE_REDIS_TTL_BEAT] = "local left = redis.call('PTTL', KEYS[1]) "
                                    "redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[1]) "
                                    "return left",
        /* The caller's time: how many were removed. */
        [PRESENCE_REDIS_TTL_LEAVE] =
            "local last = redis.call('GET', KEYS[1]) "
            "if last and tonumber(last) <= tonumber(ARGV[1]) then return redis.call('DEL', KEYS[1]) end "
            "return 0",
    },
};

/* A key for each user, and how long it lives. */
static inline void presence_redis_ttl_locate(const struct redis_place *p,
                                             const struct store_books *books, uint64_t user,
                                             char key[REDIS_KEY], char life[REDIS_WORD])
{
    char stem[REDIS_WORD + 1] = "u";

    redis_word_of(user, stem + 1);
    redis_key(p, stem, key);
    redis_word_of(books->kept_ms, life);
}

static const struct presence_redis_way presence_redis_ttl_way = {
    .locate = presence_redis_ttl_locate, .script = PRESENCE_REDIS_TTL_BEAT, .look = "PTTL",
    .look_words = 2, .own_clock = true,
};

PRESENCE_IN_STORE(redis, redis_ttl, presence_redis_options, struct presence_redis_own,
                  presence_redis_settings, &presence_redis_ttl_plan)
PRESENCE_REDIS_BEATS(redis_ttl, presence_redis_ttl_way)

static inline int64_t presence_redis_ttl_last_seen(struct presence_redis_ttl *m,
                                                   struct presence_redis_ttl_handle *h, uint64_t user)
{
    char key[REDIS_KEY], life[REDIS_WORD];
    const char *const words[] = { "GET", key };
    int64_t seen = 0;

    if (!presence_valid_user(user))
        return -EINVAL;
    presence_redis_ttl_locate(&m->place, &m->books, user, key, life);
    int error = redis_number(&h->link, words, 2, &seen);
    return error ? error : seen;
}

static inline int presence_redis_ttl_leave(struct presence_redis_ttl *m,
                                           struct presence_redis_ttl_handle *h, uint64_t user,
                                           uint64_t now)
{
    char key[REDIS_KEY], life[REDIS_WORD], when[REDIS_WORD];
    const char *const arguments[] = { redis_word_of(now, when) };
    int64_t removed = 0;

    if (presence_check(user, now))
        return -EINVAL;
    presence_redis_ttl_locate(&m->place, &m->books, user, key, life);
    int error = redis_script_number(&h->link, PRESENCE_REDIS_TTL_LEAVE, key, arguments, 1, &removed);
    store_books_add(&m->books.left, error ? 0 : (uint64_t)removed);
    return error ? error : (int)removed;
}

/* The server does it. */
static inline int64_t presence_redis_ttl_sweep(struct presence_redis_ttl *m,
                                               struct presence_redis_ttl_handle *h, uint64_t now,
                                               uint64_t budget, bool *complete)
{
    (void)m, (void)h, (void)budget;
    *complete = presence_valid_now(now);
    return presence_valid_now(now) ? 0 : -EINVAL;
}

/* The users that SCAN has found, some of them twice. */
struct presence_redis_ttl_found {
    uint64_t *users;
    size_t count, size;
    size_t prefix; /* bytes of a key before the user's number */
};

static inline int presence_redis_ttl_note(void *ctx, struct redis_link *l, const redisReply *keys)
{
    struct presence_redis_ttl_found *found = ctx;

    (void)l;
    if (found->count + keys->elements > found->size) {
        size_t size = 2 * found->size + keys->elements;
        uint64_t *more = realloc(found->users, size * sizeof *more);
        if (!more)
            return -ENOMEM;
        found->users = more;
        found->size = size;
    }
    for (size_t i = 0; i < keys->elements; i++)
        found->users[found->count++] = strtoull(keys->element[i]->str + found->prefix, NULL, 10);
    return 0;
}

static inline int presence_redis_ttl_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Each user once; all that are online during the whole call are found by SCAN. */
static inline int presence_redis_ttl_for_each_online(struct presence_redis_ttl *m,
                                                     struct presence_redis_ttl_handle *h,
                                                     uint64_t now, presence_visit fn, void *ctx)
{
    struct presence_redis_ttl_found found = { .prefix = strlen(m->place.prefix) + 1 };

    if (!presence_valid_now(now))
        return -EINVAL;
    int result = redis_scan(&h->link, presence_redis_ttl_note, &found);
    if (!result && found.count)
        qsort(found.users, found.count, sizeof *found.users, presence_redis_ttl_compare);
    for (size_t i = 0; i < found.count && !result; i++) {
        if (i && found.users[i] == found.users[i - 1])
            continue;
        int online = presence_redis_ttl_is_online(m, h, found.users[i], now);
        int64_t seen = online == 1 ? presence_redis_ttl_last_seen(m, h, found.users[i]) : online;
        if (seen > 0)
            result = fn(ctx, found.users[i], (uint64_t)seen);
        else if (seen < 0 && seen != -ENOENT) /* it may have expired since */
            result = (int)seen;
    }
    free(found.users);
    return result;
}

PRESENCE_COUNT_BY_WALK(redis_ttl)

static inline void presence_redis_ttl_stats(struct presence_redis_ttl *m, struct presence_stats *out)
{
    struct redis_link link = { .place = &m->place };
    struct presence_redis_ttl_found found = { .prefix = strlen(m->place.prefix) + 1 };

    store_books_read(&m->books, out);
    if (redis_scan(&link, presence_redis_ttl_note, &found) == 0 && found.count) {
        qsort(found.users, found.count, sizeof *found.users, presence_redis_ttl_compare);
        for (size_t i = 0; i < found.count; i++)
            out->entries += i == 0 || found.users[i] != found.users[i - 1];
    }
    free(found.users);
    redis_link_close(&link);
    out->bytes = sizeof *m;
}

static const struct presence_traits presence_redis_ttl_traits = {
    .id = {
        .name = "redis_ttl",
        .title = "keys of Redis that expire by themselves: SET user 1 PX 30000",
        .reference = "Redis, EXPIRE",
        .flags = CONTEND_REMOTE | CONTEND_REAL_TIME,
        .options = presence_redis_options,
    },
    PRESENCE_TRAITS_IN_STORE(redis_ttl),
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN | PRESENCE_SWEEP_MAY_MISS,
    .expiry = "by the server, which samples 20 keys 10 times a second",
    .max_retain = PRESENCE_MAX_NOW,
};

PRESENCE_STATIC_TRAITS(redis_ttl)

#endif
