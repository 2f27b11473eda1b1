/*
 * direct.h - no cache: every get asks the store.
 *
 * Idea: what the others are compared with.
 * Invariant: none is needed.
 * Linearisation points: the store's.
 * Progress: the store's.
 * Cost: the store's latency for every get.
 * Breaks when: the store is slower than its readers are many.
 * Use when: it is not.
 * Reference: J. Ousterhout, "Why Aren't Operating Systems Getting Faster As Fast as Hardware?", 1990:
 *   a cache is worth what it stands before.
 */
#ifndef CONTEND_BENCH_SERVE_CACHE_DIRECT_H
#define CONTEND_BENCH_SERVE_CACHE_DIRECT_H

#include "bench/serve/cache/parts/slots.h"

CACHE_OF_SLOTS(direct)

static inline int cache_direct_get(struct cache_direct *c, struct cache_direct_handle *h,
                                   uint64_t key, uint64_t now, struct cache_value *out)
{
    int error = c->shared.source.load(c->shared.source.ctx, key, now, out);

    (void)h;
    return error ? error : CACHE_SOURCE;
}

static inline int cache_direct_put(struct cache_direct *c, struct cache_direct_handle *h,
                                   uint64_t key, uint64_t now, struct cache_value *value)
{
    (void)h;
    return c->shared.source.save(c->shared.source.ctx, key, now, value);
}

static const struct cache_traits cache_direct_traits = {
    .id = { .name = "direct", .title = "no cache: every get asks the store",
            .reference = "Ousterhout, Why Aren't Operating Systems Getting Faster, 1990",
            .flags = CONTEND_FLOOR },
    .hit = CONTEND_BLOCKING,
};

#endif
