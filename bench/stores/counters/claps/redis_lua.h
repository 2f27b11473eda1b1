/*
 * redis_lua.h - bounded claps in Redis: a hash for each post, and a script that keeps the bound.
 *
 * Idea: what each reader has given and the post's total are fields of one hash, so that one script
 *   changes both, and nothing of another post is touched.  The server executes it as one command.
 * Invariant: between two commands the field `total` is the sum of the readers' fields, each of
 *   them 0 to 50; or the hash has nothing but the field `gone`.
 * Linearisation points: each operation when the server executes its command.
 * Progress: blocking: the server has one thread for all commands.
 * Read guarantee: linearizable, grants and totals.
 * Cost: one round trip each.  A reader is some 12 bytes while the hash is a listpack, up to 128
 *   fields, and about 60 beyond.
 * Breaks when: the claps must survive the server: by default Redis writes to disk later, or not.
 * Use when: several processes clap, and Redis is there already.
 * Reference: Redis, EVALSHA and HINCRBY.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_CLAPS_REDIS_LUA_H
#define CONTEND_BENCH_STORES_COUNTERS_CLAPS_REDIS_LUA_H

#include "bench/stores/claps.h"
#include "bench/stores/redis/place.h"

static const struct contend_option claps_redis_lua_options[] = {
    REDIS_OPTIONS CONTEND_OPTIONS_END
};

enum { CLAPS_REDIS_MOVE, CLAPS_REDIS_BURY };

/* Both answer nil for a post that is gone. */
static const struct redis_plan claps_redis_lua_plan = {
    .scripts = {
        [CLAPS_REDIS_MOVE] =
            "if redis.call('HEXISTS', KEYS[1], 'gone') == 1 then return false end "
            "local had = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0') "
            "local has = math.max(0, math.min(50, had + tonumber(ARGV[2]))) "
            "if has ~= had then "
            "  redis.call('HSET', KEYS[1], ARGV[1], has) "
            "  redis.call('HINCRBY', KEYS[1], 'total', has - had) "
            "end "
            "return has - had",
        [CLAPS_REDIS_BURY] =
            "if redis.call('HEXISTS', KEYS[1], 'gone') == 1 then return false end "
            "local total = tonumber(redis.call('HGET', KEYS[1], 'total') or '0') "
            "redis.call('DEL', KEYS[1]) "
            "redis.call('HSET', KEYS[1], 'gone', 1) "
            "return total",
    },
};

CLAPS_IN_STORE(redis, redis_lua, claps_redis_lua_options)

static inline const char *claps_redis_lua_key(const struct redis_place *p, uint64_t post,
                                              char key[REDIS_KEY])
{
    char stem[REDIS_WORD + 1] = "p";

    redis_word_of(post, stem + 1);
    return redis_key(p, stem, key);
}

/* Moves the reader's claps by n, within the bound, and says by how many they have moved. */
static inline int claps_redis_lua_move(struct claps_redis_lua *c, struct claps_redis_lua_handle *h,
                                       uint64_t post, uint64_t reader, int64_t n, int64_t *moved)
{
    char key[REDIS_KEY], who[REDIS_WORD], by[REDIS_WORD];
    const char *const arguments[] = { redis_word_of(reader, who), redis_word(n, by) };
    int error = store_claps_check(&c->size, post, reader);

    if (error)
        return error;
    return redis_script_number(&h->link, CLAPS_REDIS_MOVE, claps_redis_lua_key(&c->place, post, key),
                               arguments, 2, moved);
}

static inline int claps_redis_lua_clap(struct claps_redis_lua *c, struct claps_redis_lua_handle *h,
                                       uint64_t post, uint64_t reader, unsigned n)
{
    int64_t moved;
    int error = claps_redis_lua_move(c, h, post, reader, n, &moved);

    return error ? error : (int)moved;
}

static inline int claps_redis_lua_unclap(struct claps_redis_lua *c, struct claps_redis_lua_handle *h,
                                         uint64_t post, uint64_t reader, unsigned n)
{
    int64_t moved;
    int error = claps_redis_lua_move(c, h, post, reader, -(int64_t)n, &moved);

    return error ? error : (int)-moved;
}

/* A field of the post that is not gone; one that is not there is 0. */
static inline int64_t claps_redis_lua_field(struct claps_redis_lua *c,
                                            struct claps_redis_lua_handle *h, uint64_t post,
                                            const char *field)
{
    char key[REDIS_KEY];
    const char *const words[] = { "HMGET", claps_redis_lua_key(&c->place, post, key), "gone", field };
    redisReply *reply;
    int64_t number = 0;
    int error = redis_call(&h->link, words, 4, &reply);

    if (!error && (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2))
        error = -EIO;
    if (!error && reply->element[0]->type != REDIS_REPLY_NIL)
        error = -ENOENT;
    else if (!error && reply->element[1]->type != REDIS_REPLY_NIL)
        error = redis_number_of(&h->link, reply->element[1], &number);
    freeReplyObject(reply);
    return error ? error : number;
}

static inline int claps_redis_lua_given(struct claps_redis_lua *c, struct claps_redis_lua_handle *h,
                                        uint64_t post, uint64_t reader)
{
    char who[REDIS_WORD];
    int error = store_claps_check(&c->size, post, reader);

    return error ? error : (int)claps_redis_lua_field(c, h, post, redis_word_of(reader, who));
}

static inline int64_t claps_redis_lua_total(struct claps_redis_lua *c,
                                            struct claps_redis_lua_handle *h, uint64_t post)
{
    int error = store_claps_check(&c->size, post, 0);

    return error ? error : claps_redis_lua_field(c, h, post, "total");
}

static inline int64_t claps_redis_lua_remove(struct claps_redis_lua *c,
                                             struct claps_redis_lua_handle *h, uint64_t post)
{
    char key[REDIS_KEY];
    int64_t total = 0;
    int error = store_claps_check(&c->size, post, 0);

    if (!error)
        error = redis_script_number(&h->link, CLAPS_REDIS_BURY,
                                    claps_redis_lua_key(&c->place, post, key), NULL, 0, &total);
    return error ? error : total;
}

static const struct claps_traits claps_redis_lua_traits = {
    .id = {
        .name = "redis_lua",
        .title = "a hash for each post, and a script in the server that keeps the bound",
        .reference = "Redis, EVALSHA and HINCRBY",
        .flags = CONTEND_REMOTE,
        .options = claps_redis_lua_options,
    },
    CLAPS_TRAITS_IN_STORE(redis_lua, CLAPS_LINEARIZABLE, CLAPS_LINEARIZABLE, UINT64_MAX),
};

CLAPS_STATIC_TRAITS(redis_lua)

#endif
