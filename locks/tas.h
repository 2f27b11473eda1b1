/*
 * tas.h - test-and-set: swap in a 1 until what was there is a 0.
 *
 * Idea: the oldest spin lock.  An exchange both asks and takes, so that a waiter needs no
 *   other instruction.  But each look is then a write: the waiters drag the line from
 *   processor to processor, and the holder, who must write it to leave, queues among them.
 *   ttas.h is the remedy: look by reading.
 * Invariant: `held` is 1 exactly while one thread is between acquire and release; only the
 *   exchange that returned 0 makes it so.
 * Progress: blocking.  A preempted holder leaves the others spinning, and nothing bounds
 *   how often one waiter may lose.
 * Cost: one locked instruction a pair, and one for each look of a waiter; 4 bytes, and 8 for
 *   its options.
 * Breaks when: a second thread waits: its looks slow the holder down.  The longer a section
 *   is, the more of them there are.
 * Use when: never; it is the measure of what looking before swapping gains.
 * Reference: L. Rudolph and Z. Segall, "Dynamic Decentralized Cache Schemes for MIMD
 *   Parallel Processors", 1984; T. Anderson, "The Performance of Spin Lock Alternatives for
 *   Shared-Memory Multiprocessors", 1990.
 */
#ifndef CONTEND_LOCKS_TAS_H
#define CONTEND_LOCKS_TAS_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_tas {
    _Atomic uint32_t held;
    struct waiting waiting;
};

#define LOCK_OPTIONS_tas(part) WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(tas)

#define LOCK_INIT_tas { 0, WAITING_INIT }

LOCK_STATELESS_HANDLE(tas)

static inline int lock_tas_init(struct lock_tas *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_tas_options);

    if (error)
        return error;
    atomic_init(&l->held, 0);
    l->waiting = waiting_of(&c.settings, lock_tas_options);
    return 0;
}

static inline int lock_tas_fini(struct lock_tas *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->held, memory_order_relaxed) ? -EBUSY : 0;
}

static inline int lock_tas_try_acquire(struct lock_tas *l, struct lock_tas_handle *h)
{
    (void)h;
    /* acquire: pairs with the release in lock_tas_release. */
    return atomic_exchange_explicit(&l->held, 1, memory_order_acquire) ? -EBUSY : 0;
}

static inline int lock_tas_acquire(struct lock_tas *l, struct lock_tas_handle *h)
{
    uint32_t turns = 0;

    while (lock_tas_try_acquire(l, h) != 0)
        waiting_turn(&l->waiting, &turns);
    return 0;
}

static inline void lock_tas_release(struct lock_tas *l, struct lock_tas_handle *h)
{
    (void)h;
    /* release: pairs with the acquire in lock_tas_try_acquire. */
    atomic_store_explicit(&l->held, 0, memory_order_release);
}

LOCK_EXCLUSIVE_ONLY(tas)
LOCK_READERS_HOLD_IT(tas)
LOCK_CALLER_EXECUTES(tas)

enum {
    lock_tas_flags = CONTEND_SPINS | CONTEND_PROCESS_SHARED,
    lock_tas_features = LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_tas_traits = {
    .id = {
        .name = "tas",
        .title = "test-and-set: every look is a write",
        .reference = "Anderson, The Performance of Spin Lock Alternatives, 1990",
        .flags = lock_tas_flags,
        .options = lock_tas_options,
    },
    .features = lock_tas_features,
    .bytes = sizeof(struct lock_tas),
};

LOCK_STATIC_TRAITS(tas)

#endif
