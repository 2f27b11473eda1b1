/*
 * ck_mcs.h - Concurrency Kit's MCS lock.
 *
 * Idea: as mcs.h: a queue of waiters, each of which spins on its own node.  Beside it one
 *   can read how the same algorithm looks with fences in the place of memory orders, and
 *   with a look at the tail before the compare-and-swap of a release, which spares it where
 *   a successor is about to link up.
 * Invariant: as in mcs.h.
 * Progress: blocking.  A preempted holder or waiter holds up all behind it.
 * Cost: one locked instruction to enter, one to leave when nobody follows; 8 bytes a lock
 *   and a cache line pair a thread.
 * Breaks when: threads outnumber processors; it cannot sleep.
 * Use when: the comparison with mcs.h is the question.
 * Reference: J. Mellor-Crummey and M. Scott, "Algorithms for Scalable Synchronization on
 *   Shared-Memory Multiprocessors", 1991; Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_MCS_H
#define CONTEND_LOCKS_CK_MCS_H

#include <ck_spinlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_mcs {
    ck_spinlock_mcs_t tail;
};

struct lock_ck_mcs_handle {
    CONTEND_ALIGNED ck_spinlock_mcs_context_t node;
};

#define LOCK_INIT_ck_mcs { CK_SPINLOCK_MCS_INITIALIZER }

#define LOCK_OPTIONS_ck_mcs(part) /* none */

/* The node is made anew for each acquisition. */
LOCK_CK_TAKES(ck_mcs, attach, (void)0)
LOCK_CK_DOES(ck_mcs, detach, (void)0)

LOCK_CK_INIT(ck_mcs, NULL, ck_spinlock_mcs_init(&l->tail))
LOCK_CK_FINI(ck_mcs, ck_spinlock_mcs_locked(&l->tail))

LOCK_CK_TAKES(ck_mcs, acquire, ck_spinlock_mcs_lock(&l->tail, &h->node))
LOCK_CK_TRIES(ck_mcs, try_acquire, ck_spinlock_mcs_trylock(&l->tail, &h->node))
LOCK_CK_DOES(ck_mcs, release, ck_spinlock_mcs_unlock(&l->tail, &h->node))

LOCK_EXCLUSIVE_ONLY(ck_mcs)
LOCK_READERS_HOLD_IT(ck_mcs)
LOCK_CALLER_EXECUTES(ck_mcs)

enum {
    lock_ck_mcs_flags = LOCK_CK_FLAGS,
    lock_ck_mcs_features =
        LOCK_FIFO | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ck_mcs_traits = {
    .id = {
        .name = "ck_mcs",
        .title = "Concurrency Kit's MCS lock",
        .reference = "Mellor-Crummey and Scott, Algorithms for Scalable Synchronization, 1991",
        .flags = lock_ck_mcs_flags,
    },
    .features = lock_ck_mcs_features,
    .bytes = sizeof(struct lock_ck_mcs),
};

LOCK_STATIC_TRAITS(ck_mcs)

#endif
