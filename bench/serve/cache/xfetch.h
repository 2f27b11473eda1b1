/*
 * xfetch.h - a time to live, and one reader that renews a value a little before it is over.
 *
 * Idea: each get draws how much earlier than its time a value counts as old: the longer the load
 *   took, the earlier, with an exponential chance.  So some single reader is the first, and renews
 *   the value while all others still use it.
 * Invariant: as ttl.h: no level hands out a value at or after its loaded_ns + ttl.
 * Linearisation points: none with a put, as ttl.h.
 * Progress: as ttl.h; the one that renews waits for the store.
 * Cost: a draw for each get, and some loads that were not necessary yet.
 * Breaks when: the key was never there: then all of them load.
 * Use when: hot keys expire, and a lock for each is too much.
 * Reference: A. Vattani, F. Chierichetti and K. Lowenstein, "Optimal Probabilistic Cache Stampede
 *   Prevention", VLDB 2015.
 */
#ifndef CONTEND_BENCH_SERVE_CACHE_XFETCH_H
#define CONTEND_BENCH_SERVE_CACHE_XFETCH_H

#include <math.h>

#include "bench/serve/cache/parts/slots.h"

CACHE_OF_SLOTS(xfetch)

/* A draw by this thread: -ln of a number in (0, 1]. */
static inline double cache_xfetch_draw(struct cache_own *own)
{
    own->random = own->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return -log(((double)(own->random >> 11) + 1) * 0x1p-53);
}

/* Whether this get should renew the value, although it may still be used. */
static inline bool cache_xfetch_is_due(const struct cache_xfetch *c, struct cache_own *own,
                                       const struct cache_entry *e, uint64_t now)
{
    double left = (double)(e->value.loaded_ns + c->shared.ttl_ns) - (double)now;

    return (double)e->value.took_ns * cache_xfetch_draw(own) >= left;
}

static inline int cache_xfetch_get(struct cache_xfetch *c, struct cache_xfetch_handle *h,
                                   uint64_t key, uint64_t now, struct cache_value *out)
{
    struct cache_entry *mine = cache_own_entry(&h->own, key);
    struct cache_slot *s = cache_slot_of(&c->shared, key);
    int level = CACHE_LEVEL_1;

    /* The first level looks at the second early as well: another thread may have renewed it. */
    if (mine->key_plus_1 != key + 1 || cache_xfetch_is_due(c, &h->own, mine, now)) {
        level = CACHE_LEVEL_2;
        if (!cache_slot_read(s, key, mine) || cache_xfetch_is_due(c, &h->own, mine, now)) {
            int error = cache_load_both(&c->shared, s, key, now, mine);
            if (error)
                return error;
            level = CACHE_SOURCE;
        }
    }
    *out = mine->value;
    return level;
}

static inline int cache_xfetch_put(struct cache_xfetch *c, struct cache_xfetch_handle *h,
                                   uint64_t key, uint64_t now, struct cache_value *value)
{
    (void)h;
    return c->shared.source.save(c->shared.source.ctx, key, now, value);
}

static const struct cache_traits cache_xfetch_traits = {
    .id = { .name = "xfetch", .title = "a time to live, renewed early by chance",
            .reference = "Vattani, Chierichetti and Lowenstein, VLDB 2015" },
    .hit = CONTEND_BLOCKING,
    .stale_ttls = 1,
    .features = CACHE_EXPIRES,
};

#endif
