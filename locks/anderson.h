/*
 * anderson.h - take a number, and wait at the counter window that it belongs to.
 *
 * Idea: ticket.h, with an array of slots, each on a line of its own.  Number n waits at slot
 *   n modulo their number; the holder writes the next number into the next slot.  A hand-over
 *   disturbs one waiter, not all of them.
 *   Anderson's slots are flags, "must wait" or "has lock".  Two threads at one flag would both
 *   enter, so there must be a slot for every thread that may come.  With numbers, which P. Dice
 *   calls a partitioned ticket lock, threads that share a slot only share a line.
 * Invariant: number n may enter when slot n mod slots holds n.  Numbers are handed out once,
 *   and n + 1 is written by the holder of n alone; so no slot changes twice before the thread
 *   that it let in has left.
 * Progress: blocking.  A preempted waiter holds up everybody behind it.
 * Cost: one locked instruction and one store a pair.  Bytes: a cache line pair for each slot,
 *   16 slots by default, in every lock: too much for a lock in every object.
 * Breaks when: threads outnumber processors (wait=1 helps).  More than 2^32 - 1 waiters.
 * Use when: one lock is contended, threads carry no queue nodes, and order matters.
 * Reference: T. Anderson, "The Performance of Spin Lock Alternatives for Shared-Memory
 *   Multiprocessors", 1990; D. Dice, "Brief Announcement: A Partitioned Ticket Lock", 2011.
 */
#ifndef CONTEND_LOCKS_ANDERSON_H
#define CONTEND_LOCKS_ANDERSON_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_anderson_slot {
    CONTEND_ALIGNED _Atomic uint32_t serving; /* the number that was last let in here */
};

struct lock_anderson {
    _Atomic uint32_t next; /* the number that the next arrival takes */
    uint32_t mask;         /* number of slots, a power of two, less 1; constant after init */
    struct lock_anderson_slot *slots;
    const struct contend_allocator *allocator;
    struct waiting waiting;
};

struct lock_anderson_handle {
    uint32_t mine; /* the number, from acquire to release */
};

#define LOCK_ANDERSON_SLOTS 16
#define LOCK_OPTIONS_anderson(part)                                                           \
    { part "slots", LOCK_ANDERSON_SLOTS, 1, 1024,                                             \
      "threads that wait on lines of their own, rounded up to a power of two; 1 is ticket" }, \
    WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(anderson)

static inline size_t lock_anderson_heap_of(const struct lock_anderson *l)
{
    return ((size_t)l->mask + 1) * sizeof *l->slots;
}

static inline int lock_anderson_init(struct lock_anderson *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_anderson_options);

    if (error)
        return error;
    int64_t slots = contend_option_value(&c.settings, lock_anderson_options, "slots");
    l->mask = (uint32_t)contend_round_up_pow2((uint64_t)slots) - 1;
    l->allocator = c.allocator;
    l->waiting = waiting_of(&c.settings, lock_anderson_options);
    l->slots = contend_allocate(l->allocator, CONTEND_CACHE_LINE, lock_anderson_heap_of(l));
    if (!l->slots)
        return -ENOMEM;
    /* Number 0 may enter; no other number that waits at any slot is 0. */
    for (uint32_t i = 0; i <= l->mask; i++)
        atomic_init(&l->slots[i].serving, 0);
    atomic_init(&l->next, 0);
    return 0;
}

/* Where number n waits. */
static inline _Atomic uint32_t *lock_anderson_slot(struct lock_anderson *l, uint32_t n)
{
    return &l->slots[n & l->mask].serving;
}

static inline int lock_anderson_fini(struct lock_anderson *l)
{
    /* relaxed, both: values only; no other thread is left. */
    uint32_t next = atomic_load_explicit(&l->next, memory_order_relaxed);

    if (atomic_load_explicit(lock_anderson_slot(l, next), memory_order_relaxed) != next)
        return -EBUSY;
    contend_release(l->allocator, l->slots, lock_anderson_heap_of(l));
    return 0;
}

static inline int lock_anderson_attach(struct lock_anderson *l, struct lock_anderson_handle *h)
{
    (void)l;
    h->mine = 0;
    return 0;
}

static inline void lock_anderson_detach(struct lock_anderson *l, struct lock_anderson_handle *h)
{
    (void)l, (void)h;
}

static inline int lock_anderson_acquire(struct lock_anderson *l, struct lock_anderson_handle *h)
{
    uint32_t turns = 0;

    /* relaxed: the number itself; entering is ordered by the slot below. */
    h->mine = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);
    CONTEND_STEP("anderson: has a number, not waiting");
    /* acquire: pairs with the release in lock_anderson_release. */
    while (atomic_load_explicit(lock_anderson_slot(l, h->mine), memory_order_acquire) != h->mine)
        waiting_turn(&l->waiting, &turns);
    return 0;
}

static inline int lock_anderson_try_acquire(struct lock_anderson *l,
                                            struct lock_anderson_handle *h)
{
    /* relaxed: a guess, which the swap below checks. */
    uint32_t next = atomic_load_explicit(&l->next, memory_order_relaxed);

    /* acquire: pairs with the release in lock_anderson_release, as in acquire. */
    if (atomic_load_explicit(lock_anderson_slot(l, next), memory_order_acquire) != next)
        return -EBUSY;
    h->mine = next;
    /*
     * relaxed: if the swap succeeds, nobody had number `next` before us, and since that number
     * was called already, the lock is free.  (Or 2^32 numbers were taken in between, for which a
     * thread would have to be held up here for minutes.)
     */
    return atomic_compare_exchange_strong_explicit(&l->next, &next, next + 1, memory_order_relaxed,
                                                   memory_order_relaxed)
               ? 0
               : -EBUSY;
}

static inline void lock_anderson_release(struct lock_anderson *l, struct lock_anderson_handle *h)
{
    uint32_t next = h->mine + 1;

    /* release: pairs with the acquire loads in acquire and try_acquire. */
    atomic_store_explicit(lock_anderson_slot(l, next), next, memory_order_release);
}

LOCK_EXCLUSIVE_ONLY(anderson)
LOCK_READERS_HOLD_IT(anderson)
LOCK_CALLER_EXECUTES(anderson)

enum {
    lock_anderson_flags = CONTEND_SPINS,
    lock_anderson_features =
        LOCK_FIFO | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
    lock_anderson_heap = LOCK_ANDERSON_SLOTS * sizeof(struct lock_anderson_slot),
    lock_anderson_handle_heap = 0,
};

static const struct lock_traits lock_anderson_traits = {
    .id = {
        .name = "anderson",
        .title = "take a number, wait at a slot of an array",
        .reference = "Anderson, The Performance of Spin Lock Alternatives, 1990",
        .flags = lock_anderson_flags,
        .options = lock_anderson_options,
    },
    .features = lock_anderson_features,
    .bytes = sizeof(struct lock_anderson) + lock_anderson_heap,
};

static inline void lock_anderson_traits_of(struct lock_anderson *l, struct lock_traits *out)
{
    *out = lock_anderson_traits;
    out->bytes = sizeof *l + lock_anderson_heap_of(l);
}

#endif
