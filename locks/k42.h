/*
 * k42.h - mcs without a handle: the node lives on the stack, and only while its thread waits.
 *
 * Idea: mcs.h needs a node from acquire to release, so its users must carry one.  Here a thread
 *   that has the lock no longer needs its node: before acquire returns, it moves what the node
 *   knows into the lock itself.  The lock contains a node that stands for the thread that holds
 *   it: `holder.next` is the first waiter.  Where the tail points to the holder's node,
 *   nobody waits.
 * Invariant: `tail` is NULL when the lock is free; else it is the last waiter's node, or the
 *   holder's if there is none.  The first waiter is holder.next and each knows the next one,
 *   except that a link is missing between a swap of the tail and the store after it.  A node
 *   on a stack is in the queue or about to leave it as long as its acquire runs, and no longer.
 * Progress: blocking.  A preempted holder or waiter holds up all behind it.  The tail is swapped
 *   by compare-and-swap, in a loop: an arrival can be held up by the arrivals of others.
 * Cost: one locked instruction to enter and one to leave without contention; with it one more
 *   than mcs, to take the node back out of the queue.  All waiters' swaps, and the holder's, go
 *   to the lock's own line.  32 bytes a lock, nothing for a thread.
 * Breaks when: threads outnumber processors: as mcs.h, and wait=2 helps as there.
 * Use when: a queue lock must stand in for a lock whose users carry no handle.  It could even be
 *   released by another thread than the one that took it, but L4 does not ask for that.
 * Reference: M. Auslander, D. Edelsohn, O. Krieger, B. Rosenburg and R. Wisniewski, IBM's K42,
 *   "Enhancement to the MCS Lock for Increased Functionality and Improved Programmability",
 *   2003; as explained in M. Scott, "Shared-Memory Synchronization", 2013, section 4.3.2.
 */
#ifndef CONTEND_LOCKS_K42_H
#define CONTEND_LOCKS_K42_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_k42_node {
    _Atomic(struct lock_k42_node *) next; /* the next waiter */
    _Atomic uint32_t gate;                /* of a waiter: opened by the holder that leaves */
};

struct lock_k42 {
    _Atomic(struct lock_k42_node *) tail;
    struct lock_k42_node holder; /* its gate is not used */
    struct waiting waiting;
};

#define LOCK_INIT_k42 { NULL, { NULL, GATE_OPEN }, WAITING_INIT }

#define LOCK_OPTIONS_k42(part) WAITING_OPTIONS(part)

LOCK_OPTIONS_LIST(k42)

LOCK_STATELESS_HANDLE(k42)

static inline int lock_k42_init(struct lock_k42 *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_k42_options);

    if (error)
        return error;
    atomic_init(&l->tail, NULL);
    atomic_init(&l->holder.next, NULL);
    atomic_init(&l->holder.gate, GATE_OPEN);
    l->waiting = waiting_of(&c.settings, lock_k42_options);
    return 0;
}

static inline int lock_k42_fini(struct lock_k42 *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->tail, memory_order_relaxed) ? -EBUSY : 0;
}

static inline int lock_k42_try_acquire(struct lock_k42 *l, struct lock_k42_handle *h)
{
    struct lock_k42_node *none = NULL;

    (void)h;
    /*
     * acquire: pairs with the release in lock_k42_release.  It publishes nothing: holder.next is
     * NULL already, as the last holder left it.  relaxed on failure: nothing was taken.
     */
    return atomic_compare_exchange_strong_explicit(&l->tail, &none, &l->holder,
                                                   memory_order_acquire, memory_order_relaxed)
               ? 0
               : -EBUSY;
}

/* The successor of a node that is not the last: its link may be a moment late. */
static inline struct lock_k42_node *lock_k42_successor(struct lock_k42_node *node)
{
    struct lock_k42_node *next;

    /* acquire: pairs with the release store of `next` in lock_k42_acquire. */
    while (!(next = atomic_load_explicit(&node->next, memory_order_acquire)))
        contend_cpu_relax();
    return next;
}

/* The lock is ours: takes our node out of the queue, and leaves our successor in the lock. */
static inline void lock_k42_move_in(struct lock_k42 *l, struct lock_k42_node *mine)
{
    struct lock_k42_node *last = mine;

    /* relaxed: value only; if there is a successor, lock_k42_successor looks again. */
    if (atomic_load_explicit(&mine->next, memory_order_relaxed) == NULL) {
        /* relaxed: only arrivals that find the holder's node in the tail write there. */
        atomic_store_explicit(&l->holder.next, NULL, memory_order_relaxed);
        /*
         * release: publishes the store above to the next arrival, whose link must come after it;
         * pairs with the acquire of the swap in lock_k42_acquire.  relaxed on failure: value only.
         */
        if (atomic_compare_exchange_strong_explicit(&l->tail, &last, &l->holder,
                                                    memory_order_release, memory_order_relaxed))
            return;
    }
    /* relaxed: nobody but us reads it, on leaving. */
    atomic_store_explicit(&l->holder.next, lock_k42_successor(mine), memory_order_relaxed);
}

static inline int lock_k42_acquire(struct lock_k42 *l, struct lock_k42_handle *h)
{
    CONTEND_ALIGNED struct lock_k42_node mine;
    /* relaxed: a guess, which the swap below checks. */
    struct lock_k42_node *last = atomic_load_explicit(&l->tail, memory_order_relaxed);

    for (;;) {
        if (last == NULL && lock_k42_try_acquire(l, h) == 0)
            return 0;
        atomic_init(&mine.next, NULL);
        atomic_init(&mine.gate, GATE_SHUT);
        /*
         * release: publishes the node to the successor.
         * acquire: pairs with it in the predecessor's swap, and with the release in
         * lock_k42_move_in: the link below must replace what was there.  relaxed on failure: value
         * only.
         */
        if (last != NULL &&
            atomic_compare_exchange_weak_explicit(&l->tail, &last, &mine, memory_order_acq_rel,
                                                  memory_order_relaxed))
            break;
        contend_cpu_relax();
        /* relaxed: a guess again. */
        last = atomic_load_explicit(&l->tail, memory_order_relaxed);
    }
    CONTEND_STEP("k42: in the queue, not linked");
    /*
     * The predecessor cannot go before it has seen our link.  release: pairs with the acquire in
     * lock_k42_successor and in lock_k42_release.
     */
    atomic_store_explicit(&last->next, &mine, memory_order_release);
    gate_wait(&l->waiting, &mine.gate);
    lock_k42_move_in(l, &mine);
    return 0;
}

static inline void lock_k42_release(struct lock_k42 *l, struct lock_k42_handle *h)
{
    struct lock_k42_node *self = &l->holder;

    (void)h;
    /* relaxed: value only; if there is a successor, lock_k42_successor looks again. */
    if (atomic_load_explicit(&l->holder.next, memory_order_relaxed) == NULL &&
        /*
         * release: pairs with the acquire in lock_k42_try_acquire; relaxed on failure: value only.
         */
        atomic_compare_exchange_strong_explicit(&l->tail, &self, NULL, memory_order_release,
                                                memory_order_relaxed))
        return;
    gate_open(&l->waiting, &lock_k42_successor(&l->holder)->gate);
}

LOCK_EXCLUSIVE_ONLY(k42)
LOCK_READERS_HOLD_IT(k42)
LOCK_CALLER_EXECUTES(k42)

enum {
    lock_k42_flags = CONTEND_SPINS,
    lock_k42_features =
        LOCK_FIFO | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_k42_traits = {
    .id = {
        .name = "k42",
        .title = "mcs without a handle: nodes live on the stack while their threads wait",
        .reference = "Auslander and others, Enhancement to the MCS Lock, 2003",
        .flags = lock_k42_flags,
        .options = lock_k42_options,
    },
    .features = lock_k42_features,
    .bytes = sizeof(struct lock_k42),
};

LOCK_NO_HEAP(k42)
LOCK_WAITING_TRAITS(k42)

#endif
