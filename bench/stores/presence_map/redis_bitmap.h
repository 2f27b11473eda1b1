/*
 * redis_bitmap.h - a presence map as a ring of Redis' bitmaps, one for each interval of ten seconds.
 *
 * Idea: a client beats every 10 s, so it is enough to know in which interval of 10 s it did so last.
 *   Each interval has a bitmap in which a user is a bit.  A heartbeat in a later interval moves the
 *   bit from one bitmap to the other, so that a count is BITCOUNT of the few bitmaps that are recent
 *   enough, and a sweep deletes whole bitmaps.  The ring has 16 of them: a new interval drops what is
 *   16 intervals old, so that memory stays bounded even if nobody sweeps.
 * Invariant: a user's bit is set in at most one bitmap, that of the interval of its latest heartbeat.
 *   A sorted set names the intervals that have a bitmap, of which none is 16 before the latest.
 * Linearisation points: each operation when the server executes its script.
 * Progress: blocking: the server has one thread for all commands.
 * Read guarantee: to 10 s: never offline early, at most 9,999 ms late.  A count and a walk are one
 *   script, so one instant.  A batch is a pipeline: each element is atomic, the batch is not.  No
 *   last_seen: two minutes of it would not serve what it is asked for, and tens of seconds less so.
 * Cost: one round trip each, or one for each `depth` users of a batch; the script looks into at most
 *   16 bitmaps.  A bit for each id below the largest in each bitmap: 4 or 5 bits an id with a sweeper,
 *   at most 16.  A count reads a bitmap at memory speed, a sweep drops one in one step.
 * Breaks when: ids are not small numbers, since a bitmap is as long as its largest id: one id of 2^32
 *   costs 512 MB; or a heartbeat is more than two minutes behind the latest one (-ERANGE).
 * Use when: a directory has numbered the users, and the question is how many are online.
 * Reference: Redis, SETBIT and BITCOUNT; Spool, "Fast, easy, realtime metrics using Redis bitmaps", 2011.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_BITMAP_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_REDIS_BITMAP_H

#include "bench/stores/redis/presence.h"

enum {
    PRESENCE_REDIS_BITMAP_BEAT,
    PRESENCE_REDIS_BITMAP_SEEN,
    PRESENCE_REDIS_BITMAP_LEAVE,
    PRESENCE_REDIS_BITMAP_SWEEP,
    PRESENCE_REDIS_BITMAP_COUNT,
    PRESENCE_REDIS_BITMAP_WALK
};
enum { PRESENCE_REDIS_BITMAP_INTERVAL = 10000 /* ms */ };
/* ms: as late as a `now` may be, and as long as an entry may be kept; the ring tells 16 intervals. */
enum { PRESENCE_REDIS_BITMAP_MAX_RETAIN = 12 * PRESENCE_REDIS_BITMAP_INTERVAL };

/* The intervals that have a bitmap, the earliest first, and the bitmap of one. */
#define PRESENCE_REDIS_BITMAP_RING                                                                \
    "local ring = redis.call('ZRANGE', KEYS[1], 0, -1) "                                          \
    "local function map(interval) return KEYS[1] .. ':' .. interval end "
/* The place in the ring of the bitmap that has the user, or 0. */
#define PRESENCE_REDIS_BITMAP_WHERE                                                               \
    "local place = #ring "                                                                        \
    "while place > 0 and redis.call('GETBIT', map(ring[place]), ARGV[1]) == 0 do "                 \
    "  place = place - 1 "                                                                        \
    "end "
#define PRESENCE_REDIS_BITMAP_DROP                                                                \
    "local function drop(interval) "                                                              \
    "  redis.call('DEL', map(interval)) redis.call('ZREM', KEYS[1], interval) "                    \
    "end "

static const struct redis_plan presence_redis_bitmap_plan = {
    .few = true,
    .scripts = {
        /* User and time: the number of the interval before and 1, or 0; -1 if it is too late. */
        [PRESENCE_REDIS_BITMAP_BEAT] =
            PRESENCE_REDIS_BITMAP_RING PRESENCE_REDIS_BITMAP_WHERE PRESENCE_REDIS_BITMAP_DROP
            "local at = math.floor(tonumber(ARGV[2]) / 10000) "
            "if tonumber(ring[#ring] or at) - at >= 16 then return -1 end "
            "local last = place > 0 and tonumber(ring[place]) or -1 "
            "if last >= at then return last + 1 end "
            "if place > 0 then redis.call('SETBIT', map(ring[place]), ARGV[1], 0) end "
            "redis.call('SETBIT', map(at), ARGV[1], 1) "
            "redis.call('ZADD', KEYS[1], at, at) "
            "for _, old in ipairs(ring) do "
            "  if at - tonumber(old) >= 16 then "
            "    redis.call('INCRBY', KEYS[1] .. ':dropped', redis.call('BITCOUNT', map(old))) "
            "    drop(old) "
            "  end "
            "end "
            "return last + 1",
        /* User: the number of the interval and 1, or 0. */
        [PRESENCE_REDIS_BITMAP_SEEN] =
            PRESENCE_REDIS_BITMAP_RING PRESENCE_REDIS_BITMAP_WHERE
            "return place > 0 and tonumber(ring[place]) + 1 or 0",
        /* User and time: how many were removed. */
        [PRESENCE_REDIS_BITMAP_LEAVE] =
            PRESENCE_REDIS_BITMAP_RING PRESENCE_REDIS_BITMAP_WHERE
            "if place == 0 or tonumber(ring[place]) * 10000 > tonumber(ARGV[2]) then return 0 end "
            "return redis.call('SETBIT', map(ring[place]), ARGV[1], 0)",
        /* Time and number: removes users of intervals that began before the time, as many as that. */
        [PRESENCE_REDIS_BITMAP_SWEEP] =
            PRESENCE_REDIS_BITMAP_RING PRESENCE_REDIS_BITMAP_DROP
            "local gone, most = 0, tonumber(ARGV[2]) "
            "for _, interval in ipairs(ring) do "
            "  if tonumber(interval) * 10000 >= tonumber(ARGV[1]) then break end "
            "  local users = redis.call('BITCOUNT', map(interval)) "
            "  if gone + users <= most then "
            "    drop(interval) "
            "    gone = gone + users "
            "  else "
            "    while gone < most do "
            "      redis.call('SETBIT', map(interval), redis.call('BITPOS', map(interval), 1), 0) "
            "      gone = gone + 1 "
            "    end "
            "  end "
            "end "
            "return gone",
        /* Time: how many users have beaten in intervals that began at it or later. */
        [PRESENCE_REDIS_BITMAP_COUNT] =
            PRESENCE_REDIS_BITMAP_RING
            "local count = 0 "
            "for _, interval in ipairs(ring) do "
            "  if tonumber(interval) * 10000 >= tonumber(ARGV[1]) then "
            "    count = count + redis.call('BITCOUNT', map(interval)) "
            "  end "
            "end "
            "return count",
        /* Time: the bitmaps of those intervals. */
        [PRESENCE_REDIS_BITMAP_WALK] =
            PRESENCE_REDIS_BITMAP_RING
            "local found = {} "
            "for _, interval in ipairs(ring) do "
            "  if tonumber(interval) * 10000 >= tonumber(ARGV[1]) then "
            "    found[#found + 1] = redis.call('GET', map(interval)) "
            "  end "
            "end "
            "return found",
    },
};

static const struct contend_option presence_redis_bitmap_options[] = {
    REDIS_OPTIONS PRESENCE_REDIS_DEPTH CONTEND_OPTIONS_END
};

/* The sorted set of the intervals; the keys of the bitmaps begin with its name. */
static inline const char *presence_redis_bitmap_key(const struct redis_place *p, char key[REDIS_KEY])
{
    return redis_key(p, "ring", key);
}

static inline void presence_redis_bitmap_locate(const struct redis_place *p,
                                                const struct store_books *books, uint64_t user,
                                                char key[REDIS_KEY], char bit[REDIS_WORD])
{
    (void)books;
    presence_redis_bitmap_key(p, key);
    redis_word_of(user, bit);
}

static const struct presence_redis_way presence_redis_bitmap_way = {
    .locate = presence_redis_bitmap_locate, .script = PRESENCE_REDIS_BITMAP_BEAT,
    .look_script = PRESENCE_REDIS_BITMAP_SEEN, .interval_ms = PRESENCE_REDIS_BITMAP_INTERVAL,
};

PRESENCE_IN_STORE(redis, redis_bitmap, presence_redis_bitmap_options, struct presence_redis_own,
                  presence_redis_depth, &presence_redis_bitmap_plan)
PRESENCE_REDIS_BEATS(redis_bitmap, presence_redis_bitmap_way)

static inline int64_t presence_redis_bitmap_last_seen(struct presence_redis_bitmap *m,
                                                      struct presence_redis_bitmap_handle *h,
                                                      uint64_t user)
{
    (void)m, (void)h, (void)user;
    return -ENOTSUP;
}

static inline int presence_redis_bitmap_leave(struct presence_redis_bitmap *m,
                                              struct presence_redis_bitmap_handle *h, uint64_t user,
                                              uint64_t now)
{
    char key[REDIS_KEY], bit[REDIS_WORD], when[REDIS_WORD];
    const char *const arguments[] = { redis_word_of(user, bit), redis_word_of(now, when) };
    int64_t removed = 0;
    int error = store_books_check(&m->books, user, now);

    if (error)
        return error;
    error = redis_script_number(&h->link, PRESENCE_REDIS_BITMAP_LEAVE,
                                presence_redis_bitmap_key(&m->place, key), arguments, 2, &removed);
    store_books_add(&m->books.left, error ? 0 : (uint64_t)removed);
    return error ? error : (int)removed;
}

static inline int64_t presence_redis_bitmap_sweep(struct presence_redis_bitmap *m,
                                                  struct presence_redis_bitmap_handle *h,
                                                  uint64_t now, uint64_t budget, bool *complete)
{
    char key[REDIS_KEY], before[REDIS_WORD], most[REDIS_WORD];
    const char *const arguments[] = { redis_word(store_books_due_before(&m->books, now), before),
                                      redis_word_of(budget, most) };
    int64_t gone = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    int error = redis_script_number(&h->link, PRESENCE_REDIS_BITMAP_SWEEP,
                                    presence_redis_bitmap_key(&m->place, key), arguments, 2, &gone);
    if (error)
        return error;
    store_books_add(&m->books.swept, (uint64_t)gone);
    *complete = (uint64_t)gone < budget;
    return gone;
}

/* How many users have beaten at the time `from`, to its interval, or later. */
static inline int presence_redis_bitmap_since(struct redis_link *l, int64_t from, int64_t *count)
{
    char key[REDIS_KEY], since[REDIS_WORD];
    const char *const arguments[] = { redis_word(from, since) };

    return redis_script_number(l, PRESENCE_REDIS_BITMAP_COUNT,
                               presence_redis_bitmap_key(l->place, key), arguments, 1, count);
}

static inline int64_t presence_redis_bitmap_count_online(struct presence_redis_bitmap *m,
                                                         struct presence_redis_bitmap_handle *h,
                                                         uint64_t now)
{
    int64_t count = 0;

    if (!presence_valid_now(now))
        return -EINVAL;
    int error = presence_redis_bitmap_since(&h->link, store_books_online_from(&m->books, now), &count);
    return error ? error : count;
}

/* Redis' bit 0 is the highest of the first byte. */
static inline int presence_redis_bitmap_visit(const redisReply *bitmap, presence_visit fn, void *ctx)
{
    int result = 0;

    for (size_t i = 0; i < bitmap->len && !result; i++)
        for (unsigned bit = 0; bitmap->str[i] && bit < 8 && !result; bit++)
            if ((unsigned char)bitmap->str[i] >> (7 - bit) & 1)
                result = fn(ctx, (uint64_t)i * 8 + bit, 0);
    return result;
}

/* One script, whose answer is all recent bitmaps. */
static inline int presence_redis_bitmap_for_each_online(struct presence_redis_bitmap *m,
                                                        struct presence_redis_bitmap_handle *h,
                                                        uint64_t now, presence_visit fn, void *ctx)
{
    char key[REDIS_KEY], from[REDIS_WORD];
    const char *const arguments[] = { redis_word(store_books_online_from(&m->books, now), from) };
    redisReply *reply;

    if (!presence_valid_now(now))
        return -EINVAL;
    int result = redis_script(&h->link, PRESENCE_REDIS_BITMAP_WALK,
                              presence_redis_bitmap_key(&m->place, key), arguments, 1, &reply);
    if (!result && reply->type != REDIS_REPLY_ARRAY)
        result = -EIO;
    for (size_t i = 0; !result && i < reply->elements; i++)
        if (reply->element[i]->type == REDIS_REPLY_STRING)
            result = presence_redis_bitmap_visit(reply->element[i], fn, ctx);
    freeReplyObject(reply);
    return result;
}

static inline void presence_redis_bitmap_stats(struct presence_redis_bitmap *m,
                                               struct presence_stats *out)
{
    struct redis_link link = { .place = &m->place };
    char key[REDIS_KEY];
    const char *const dropped[] = { "GET", redis_key(&m->place, "ring:dropped", key) };
    int64_t count = 0;

    store_books_read(&m->books, out);
    out->swept += redis_place_ask(&m->place, dropped, 2); /* by heartbeats: P22 */
    if (presence_redis_bitmap_since(&link, 0, &count) == 0)
        out->entries = (uint64_t)count;
    redis_link_close(&link);
    out->bytes = sizeof *m;
}

static const struct presence_traits presence_redis_bitmap_traits = {
    .id = {
        .name = "redis_bitmap",
        .title = "a ring of Redis' bitmaps, one for each interval of ten seconds",
        .reference = "Redis, SETBIT and BITCOUNT",
        .flags = CONTEND_REMOTE,
        .options = presence_redis_bitmap_options,
    },
    .heartbeat = STORE_PROGRESS, .insert = STORE_PROGRESS, .is_online = STORE_PROGRESS,
    .last_seen = CONTEND_WAIT_FREE, .leave = STORE_PROGRESS, .sweep = STORE_PROGRESS,
    .walk = STORE_PROGRESS, .backlog = PRESENCE_BACKLOG_NONE,
    .granularity_ms = PRESENCE_REDIS_BITMAP_INTERVAL,
    .max_span = PRESENCE_MAX_NOW,
    .ids = PRESENCE_IDS_DENSE,
    .max_user = UINT32_MAX, /* the longest string of Redis has 2^32 bits */
    .features = 0,
    .expiry = "a whole bitmap at a time; heartbeats drop what is 16 intervals old",
    .max_retain = PRESENCE_REDIS_BITMAP_MAX_RETAIN,
    .bytes_fixed = sizeof(struct presence_redis_bitmap),
};

PRESENCE_STATIC_TRAITS(redis_bitmap)

#endif
