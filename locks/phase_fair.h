/*
 * phase_fair.h - reading and writing phases take turns.
 *
 * Idea: readers and writers each have a counter of arrivals and one of departures.  A writer
 *   that is next leaves two bits in the readers' counter of arrivals: that one is there,
 *   and the number of its phase.  A reader that finds them waits until they change, which
 *   is one phase, however many are queueing.  (The variant PF-T: tickets.)
 * Invariant: `out` of either kind counts those who have left, and never passes `in`.  The
 *   writer whose ticket equals `writers_out` owns the two bits, and is inside once
 *   `readers_out` has reached the readers who came before its bits.
 * Progress: blocking.  A reader waits for at most one writing phase, and a writer for the
 *   writers before it and one reading phase after each: nobody starves.  A preempted
 *   holder stops everybody.
 * Cost: a shared pair is two locked additions to one line, an exclusive pair four locked
 *   instructions; 28 bytes.
 * Breaks when: threads outnumber processors: the writers' queue waits for a thread that
 *   does not run (wait=1 helps).  Short shared sections: readers meet on their counters.
 *   Where all write, the mutex is faster.
 * Use when: readers and writers both have deadlines, and each has a processor.
 * Reference: B. Brandenburg and J. Anderson, "Spin-Based Reader-Writer Synchronization for
 *   Multiprocessor Real-Time Systems", 2010, section 4.1.
 */
#ifndef CONTEND_LOCKS_PHASE_FAIR_H
#define CONTEND_LOCKS_PHASE_FAIR_H

#include <stdbool.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

enum {
    PHASE_FAIR_NUMBER = 1,  /* the phase's number, of one bit: two in a row differ */
    PHASE_FAIR_PRESENT = 2, /* a writer is inside, or waits for the readers before it */
    PHASE_FAIR_WRITER = PHASE_FAIR_NUMBER | PHASE_FAIR_PRESENT,
    PHASE_FAIR_READER = 4,  /* one reader, in both counters of readers */
};

/* Counters of 30 and 32 bits, which may wrap: only differences and equality count. */
struct lock_phase_fair {
    _Atomic uint32_t readers_in; /* and a writer's bits */
    _Atomic uint32_t readers_out;
    _Atomic uint32_t writers_in, writers_out;
    uint32_t phase; /* the last one's number; for the writer whose turn it is */
    struct waiting waiting;
};

#define LOCK_OPTIONS_phase_fair(part) WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(phase_fair)

#define LOCK_INIT_phase_fair { 0, 0, 0, 0, 0, WAITING_INIT }

LOCK_STATELESS_HANDLE(phase_fair)

static inline int lock_phase_fair_init(struct lock_phase_fair *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_phase_fair_options);

    if (error)
        return error;
    atomic_init(&l->readers_in, 0);
    atomic_init(&l->readers_out, 0);
    atomic_init(&l->writers_in, 0);
    atomic_init(&l->writers_out, 0);
    l->phase = 0;
    l->waiting = waiting_of(&c.settings, lock_phase_fair_options);
    return 0;
}

static inline int lock_phase_fair_fini(struct lock_phase_fair *l)
{
    /* relaxed, all four: values only; no other thread is left. */
    bool read = atomic_load_explicit(&l->readers_in, memory_order_relaxed) !=
                atomic_load_explicit(&l->readers_out, memory_order_relaxed);
    bool written = atomic_load_explicit(&l->writers_in, memory_order_relaxed) !=
                   atomic_load_explicit(&l->writers_out, memory_order_relaxed);

    return read || written ? -EBUSY : 0;
}

/* ---- writers ---- */

/*
 * The bits of the next phase, for the writer whose turn it is.  The paper takes the ticket's
 * lowest bit for the number.  But a ticket may pass without a phase (a try that fails), and then
 * a reader that still waits for the phase before would find its bits again: it would wait for
 * a writer that waits for it.
 */
static inline uint32_t lock_phase_fair_bits(struct lock_phase_fair *l)
{
    return PHASE_FAIR_PRESENT | (l->phase ^ PHASE_FAIR_NUMBER);
}

static inline int lock_phase_fair_acquire(struct lock_phase_fair *l,
                                          struct lock_phase_fair_handle *h)
{
    (void)h;
    /* relaxed: the number itself; `writers_out` orders the writers. */
    uint32_t mine = atomic_fetch_add_explicit(&l->writers_in, 1, memory_order_relaxed);

    /* acquire: pairs with the release of `writers_out` in lock_phase_fair_end. */
    for (uint32_t turns = 0;
         atomic_load_explicit(&l->writers_out, memory_order_acquire) != mine;)
        waiting_turn(&l->waiting, &turns);
    /*
     * The readers counted here came before the bits, and all others wait.  relaxed: the
     * readers' departures order the section, below; and as a read-modify-write it keeps the
     * last writer's release, for the readers that find these bits.
     */
    uint32_t before = atomic_fetch_add_explicit(&l->readers_in, lock_phase_fair_bits(l),
                                                memory_order_relaxed);
    l->phase ^= PHASE_FAIR_NUMBER;
    CONTEND_STEP("phase_fair: present, readers not gone");
    /*
     * acquire: pairs with the releases in lock_phase_fair_release_shared: the additions there
     * form one release sequence, so the last one brings all of them.
     */
    for (uint32_t turns = 0;
         atomic_load_explicit(&l->readers_out, memory_order_acquire) != before;)
        waiting_turn(&l->waiting, &turns);
    return 0;
}

/* Ends the phase of the writer whose turn it is. */
static inline void lock_phase_fair_end(struct lock_phase_fair *l)
{
    /* relaxed: only the writer whose turn it is changes it. */
    uint32_t mine = atomic_load_explicit(&l->writers_out, memory_order_relaxed);

    /* release: pairs with the acquires of `writers_out`: the next writer finds the bits removed. */
    atomic_store_explicit(&l->writers_out, mine + 1, memory_order_release);
}

static inline void lock_phase_fair_release(struct lock_phase_fair *l,
                                           struct lock_phase_fair_handle *h)
{
    (void)h;
    /* release: pairs with the acquires in the readers' functions, which find the bits gone. */
    atomic_fetch_and_explicit(&l->readers_in, ~(uint32_t)PHASE_FAIR_WRITER, memory_order_release);
    CONTEND_STEP("phase_fair: readers let in, next writer not");
    lock_phase_fair_end(l);
}

static inline int lock_phase_fair_try_acquire(struct lock_phase_fair *l,
                                              struct lock_phase_fair_handle *h)
{
    (void)h;
    /* acquire: as in lock_phase_fair_acquire. */
    uint32_t mine = atomic_load_explicit(&l->writers_out, memory_order_acquire);
    uint32_t expected = mine;

    /* relaxed: it is our turn, since `writers_out` moves only when the ticket `mine` is done. */
    if (!atomic_compare_exchange_strong_explicit(&l->writers_in, &expected, mine + 1,
                                                 memory_order_relaxed, memory_order_relaxed))
        return -EBUSY;
    /*
     * acquire: pairs with the readers' releases.  The readers that have come are at least those
     * that have left.  If they are no more when the bits are set, nobody is inside.
     */
    uint32_t readers = atomic_load_explicit(&l->readers_out, memory_order_acquire);
    /* relaxed: as in lock_phase_fair_acquire; on failure nothing was taken. */
    if (atomic_compare_exchange_strong_explicit(&l->readers_in, &readers,
                                                readers | lock_phase_fair_bits(l),
                                                memory_order_relaxed, memory_order_relaxed)) {
        l->phase ^= PHASE_FAIR_NUMBER;
        return 0;
    }
    lock_phase_fair_end(l); /* our turn passes, unused */
    return -EBUSY;
}

/* ---- readers ---- */

static inline int lock_phase_fair_acquire_shared(struct lock_phase_fair *l,
                                                 struct lock_phase_fair_handle *h)
{
    (void)h;
    /* acquire: pairs with the release in lock_phase_fair_release. */
    uint32_t in = atomic_fetch_add_explicit(&l->readers_in, PHASE_FAIR_READER,
                                            memory_order_acquire);
    uint32_t writer = in & PHASE_FAIR_WRITER;

    CONTEND_STEP("phase_fair: counted, not inside");
    /*
     * Until that phase is over.  If another writer's bits are there by then, it waits for us.
     * acquire: as above.
     */
    for (uint32_t turns = 0; writer && (in & PHASE_FAIR_WRITER) == writer;) {
        waiting_turn(&l->waiting, &turns);
        in = atomic_load_explicit(&l->readers_in, memory_order_acquire);
    }
    return 0;
}

static inline int lock_phase_fair_try_acquire_shared(struct lock_phase_fair *l,
                                                     struct lock_phase_fair_handle *h)
{
    (void)h;
    /* relaxed: a first guess; the swap decides. */
    uint32_t in = atomic_load_explicit(&l->readers_in, memory_order_relaxed);

    while (!(in & PHASE_FAIR_PRESENT))
        /* acquire: pairs with the release in lock_phase_fair_release; on failure look again. */
        if (atomic_compare_exchange_weak_explicit(&l->readers_in, &in, in + PHASE_FAIR_READER,
                                                  memory_order_acquire, memory_order_relaxed))
            return 0;
    return -EBUSY;
}

static inline void lock_phase_fair_release_shared(struct lock_phase_fair *l,
                                                  struct lock_phase_fair_handle *h)
{
    (void)h;
    /* release: pairs with the acquire of `readers_out` in the writers' functions. */
    atomic_fetch_add_explicit(&l->readers_out, PHASE_FAIR_READER, memory_order_release);
}

LOCK_READERS_HOLD_IT(phase_fair)
LOCK_CALLER_EXECUTES(phase_fair)

enum {
    lock_phase_fair_flags = CONTEND_SPINS | CONTEND_PROCESS_SHARED,
    /* Not LOCK_FIFO: phases take turns, and a reader may enter before a writer that came first. */
    lock_phase_fair_features =
        LOCK_SHARED | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_phase_fair_traits = {
    .id = {
        .name = "phase_fair",
        .title = "reading and writing phases take turns",
        .reference = "Brandenburg and Anderson, Spin-Based Reader-Writer Synchronization, 2010",
        .flags = lock_phase_fair_flags,
        .options = lock_phase_fair_options,
    },
    .features = lock_phase_fair_features,
    .bytes = sizeof(struct lock_phase_fair),
};

LOCK_STATIC_TRAITS(phase_fair)

#endif
