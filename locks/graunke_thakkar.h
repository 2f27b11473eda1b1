/*
 * graunke_thakkar.h - a queue of waiters, each watching a bit that the one before it flips.
 *
 * Idea: each thread has a slot with one bit in each lock.  An arrival swaps into the tail
 *   where its slot is and how the bit stands, and waits until the bit of its predecessor
 *   stands otherwise than it found there.  Leaving flips the own bit.  As in clh.h a waiter
 *   watches its predecessor, but nothing wanders: the bit may be used again at once, because
 *   its next value means "shut" to the next successor, and "open" to this one.
 * Invariant: the lock is passed on to the successor of a slot when its bit differs from the
 *   one that the slot's owner swapped into the tail.  A bit changes only in its owner's
 *   release, and not again before the successor has entered: the owner, or the thread that
 *   inherits the slot, queues behind it.
 * Progress: blocking.  A preempted holder or waiter holds up all behind it.
 * Cost: one locked instruction to enter, a store to leave.  Bytes: a cache line pair for each
 *   thread in each lock, 64 slots by default; where a map has many locks, that is the most
 *   expensive lock here.
 * Breaks when: threads outnumber processors (wait=1 helps), or slots: attach returns -EAGAIN.
 *   There is no try: between a look at the bit and the swap of the tail, both may have changed
 *   twice, and look as before.
 * Use when: to see why later queue locks put the slot into the thread.
 * Reference: G. Graunke and S. Thakkar, "Synchronization Algorithms for Shared-Memory
 *   Multiprocessors", 1990.
 */
#ifndef CONTEND_LOCKS_GRAUNKE_THAKKAR_H
#define CONTEND_LOCKS_GRAUNKE_THAKKAR_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/thread_number.h"
#include "locks/parts/waiting.h"

struct lock_graunke_thakkar_slot {
    CONTEND_ALIGNED _Atomic uint32_t bit; /* flipped by its owner's release */
};

struct lock_graunke_thakkar {
    _Atomic uint32_t tail; /* twice the last slot's number, plus its bit when that came */
    uint32_t count;        /* of the slots; constant after init, like the rest */
    struct lock_graunke_thakkar_slot *slots;
    const struct contend_allocator *allocator;
    struct waiting waiting;
    struct thread_numbers numbers;
};

struct lock_graunke_thakkar_handle {
    uint32_t number; /* of the slot */
    uint32_t bit;    /* as it stands there: only we change it */
};

#define LOCK_GRAUNKE_THAKKAR_THREADS 64
#define LOCK_OPTIONS_graunke_thakkar(part)                                                    \
    { part "threads", LOCK_GRAUNKE_THAKKAR_THREADS, 8, THREAD_NUMBERS_MAX,                    \
      "how many can be attached at once, if the configuration does not say how many there are" }, \
    WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(graunke_thakkar)

static inline size_t lock_graunke_thakkar_heap_of(const struct lock_graunke_thakkar *l)
{
    return l->count * sizeof *l->slots;
}

static inline int lock_graunke_thakkar_init(struct lock_graunke_thakkar *l,
                                            const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_graunke_thakkar_options);

    if (error)
        return error;
    l->count = c.threads ? c.threads
                         : (uint32_t)contend_option_value(&c.settings, lock_graunke_thakkar_options,
                                                          "threads");
    if (l->count > THREAD_NUMBERS_MAX)
        l->count = THREAD_NUMBERS_MAX;
    l->allocator = c.allocator;
    l->waiting = waiting_of(&c.settings, lock_graunke_thakkar_options);
    l->slots = contend_allocate(l->allocator, CONTEND_CACHE_LINE, lock_graunke_thakkar_heap_of(l));
    if (!l->slots)
        return -ENOMEM;
    for (uint32_t i = 0; i < l->count; i++)
        atomic_init(&l->slots[i].bit, 0);
    /* As if the owner of slot 0 had come with a 1 and left: the first arrival enters. */
    atomic_init(&l->tail, 1);
    thread_numbers_init(&l->numbers);
    return 0;
}

/* The bit of the slot that `tail` names. */
static inline _Atomic uint32_t *lock_graunke_thakkar_bit(struct lock_graunke_thakkar *l,
                                                         uint32_t tail)
{
    return &l->slots[tail / 2].bit;
}

static inline int lock_graunke_thakkar_fini(struct lock_graunke_thakkar *l)
{
    /* relaxed, both: values only; no other thread is left. */
    uint32_t tail = atomic_load_explicit(&l->tail, memory_order_relaxed);

    if (atomic_load_explicit(lock_graunke_thakkar_bit(l, tail), memory_order_relaxed) == tail % 2)
        return -EBUSY;
    contend_release(l->allocator, l->slots, lock_graunke_thakkar_heap_of(l));
    return 0;
}

static inline int lock_graunke_thakkar_attach(struct lock_graunke_thakkar *l,
                                              struct lock_graunke_thakkar_handle *h)
{
    int number = thread_numbers_enter(&l->numbers, l->count);

    if (number < 0)
        return number;
    h->number = (uint32_t)number;
    /*
     * relaxed: the number came with all that its last owner did.  The bit stays as that owner
     * left it, since the tail may still speak of it.
     */
    h->bit = atomic_load_explicit(&l->slots[number].bit, memory_order_relaxed);
    return 0;
}

static inline void lock_graunke_thakkar_detach(struct lock_graunke_thakkar *l,
                                               struct lock_graunke_thakkar_handle *h)
{
    thread_numbers_leave(&l->numbers, (int)h->number);
}

static inline int lock_graunke_thakkar_acquire(struct lock_graunke_thakkar *l,
                                               struct lock_graunke_thakkar_handle *h)
{
    uint32_t turns = 0;
    /*
     * release: publishes our last flip to the successor, who would take an older bit for a new one.
     * acquire: pairs with it, in the predecessor's exchange.
     */
    uint32_t before =
        atomic_exchange_explicit(&l->tail, 2 * h->number + h->bit, memory_order_acq_rel);

    CONTEND_STEP("graunke_thakkar: in the queue, not waiting");
    /* acquire: pairs with the release in lock_graunke_thakkar_release. */
    while (atomic_load_explicit(lock_graunke_thakkar_bit(l, before), memory_order_acquire) ==
           before % 2)
        waiting_turn(&l->waiting, &turns);
    return 0;
}

/* There is no try; see the head. */
static inline int lock_graunke_thakkar_try_acquire(struct lock_graunke_thakkar *l,
                                                   struct lock_graunke_thakkar_handle *h)
{
    (void)l, (void)h;
    return -ENOTSUP;
}

static inline void lock_graunke_thakkar_release(struct lock_graunke_thakkar *l,
                                                struct lock_graunke_thakkar_handle *h)
{
    h->bit ^= 1;
    /* release: pairs with the acquire in lock_graunke_thakkar_acquire. */
    atomic_store_explicit(&l->slots[h->number].bit, h->bit, memory_order_release);
}

LOCK_EXCLUSIVE_ONLY(graunke_thakkar)
LOCK_READERS_HOLD_IT(graunke_thakkar)
LOCK_CALLER_EXECUTES(graunke_thakkar)

enum {
    lock_graunke_thakkar_flags = CONTEND_SPINS,
    lock_graunke_thakkar_features = LOCK_FIFO | LOCK_KNOWS_HOLDER,
    lock_graunke_thakkar_heap =
        LOCK_GRAUNKE_THAKKAR_THREADS * sizeof(struct lock_graunke_thakkar_slot),
    lock_graunke_thakkar_handle_heap = 0,
};

static const struct lock_traits lock_graunke_thakkar_traits = {
    .id = {
        .name = "graunke_thakkar",
        .title = "a queue of waiters, each watching a bit that the one before it flips",
        .reference = "Graunke and Thakkar, Synchronization Algorithms, 1990",
        .flags = lock_graunke_thakkar_flags,
        .options = lock_graunke_thakkar_options,
    },
    .features = lock_graunke_thakkar_features,
    .bytes = sizeof(struct lock_graunke_thakkar) + lock_graunke_thakkar_heap,
};

static inline void lock_graunke_thakkar_traits_of(struct lock_graunke_thakkar *l,
                                                  struct lock_traits *out)
{
    *out = lock_graunke_thakkar_traits;
    out->bytes = sizeof *l + lock_graunke_thakkar_heap_of(l);
}

#endif
