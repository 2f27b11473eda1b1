/*
 * reciprocating.h - arrivals pile up, and the pile is served from the top.
 *
 * Idea: an arrival swaps itself onto a pile of arrivals, and thereby learns which thread lies
 *   below it.  A holder that leaves takes the whole pile in one exchange and hands the lock to
 *   its top; from there it goes down the pile, each passing it on to the one below, with no
 *   look at the lock's own word.  Meanwhile a new pile grows.  Where mcs.h has to wait for a successor's link and
 *   clh.h for another thread's node, here each waiter has all that it will need before it waits.
 *   The price is the order: last come, first served within a pile.  But a thread that arrives
 *   while a pile is served lies on the next one, so none overtakes another twice.
 * Invariant: `arrivals` is FREE; or UNCONTENDED, when the lock is held and nobody has come since
 *   the last pile was taken; or the top of the pile.  At the bottom of the first pile after the
 *   lock was free lies the holder itself, which no longer waits.  With the lock each holder is
 *   told this bottom (`end`), and if that is the one below it, its pile ends there.  `end` is an
 *   address that is compared and never followed: the thread may be gone, or wait again.
 * Progress: blocking.  A preempted holder or waiter holds up all below it, and the piles after.
 * Cost: one locked instruction to enter; to leave, one if nobody waits, none within a pile, two
 *   at its end.  A waiter spins on its own line.  16 bytes a lock (8 where waiters only spin), a
 *   cache line pair a thread.
 * Breaks when: threads outnumber processors (wait=1 helps), or first come must be first served.
 *   In a steady state one thread may get twice as many turns as another: the one at the end of
 *   a pile may be at the beginning of the next.
 * Use when: to see that order is a price: it beats mcs.h as far as it waits for less.
 * Reference: D. Dice and A. Kogan, "Reciprocating Locks", 2025.
 */
#ifndef CONTEND_LOCKS_RECIPROCATING_H
#define CONTEND_LOCKS_RECIPROCATING_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

/* Words instead of pointers: an address is also a mark, and may outlive what it was of. */
enum { LOCK_RECIPROCATING_FREE = 0, LOCK_RECIPROCATING_UNCONTENDED = 1 };

struct lock_reciprocating_handle {
    CONTEND_ALIGNED _Atomic uintptr_t gate;  /* 0, or `end` from the thread that lets us in */
    struct lock_reciprocating_handle *below; /* the next to be let in, from acquire to release */
    uintptr_t end;                           /* of the pile, likewise; or UNCONTENDED */
};

struct lock_reciprocating {
    _Atomic uintptr_t arrivals;
    struct waiting waiting;
};

#define LOCK_INIT_reciprocating { LOCK_RECIPROCATING_FREE, WAITING_INIT }

#define LOCK_OPTIONS_reciprocating(part) WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(reciprocating)

static inline int lock_reciprocating_attach(struct lock_reciprocating *l,
                                            struct lock_reciprocating_handle *h)
{
    (void)l;
    atomic_init(&h->gate, 0);
    h->below = NULL;
    h->end = 0;
    return 0;
}

static inline void lock_reciprocating_detach(struct lock_reciprocating *l,
                                             struct lock_reciprocating_handle *h)
{
    (void)l, (void)h;
}

static inline int lock_reciprocating_init(struct lock_reciprocating *l,
                                          const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_reciprocating_options);

    if (error)
        return error;
    atomic_init(&l->arrivals, LOCK_RECIPROCATING_FREE);
    l->waiting = waiting_of(&c.settings, lock_reciprocating_options);
    return 0;
}

static inline int lock_reciprocating_fini(struct lock_reciprocating *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->arrivals, memory_order_relaxed) == LOCK_RECIPROCATING_FREE
               ? 0
               : -EBUSY;
}

static inline int lock_reciprocating_acquire(struct lock_reciprocating *l,
                                             struct lock_reciprocating_handle *h)
{
    uint32_t turns = 0;

    /* relaxed: nobody sees the gate before the exchange below publishes it. */
    atomic_store_explicit(&h->gate, 0, memory_order_relaxed);
    /*
     * release: publishes the store above to the thread that will open the gate.
     * acquire: pairs with it in the exchange of the thread below, whose gate we shall open; and
     * with the release of the compare-and-swap in lock_reciprocating_release, if the lock was free.
     */
    uintptr_t below = atomic_exchange_explicit(&l->arrivals, (uintptr_t)h, memory_order_acq_rel);

    if (below == LOCK_RECIPROCATING_FREE) {
        h->below = NULL;
        h->end = (uintptr_t)h;
        return 0;
    }
    CONTEND_STEP("reciprocating: on the pile, not waiting");
    /* acquire: pairs with the release stores in lock_reciprocating_release. */
    while (!(h->end = atomic_load_explicit(&h->gate, memory_order_acquire)))
        waiting_turn(&l->waiting, &turns);
    if (below == h->end) { /* nobody below us waits, and the next pile begins with nobody */
        h->below = NULL;
        h->end = LOCK_RECIPROCATING_UNCONTENDED;
    } else {
        h->below = (struct lock_reciprocating_handle *)below;
    }
    return 0;
}

static inline int lock_reciprocating_try_acquire(struct lock_reciprocating *l,
                                                 struct lock_reciprocating_handle *h)
{
    uintptr_t none = LOCK_RECIPROCATING_FREE;

    /*
     * acquire: pairs with the release of the compare-and-swap in lock_reciprocating_release.  This
     * one publishes nothing: nobody follows the address of a holder.  relaxed on failure: nothing
     * was taken.
     */
    if (!atomic_compare_exchange_strong_explicit(&l->arrivals, &none, (uintptr_t)h,
                                                 memory_order_acquire, memory_order_relaxed))
        return -EBUSY;
    h->below = NULL;
    h->end = (uintptr_t)h;
    return 0;
}

static inline void lock_reciprocating_release(struct lock_reciprocating *l,
                                              struct lock_reciprocating_handle *h)
{
    struct lock_reciprocating_handle *next = h->below;
    uintptr_t nobody = h->end, end = h->end;

    if (next == NULL) {
        /*
         * release: pairs with the acquire exchange of the next arrival; relaxed on failure: value
         * only.
         */
        if (atomic_compare_exchange_strong_explicit(&l->arrivals, &nobody, LOCK_RECIPROCATING_FREE,
                                                    memory_order_release, memory_order_relaxed))
            return;
        CONTEND_STEP("reciprocating: a pile has grown, not taken");
        /*
         * Takes the pile.  acquire: pairs with the release of the top's exchange, so that our store
         * to its gate comes after its own.
         */
        next = (struct lock_reciprocating_handle *)atomic_exchange_explicit(
            &l->arrivals, LOCK_RECIPROCATING_UNCONTENDED, memory_order_acquire);
    }
    /* release: pairs with the acquire loop in lock_reciprocating_acquire. */
    atomic_store_explicit(&next->gate, end, memory_order_release);
}

LOCK_EXCLUSIVE_ONLY(reciprocating)
LOCK_READERS_HOLD_IT(reciprocating)
LOCK_CALLER_EXECUTES(reciprocating)

enum {
    lock_reciprocating_flags = CONTEND_SPINS,
    lock_reciprocating_features =
        LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_reciprocating_traits = {
    .id = {
        .name = "reciprocating",
        .title = "arrivals pile up, and the pile is served from the top",
        .reference = "Dice and Kogan, Reciprocating Locks, 2025",
        .flags = lock_reciprocating_flags,
        .options = lock_reciprocating_options,
    },
    .features = lock_reciprocating_features,
    .bytes = sizeof(struct lock_reciprocating),
};

LOCK_STATIC_TRAITS(reciprocating)

#endif
