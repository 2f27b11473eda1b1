/*
 * version.h - a put raises a number, and whatever was loaded before it no longer counts.
 *
 * Idea: each slot has a generation.  An entry, in either level, is valid while the generation is the
 *   one that was read before it was loaded; so the one load of a shared word makes copies of many
 *   threads as current as the store.
 * Invariant: see parts/slots.h.
 * Linearisation points: a hit at its load of the generation; a miss at the source's load; a put at
 *   its save.
 * Progress: a hit in the first level is wait-free.
 * Cost: the generation's line, which puts take away from readers.
 * Breaks when: puts are frequent: every one of them empties the slot, also for its other keys.
 * Use when: a stale answer is wrong, and puts go through this cache.
 * Reference: M. Nelson, B. Welch and J. Ousterhout, "Caching in the Sprite Network File System",
 *   1988: version numbers at open.
 */
#ifndef CONTEND_BENCH_SERVE_CACHE_VERSION_H
#define CONTEND_BENCH_SERVE_CACHE_VERSION_H

#include "bench/serve/cache/parts/slots.h"

CACHE_OF_SLOTS(version)

static inline int cache_version_get(struct cache_version *c, struct cache_version_handle *h,
                                    uint64_t key, uint64_t now, struct cache_value *out)
{
    struct cache_entry *mine = cache_own_entry(&h->own, key);
    struct cache_slot *s = cache_slot_of(&c->shared, key);
    uint64_t stamp = cache_generation(s);
    int level = CACHE_LEVEL_1;

    if (mine->key_plus_1 != key + 1 || mine->stamp != stamp) {
        level = CACHE_LEVEL_2;
        if (!cache_slot_read(s, key, mine) || mine->stamp != stamp) {
            int error = cache_load(&c->shared, key, now, stamp, mine);
            if (error) {
                mine->key_plus_1 = 0;
                return error;
            }
            cache_fill_stamped(s, mine);
            level = CACHE_SOURCE;
        }
    }
    *out = mine->value;
    return level;
}

static inline int cache_version_put(struct cache_version *c, struct cache_version_handle *h,
                                    uint64_t key, uint64_t now, struct cache_value *value)
{
    int error = c->shared.source.save(c->shared.source.ctx, key, now, value);

    (void)h;
    /* Also after an error, which may have left the outcome unknown. */
    cache_raise(cache_slot_of(&c->shared, key));
    return error;
}

static const struct cache_traits cache_version_traits = {
    .id = { .name = "version", .title = "entries count while their slot's number is theirs",
            .reference = "Nelson, Welch and Ousterhout, Caching in Sprite, 1988" },
    .hit = CONTEND_BLOCKING,
};

#endif
