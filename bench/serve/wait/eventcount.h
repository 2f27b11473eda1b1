/*
 * eventcount.h - a waiter looks for a while and then sleeps; an announcement wakes only sleepers.
 *
 * Idea: the number and a count of sleepers.  The announcer raises the number and wakes only if it
 *   finds sleepers; a waiter counts itself among them, looks once more, and sleeps.
 * Invariant: a waiter that is asleep has been counted since before its last look at the number.
 *   Either that look finds the announcement, or the announcer finds the waiter counted: the two
 *   fences leave no third.
 * Linearisation points: as spin.h.
 * Pairings: parts/number.h; and the fence of the announcer, between raising the number and
 *   reading `sleepers`, with the fence of the waiter, between counting itself and reading the
 *   number: both are sequentially consistent (Dekker).
 * Progress: announce is wait-free apart from a system call, which it makes for sleepers only.
 * Cost: a fence for each announcement; for a waiter up to its `spins` of looking, then as park.h.
 * Breaks when: waiters always just miss the end of their spinning.
 * Use when: news come in bursts: an announcer should not pay for waiters that are awake.
 * Reference: D. Reed and R. Kanodia, "Synchronization with Eventcounts and Sequencers", 1979; A.
 *   Karlin et al., "Empirical Studies of Competitive Spinning", 1991.
 */
#ifndef CONTEND_BENCH_SERVE_WAIT_EVENTCOUNT_H
#define CONTEND_BENCH_SERVE_WAIT_EVENTCOUNT_H

#include "bench/serve/wait/parts/number.h"

/* Looks before it sleeps: about as long as a sleep and a wake-up take. */
#ifndef WAIT_EVENTCOUNT_SPINS
#define WAIT_EVENTCOUNT_SPINS 400
#endif

struct wait_eventcount {
    _Atomic uint32_t number;
    _Atomic uint32_t sleepers; /* waiters that sleep, or are about to */
};

static inline void wait_eventcount_init(struct wait_eventcount *w)
{
    atomic_init(&w->number, 0);
    atomic_init(&w->sleepers, 0);
}

static inline void wait_eventcount_announce(struct wait_eventcount *w)
{
    wait_number_raise(&w->number);
    /* seq_cst: pairs with the fence in wait_eventcount_sleep. */
    atomic_thread_fence(memory_order_seq_cst);
    CONTEND_STEP("eventcount: raised, not yet looked for sleepers");
    /* relaxed: the fence orders it. */
    if (atomic_load_explicit(&w->sleepers, memory_order_relaxed))
        contend_futex_wake(&w->number, INT_MAX);
}

static inline uint32_t wait_eventcount_current(struct wait_eventcount *w)
{
    return wait_number_now(&w->number);
}

/* Sleeps unless the number is another one than `seen`. */
static inline void wait_eventcount_sleep(struct wait_eventcount *w, uint32_t seen)
{
    /* relaxed, here and below: the fence orders the one, and nothing depends on the other. */
    atomic_fetch_add_explicit(&w->sleepers, 1, memory_order_relaxed);
    /* seq_cst: pairs with the fence in wait_eventcount_announce. */
    atomic_thread_fence(memory_order_seq_cst);
    CONTEND_STEP("eventcount: counted, not yet looked again");
    if (wait_number_now(&w->number) == seen)
        contend_futex_wait(&w->number, seen);
    atomic_fetch_sub_explicit(&w->sleepers, 1, memory_order_relaxed);
}

static inline uint32_t wait_eventcount_await(struct wait_eventcount *w, uint32_t seen)
{
    uint32_t now;

    for (unsigned spins = 0; (now = wait_number_now(&w->number)) == seen; spins++)
        if (spins < WAIT_EVENTCOUNT_SPINS)
            contend_cpu_relax();
        else
            wait_eventcount_sleep(w, seen);
    return now;
}

static const struct wait_traits wait_eventcount_traits = {
    .id = { .name = "eventcount", .title = "looks for a while, then sleeps; only sleepers are woken",
            .reference = "Reed and Kanodia, Eventcounts and Sequencers, 1979",
            .flags = CONTEND_TSAN_UNSOUND },
    .announce = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .sleeps = 1,
};

#endif
