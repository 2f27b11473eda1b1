/*
 * lease.h - one get loads, the others wait for it: single flight, with leases that a put makes void.
 *
 * Idea: a get that misses takes the slot's lease; it alone asks the store.  Gets that miss meanwhile
 *   sleep until it is done, and look again.  A put raises the slot's generation, so that the holder's
 *   value, which may be the old one, is not filled in.
 * Invariant: `flight` is 0, or FLYING with one holder, or AWAITED with one holder and perhaps
 *   sleepers; only the swap from 0 makes a holder, and only the holder stores 0.
 * Linearisation points: as version.h.
 * Pairings: those of parts/slots.h; the holder's releasing exchange of `flight` with the acquiring load
 *   or swap of a get that looks again: it finds the filled slot.
 * Progress: a hit in the first level is wait-free.  A miss waits for the holder, and for its store.
 * Cost: as version.h; a system call for the holder if there are sleepers.
 * Breaks when: the holder's thread is held up: everybody who wants the slot's keys waits.
 * Use when: many ask for one key at once, and the store is what must be spared.
 * Reference: R. Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013: leases.
 */
#ifndef CONTEND_BENCH_SERVE_CACHE_LEASE_H
#define CONTEND_BENCH_SERVE_CACHE_LEASE_H

#include "bench/serve/cache/parts/slots.h"

CACHE_OF_SLOTS(lease)

enum { CACHE_GROUNDED, CACHE_FLYING, CACHE_AWAITED };

/* Takes the lease, or sleeps until it is given back; whether it was taken. */
static inline bool cache_lease_take(struct cache_slot *s)
{
    uint32_t seen = CACHE_GROUNDED;

    /* acquire: both ways; pairs with the release in cache_lease_give_back. */
    if (atomic_compare_exchange_strong_explicit(&s->flight, &seen, CACHE_FLYING,
                                                memory_order_acquire, memory_order_acquire))
        return true;
    /* relaxed, both: it only asks to be woken, or the lease is back: the caller looks again. */
    if (seen == CACHE_AWAITED ||
        atomic_compare_exchange_strong_explicit(&s->flight, &seen, CACHE_AWAITED,
                                                memory_order_relaxed, memory_order_relaxed)) {
        CONTEND_STEP("lease: marked, not asleep");
        contend_futex_wait(&s->flight, CACHE_AWAITED);
    }
    return false;
}

static inline void cache_lease_give_back(struct cache_slot *s)
{
    /* release: the slot is filled; pairs with the acquires in cache_lease_take. */
    if (atomic_exchange_explicit(&s->flight, CACHE_GROUNDED, memory_order_release) == CACHE_AWAITED)
        contend_futex_wake(&s->flight, INT_MAX);
}

/* Whether the second level has the key with this stamp; the entry is then in *mine. */
static inline bool cache_lease_look(struct cache_slot *s, uint64_t key, uint64_t stamp,
                                    struct cache_entry *mine)
{
    return cache_slot_read(s, key, mine) && mine->stamp == stamp;
}

/* A get that has missed in both levels. */
static inline int cache_lease_miss(struct cache_lease *c, struct cache_slot *s, uint64_t key,
                                   uint64_t now, struct cache_entry *mine)
{
    for (;;) {
        bool holder = cache_lease_take(s);
        uint64_t stamp = cache_generation(s);
        /* The last holder may have filled the slot between our look and our lease. */
        bool found = cache_lease_look(s, key, stamp, mine);
        int error = 0;
        if (holder && !found) {
            error = cache_load(&c->shared, key, now, stamp, mine);
            if (error)
                mine->key_plus_1 = 0;
            else
                cache_fill_stamped(s, mine);
        }
        if (holder)
            cache_lease_give_back(s);
        if (holder || found)
            return error ? error : found ? CACHE_LEVEL_2 : CACHE_SOURCE;
    }
}

static inline int cache_lease_get(struct cache_lease *c, struct cache_lease_handle *h, uint64_t key,
                                  uint64_t now, struct cache_value *out)
{
    struct cache_entry *mine = cache_own_entry(&h->own, key);
    struct cache_slot *s = cache_slot_of(&c->shared, key);
    uint64_t stamp = cache_generation(s);
    int level = CACHE_LEVEL_1;

    if (mine->key_plus_1 != key + 1 || mine->stamp != stamp)
        level = cache_lease_look(s, key, stamp, mine)
                    ? CACHE_LEVEL_2
                    : cache_lease_miss(c, s, key, now, mine);
    if (level >= 0)
        *out = mine->value;
    return level;
}

static inline int cache_lease_put(struct cache_lease *c, struct cache_lease_handle *h, uint64_t key,
                                  uint64_t now, struct cache_value *value)
{
    int error = c->shared.source.save(c->shared.source.ctx, key, now, value);

    (void)h;
    /* Also after an error, which may have left the outcome unknown. */
    cache_raise(cache_slot_of(&c->shared, key));
    return error;
}

static const struct cache_traits cache_lease_traits = {
    .id = { .name = "lease", .title = "one get loads, the others wait; a put makes the lease void",
            .reference = "Nishtala et al., Scaling Memcache at Facebook, NSDI 2013" },
    .hit = CONTEND_BLOCKING,
    .features = CACHE_SINGLE_FLIGHT,
};

#endif
