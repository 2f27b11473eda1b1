/*
 * ttl.h - a value is used for a fixed time, whatever becomes of it in the store.
 *
 * Idea: nobody tells the cache of a put.  A value's time counts from before the store was asked for
 *   it, and goes with it from level to level, so that two levels are no staler than one.
 * Invariant: no level hands out a value at or after its loaded_ns + ttl.
 * Linearisation points: none with a put: a get is stale by less than the TTL.
 * Progress: a hit in the first level is wait-free; in the second it is blocking, by the sequence.
 * Cost: every key in use is loaded once a TTL, by every thread that misses it at that instant: a
 *   stampede.
 * Breaks when: a hot key expires.
 * Use when: nobody minds the staleness, and puts come from elsewhere.
 * Reference: P. Mockapetris, "Domain Names: Concepts and Facilities", RFC 1034, 1987.
 */
#ifndef CONTEND_BENCH_SERVE_CACHE_TTL_H
#define CONTEND_BENCH_SERVE_CACHE_TTL_H

#include "bench/serve/cache/parts/slots.h"

CACHE_OF_SLOTS(ttl)

static inline int cache_ttl_get(struct cache_ttl *c, struct cache_ttl_handle *h, uint64_t key,
                                uint64_t now, struct cache_value *out)
{
    struct cache_entry *mine = cache_own_entry(&h->own, key);
    struct cache_slot *s = cache_slot_of(&c->shared, key);
    int level = CACHE_LEVEL_1;

    if (mine->key_plus_1 != key + 1 || !cache_is_fresh(&c->shared, mine, now)) {
        level = CACHE_LEVEL_2;
        if (!cache_slot_read(s, key, mine) || !cache_is_fresh(&c->shared, mine, now)) {
            int error = cache_load_both(&c->shared, s, key, now, mine);
            if (error)
                return error;
            level = CACHE_SOURCE;
        }
    }
    *out = mine->value;
    return level;
}

static inline int cache_ttl_put(struct cache_ttl *c, struct cache_ttl_handle *h, uint64_t key,
                                uint64_t now, struct cache_value *value)
{
    (void)h;
    return c->shared.source.save(c->shared.source.ctx, key, now, value);
}

static const struct cache_traits cache_ttl_traits = {
    .id = { .name = "ttl", .title = "a value is used for a fixed time",
            .reference = "Mockapetris, Domain Names, RFC 1034, 1987" },
    .hit = CONTEND_BLOCKING,
    .stale_ttls = 1,
    .features = CACHE_EXPIRES,
};

#endif
