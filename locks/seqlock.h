/*
 * seqlock.h - readers that write nothing, and begin again if a writer came by.
 *
 * Idea: a writer makes the sequence odd when it enters and even when it leaves.  A reader
 *   notes an even sequence, reads the data, and looks again: the same sequence means that no
 *   writer was inside meanwhile.  Writers queue: the lock is composed with ticket.h.
 * Invariant: the sequence is odd exactly while a writer is between acquire and release; only
 *   the holder of `writers` changes it, and it never goes back.
 * Progress: blocking.  A preempted writer stops everybody; a reader stops nobody, and may be
 *   sent back for ever by a steady stream of writers.
 * Cost: a read is two loads of a line that only writers change, and no locked instruction; a
 *   writer's pair is a ticket's and two stores.  The data must be atomic objects, read and
 *   written relaxed: on x86 and aarch64 that is an ordinary load or store.  32 bytes.
 * Breaks when: writers are frequent, or readers take long.  A reader may see data of two
 *   writers before it is sent back, so it must not follow a pointer or divide by what it
 *   read.  acquire_shared, for a caller that must not be sent back, keeps other readers out.
 * Use when: a few words change together, rarely, and everybody reads them: a clock, a price,
 *   a pair of counters.
 * Reference: C. Lameter, "Effective Synchronization on Linux/NUMA Systems", 2005; H. Boehm,
 *   "Can Seqlocks Get Along With Programming Language Memory Models?", 2012, whose orders
 *   these are.
 */
#ifndef CONTEND_LOCKS_SEQLOCK_H
#define CONTEND_LOCKS_SEQLOCK_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/ticket.h"

struct lock_seqlock {
    _Atomic uint64_t sequence;
    struct lock_ticket writers;
};

struct lock_seqlock_handle {
    struct lock_ticket_handle writer;
};

#define LOCK_OPTIONS_seqlock(part) LOCK_OPTIONS_ticket(part)

LOCK_OPTIONS_LIST(seqlock)

#define LOCK_INIT_seqlock { 0, LOCK_INIT_ticket }

static inline int lock_seqlock_init(struct lock_seqlock *l, const struct lock_config *config)
{
    atomic_init(&l->sequence, 0);
    return lock_ticket_init(&l->writers, config);
}

static inline int lock_seqlock_fini(struct lock_seqlock *l)
{
    return lock_ticket_fini(&l->writers);
}

static inline int lock_seqlock_attach(struct lock_seqlock *l, struct lock_seqlock_handle *h)
{
    return lock_ticket_attach(&l->writers, &h->writer);
}

static inline void lock_seqlock_detach(struct lock_seqlock *l, struct lock_seqlock_handle *h)
{
    lock_ticket_detach(&l->writers, &h->writer);
}

/* The holder of `writers` makes the sequence odd. */
static inline void lock_seqlock_begin(struct lock_seqlock *l)
{
    /* relaxed: the last writer's store happens before this, by `writers`. */
    uint64_t even = atomic_load_explicit(&l->sequence, memory_order_relaxed);

    /* relaxed: the fence below orders it. */
    atomic_store_explicit(&l->sequence, even + 1, memory_order_relaxed);
    /*
     * release: before the section's relaxed stores.  Pairs with the acquire fence in
     * lock_seqlock_read_retry: a reader that has read one of them finds the sequence odd, or
     * later still.
     */
    atomic_thread_fence(memory_order_release);
    CONTEND_STEP("seqlock: odd");
}

static inline int lock_seqlock_acquire(struct lock_seqlock *l, struct lock_seqlock_handle *h)
{
    int answer = lock_ticket_acquire(&l->writers, &h->writer);

    lock_seqlock_begin(l);
    return answer;
}

static inline int lock_seqlock_try_acquire(struct lock_seqlock *l, struct lock_seqlock_handle *h)
{
    int answer = lock_ticket_try_acquire(&l->writers, &h->writer);

    if (answer == 0)
        lock_seqlock_begin(l);
    return answer;
}

static inline void lock_seqlock_release(struct lock_seqlock *l, struct lock_seqlock_handle *h)
{
    /* relaxed: only the holder of `writers` changes it, and that is us. */
    uint64_t odd = atomic_load_explicit(&l->sequence, memory_order_relaxed);

    /*
     * release: pairs with the acquire in lock_seqlock_read_begin: a reader that finds this
     * sequence finds the whole section.
     */
    atomic_store_explicit(&l->sequence, odd + 1, memory_order_release);
    lock_ticket_release(&l->writers, &h->writer);
}

static inline int lock_seqlock_read_begin(struct lock_seqlock *l, struct lock_seqlock_handle *h,
                                          uint64_t *version)
{
    (void)h;
    for (uint32_t turns = 0;;) {
        /* acquire: pairs with the release in lock_seqlock_release. */
        *version = atomic_load_explicit(&l->sequence, memory_order_acquire);
        if (*version % 2 == 0)
            return 0;
        waiting_turn(&l->writers.waiting, &turns);
    }
}

static inline int lock_seqlock_read_retry(struct lock_seqlock *l, struct lock_seqlock_handle *h,
                                          uint64_t version)
{
    (void)h;
    /*
     * acquire: after the reader's relaxed loads.  Pairs with the release fence in
     * lock_seqlock_begin.  An acquire load in its place would not do: it keeps later accesses
     * from moving before it, not earlier ones from moving behind it.
     */
    atomic_thread_fence(memory_order_acquire);
    /* relaxed: the fence orders it. */
    return atomic_load_explicit(&l->sequence, memory_order_relaxed) != version;
}

/* Two steps: the writers' lock, and a look at the sequence. */
static inline int lock_seqlock_try_upgrade(struct lock_seqlock *l, struct lock_seqlock_handle *h,
                                           uint64_t version)
{
    int answer = lock_ticket_try_acquire(&l->writers, &h->writer);

    if (answer)
        return answer;
    /* relaxed: every writer before us happens before this, by `writers`. */
    if (atomic_load_explicit(&l->sequence, memory_order_relaxed) != version) {
        lock_ticket_release(&l->writers, &h->writer);
        return -EBUSY;
    }
    lock_seqlock_begin(l);
    return 0;
}

LOCK_EXCLUSIVE_ONLY(seqlock)
LOCK_CALLER_EXECUTES(seqlock)

enum {
    lock_seqlock_flags = CONTEND_SPINS | CONTEND_PROCESS_SHARED,
    lock_seqlock_features = LOCK_FIFO | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER |
                            LOCK_ANY_HANDLE | LOCK_OPTIMISTIC,
};

static const struct lock_traits lock_seqlock_traits = {
    .id = {
        .name = "seqlock",
        .title = "readers that write nothing, and begin again if a writer came by",
        .reference = "Boehm, Can Seqlocks Get Along With Programming Language Memory Models, 2012",
        .flags = lock_seqlock_flags,
        .options = lock_seqlock_options,
    },
    .features = lock_seqlock_features,
    .bytes = sizeof(struct lock_seqlock),
};

LOCK_STATIC_TRAITS(seqlock)

#endif
