/*
 * hemlock.h - a queue lock with one word a lock and one word a thread.
 *
 * Idea: arrivals swap themselves into the tail and watch the predecessor, as in clh.h; but
 *   what they watch is a word of the thread, not a node.  Leaving, the predecessor writes into
 *   its word which lock it grants, and waits until the successor has taken note by clearing
 *   the word.  So the word is free again when release returns.  No node outlives its section,
 *   and none changes its owner.
 * Invariant: `tail` is NULL when the lock is free and else the last in the queue.  A thread's
 *   word names the lock that it passes on, from its release to its successor's note, and is
 *   NULL at all other times.  Only the next in that lock's queue may clear it.
 * Progress: blocking.  A preempted holder or waiter holds up all behind it, and one that is
 *   preempted before it takes note holds up the thread that leaves, too.
 * Cost: one locked instruction to enter, one to leave; a hand-over takes the word's line there
 *   and back, and the thread that leaves waits for it.  16 bytes a lock (8 where waiters only
 *   spin), a cache line pair a thread.
 * Breaks when: threads outnumber processors (wait=1 helps): both sides of a hand-over then wait
 *   for the scheduler.
 * Use when: there are many locks and many threads, and memory for neither; or a thread holds
 *   many locks at a time.  One word could serve all of them, because it names the lock; here a
 *   handle is used for one acquisition at a time (L3), and the name is checked for nothing.
 * Reference: D. Dice and A. Kogan, "Hemlock: Compact and Scalable Mutual Exclusion", 2021.
 */
#ifndef CONTEND_LOCKS_HEMLOCK_H
#define CONTEND_LOCKS_HEMLOCK_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_hemlock;

struct lock_hemlock_handle {
    CONTEND_ALIGNED _Atomic(struct lock_hemlock *) grant; /* the lock that we pass on, or NULL */
};

struct lock_hemlock {
    _Atomic(struct lock_hemlock_handle *) tail;
    struct waiting waiting;
};

#define LOCK_INIT_hemlock { NULL, WAITING_INIT }

#define LOCK_OPTIONS_hemlock(part) WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(hemlock)

static inline int lock_hemlock_attach(struct lock_hemlock *l, struct lock_hemlock_handle *h)
{
    (void)l;
    atomic_init(&h->grant, NULL);
    return 0;
}

static inline void lock_hemlock_detach(struct lock_hemlock *l, struct lock_hemlock_handle *h)
{
    (void)l, (void)h;
}

static inline int lock_hemlock_init(struct lock_hemlock *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_hemlock_options);

    if (error)
        return error;
    atomic_init(&l->tail, NULL);
    l->waiting = waiting_of(&c.settings, lock_hemlock_options);
    return 0;
}

static inline int lock_hemlock_fini(struct lock_hemlock *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->tail, memory_order_relaxed) ? -EBUSY : 0;
}

static inline int lock_hemlock_acquire(struct lock_hemlock *l, struct lock_hemlock_handle *h)
{
    uint32_t turns = 0;
    /*
     * release: publishes our word, which is NULL, to the successor.
     * acquire: pairs with it in the predecessor's exchange, and with the release of the
     * compare-and-swap in lock_hemlock_release, when the queue was empty.
     */
    struct lock_hemlock_handle *before =
        atomic_exchange_explicit(&l->tail, h, memory_order_acq_rel);

    if (before == NULL)
        return 0;
    CONTEND_STEP("hemlock: in the queue, not waiting");
    /* acquire: pairs with the release store of the grant in lock_hemlock_release. */
    while (atomic_load_explicit(&before->grant, memory_order_acquire) != l)
        waiting_turn(&l->waiting, &turns);
    /*
     * Takes note: from here on the word is its owner's again, and may be gone.
     * release: pairs with the acquire loop in lock_hemlock_release.
     */
    atomic_store_explicit(&before->grant, NULL, memory_order_release);
    return 0;
}

static inline int lock_hemlock_try_acquire(struct lock_hemlock *l, struct lock_hemlock_handle *h)
{
    struct lock_hemlock_handle *none = NULL;

    /* acq_rel: as the exchange in lock_hemlock_acquire; relaxed on failure: nothing was taken. */
    return atomic_compare_exchange_strong_explicit(&l->tail, &none, h, memory_order_acq_rel,
                                                   memory_order_relaxed)
               ? 0
               : -EBUSY;
}

static inline void lock_hemlock_release(struct lock_hemlock *l, struct lock_hemlock_handle *h)
{
    struct lock_hemlock_handle *self = h;
    uint32_t turns = 0;

    /*
     * release: pairs with the acquire exchange of the next arrival; relaxed on failure: value
     * only.
     */
    if (atomic_compare_exchange_strong_explicit(&l->tail, &self, NULL, memory_order_release,
                                                memory_order_relaxed))
        return;
    /* release: pairs with the acquire loop in lock_hemlock_acquire. */
    atomic_store_explicit(&h->grant, l, memory_order_release);
    CONTEND_STEP("hemlock: granted, not noted");
    /*
     * acquire: pairs with the release store of NULL in lock_hemlock_acquire, so that the
     * successor's access to the handle happens before whatever becomes of it.
     */
    while (atomic_load_explicit(&h->grant, memory_order_acquire) != NULL)
        waiting_turn(&l->waiting, &turns);
}

LOCK_EXCLUSIVE_ONLY(hemlock)
LOCK_READERS_HOLD_IT(hemlock)
LOCK_CALLER_EXECUTES(hemlock)

enum {
    lock_hemlock_flags = CONTEND_SPINS,
    lock_hemlock_features =
        LOCK_FIFO | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_hemlock_traits = {
    .id = {
        .name = "hemlock",
        .title = "a queue lock with one word a lock and one word a thread",
        .reference = "Dice and Kogan, Hemlock: Compact and Scalable Mutual Exclusion, 2021",
        .flags = lock_hemlock_flags,
        .options = lock_hemlock_options,
    },
    .features = lock_hemlock_features,
    .bytes = sizeof(struct lock_hemlock),
};

LOCK_STATIC_TRAITS(hemlock)

#endif
