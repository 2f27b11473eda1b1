/*
 * ttas.h - test and test-and-set with exponential backoff.
 *
 * Idea: look before you swap.  Waiters read the flag in their own cache until
 *   it is clear, and only then try to take the line; a thread that loses the race
 *   waits longer before the next look.
 * Invariant: `held` is 1 exactly while one thread is between acquire and
 *   release; only the exchange that returned 0 makes it so.
 * Progress: blocking.  A preempted holder leaves the others spinning, and
 *   nothing bounds how often one waiter may lose.
 * Cost: one locked instruction a pair, one shared line; 4 bytes, and 12 for its options.
 * Breaks when: threads outnumber processors (the holder sleeps, the waiters
 *   burn its time), or when fairness matters.
 * Use when: sections are a few nanoseconds long and every thread has a processor.
 * Reference: L. Rudolph and Z. Segall, 1984 (test and test-and-set);
 *   T. Anderson, "The Performance of Spin Lock Alternatives", 1990 (backoff).
 */
#ifndef CONTEND_LOCKS_TTAS_H
#define CONTEND_LOCKS_TTAS_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_ttas {
    _Atomic uint32_t held;
    uint32_t backoff; /* constant after init */
    struct waiting waiting;
};

#define LOCK_TTAS_BACKOFF 256
#define LOCK_OPTIONS_ttas(part)                                                               \
    { part "backoff", LOCK_TTAS_BACKOFF, 1, 100000,                                           \
      "most pauses between two looks; they double up to it, 1 is no backoff" },               \
    WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(ttas)

#define LOCK_INIT_ttas { 0, LOCK_TTAS_BACKOFF, WAITING_INIT }

LOCK_STATELESS_HANDLE(ttas)

static inline int lock_ttas_init(struct lock_ttas *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_ttas_options);

    if (error)
        return error;
    atomic_init(&l->held, 0);
    l->backoff = (uint32_t)contend_option_value(&c.settings, lock_ttas_options, "backoff");
    l->waiting = waiting_of(&c.settings, lock_ttas_options);
    return 0;
}

static inline int lock_ttas_fini(struct lock_ttas *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->held, memory_order_relaxed) ? -EBUSY : 0;
}

static inline int lock_ttas_try_acquire(struct lock_ttas *l, struct lock_ttas_handle *h)
{
    (void)h;
    /* acquire: pairs with the release in lock_ttas_release. */
    return atomic_exchange_explicit(&l->held, 1, memory_order_acquire) ? -EBUSY : 0;
}

static inline int lock_ttas_acquire(struct lock_ttas *l, struct lock_ttas_handle *h)
{
    uint32_t pauses = 1, turns = 0;

    while (lock_ttas_try_acquire(l, h) != 0) {
        /* relaxed: value only; the exchange above does the ordering. */
        while (atomic_load_explicit(&l->held, memory_order_relaxed)) {
            for (uint32_t i = 1; i < pauses; i++)
                contend_cpu_relax();
            waiting_turn(&l->waiting, &turns);
            if (pauses < l->backoff)
                pauses *= 2;
        }
    }
    return 0;
}

static inline void lock_ttas_release(struct lock_ttas *l, struct lock_ttas_handle *h)
{
    (void)h;
    /* release: pairs with the acquire in lock_ttas_try_acquire. */
    atomic_store_explicit(&l->held, 0, memory_order_release);
}

LOCK_EXCLUSIVE_ONLY(ttas)
LOCK_READERS_HOLD_IT(ttas)
LOCK_CALLER_EXECUTES(ttas)

enum {
    lock_ttas_flags = CONTEND_SPINS | CONTEND_PROCESS_SHARED,
    lock_ttas_features =
        LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ttas_traits = {
    .id = {
        .name = "ttas",
        .title = "test and test-and-set with backoff",
        .reference = "Anderson, The Performance of Spin Lock Alternatives, 1990",
        .flags = lock_ttas_flags,
        .options = lock_ttas_options,
    },
    .features = lock_ttas_features,
    .bytes = sizeof(struct lock_ttas),
};

LOCK_STATIC_TRAITS(ttas)

#endif
