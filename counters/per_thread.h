/*
 * per_thread.h - every thread counts its own claps; a reader adds them up.
 *
 * Idea: a counter that only its owner writes needs no locked instruction.  Each
 *   thread has a record; a mutex guards the list of records, and a thread that
 *   leaves hands its claps over under that mutex.
 * Invariant: departed + the sum of the listed records = the sum.  A record's
 *   count is written by its owner only.  Under the mutex no clap moves between
 *   a record and `departed`.  A thread that ends without detaching leaves its record
 *   in the list: its claps count.
 * Linearisation points: add at its store.  read of unit claps: as striped.h: the
 *   counts only grow, so some instant fits.
 * Progress: add is wait-free.  read is blocking: it takes the mutex, which
 *   attach, detach and other reads take too; no add ever waits for it.
 * Read guarantee: unit claps: linearizable.  Larger claps: intermediate.  With
 *   undos: quiescent.
 * Cost: add: a load, an addition and a store on the thread's own line, no locked
 *   instruction.  read: a mutex pair and one miss per thread.  136 bytes a thread
 *   and counter; attach allocates.
 * Breaks when: reads are frequent (they queue at the mutex), or threads times
 *   counters is a large number.
 * Use when: claps are frequent, reads are rare, threads live long.
 * Reference: P. McKenney, "Is Parallel Programming Hard, And, If So, What Can
 *   You Do About It?", 2023, section 5.2.4 (count_end).
 */
#ifndef CONTEND_COUNTERS_PER_THREAD_H
#define CONTEND_COUNTERS_PER_THREAD_H

#include "counters/counter.h"
#include "locks/parts/platform.h"
#include "locks/parts/roster.h"

struct counter_per_thread {
    struct roster roster;
    int64_t departed; /* claps of threads that have left; guarded by the roster's lock */
    const struct contend_allocator *allocator; /* constant after init */
};

#define COUNTER_INIT_per_thread { ROSTER_INIT, 0, NULL }

/*
 * The count comes first: on an AMD EPYC adds to the very address in a register took half the
 * time of adds at an offset from it, since a load then takes over what was stored just before.
 */
struct counter_per_thread_record {
    CONTEND_ALIGNED _Atomic int64_t count; /* written by the owner only */
    struct roster_entry entry;
};

struct counter_per_thread_handle {
    struct counter_per_thread_record *mine;
};

static inline int counter_per_thread_init(struct counter_per_thread *c,
                                          const struct counter_config *config)
{
    struct counter_config resolved;
    int error = counter_config_resolve(&resolved, config, NULL);

    if (error)
        return error;
    c->departed = 0;
    c->allocator = resolved.allocator;
    return roster_init(&c->roster);
}

static inline int counter_per_thread_fini(struct counter_per_thread *c)
{
    return roster_fini(&c->roster);
}

static inline int counter_per_thread_attach(struct counter_per_thread *c,
                                            struct counter_per_thread_handle *h)
{
    h->mine = contend_allocate(c->allocator, _Alignof(struct counter_per_thread_record),
                               sizeof *h->mine);
    if (!h->mine)
        return -ENOMEM;
    atomic_init(&h->mine->count, 0);
    roster_lock(&c->roster);
    roster_enter_locked(&c->roster, &h->mine->entry);
    roster_unlock(&c->roster);
    return 0;
}

static inline void counter_per_thread_detach(struct counter_per_thread *c,
                                             struct counter_per_thread_handle *h)
{
    roster_lock(&c->roster);
    /* relaxed: our own count. */
    c->departed = counter_join(c->departed,
                               atomic_load_explicit(&h->mine->count, memory_order_relaxed));
    CONTEND_STEP("per_thread: handed over, still listed");
    roster_leave_locked(&c->roster, &h->mine->entry);
    roster_unlock(&c->roster);
    contend_release(c->allocator, h->mine, sizeof *h->mine);
}

static inline int counter_per_thread_add(struct counter_per_thread *c,
                                         struct counter_per_thread_handle *h, int64_t n)
{
    (void)c;
    /*
     * relaxed, both: value only.  A load and a store instead of a locked
     * addition is sound because nobody else writes the count; they are atomic
     * only so that a reader sees no torn value.
     */
    int64_t claps = atomic_load_explicit(&h->mine->count, memory_order_relaxed);
    atomic_store_explicit(&h->mine->count, counter_join(claps, n), memory_order_relaxed);
    return 0;
}

static inline int64_t counter_per_thread_read(struct counter_per_thread *c,
                                              struct counter_per_thread_handle *h)
{
    (void)h;
    roster_lock(&c->roster);
    int64_t sum = c->departed;
    for (struct roster_entry *e = c->roster.head; e; e = e->next) {
        struct counter_per_thread_record *r =
            (void *)((char *)e - offsetof(struct counter_per_thread_record, entry));
        /* relaxed: values only; each count is coherent by itself. */
        sum = counter_join(sum, atomic_load_explicit(&r->count, memory_order_relaxed));
        CONTEND_STEP("per_thread: some threads read");
    }
    roster_unlock(&c->roster);
    return sum;
}

COUNTER_NO_ADD_GET(per_thread)
COUNTER_NO_QUIESCENCE(per_thread)

#define COUNTER_PER_THREAD_BYTES                                                              \
    (sizeof(struct counter_per_thread_record) + sizeof(struct counter_per_thread_handle))

static inline void counter_per_thread_stats(struct counter_per_thread *c,
                                            struct counter_stats *out)
{
    out->attached = roster_count(&c->roster);
    out->bytes = sizeof *c + out->attached * COUNTER_PER_THREAD_BYTES;
}

static const struct counter_traits counter_per_thread_traits = {
    .id = {
        .name = "per_thread",
        .title = "every thread counts its own, a reader adds up under a mutex",
        .reference = "McKenney, Is Parallel Programming Hard, 2023 (count_end)",
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_BLOCKING,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_INTERMEDIATE },
    .undo = { .kind = COUNTER_QUIESCENT },
    .features = COUNTER_STATIC_INIT | COUNTER_PLAIN_ADD,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_per_thread),
    .bytes_per_thread = COUNTER_PER_THREAD_BYTES,
};

COUNTER_STATIC_TRAITS(per_thread)

#endif
