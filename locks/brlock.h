/*
 * brlock.h - every reader has a gate of its own, and a writer looks at them all.
 *
 * Idea: a reader shuts its own gate, which no other reader touches, and is inside unless a
 *   writer has put up its flag.  A writer puts it up and waits at each gate in turn.  So
 *   readers pay next to nothing and writers pay for every attached thread.  (The "big
 *   reader" lock.)
 * Invariant: a reader inside has its gate shut.  A writer inside holds the roster's mutex,
 *   `writer` is 1, and it has found every gate open since.  A gate that shuts later is
 *   opened again, because its owner sees the flag.
 * Progress: blocking.  A preempted reader holds up the writers and, because they have put
 *   up the flag, all readers that come after.
 * Cost: a shared pair is two stores and a fence on a line of the thread's own, and a load
 *   of a line that only writers change; an exclusive pair is a mutex's, a fence, and a line
 *   transfer for each reader that was inside since.  64 bytes, and a line pair a thread.
 * Breaks when: writers are more than a few in a hundred, or threads are many; where all write,
 *   the mutex is faster.  A thread that attaches or detaches waits for the writer inside, and
 *   makes a try fail.
 * Use when: everybody reads, hardly anybody writes, and the data are no matter for a seqlock.
 * Reference: W. Hsieh and W. Weihl, "Scalable Reader-Writer Locks for Parallel Systems",
 *   1992; brlock of Linux 2.4.
 */
#ifndef CONTEND_LOCKS_BRLOCK_H
#define CONTEND_LOCKS_BRLOCK_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/roster.h"
#include "locks/parts/waiting.h"

struct lock_brlock_handle {
    CONTEND_ALIGNED struct roster_entry entry;
    _Atomic uint32_t gate; /* shut: its owner is inside, or looks whether it may be */
};

struct lock_brlock {
    struct roster readers;   /* its mutex is the writers' */
    _Atomic uint32_t writer; /* 1: a writer is inside, or waits at the gates */
    struct waiting waiting;
};

#define LOCK_OPTIONS_brlock(part) WAITING_OPTIONS(part)

LOCK_OPTIONS_LIST(brlock)

#define LOCK_INIT_brlock { ROSTER_INIT, 0, WAITING_INIT }

static inline int lock_brlock_init(struct lock_brlock *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_brlock_options);

    if (error)
        return error;
    atomic_init(&l->writer, 0);
    l->waiting = waiting_of(&c.settings, lock_brlock_options);
    return roster_init(&l->readers);
}

static inline int lock_brlock_fini(struct lock_brlock *l)
{
    /* roster_fini would wait for a writer inside; a reader inside is attached. */
    if (roster_try_lock(&l->readers) != 0)
        return -EBUSY;
    roster_unlock(&l->readers);
    return roster_fini(&l->readers);
}

static inline int lock_brlock_attach(struct lock_brlock *l, struct lock_brlock_handle *h)
{
    atomic_init(&h->gate, GATE_OPEN);
    roster_lock(&l->readers);
    roster_enter_locked(&l->readers, &h->entry);
    roster_unlock(&l->readers);
    return 0;
}

static inline void lock_brlock_detach(struct lock_brlock *l, struct lock_brlock_handle *h)
{
    roster_lock(&l->readers);
    roster_leave_locked(&l->readers, &h->entry);
    roster_unlock(&l->readers);
}

/*
 * The flag and the gates are Dekker's mutual exclusion.  A reader stores its gate and then
 * loads the flag; a writer stores the flag and then loads the gates; and between the two each
 * has a seq_cst fence.  Of two fences one comes first, and its thread's store is seen by the
 * load behind the other: they cannot overlook each other.
 */
static inline void lock_brlock_announce(struct lock_brlock *l)
{
    /* relaxed: the fence orders it before the loads of the gates. */
    atomic_store_explicit(&l->writer, 1, memory_order_relaxed);
    /* seq_cst: pairs with the fence in lock_brlock_try_acquire_shared. */
    atomic_thread_fence(memory_order_seq_cst);
    CONTEND_STEP("brlock: announced, gates not seen");
}

static inline _Atomic uint32_t *lock_brlock_gate(struct roster_entry *e)
{
    return &((struct lock_brlock_handle *)(void *)e)->gate;
}

static inline int lock_brlock_acquire(struct lock_brlock *l, struct lock_brlock_handle *h)
{
    (void)h;
    roster_lock(&l->readers);
    lock_brlock_announce(l);
    for (struct roster_entry *e = l->readers.head; e; e = e->next)
        gate_wait(&l->waiting, lock_brlock_gate(e));
    return 0;
}

static inline void lock_brlock_release(struct lock_brlock *l, struct lock_brlock_handle *h)
{
    (void)h;
    /* release: pairs with the acquire in lock_brlock_try_acquire_shared. */
    atomic_store_explicit(&l->writer, 0, memory_order_release);
    roster_unlock(&l->readers);
}

static inline int lock_brlock_try_acquire(struct lock_brlock *l, struct lock_brlock_handle *h)
{
    if (roster_try_lock(&l->readers) != 0)
        return -EBUSY;
    lock_brlock_announce(l);
    for (struct roster_entry *e = l->readers.head; e; e = e->next)
        /* acquire: pairs with the release in gate_open, as in gate_wait. */
        if (atomic_load_explicit(lock_brlock_gate(e), memory_order_acquire) != GATE_OPEN) {
            lock_brlock_release(l, h);
            return -EBUSY;
        }
    return 0;
}

static inline void lock_brlock_release_shared(struct lock_brlock *l, struct lock_brlock_handle *h)
{
    gate_open(&l->waiting, &h->gate);
}

static inline int lock_brlock_try_acquire_shared(struct lock_brlock *l,
                                                 struct lock_brlock_handle *h)
{
    gate_shut(&h->gate);
    /* seq_cst: pairs with the fence in lock_brlock_announce. */
    atomic_thread_fence(memory_order_seq_cst);
    /* acquire: pairs with the release in lock_brlock_release. */
    if (atomic_load_explicit(&l->writer, memory_order_acquire) == 0)
        return 0;
    lock_brlock_release_shared(l, h);
    return -EBUSY;
}

static inline int lock_brlock_acquire_shared(struct lock_brlock *l, struct lock_brlock_handle *h)
{
    if (lock_brlock_try_acquire_shared(l, h) == 0)
        return 0;
    CONTEND_STEP("brlock: sent away by a writer");
    /*
     * Queues with the writers.  While we hold the mutex no writer is inside, and the next one
     * finds the gate shut: the mutex orders that, so this time no fence is needed.
     */
    roster_lock(&l->readers);
    gate_shut(&h->gate);
    roster_unlock(&l->readers);
    return 0;
}

LOCK_READERS_HOLD_IT(brlock)
LOCK_CALLER_EXECUTES(brlock)

enum {
    lock_brlock_flags = CONTEND_SPINS | CONTEND_LOOKS_INTO_HANDLES, /* the readers' gates */
    lock_brlock_features = LOCK_SHARED | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER,
};

static const struct lock_traits lock_brlock_traits = {
    .id = {
        .name = "brlock",
        .title = "every reader has a gate of its own, a writer looks at them all",
        .reference = "Hsieh and Weihl, Scalable Reader-Writer Locks for Parallel Systems, 1992",
        .flags = lock_brlock_flags,
        .options = lock_brlock_options,
    },
    .features = lock_brlock_features,
    .bytes = sizeof(struct lock_brlock),
};

LOCK_NO_HEAP(brlock)
LOCK_WAITING_TRAITS(brlock)

#endif
