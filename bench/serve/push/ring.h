/*
 * ring.h - a broadcast ring: one writer, and any number of readers with cursors of their own.
 *
 * Idea: the writer never waits.  It numbers its events, and each overwrites the one that lies a
 *   whole ring before it.  A reader keeps the number of the next event that it wants; what has
 *   been overwritten by then is lost to that reader, which is told how many events that are.
 * Cost: one event costs the writer the same however many readers there are, and a reader that
 *   stands still holds up nobody.  Memory is that of the ring, not of events times readers.
 * Breaks when: a reader needs every event.  It has to fall back on the state itself.
 * Use when: events say what has changed, and the state can be looked up.
 * Reference: the ring of the LMAX Disruptor (M. Thompson et al., 2011) without its gate: there the
 *   writer waits for the slowest reader.
 *
 * Each slot is a seqlock (H. Boehm, "Can Seqlocks Get Along with Programming Language Memory
 * Models?", 2012): an odd stamp while it is written, and an even one that says which event it
 * holds.
 */
#ifndef CONTEND_BENCH_SERVE_PUSH_RING_H
#define CONTEND_BENCH_SERVE_PUSH_RING_H

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "locks/parts/platform.h"

/* What happened: the kind is the application's, and so is the key; when, in real ns. */
struct push_event {
    uint64_t kind, key, at_ns;
};

struct push_slot {
    _Atomic uint64_t stamp; /* 2 n + 1: event n is being written; 2 n + 2: it is there */
    _Atomic uint64_t kind, key, at_ns;
};

struct push_ring {
    /* The number of the next event.  The writer stores it, readers look. */
    CONTEND_ALIGNED _Atomic uint64_t head;
    CONTEND_ALIGNED uint64_t mask;
    struct push_slot *slots;
};

/* slots: a power of two.  0, or -ENOMEM. */
static inline int push_ring_init(struct push_ring *r, uint64_t slots)
{
    r->slots = calloc(slots, sizeof *r->slots);
    r->mask = slots - 1;
    atomic_init(&r->head, 0);
    return r->slots ? 0 : -ENOMEM;
}

static inline void push_ring_fini(struct push_ring *r)
{
    free(r->slots);
    r->slots = NULL;
}

/* Publishes an event.  One thread writes. */
static inline void push_ring_write(struct push_ring *r, struct push_event e)
{
    /* relaxed: this thread alone stores it. */
    uint64_t n = atomic_load_explicit(&r->head, memory_order_relaxed);
    struct push_slot *s = &r->slots[n & r->mask];

    /*
     * relaxed: the release fence below orders the odd stamp before the words, so that a reader that
     * sees one of these and then passes its acquire fence sees the stamp as well.
     */
    atomic_store_explicit(&s->stamp, 2 * n + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&s->kind, e.kind, memory_order_relaxed);
    atomic_store_explicit(&s->key, e.key, memory_order_relaxed);
    atomic_store_explicit(&s->at_ns, e.at_ns, memory_order_relaxed);
    /* release: pairs with the acquire of the stamp in push_ring_read(). */
    atomic_store_explicit(&s->stamp, 2 * n + 2, memory_order_release);
    /* release: pairs with the acquire in push_ring_head(). */
    atomic_store_explicit(&r->head, n + 1, memory_order_release);
}

/* Where a reader begins that wants what is published from now on. */
static inline uint64_t push_ring_head(const struct push_ring *r)
{
    /* acquire: pairs with the release in push_ring_write(). */
    return atomic_load_explicit(&r->head, memory_order_acquire);
}

/*
 * Reads the event at *cursor and advances it.  1: here is one; 0: there is none yet.  If events were
 * overwritten before this reader came to them, their number is added to *lost, and the cursor goes
 * on at the oldest that may still be there.  Any thread may read, with a cursor of its own.
 */
static inline int push_ring_read(const struct push_ring *r, uint64_t *cursor, struct push_event *out,
                                 uint64_t *lost)
{
    for (;;) {
        uint64_t head = push_ring_head(r), n = *cursor;
        if (n >= head)
            return 0;
        if (head - n > r->mask + 1) {
            *lost += head - (r->mask + 1) - n;
            *cursor = n = head - (r->mask + 1);
        }
        const struct push_slot *s = &r->slots[n & r->mask];
        /* acquire: pairs with the release of the stamp in push_ring_write(). */
        uint64_t before = atomic_load_explicit(&s->stamp, memory_order_acquire);
        /* relaxed: the stamps on both sides say whether they belong together. */
        out->kind = atomic_load_explicit(&s->kind, memory_order_relaxed);
        out->key = atomic_load_explicit(&s->key, memory_order_relaxed);
        out->at_ns = atomic_load_explicit(&s->at_ns, memory_order_relaxed);
        /* acquire: pairs with the release fence in push_ring_write(). */
        atomic_thread_fence(memory_order_acquire);
        if (before == 2 * n + 2 &&
            atomic_load_explicit(&s->stamp, memory_order_relaxed) == before) {
            *cursor = n + 1;
            return 1;
        }
        ++*cursor; /* it has just been overwritten */
        ++*lost;
    }
}

#endif
