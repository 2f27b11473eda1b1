/*
 * redis_lua.h - a script that the server executes as one command.
 *
 * Idea: send the procedure to the data.  The server executes a script as it does a command: nothing
 *   comes between its steps.
 * Invariant: the key's number is the sum.
 * Linearisation points: an add when the server executes its script, a read at its GET.
 * Progress: blocking: the server has one thread, and a script holds up everybody.
 * Read guarantee: linearizable for every mix.
 * Cost: one round trip a clap.  The request carries the script's hash, 40 bytes, not its text.
 * Breaks when: a script is long.  Numbers in Lua are doubles: beyond 2^53 they must stay text,
 *   as they do here.
 * Use when: INCRBY cannot say what must happen; see the bounded claps.
 * Reference: Redis, EVALSHA; Ierusalimschy et al., Lua, 1996.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_REDIS_LUA_H
#define CONTEND_BENCH_STORES_COUNTERS_REDIS_LUA_H

#include "bench/stores/redis/counter.h"

static const struct redis_plan counter_redis_lua_plan = {
    .scripts = { "redis.call('INCRBY', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])" },
};

REDIS_COUNTER(redis_lua)

static inline int counter_redis_lua_add_get(struct counter_redis_lua *c,
                                            struct counter_redis_lua_handle *h, int64_t n,
                                            int64_t *sum)
{
    char key[REDIS_KEY], word[REDIS_WORD];
    const char *const arguments[] = { redis_word(n, word) };

    return redis_script_number(&h->link, 0, redis_key(&c->place, "n", key), arguments, 1, sum);
}

static const struct counter_traits counter_redis_lua_traits = {
    .id = {
        .name = "redis_lua",
        .title = "a key to which a script in the server adds",
        .reference = "Redis, EVALSHA",
        .flags = CONTEND_REMOTE,
        .options = redis_counter_options,
    },
    COUNTER_TRAITS_IN_STORE(redis_lua, COUNTER_LINEARIZABLE),
    .features = COUNTER_ADD_GET,
};

COUNTER_STATIC_TRAITS(redis_lua)

#endif
