/*
 * ck_clh.h - Concurrency Kit's CLH lock.
 *
 * Idea: as clh.h: an arrival swaps its node into the tail and spins on the node that was there;
 *   a release leaves the own node behind and takes the one before it.  Beside it one can
 *   read the same algorithm with fences in the place of memory orders.  The node, not the
 *   handle, keeps the predecessor, so a handle is one pointer.
 * Invariant: as in clh.h; the lock is free exactly when the tail's `wait` is false.
 * Progress: blocking.  A preempted holder or waiter holds up all behind it.
 * Cost: one locked instruction to enter, a store to leave; 16 bytes a lock, 8 a handle, and a
 *   node of a cache line pair for each of them.
 * Breaks when: threads outnumber processors; it cannot sleep.  There is no try.
 * Use when: the comparison with clh.h is the question.
 * Reference: T. Craig, "Building FIFO and Priority-Queuing Spin Locks from Atomic Swap",
 *   1993; P. Magnusson, A. Landin and E. Hagersten, "Queue Locks on Cache Coherent
 *   Multiprocessors", 1994; Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_CLH_H
#define CONTEND_LOCKS_CK_CLH_H

#include <ck_spinlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_clh_node {
    CONTEND_ALIGNED ck_spinlock_clh_t node;
};

struct lock_ck_clh_handle {
    ck_spinlock_clh_t *node; /* for the next acquisition; then that with which the lock is held */
};

struct lock_ck_clh {
    ck_spinlock_clh_t *tail;
    const struct contend_allocator *allocator;
};

#define LOCK_OPTIONS_ck_clh(part) /* none */

static inline int lock_ck_clh_node(const struct contend_allocator *allocator,
                                   ck_spinlock_clh_t **node)
{
    struct lock_ck_clh_node *made = contend_allocate(allocator, CONTEND_CACHE_LINE, sizeof *made);

    *node = made ? &made->node : NULL;
    return made ? 0 : -ENOMEM;
}

static inline int lock_ck_clh_init(struct lock_ck_clh *l, const struct lock_config *config)
{
    struct lock_config c;
    ck_spinlock_clh_t *first = NULL;
    int error = lock_config_resolve(&c, config, NULL);

    if (error == 0)
        error = lock_ck_clh_node(c.allocator, &first);
    if (error)
        return error;
    l->allocator = c.allocator;
    ck_spinlock_clh_init(&l->tail, first);
    return 0;
}

static inline int lock_ck_clh_fini(struct lock_ck_clh *l)
{
    if (ck_spinlock_clh_locked(&l->tail))
        return -EBUSY;
    contend_release(l->allocator, l->tail, sizeof(struct lock_ck_clh_node));
    return 0;
}

static inline int lock_ck_clh_attach(struct lock_ck_clh *l, struct lock_ck_clh_handle *h)
{
    return lock_ck_clh_node(l->allocator, &h->node);
}

/* The node that is freed need not be the one that attach made: there are as many as before. */
LOCK_CK_DOES(ck_clh, detach,
             contend_release(l->allocator, h->node, sizeof(struct lock_ck_clh_node)))

LOCK_CK_TAKES(ck_clh, acquire, ck_spinlock_clh_lock(&l->tail, h->node))
LOCK_CK_LACKS(ck_clh, try_acquire)
LOCK_CK_DOES(ck_clh, release, ck_spinlock_clh_unlock(&h->node))

LOCK_EXCLUSIVE_ONLY(ck_clh)
LOCK_READERS_HOLD_IT(ck_clh)
LOCK_CALLER_EXECUTES(ck_clh)

enum {
    lock_ck_clh_flags = LOCK_CK_FLAGS,
    lock_ck_clh_features = LOCK_FIFO | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
    lock_ck_clh_heap = sizeof(struct lock_ck_clh_node),
    lock_ck_clh_handle_heap = sizeof(struct lock_ck_clh_node),
};

static const struct lock_traits lock_ck_clh_traits = {
    .id = {
        .name = "ck_clh",
        .title = "Concurrency Kit's CLH lock",
        .reference = "Craig, Building FIFO and Priority-Queuing Spin Locks, 1993",
        .flags = lock_ck_clh_flags,
    },
    .features = lock_ck_clh_features,
    .bytes = sizeof(struct lock_ck_clh) + lock_ck_clh_heap,
    .handle_heap = lock_ck_clh_handle_heap,
};

static inline void lock_ck_clh_traits_of(struct lock_ck_clh *l, struct lock_traits *out)
{
    (void)l;
    *out = lock_ck_clh_traits;
}

#endif
