/*
 * futex.h - a mutex of our own on one 32-bit word.
 *
 * Idea: 0 is free, 1 is held, 2 is held and a thread may sleep.  An unlock makes a
 *   system call only when it finds a 2.
 * Invariant: whenever a thread sleeps in the kernel on the word, the word is 2
 *   or a wake-up is on its way.  A waiter therefore always swaps in 2, never 1:
 *   it cannot know whether it is the last sleeper.
 * Progress: blocking.  A preempted holder stops everybody; waiters sleep.
 * Cost: two locked instructions a pair, no system call without contention;
 *   8 bytes: the word, and how long to spin.
 * Breaks when: sections are long and contended: each hand-over is a wake-up.
 * Use when: a lock must be small and still sleep.
 * Reference: U. Drepper, "Futexes Are Tricky", 2011, section 6 ("Mutex, Take 3").
 */
#ifndef CONTEND_LOCKS_FUTEX_H
#define CONTEND_LOCKS_FUTEX_H

#include "locks/lock.h"
#include "locks/parts/platform.h"

enum lock_futex_state {
    LOCK_FUTEX_FREE = 0,
    LOCK_FUTEX_HELD = 1,
    LOCK_FUTEX_CONTENDED = 2, /* held, and a thread may sleep */
};

struct lock_futex {
    _Atomic uint32_t state;
    uint32_t spin; /* looks before sleeping; constant after init */
};

/* The default: so many looks take about as long as a sleep and a wake-up. */
#define LOCK_FUTEX_SPIN 100
#define LOCK_OPTIONS_futex(part) \
    { part "spin", LOCK_FUTEX_SPIN, 0, 100000, "looks at the word before sleeping" },

LOCK_OPTIONS_LIST(futex)

#define LOCK_INIT_futex { LOCK_FUTEX_FREE, LOCK_FUTEX_SPIN }

LOCK_STATELESS_HANDLE(futex)

static inline int lock_futex_init(struct lock_futex *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_futex_options);

    if (error)
        return error;
    atomic_init(&l->state, LOCK_FUTEX_FREE);
    l->spin = (uint32_t)contend_option_value(&c.settings, lock_futex_options, "spin");
    return 0;
}

static inline int lock_futex_fini(struct lock_futex *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->state, memory_order_relaxed) == LOCK_FUTEX_FREE ? 0 : -EBUSY;
}

static inline int lock_futex_try_acquire(struct lock_futex *l, struct lock_futex_handle *h)
{
    uint32_t expected = LOCK_FUTEX_FREE;

    (void)h;
    /*
     * acquire: pairs with the release in lock_futex_release; relaxed on failure: nothing was
     * taken.
     */
    return atomic_compare_exchange_strong_explicit(&l->state, &expected, LOCK_FUTEX_HELD,
                                                   memory_order_acquire, memory_order_relaxed)
               ? 0
               : -EBUSY;
}

static inline int lock_futex_acquire(struct lock_futex *l, struct lock_futex_handle *h)
{
    if (lock_futex_try_acquire(l, h) == 0)
        return 0;
    for (uint32_t i = 0; i < l->spin; i++) {
        contend_cpu_relax();
        /* relaxed: value only; the swap does the ordering. */
        if (atomic_load_explicit(&l->state, memory_order_relaxed) == LOCK_FUTEX_FREE &&
            lock_futex_try_acquire(l, h) == 0)
            return 0;
    }
    /* acquire: pairs with the release in lock_futex_release. */
    while (atomic_exchange_explicit(&l->state, LOCK_FUTEX_CONTENDED, memory_order_acquire) !=
           LOCK_FUTEX_FREE) {
        CONTEND_STEP("futex: marked, not asleep");
        contend_futex_wait(&l->state, LOCK_FUTEX_CONTENDED);
    }
    return 0;
}

static inline void lock_futex_release(struct lock_futex *l, struct lock_futex_handle *h)
{
    (void)h;
    /* release: pairs with the acquire swaps in acquire and try_acquire. */
    if (atomic_exchange_explicit(&l->state, LOCK_FUTEX_FREE, memory_order_release) ==
        LOCK_FUTEX_CONTENDED)
        contend_futex_wake(&l->state, 1);
}

LOCK_EXCLUSIVE_ONLY(futex)
LOCK_READERS_HOLD_IT(futex)
LOCK_CALLER_EXECUTES(futex)

enum {
    lock_futex_flags = 0,
    lock_futex_features =
        LOCK_SLEEPS | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_futex_traits = {
    .id = {
        .name = "futex",
        .title = "a mutex of our own on one 32-bit word",
        .reference = "Drepper, Futexes Are Tricky, 2011",
        .flags = lock_futex_flags,
        .options = lock_futex_options,
    },
    .features = lock_futex_features,
    .bytes = sizeof(struct lock_futex),
};

LOCK_STATIC_TRAITS(futex)

#endif
