/*
 * write_through.h - a put goes through the cache, which always has what the store has.
 *
 * Idea: puts of a slot follow one another; each saves its value and leaves it in the second level.
 *   Values there do not age.  A thread's own copies do: they are the only staleness.
 * Invariant: while no put of the slot is under way, a second-level entry whose stamp is the generation
 *   is the store's newest.  A value that was loaded is filled in only if no put came since before it
 *   was loaded.
 * Linearisation points: a put at its save; a hit in the second level at its look at the sequence.
 * Pairings: those of parts/slots.h; `writer` orders puts of a slot, by acquire and release.
 * Progress: a hit in the first level is wait-free; a put waits for other puts of its slot.
 * Cost: puts of different keys of one slot wait for each other's store.
 * Breaks when: something else writes to the store.
 * Use when: what was just written is what is read next.
 * Reference: A. Smith, "Cache Memories", ACM Computing Surveys, 1982.
 */
#ifndef CONTEND_BENCH_SERVE_CACHE_WRITE_THROUGH_H
#define CONTEND_BENCH_SERVE_CACHE_WRITE_THROUGH_H

#include "bench/serve/cache/parts/slots.h"

CACHE_OF_SLOTS(write_through)

static inline int cache_write_through_get(struct cache_write_through *c,
                                          struct cache_write_through_handle *h, uint64_t key,
                                          uint64_t now, struct cache_value *out)
{
    struct cache_entry *mine = cache_own_entry(&h->own, key);
    struct cache_slot *s = cache_slot_of(&c->shared, key);
    int level = CACHE_LEVEL_1;

    /* A copy's time counts from when it was taken from the second level, which was current then. */
    if (mine->key_plus_1 != key + 1 || now >= mine->copied_ns + c->shared.ttl_ns) {
        uint64_t stamp = cache_generation(s);
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
        mine->copied_ns = now;
    }
    *out = mine->value;
    return level;
}

/* The slot for puts of the caller alone; it may sleep in the store meanwhile, so others yield. */
static inline void cache_write_through_enter(struct cache_slot *s)
{
    /* acquire: pairs with the release in cache_write_through_leave. */
    while (atomic_exchange_explicit(&s->writer, 1, memory_order_acquire)) {
        contend_cpu_relax();
        contend_yield();
    }
}

static inline void cache_write_through_leave(struct cache_slot *s)
{
    /* release: pairs with the acquire in cache_write_through_enter. */
    atomic_store_explicit(&s->writer, 0, memory_order_release);
}

static inline int cache_write_through_put(struct cache_write_through *c,
                                          struct cache_write_through_handle *h, uint64_t key,
                                          uint64_t now, struct cache_value *value)
{
    struct cache_slot *s = cache_slot_of(&c->shared, key);

    (void)h;
    cache_write_through_enter(s);
    int error = c->shared.source.save(c->shared.source.ctx, key, now, value);
    uint64_t even = cache_slot_lock(s);
    cache_raise(s); /* first: what is being loaded is older, and an entry must not look newer */
    struct cache_entry e = { .key_plus_1 = error ? 0 : key + 1, .stamp = cache_generation(s),
                             .value = *value };
    cache_slot_write(s, &e);
    cache_slot_unlock(s, even);
    cache_write_through_leave(s);
    return error;
}

static const struct cache_traits cache_write_through_traits = {
    .id = { .name = "write_through", .title = "a put goes through the cache, which is current",
            .reference = "Smith, Cache Memories, 1982" },
    .hit = CONTEND_BLOCKING,
    .stale_ttls = 1,
    .features = CACHE_EXPIRES,
};

#endif
