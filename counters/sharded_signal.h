/*
 * sharded_signal.h - plain adds and exact reads: a reader stops all threads by a signal.
 *
 * Idea: of the counts that threads keep for themselves, a reader sees each at another moment, so a
 *   sum of claps and undos may be one that there never was (per_thread.h).  Here a reader makes
 *   all threads stand still (counters/parts/standstill.h), adds up, and lets them go.  Adds
 *   stay what they are: a load, an addition, a store.
 * Invariant: departed + the sum of the listed records = the sum.  A record's count is written
 *   by its owner only.  While the lock is held and all others stand, no count changes.
 * Linearisation points: add at its store.  read at any instant between the last thread's
 *   standing still and the first one's going on.
 * Progress: blocking: a reader that stalls holds up all threads, and one that is not given a
 *   processor holds up the reader.  An add does not wait for other adds.
 * Read guarantee: linearizable for every mix.
 * Cost: add: a load, an addition and a store on the thread's own line.  read: the mutex, and for
 *   each other thread a signal, its switch into the kernel and back, and a wake-up: some
 *   microseconds, and a time slice where threads outnumber processors.  136 bytes a thread.
 *   Reads of all such counters of a process come one after the other.
 * Breaks when: reads are more than a few a second; a thread blocks the signal; the program has a
 *   handler of its own for that number (-EBUSY) or includes this header in two units (give
 *   them two numbers); a thread forks: then the child cannot stop it, since it has another
 *   number there, until it has attached anew.
 * Use when: a sum must be exact although claps are taken back, claps are far too many for a
 *   locked instruction each, and somebody looks once a second.
 * Reference: P. McKenney, "Is Parallel Programming Hard, And, If So, What Can You Do About
 *   It?", 2023, section 5.4.3 (signals in place of atomic instructions); M. Desnoyers et al.,
 *   "User-Level Implementations of Read-Copy Update", 2012 (its flavour with signals).
 */
#ifndef CONTEND_COUNTERS_SHARDED_SIGNAL_H
#define CONTEND_COUNTERS_SHARDED_SIGNAL_H

#include "counters/counter.h"
#include "counters/parts/standstill.h"
#include "locks/parts/platform.h"
#include "locks/parts/roster.h"

/* Of the kernel's numbers for real-time signals, which end at 64; C libraries keep the first. */
enum { COUNTER_SHARDED_SIGNAL_NUMBER = 44, COUNTER_SHARDED_SIGNAL_FIRST = 36 };

struct counter_sharded_signal {
    struct roster roster;
    int64_t departed; /* claps of threads that have left; guarded by the roster's lock */
    int number;       /* of the signal; constant after init, as is the allocator */
    const struct contend_allocator *allocator;
};

static const struct contend_option counter_sharded_signal_options[] = {
    { "signal", COUNTER_SHARDED_SIGNAL_NUMBER, COUNTER_SHARDED_SIGNAL_FIRST, 64,
      "the real-time signal that is taken for it, in the whole process" },
    CONTEND_OPTIONS_END
};

struct counter_sharded_signal_record {
    CONTEND_ALIGNED _Atomic int64_t count; /* written by the owner only */
    struct roster_entry entry;
    struct standstill_place place;
};

struct counter_sharded_signal_handle {
    struct counter_sharded_signal_record *mine;
};

static inline struct counter_sharded_signal_record *
counter_sharded_signal_record_of(struct roster_entry *e)
{
    return (void *)((char *)e - offsetof(struct counter_sharded_signal_record, entry));
}

static inline int counter_sharded_signal_init(struct counter_sharded_signal *c,
                                              const struct counter_config *config)
{
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, counter_sharded_signal_options);

    if (error)
        return error;
    c->number = (int)contend_option_value(&mine.settings, counter_sharded_signal_options, "signal");
    c->departed = 0;
    c->allocator = mine.allocator;
    error = standstill_install(c->number);
    return error ? error : roster_init(&c->roster);
}

static inline int counter_sharded_signal_fini(struct counter_sharded_signal *c)
{
    return roster_fini(&c->roster);
}

static inline int counter_sharded_signal_attach(struct counter_sharded_signal *c,
                                                struct counter_sharded_signal_handle *h)
{
    struct counter_sharded_signal_record *r =
        contend_allocate(c->allocator, _Alignof(struct counter_sharded_signal_record), sizeof *r);

    if (!r)
        return -ENOMEM;
    h->mine = r;
    atomic_init(&r->count, 0);
    standstill_attach(&r->place, c->number);
    roster_lock(&c->roster);
    roster_enter_locked(&c->roster, &r->entry);
    roster_unlock(&c->roster);
    return 0;
}

static inline void counter_sharded_signal_detach(struct counter_sharded_signal *c,
                                                 struct counter_sharded_signal_handle *h)
{
    struct counter_sharded_signal_record *r = h->mine;

    roster_lock(&c->roster); /* a reader that has asked us lets us go before it unlocks */
    /* relaxed: our own count. */
    c->departed = counter_join(c->departed, atomic_load_explicit(&r->count, memory_order_relaxed));
    roster_leave_locked(&c->roster, &r->entry);
    roster_unlock(&c->roster);
    contend_release(c->allocator, r, sizeof *r);
}

static inline int counter_sharded_signal_add(struct counter_sharded_signal *c,
                                             struct counter_sharded_signal_handle *h, int64_t n)
{
    (void)c;
    /*
     * relaxed, both: only its owner writes the count, and a reader looks while the owner stands.  If
     * the signal comes between the two, the add has not been made yet: its store is its moment.
     */
    int64_t claps = atomic_load_explicit(&h->mine->count, memory_order_relaxed);
    CONTEND_STEP("sharded_signal: read, not yet written");
    atomic_store_explicit(&h->mine->count, counter_join(claps, n), memory_order_relaxed);
    return 0;
}

/* Whether no record before this one is of the same thread: a thread may have several handles. */
static inline bool counter_sharded_signal_is_first(struct counter_sharded_signal *c,
                                                   struct roster_entry *e)
{
    pid_t thread = counter_sharded_signal_record_of(e)->place.thread;

    for (struct roster_entry *before = c->roster.head; before != e; before = before->next)
        if (counter_sharded_signal_record_of(before)->place.thread == thread)
            return false;
    return true;
}

/* All threads but the caller's own, which cannot ask itself. */
static inline void counter_sharded_signal_stop(struct counter_sharded_signal *c)
{
    pid_t self = standstill_self();

    for (struct roster_entry *e = c->roster.head; e; e = e->next)
        if (counter_sharded_signal_record_of(e)->place.thread != self &&
            counter_sharded_signal_is_first(c, e))
            standstill_ask(&counter_sharded_signal_record_of(e)->place, c->number);
    for (struct roster_entry *e = c->roster.head; e; e = e->next)
        standstill_await(&counter_sharded_signal_record_of(e)->place);
}

static inline int64_t counter_sharded_signal_read(struct counter_sharded_signal *c,
                                                  struct counter_sharded_signal_handle *h)
{
    (void)h;
    roster_lock(&c->roster);
    standstill_begin();
    int64_t sum = c->departed;
    counter_sharded_signal_stop(c);
    /* No step to park at from here on: a test's own thread would stand as well. */
    for (struct roster_entry *e = c->roster.head; e; e = e->next)
        /* relaxed: its owner stands, and standstill_await has acquired what it did. */
        sum = counter_join(sum, atomic_load_explicit(&counter_sharded_signal_record_of(e)->count,
                                                     memory_order_relaxed));
    for (struct roster_entry *e = c->roster.head; e; e = e->next)
        standstill_let_go(&counter_sharded_signal_record_of(e)->place);
    standstill_end();
    roster_unlock(&c->roster);
    return sum;
}

COUNTER_NO_ADD_GET(sharded_signal)
COUNTER_NO_QUIESCENCE(sharded_signal)

#define COUNTER_SHARDED_SIGNAL_BYTES                                                          \
    (sizeof(struct counter_sharded_signal_record) + sizeof(struct counter_sharded_signal_handle))

static inline void counter_sharded_signal_stats(struct counter_sharded_signal *c,
                                                struct counter_stats *out)
{
    out->attached = roster_count(&c->roster);
    out->bytes = sizeof *c + out->attached * COUNTER_SHARDED_SIGNAL_BYTES;
}

static const struct counter_traits counter_sharded_signal_traits = {
    .id = {
        .name = "sharded_signal",
        .title = "every thread counts its own, a reader stops them all by a signal",
        .reference = "McKenney, Is Parallel Programming Hard, 2023 (signals for atomics)",
        .options = counter_sharded_signal_options,
        .flags = CONTEND_TSAN_UNSOUND, /* it holds signals back until a call blocks */
    },
    .add = CONTEND_BLOCKING,
    .read = CONTEND_BLOCKING,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_LINEARIZABLE },
    .undo = { .kind = COUNTER_LINEARIZABLE },
    .features = COUNTER_PLAIN_ADD,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_sharded_signal),
    .bytes_per_thread = COUNTER_SHARDED_SIGNAL_BYTES,
};

COUNTER_STATIC_TRAITS(sharded_signal)

#endif
