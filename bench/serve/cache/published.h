/*
 * published.h - a slot leads to a value that never changes; a put publishes another one.
 *
 * Idea: read, copy, update.  A slot is a link to a block.  A put saves its value in the store and
 *   swaps a block with it into the slot; gets read the block without writing anything.  There is
 *   nothing for a first level to copy: the processor's own cache is one.
 * Invariant: a block never changes while it is linked.  Puts of a slot follow one another, by
 *   `writer`, and each changes the link after its save.  A loaded value is swapped in only against
 *   the very block that was protected from before it was loaded; so if it succeeds, no put came
 *   in between, and a block's key has no newer value in the store unless a put is under way.
 * Linearisation points: a hit at its load of the link; a put at its save.
 * Pairings: the releasing swap of a link with the acquiring load in protect.
 * Progress: a hit is what the scheme's reads are; a put waits for other puts of its slot.
 * Cost: a block for each value; retired ones wait for readers.
 * Breaks when: a reader stalls inside and puts go on, without bound in most schemes.
 * Use when: values are larger than a few words, or reads are all that counts.
 * Reference: P. McKenney and J. Slingwine, "Read-Copy Update", 1998.
 */
#include "presence_map/reclaim/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_BENCH_SERVE_CACHE_PUBLISHED_H
#define CONTEND_BENCH_SERVE_CACHE_PUBLISHED_H

#include "bench/serve/cache/cache.h"
#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "presence_map/reclaim/reclaim.h"

struct cache_published_block {
    struct chosen_reclaim_block block;
    uint64_t key;
    struct cache_value value;
};

struct cache_published_slot {
    CONTEND_ALIGNED _Atomic uintptr_t link;
    _Atomic uint32_t writer;
};

struct cache_published {
    struct chosen_reclaim domain;
    struct cache_source source;
    const struct contend_allocator *allocator;
    uint64_t mask;
    struct cache_published_slot *slots;
    _Atomic uint64_t attached;
};

struct cache_published_handle {
    struct chosen_reclaim_handle reclaim;
};

static inline int cache_published_init(struct cache_published *c, const struct cache_config *config)
{
    const struct reclaim_config reclaim = {
        .align = _Alignof(struct cache_published_block),
        .size = sizeof(struct cache_published_block), .allocator = config->allocator,
    };
    int error;

    memset(c, 0, sizeof *c);
    c->source = *config->source;
    c->allocator = config->allocator;
    c->mask = contend_round_up_pow2(config->slots ? config->slots : 1024) - 1;
    c->slots = contend_allocate(c->allocator, CONTEND_CACHE_LINE, (c->mask + 1) * sizeof *c->slots);
    if (!c->slots)
        return -ENOMEM;
    for (uint64_t i = 0; i <= c->mask; i++) {
        atomic_init(&c->slots[i].link, 0);
        atomic_init(&c->slots[i].writer, 0);
    }
    error = chosen_reclaim_init(&c->domain, &reclaim);
    if (error)
        contend_release(c->allocator, c->slots, (c->mask + 1) * sizeof *c->slots);
    return error;
}

static inline int cache_published_fini(struct cache_published *c)
{
    /* relaxed, both: nothing else is under way. */
    if (atomic_load_explicit(&c->attached, memory_order_relaxed) ||
        !chosen_reclaim_may_end(&c->domain))
        return -EBUSY;
    for (uint64_t i = 0; i <= c->mask; i++)
        contend_release(c->allocator,
                        (void *)atomic_load_explicit(&c->slots[i].link, memory_order_relaxed),
                        sizeof(struct cache_published_block));
    chosen_reclaim_fini(&c->domain);
    contend_release(c->allocator, c->slots, (c->mask + 1) * sizeof *c->slots);
    return 0;
}

static inline int cache_published_attach(struct cache_published *c, struct cache_published_handle *h)
{
    int error = chosen_reclaim_attach(&c->domain, &h->reclaim);

    if (!error)
        /* relaxed, here and below: a count. */
        atomic_fetch_add_explicit(&c->attached, 1, memory_order_relaxed);
    return error;
}

static inline void cache_published_detach(struct cache_published *c,
                                          struct cache_published_handle *h)
{
    chosen_reclaim_detach(&c->domain, &h->reclaim);
    atomic_fetch_sub_explicit(&c->attached, 1, memory_order_relaxed);
}

static inline struct cache_published_block *cache_published_make(struct cache_published *c,
                                                                 struct cache_published_handle *h,
                                                                 uint64_t key,
                                                                 const struct cache_value *value)
{
    struct cache_published_block *b = chosen_reclaim_allocate(&c->domain, &h->reclaim);

    if (b) {
        b->key = key;
        b->value = *value;
    }
    return b;
}

/* A miss: loads, and swaps the value in if the slot is as it was; the caller is inside. */
static inline int cache_published_fill(struct cache_published *c, struct cache_published_handle *h,
                                       struct cache_published_slot *s, uintptr_t seen, uint64_t key,
                                       uint64_t now, struct cache_value *out)
{
    int error = c->source.load(c->source.ctx, key, now, out);
    struct cache_published_block *b = error ? NULL : cache_published_make(c, h, key, out);
    uintptr_t expected = seen;

    if (!b)
        return error ? error : CACHE_SOURCE; /* without memory the value is not kept */
    /* release: the block's contents; pairs with the acquire in protect.  relaxed: it gives up. */
    if (!atomic_compare_exchange_strong_explicit(&s->link, &expected, (uintptr_t)b,
                                                 memory_order_release, memory_order_relaxed))
        chosen_reclaim_discard(&c->domain, &h->reclaim, b);
    else if (seen)
        chosen_reclaim_retire(&c->domain, &h->reclaim, (void *)seen);
    return CACHE_SOURCE;
}

static inline int cache_published_get(struct cache_published *c, struct cache_published_handle *h,
                                      uint64_t key, uint64_t now, struct cache_value *out)
{
    struct cache_published_slot *s = &c->slots[presence_hash(key, 0) & c->mask];
    int level = CACHE_LEVEL_2;

    chosen_reclaim_enter(&c->domain, &h->reclaim);
    uintptr_t seen = chosen_reclaim_protect(&c->domain, &h->reclaim, 0, &s->link);
    const struct cache_published_block *b = (const void *)seen;
    if (b && b->key == key)
        *out = b->value;
    else
        level = cache_published_fill(c, h, s, seen, key, now, out);
    chosen_reclaim_leave(&c->domain, &h->reclaim);
    return level;
}

static inline int cache_published_put(struct cache_published *c, struct cache_published_handle *h,
                                      uint64_t key, uint64_t now, struct cache_value *value)
{
    struct cache_published_slot *s = &c->slots[presence_hash(key, 0) & c->mask];
    struct cache_published_block *b = cache_published_make(c, h, key, value);

    if (!b)
        return -ENOMEM;
    /* acquire: pairs with the release below. */
    while (atomic_exchange_explicit(&s->writer, 1, memory_order_acquire)) {
        contend_cpu_relax();
        contend_yield();
    }
    int error = c->source.save(c->source.ctx, key, now, value);
    /*
     * After an error the outcome is not known: the block is nobody's.  A link never goes back to 0,
     * or a load that began before could be swapped in.
     */
    b->key = error ? UINT64_MAX : key;
    b->value = *value;
    chosen_reclaim_enter(&c->domain, &h->reclaim);
    /* release: the block's contents; pairs with the acquire in protect.
     * acquire: of the old block, which is retired; pairs with the release that linked it. */
    uintptr_t old = atomic_exchange_explicit(&s->link, (uintptr_t)b, memory_order_acq_rel);
    if (old)
        chosen_reclaim_retire(&c->domain, &h->reclaim, (void *)old);
    chosen_reclaim_leave(&c->domain, &h->reclaim);
    /* release: pairs with the acquire above. */
    atomic_store_explicit(&s->writer, 0, memory_order_release);
    return error;
}

static const struct cache_traits cache_published_traits = {
    .id = {
        .name = "published_" CHOSEN_RECLAIM_NAME,
        .title = "a slot leads to a value that a put replaces: " CHOSEN_RECLAIM_TITLE,
        .reference = CHOSEN_RECLAIM_PAPER,
        .flags = chosen_reclaim_flags,
    },
    .hit = chosen_reclaim_reads,
};

#endif
