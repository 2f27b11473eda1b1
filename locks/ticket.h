/*
 * ticket.h - take a number, wait until it is called.
 *
 * Idea: a fetch-and-add hands out numbers, the holder calls the next one when
 *   it leaves.  First come, first served, in eight bytes.
 * Invariant: next - serving (modulo 2^32) threads hold or await the lock; the
 *   holder is the one whose number equals `serving`, and only it writes there.
 * Progress: blocking.  A preempted waiter holds up everybody behind it, since
 *   no one else may be served before it.
 * Cost: one locked instruction and one store a pair; all waiters read the line
 *   that the holder writes, so a hand-over costs one transfer per waiter.  20 bytes.
 * Breaks when: threads outnumber processors: the next number is then asleep,
 *   and the lock moves at the pace of the scheduler (wait=1 helps).  More than 2^32 - 1 waiters.
 * Use when: fairness matters and every thread has a processor of its own.
 * Reference: D. Reed and R. Kanodia, 1979; J. Mellor-Crummey and M. Scott,
 *   "Algorithms for Scalable Synchronization on Shared-Memory Multiprocessors",
 *   1991 (with proportional backoff).
 */
#ifndef CONTEND_LOCKS_TICKET_H
#define CONTEND_LOCKS_TICKET_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_ticket {
    _Atomic uint32_t next;    /* the number that the next arrival takes */
    _Atomic uint32_t serving; /* the number that may enter */
    uint32_t backoff;         /* pauses for each thread ahead; constant after init */
    struct waiting waiting;
};

/* About as long as a section of a few nanoseconds and its hand-over. */
#define LOCK_TICKET_BACKOFF 1
#define LOCK_OPTIONS_ticket(part)                                                             \
    { part "backoff", LOCK_TICKET_BACKOFF, 0, 1000,                                           \
      "pauses for each thread ahead before the next look" },                                  \
    WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(ticket)

#define LOCK_INIT_ticket { 0, 0, LOCK_TICKET_BACKOFF, WAITING_INIT }

LOCK_STATELESS_HANDLE(ticket)

static inline int lock_ticket_init(struct lock_ticket *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_ticket_options);

    if (error)
        return error;
    atomic_init(&l->next, 0);
    atomic_init(&l->serving, 0);
    l->backoff = (uint32_t)contend_option_value(&c.settings, lock_ticket_options, "backoff");
    l->waiting = waiting_of(&c.settings, lock_ticket_options);
    return 0;
}

static inline int lock_ticket_fini(struct lock_ticket *l)
{
    /* relaxed: values only; no other thread is left. */
    return atomic_load_explicit(&l->next, memory_order_relaxed) ==
                   atomic_load_explicit(&l->serving, memory_order_relaxed)
               ? 0
               : -EBUSY;
}

static inline int lock_ticket_acquire(struct lock_ticket *l, struct lock_ticket_handle *h)
{
    (void)h;
    /* relaxed: the number itself; entering is ordered by `serving` below. */
    uint32_t mine = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);

    for (uint32_t turns = 0;;) {
        /* acquire: pairs with the release in lock_ticket_release. */
        uint32_t ahead = mine - atomic_load_explicit(&l->serving, memory_order_acquire);
        if (ahead == 0)
            return 0;
        /* A thread with more threads before it looks less often, and reads the busy line less. */
        for (uint32_t i = 1; i < l->backoff * (ahead < 64 ? ahead : 64); i++)
            contend_cpu_relax();
        waiting_turn(&l->waiting, &turns);
    }
}

static inline int lock_ticket_try_acquire(struct lock_ticket *l, struct lock_ticket_handle *h)
{
    (void)h;
    /* acquire: pairs with the release in lock_ticket_release, as in acquire. */
    uint32_t serving = atomic_load_explicit(&l->serving, memory_order_acquire);
    uint32_t expected = serving;

    /*
     * Takes number `serving` only if nobody has it yet.  relaxed: if the swap
     * succeeds, `serving` has not moved since the acquire load, because it moves
     * past that number only when its owner, now us, releases.  (Or a multiple of
     * 2^32 tickets has passed in between: a thread would have to be held up here
     * for minutes while the others do nothing but take the lock.)
     */
    return atomic_compare_exchange_strong_explicit(&l->next, &expected, serving + 1,
                                                   memory_order_relaxed, memory_order_relaxed)
               ? 0
               : -EBUSY;
}

static inline void lock_ticket_release(struct lock_ticket *l, struct lock_ticket_handle *h)
{
    (void)h;
    /* relaxed: only the holder writes `serving`, and that is us. */
    uint32_t mine = atomic_load_explicit(&l->serving, memory_order_relaxed);
    /* release: pairs with the acquire loads in acquire and try_acquire. */
    atomic_store_explicit(&l->serving, mine + 1, memory_order_release);
}

LOCK_EXCLUSIVE_ONLY(ticket)
LOCK_READERS_HOLD_IT(ticket)
LOCK_CALLER_EXECUTES(ticket)

enum {
    lock_ticket_flags = CONTEND_SPINS | CONTEND_PROCESS_SHARED,
    lock_ticket_features =
        LOCK_FIFO | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ticket_traits = {
    .id = {
        .name = "ticket",
        .title = "take a number, wait until it is called",
        .reference = "Mellor-Crummey and Scott, Algorithms for Scalable Synchronization, 1991",
        .flags = lock_ticket_flags,
        .options = lock_ticket_options,
    },
    .features = lock_ticket_features,
    .bytes = sizeof(struct lock_ticket),
};

LOCK_STATIC_TRAITS(ticket)

#endif
