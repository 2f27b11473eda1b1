/*
 * pool.h - blocks that are free, kept by their type: they become blocks of the same kind again.
 *
 * Idea: each thread has a list of its own.  One that frees more than it makes gives its list to
 *   all, in one swap; one that has none takes all that there is, in one swap.  Since nobody takes
 *   a single block from the common list, no block can be gone and back between a look and a swap.
 * Invariant: a block that is free is in one list.  The memory of a block stays one of its kind
 *   until fini.
 * Progress: giving is lock-free, taking wait-free.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_PARTS_POOL_H
#define CONTEND_PRESENCE_MAP_RECLAIM_PARTS_POOL_H

#include "locks/parts/platform.h"

/* The first member of a block that may be in a pool. */
struct reclaim_spare {
    struct reclaim_spare *next;
};

/* One thread's free blocks. */
struct reclaim_spares {
    struct reclaim_spare *first, *last; /* last: while there is a first */
    uint64_t count;
};

struct reclaim_pool {
    CONTEND_ALIGNED _Atomic(struct reclaim_spare *) common;
};

static inline void reclaim_spares_init(struct reclaim_spares *s)
{
    *s = (struct reclaim_spares){ NULL, NULL, 0 };
}

static inline void reclaim_pool_init(struct reclaim_pool *p)
{
    atomic_init(&p->common, NULL);
}

/* Gives all of them to all threads. */
static inline void reclaim_pool_give(struct reclaim_pool *p, struct reclaim_spares *s)
{
    if (!s->first)
        return;
    /* relaxed: a first guess. */
    s->last->next = atomic_load_explicit(&p->common, memory_order_relaxed);
    /*
     * release: what was done with the blocks comes first; pairs with the acquire in
     * reclaim_pool_take.  relaxed on failure: only the address is used.
     */
    while (!atomic_compare_exchange_weak_explicit(&p->common, &s->last->next, s->first,
                                                  memory_order_release, memory_order_relaxed))
        contend_cpu_relax();
    reclaim_spares_init(s);
}

/* A free block, the thread's own or a common one; or NULL. */
static inline struct reclaim_spare *reclaim_pool_take(struct reclaim_pool *p,
                                                      struct reclaim_spares *s)
{
    struct reclaim_spare *taken = s->first;

    /* relaxed: a first look, so that an empty pool's line is not written. */
    if (!taken && atomic_load_explicit(&p->common, memory_order_relaxed)) {
        /* acquire: pairs with the release in reclaim_pool_give. */
        taken = s->first = atomic_exchange_explicit(&p->common, NULL, memory_order_acquire);
        for (s->last = taken; taken; taken = taken->next, s->count++)
            s->last = taken;
        taken = s->first;
    }
    if (taken) {
        s->first = taken->next;
        s->count--;
    }
    return taken;
}

/* Puts a block into the thread's list, and that into the pool when it holds more than `most`. */
static inline void reclaim_pool_put(struct reclaim_pool *p, struct reclaim_spares *s,
                                    struct reclaim_spare *b, uint64_t most)
{
    b->next = s->first;
    if (!s->first)
        s->last = b;
    s->first = b;
    if (++s->count > most)
        reclaim_pool_give(p, s);
}

#endif
