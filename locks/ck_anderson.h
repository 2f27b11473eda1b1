/*
 * ck_anderson.h - Concurrency Kit's array lock: each waiter spins on a place of its own.
 *
 * Idea: a fetch-and-add hands out places in a ring, and a thread spins on its place until
 *   the holder of the place before it has marked it.  It was the first lock in which a
 *   hand-over disturbs one waiter instead of all.
 * Invariant: one place is open while the lock is free or held; of the threads that drew a
 *   number, the one at that place is inside, and it opens the next one when it leaves.
 *   There are at least as many places as threads, or two would wait at one.
 * Progress: blocking.  A preempted waiter holds up everybody behind it.
 * Cost: one locked instruction a pair; 8 bytes for each place and a line pair a lock.  The
 *   library's places are not padded, so eight waiters share a line, and a hand-over does
 *   disturb eight: what the padding of mcs.h is for can be measured here.
 * Breaks when: threads outnumber processors; the number of threads is not known: one more
 *   handle than `slots` is refused with -EAGAIN.
 * Use when: the comparison with mcs.h and ticket.h is the question.
 * Reference: T. Anderson, "The Performance of Spin Lock Alternatives for Shared-Memory
 *   Multiprocessors", 1990; Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_ANDERSON_H
#define CONTEND_LOCKS_CK_ANDERSON_H

#include <ck_spinlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"
#include "locks/parts/thread_number.h"

struct lock_ck_anderson {
    ck_spinlock_anderson_t lock; /* a power of two of places */
    struct thread_numbers numbers; /* so that no more handles than places are attached */
    const struct contend_allocator *allocator;
};

struct lock_ck_anderson_handle {
    ck_spinlock_anderson_thread_t *place; /* while the lock is held */
    int number;
};

/* No LOCK_INIT_ck_anderson: the places are on the heap. */

#define LOCK_CK_ANDERSON_SLOTS 64
#define LOCK_OPTIONS_ck_anderson(part)                                                        \
    { part "slots", LOCK_CK_ANDERSON_SLOTS, 8, THREAD_NUMBERS_MAX,                            \
      "places, rounded up to a power of two, where the configuration names no threads" },

LOCK_OPTIONS_LIST(ck_anderson)

static inline int lock_ck_anderson_init(struct lock_ck_anderson *l,
                                        const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_ck_anderson_options);

    if (error)
        return error;
    int64_t slots = contend_option_value(&c.settings, lock_ck_anderson_options, "slots");
    uint64_t count = contend_round_up_pow2(c.threads ? c.threads : (uint64_t)slots);
    if (count > THREAD_NUMBERS_MAX)
        return -ERANGE;
    l->allocator = c.allocator;
    ck_spinlock_anderson_thread_t *places =
        contend_allocate(l->allocator, CONTEND_CACHE_LINE, count * sizeof *places);
    if (!places)
        return -ENOMEM;
    thread_numbers_init(&l->numbers);
    ck_spinlock_anderson_init(&l->lock, places, (unsigned)count);
    return 0;
}

static inline int lock_ck_anderson_fini(struct lock_ck_anderson *l)
{
    if (ck_spinlock_anderson_locked(&l->lock))
        return -EBUSY;
    contend_release(l->allocator, l->lock.slots, l->lock.count * sizeof *l->lock.slots);
    return 0;
}

static inline int lock_ck_anderson_attach(struct lock_ck_anderson *l,
                                          struct lock_ck_anderson_handle *h)
{
    h->number = thread_numbers_enter(&l->numbers, l->lock.count);
    return h->number < 0 ? h->number : 0;
}

LOCK_CK_DOES(ck_anderson, detach, thread_numbers_leave(&l->numbers, h->number))

LOCK_CK_TAKES(ck_anderson, acquire, ck_spinlock_anderson_lock(&l->lock, &h->place))
LOCK_CK_LACKS(ck_anderson, try_acquire)
LOCK_CK_DOES(ck_anderson, release, ck_spinlock_anderson_unlock(&l->lock, h->place))

LOCK_EXCLUSIVE_ONLY(ck_anderson)
LOCK_READERS_HOLD_IT(ck_anderson)
LOCK_CALLER_EXECUTES(ck_anderson)

enum {
    lock_ck_anderson_flags = LOCK_CK_FLAGS,
    lock_ck_anderson_features = LOCK_FIFO | LOCK_KNOWS_HOLDER,
    lock_ck_anderson_heap = LOCK_CK_ANDERSON_SLOTS * sizeof(ck_spinlock_anderson_thread_t),
    lock_ck_anderson_handle_heap = 0,
};

static const struct lock_traits lock_ck_anderson_traits = {
    .id = {
        .name = "ck_anderson",
        .title = "Concurrency Kit's array lock: each waiter spins on a place of its own",
        .reference = "Anderson, The Performance of Spin Lock Alternatives, 1990",
        .flags = lock_ck_anderson_flags,
        .options = lock_ck_anderson_options,
    },
    .features = lock_ck_anderson_features,
    .bytes = sizeof(struct lock_ck_anderson) + lock_ck_anderson_heap,
};

static inline void lock_ck_anderson_traits_of(struct lock_ck_anderson *l,
                                              struct lock_traits *out)
{
    *out = lock_ck_anderson_traits;
    out->bytes = sizeof *l + l->lock.count * sizeof *l->lock.slots;
}

#endif
