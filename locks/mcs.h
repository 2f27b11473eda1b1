/*
 * mcs.h - a queue of waiters, each spinning on a line of its own.
 *
 * Idea: arrivals swap themselves into the tail of a linked queue and wait on a
 *   gate in their own node; the holder hands the lock to its successor by
 *   opening that gate.  A hand-over touches one line, however many wait.
 * Invariant: `tail` is NULL when the lock is free and else the last node of
 *   the queue; the nodes from the holder's to the tail are linked through
 *   `next`, except that a link is missing between a swap and the store after it.
 * Progress: blocking.  A preempted holder or waiter holds up all behind it.
 * Cost: one locked instruction to enter, one to leave when nobody follows;
 *   16 bytes a lock (8 where waiters only spin) and a cache line pair a thread.
 * Breaks when: threads outnumber processors: the successor has no processor, and those
 *   behind it burn what it needs.  wait=2 lets them sleep, for a system call at each
 *   hand-over; it saves their processor time, but the lock still goes to the next in line,
 *   which sleeps, and not to a thread that runs, so that each section costs a switch of
 *   threads.  A lock without an order (futex.h) avoids that.  The node must live and stay
 *   put from acquire to release: it is the handle.
 * Use when: many processors contend for one lock and fairness matters.
 * Reference: J. Mellor-Crummey and M. Scott, "Algorithms for Scalable
 *   Synchronization on Shared-Memory Multiprocessors", 1991.
 */
#ifndef CONTEND_LOCKS_MCS_H
#define CONTEND_LOCKS_MCS_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_mcs_handle {
    CONTEND_ALIGNED _Atomic(struct lock_mcs_handle *) next; /* the thread that queued up behind us */
    _Atomic uint32_t gate;                                   /* opened by the predecessor */
};

struct lock_mcs {
    _Atomic(struct lock_mcs_handle *) tail;
    struct waiting waiting;
};

#define LOCK_INIT_mcs { NULL, WAITING_INIT }

#define LOCK_OPTIONS_mcs(part) WAITING_OPTIONS(part)

LOCK_OPTIONS_LIST(mcs)

static inline int lock_mcs_attach(struct lock_mcs *l, struct lock_mcs_handle *h)
{
    (void)l;
    atomic_init(&h->next, NULL);
    atomic_init(&h->gate, GATE_OPEN);
    return 0;
}

static inline void lock_mcs_detach(struct lock_mcs *l, struct lock_mcs_handle *h)
{
    (void)l;
    (void)h;
}

static inline int lock_mcs_init(struct lock_mcs *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_mcs_options);

    if (error)
        return error;
    atomic_init(&l->tail, NULL);
    l->waiting = waiting_of(&c.settings, lock_mcs_options);
    return 0;
}

static inline int lock_mcs_fini(struct lock_mcs *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->tail, memory_order_relaxed) ? -EBUSY : 0;
}

static inline int lock_mcs_acquire(struct lock_mcs *l, struct lock_mcs_handle *h)
{
    /* relaxed: nobody sees the node before the exchange below publishes it. */
    atomic_store_explicit(&h->next, NULL, memory_order_relaxed);
    gate_shut(&h->gate);

    /*
     * release: publishes the two stores above to the successor that swaps next.
     * acquire: pairs with the release of the compare-and-swap in
     * lock_mcs_release, when the queue was empty, and with a predecessor's
     * exchange, whose initialised `next` must precede our store to it.
     */
    struct lock_mcs_handle *before =
        atomic_exchange_explicit(&l->tail, h, memory_order_acq_rel);
    if (before == NULL)
        return 0;
    CONTEND_STEP("mcs: in the queue, not linked");

    /* release: pairs with the acquire loads of `next` in lock_mcs_release. */
    atomic_store_explicit(&before->next, h, memory_order_release);
    gate_wait(&l->waiting, &h->gate);
    return 0;
}

static inline int lock_mcs_try_acquire(struct lock_mcs *l, struct lock_mcs_handle *h)
{
    struct lock_mcs_handle *none = NULL;

    /* relaxed: as in lock_mcs_acquire. */
    atomic_store_explicit(&h->next, NULL, memory_order_relaxed);
    /* acq_rel: as the exchange in lock_mcs_acquire; relaxed on failure: nothing was taken. */
    return atomic_compare_exchange_strong_explicit(&l->tail, &none, h, memory_order_acq_rel,
                                                   memory_order_relaxed)
               ? 0
               : -EBUSY;
}

static inline void lock_mcs_release(struct lock_mcs *l, struct lock_mcs_handle *h)
{
    /* acquire: pairs with the release store of `next` in lock_mcs_acquire. */
    struct lock_mcs_handle *after = atomic_load_explicit(&h->next, memory_order_acquire);

    if (after == NULL) {
        struct lock_mcs_handle *self = h;
        /*
         * release: pairs with the acquire exchange of the next arrival; relaxed on failure:
         * value only.
         */
        if (atomic_compare_exchange_strong_explicit(&l->tail, &self, NULL, memory_order_release,
                                                    memory_order_relaxed))
            return;
        /* A thread has swapped the tail but not linked its node yet: leaving now would lose it. */
        do {
            contend_cpu_relax();
            /* acquire: pairs with the release store of `next` in lock_mcs_acquire. */
            after = atomic_load_explicit(&h->next, memory_order_acquire);
        } while (after == NULL);
    }
    gate_open(&l->waiting, &after->gate);
}

LOCK_EXCLUSIVE_ONLY(mcs)
LOCK_READERS_HOLD_IT(mcs)
LOCK_CALLER_EXECUTES(mcs)

enum {
    lock_mcs_flags = CONTEND_SPINS,
    lock_mcs_features =
        LOCK_FIFO | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_mcs_traits = {
    .id = {
        .name = "mcs",
        .title = "a queue of waiters, each spinning on its own line",
        .reference = "Mellor-Crummey and Scott, Algorithms for Scalable Synchronization, 1991",
        .flags = lock_mcs_flags,
        .options = lock_mcs_options,
    },
    .features = lock_mcs_features,
    .bytes = sizeof(struct lock_mcs),
};

LOCK_NO_HEAP(mcs)
LOCK_WAITING_TRAITS(mcs)

#endif
