/*
 * ring.h - a broadcast ring: one writer, and any number of readers with cursors of their own.
 *
 * Idea: the writer never waits.  It numbers its events, and each overwrites the one that lies a
 *   whole ring before it.  A reader keeps the number of the next event that it wants; what has
 *   been overwritten by then is lost to that reader, which is told how many events that are.
 * Invariant: before head is n + 1, the slot of event n has its words and its number.  Numbers of a slot
 *   only rise.  A word of event n is stored only after the slot has the number n.
 * Linearisation points: publish at its store of head; a read that gives an event at its load of the
 *   slot's number, one that gives none at its load of head.
 * Pairings: the release of head with the acquire in push_ring_head: a reader that knows that event n was
 *   published finds its words and its number, or later ones.  The release fence behind the number
 *   with the acquire fence before the reader's load of it: a reader that saw a word of a later event
 *   sees that the slot's number is another one.  So one look at the number, after the words, is
 *   enough, and one store of it, before them; a sequence lock without a head needs two of each.
 * Progress: publish is wait-free; read too, but for a writer that laps it again and again, and then
 *   the number of lost events grows: each round of its loop passes an event over or ends it.
 * Cost: one event costs the writer the same however many readers there are, and a reader that
 *   stands still holds up nobody.  Memory is that of the ring, not of events times readers.
 * Breaks when: a reader needs every event.  It has to fall back on the state itself.
 * Use when: events say what has changed, and the state can be looked up.
 * Reference: the ring of the LMAX Disruptor (M. Thompson et al., 2011) without its gate: there the
 *   writer waits for the slowest reader.  Each slot is a sequence lock (H. Boehm, "Can Seqlocks Get
 *   Along with Programming Language Memory Models?", 2012).
 */
#ifndef CONTEND_BENCH_SERVE_PUSH_RING_H
#define CONTEND_BENCH_SERVE_PUSH_RING_H

#include <stdatomic.h>

#include "bench/serve/push/push.h"

struct push_slot {
    _Atomic uint64_t number; /* of the event that is here, or on its way */
    _Atomic uint64_t kind, key, at_ns;
};

struct push_ring {
    /* The number of the next event.  The writer stores it, readers look. */
    CONTEND_ALIGNED _Atomic uint64_t head;
    CONTEND_ALIGNED uint64_t mask;
    struct push_slot *slots;
    const struct contend_allocator *allocator;
};

/* The number of the next event that the reader wants. */
struct push_ring_handle {
    uint64_t cursor;
};

static inline size_t push_ring_bytes(const struct push_ring *r)
{
    return sizeof *r + (size_t)(r->mask + 1) * sizeof *r->slots;
}

static inline int push_ring_init(struct push_ring *r, const struct push_config *config)
{
    r->slots = NULL;
    if (config->slots == 0 || config->slots & (config->slots - 1) || config->slots > UINT32_MAX)
        return -EINVAL;
    r->allocator = config->allocator;
    r->mask = config->slots - 1;
    r->slots = (struct push_slot *)contend_allocate(r->allocator, CONTEND_CACHE_LINE,
                                                    config->slots * sizeof *r->slots);
    if (!r->slots)
        return -ENOMEM;
    atomic_init(&r->head, 0);
    for (uint64_t i = 0; i <= r->mask; i++) {
        atomic_init(&r->slots[i].number, 0);
        atomic_init(&r->slots[i].kind, 0);
        atomic_init(&r->slots[i].key, 0);
        atomic_init(&r->slots[i].at_ns, 0);
    }
    return 0;
}

static inline void push_ring_fini(struct push_ring *r)
{
    contend_release(r->allocator, r->slots, (size_t)(r->mask + 1) * sizeof *r->slots);
    r->slots = NULL;
}

static inline void push_ring_publish(struct push_ring *r, const struct push_event *e)
{
    /* relaxed: this thread alone stores it. */
    uint64_t n = atomic_load_explicit(&r->head, memory_order_relaxed);
    struct push_slot *s = &r->slots[n & r->mask];

    /*
     * relaxed: the fence below orders the number before the words, so that a reader that
     * sees one of these and then passes its acquire fence sees the number as well.
     */
    atomic_store_explicit(&s->number, n, memory_order_relaxed);
    /* release: pairs with the acquire fence in push_ring_read(). */
    atomic_thread_fence(memory_order_release);
    CONTEND_STEP("ring: the slot is open");
    /* relaxed, all three: head publishes them. */
    atomic_store_explicit(&s->kind, e->kind, memory_order_relaxed);
    atomic_store_explicit(&s->key, e->key, memory_order_relaxed);
    atomic_store_explicit(&s->at_ns, e->at_ns, memory_order_relaxed);
    /* release: pairs with the acquire in push_ring_head(). */
    atomic_store_explicit(&r->head, n + 1, memory_order_release);
}

/* Where a reader begins that wants what is published from now on. */
static inline uint64_t push_ring_head(const struct push_ring *r)
{
    /* acquire: pairs with the release in push_ring_publish(). */
    return atomic_load_explicit(&r->head, memory_order_acquire);
}

static inline int push_ring_attach(const struct push_ring *r, struct push_ring_handle *h)
{
    h->cursor = push_ring_head(r);
    return 0;
}

static inline void push_ring_detach(const struct push_ring *r, const struct push_ring_handle *h)
{
    (void)r, (void)h;
}

static inline int push_ring_read(const struct push_ring *r, struct push_ring_handle *h,
                                 struct push_event *out, uint64_t *lost)
{
    for (;;) {
        uint64_t head = push_ring_head(r), n = h->cursor;
        if (n >= head)
            return 0;
        if (head - n > r->mask + 1) {
            *lost += head - (r->mask + 1) - n;
            h->cursor = n = head - (r->mask + 1);
        }
        const struct push_slot *s = &r->slots[n & r->mask];
        /* relaxed, all three: head has published them, and the number says if they are still there. */
        out->kind = atomic_load_explicit(&s->kind, memory_order_relaxed);
        out->key = atomic_load_explicit(&s->key, memory_order_relaxed);
        out->at_ns = atomic_load_explicit(&s->at_ns, memory_order_relaxed);
        /* acquire: pairs with the release fence in push_ring_publish(). */
        atomic_thread_fence(memory_order_acquire);
        CONTEND_STEP("ring: read, not yet looked whether it was still there");
        h->cursor = n + 1;
        /* relaxed: the fence orders it behind the words. */
        if (atomic_load_explicit(&s->number, memory_order_relaxed) == n)
            return 1;
        ++*lost; /* it has just been overwritten */
    }
}

static const struct push_traits push_ring_traits = {
    .id = { .name = "ring", .title = "a broadcast ring; each reader has a cursor of its own",
            .reference = "Thompson et al., Disruptor, 2011; Boehm, Can Seqlocks Get Along, 2012",
            .flags = CONTEND_TSAN_UNSOUND },
    .publish = CONTEND_WAIT_FREE,
    .read = CONTEND_LOCK_FREE,
};

#endif
