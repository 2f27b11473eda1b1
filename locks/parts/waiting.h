/*
 * waiting.h - how a waiter waits: it spins, it spins and then yields, or it spins and sleeps.
 *
 * Which is best depends on the machine's load and not on the algorithm, so it is an option of
 * the locks that can do it, not a lock of its own.  A waiter that spins answers fastest and
 * burns the time of a holder that has no processor.  One that yields lets the holder run, if
 * both are on the same processor.  One that sleeps costs the holder a system call at each
 * hand-over.
 *
 * A lock uses one of two forms.  Either its loop asks waiting_turn() for a pause at each turn
 * (it spins or yields; the condition is the lock's own).  Or a waiter has a gate of its own:
 * its predecessor opens it, and the waiter may sleep on it.
 *
 * The gate's invariant: it is SHUT from gate_shut() to gate_open(), or ASLEEP in the part of
 *   that time in which its owner may sleep in the kernel.  gate_open() stores OPEN in one step
 *   and sees whether it has to wake.
 * Memory order: gate_open() releases and gate_wait() acquires, so what the opener did before
 *   happens before what the waiter does after.
 * Lifetime: once a gate is open, its owner may destroy it while the opener is still about to
 *   wake it.  The kernel uses only the address: at worst somebody else who sleeps there wakes
 *   up once too often, and every sleeper looks again.
 * Reference: A. Karlin, K. Li, M. Manasse and S. Owicki, "Empirical Studies of Competitive
 *   Spinning for a Shared-Memory Multiprocessor", 1991: spin for as long as a switch takes, then
 *   sleep, and you pay at most twice what the best choice would have cost.
 */
#ifndef CONTEND_LOCKS_PARTS_WAITING_H
#define CONTEND_LOCKS_PARTS_WAITING_H

#include "locks/parts/options.h"
#include "locks/parts/platform.h"

enum waiting_manner { WAITING_SPINS = 0, WAITING_YIELDS = 1, WAITING_SLEEPS = 2 };

/* Constant after the lock's init. */
struct waiting {
    uint32_t manner; /* enum waiting_manner */
    uint32_t spins;  /* turns before it yields or sleeps */
};

/* The default: so many turns take about as long as a sleep and a wake-up. */
#define WAITING_SPINS_PRESET 100
#define WAITING_INIT { WAITING_SPINS, WAITING_SPINS_PRESET }

/* The options of a lock whose waiters have gates, and of one whose waiters only spin or yield. */
#define WAITING_OPTIONS(part)                                                                 \
    { part "wait", WAITING_SPINS, WAITING_SPINS, WAITING_SLEEPS,                              \
      "a waiter 0 spins, 1 spins and then yields, 2 spins and then sleeps" },                 \
    WAITING_SPINS_OPTION(part)
#define WAITING_AWAKE_OPTIONS(part)                                                           \
    { part "wait", WAITING_SPINS, WAITING_SPINS, WAITING_YIELDS,                              \
      "a waiter 0 spins, 1 spins and then yields" },                                          \
    WAITING_SPINS_OPTION(part)
#define WAITING_SPINS_OPTION(part)                                                            \
    { part "spins", WAITING_SPINS_PRESET, 0, 100000, "turns before it yields or sleeps" },

/* What the settings ask for; `options` is the lock's list, with the options above. */
static inline struct waiting waiting_of(const struct contend_settings *s,
                                        const struct contend_option *options)
{
    struct waiting w;

    w.manner = (uint32_t)contend_option_value(s, options, "wait");
    w.spins = (uint32_t)contend_option_value(s, options, "spins");
    return w;
}

/* One turn of a loop that waits for another thread's store; `turns` begins at 0. */
static inline void waiting_turn(const struct waiting *w, uint32_t *turns)
{
    if (w->manner == WAITING_SPINS || *turns < w->spins) {
        ++*turns;
        contend_cpu_relax();
    } else {
        contend_yield();
    }
}

enum waiting_gate { GATE_OPEN = 0, GATE_SHUT = 1, GATE_ASLEEP = 2 };

/* The owner shuts its gate before it tells anybody of it. */
static inline void gate_shut(_Atomic uint32_t *gate)
{
    /* relaxed: whatever tells others of the gate publishes this store. */
    atomic_store_explicit(gate, GATE_SHUT, memory_order_relaxed);
}

/* The owner waits until its gate is open. */
static inline void gate_wait(const struct waiting *w, _Atomic uint32_t *gate)
{
    uint32_t turns = 0;

    /* acquire: pairs with the release in gate_open. */
    while (atomic_load_explicit(gate, memory_order_acquire) != GATE_OPEN) {
        if (w->manner != WAITING_SLEEPS || turns < w->spins) {
            waiting_turn(w, &turns);
            continue;
        }
        uint32_t shut = GATE_SHUT;
        /*
         * relaxed on success: it only asks for a wake-up.  On failure the gate is open, or already
         * marked: the load above looks again, with its acquire.
         */
        atomic_compare_exchange_strong_explicit(gate, &shut, GATE_ASLEEP, memory_order_relaxed,
                                                memory_order_relaxed);
        CONTEND_STEP("gate: marked, not asleep");
        contend_futex_wait(gate, GATE_ASLEEP);
    }
}

/* The predecessor opens a gate, once. */
static inline void gate_open(const struct waiting *w, _Atomic uint32_t *gate)
{
    if (w->manner != WAITING_SLEEPS) {
        /* release: pairs with the acquire in gate_wait. */
        atomic_store_explicit(gate, GATE_OPEN, memory_order_release);
        return;
    }
    /* release: as above. */
    if (atomic_exchange_explicit(gate, GATE_OPEN, memory_order_release) == GATE_ASLEEP)
        contend_futex_wake(gate, 1);
}

/* The traits of a lock with a member `waiting`: with it waiters may sleep instead of spinning. */
#define LOCK_WAITING_TRAITS(NAME)                                                             \
    static inline void lock_##NAME##_traits_of(struct lock_##NAME *l,                         \
                                               struct lock_traits *out)                       \
    {                                                                                         \
        *out = lock_##NAME##_traits;                                                          \
        if (l->waiting.manner == WAITING_SLEEPS) {                                            \
            out->id.flags &= ~(unsigned)CONTEND_SPINS;                                        \
            out->features |= LOCK_SLEEPS;                                                     \
        }                                                                                     \
    }

#endif
