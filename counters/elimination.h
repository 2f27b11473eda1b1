/*
 * elimination.h - a clap and an undo that meet cancel out, and the shared word is left alone.
 *
 * Idea: +3 and -3 at once leave the sum as it is, so neither needs the word that all threads
 *   write.  An undo offers itself in a slot for a moment; a clap that finds an offer of its own
 *   size takes it, and both are done.  What meets nobody goes to the word (faa.h).  Only undos
 *   wait: where nobody undoes, a clap pays for one look at a line that nobody writes.
 * Invariant: `value` is the sum: what did not reach it is pairs of a clap and an undo, and each
 *   pair adds up to 0.  A slot is 0 (free), a negative n (the offer of one undo, which is not
 *   counted yet) or TAKEN.  Free becomes an offer, and TAKEN becomes free, only by the thread
 *   that undoes; an offer becomes free by that thread, or TAKEN by one clap.
 * Linearisation points: a clap and an undo that meet, one directly after the other, at the
 *   swap that takes the offer, while both are under way.  Any other add and add_get at the
 *   fetch-and-add, read at the load.
 * Progress: wait-free, as far as the processor's addition is (see faa.h): an offer stands for
 *   `patience` turns, and nothing is tried twice.  An undo that stalls within its offer occupies its
 *   slot; others then go to the word.
 * Read guarantee: linearizable for every mix: no instant lies between the two that meet.
 * Cost: clap: a load beside the fetch-and-add, or one swap on the slot's line.  undo: two
 *   swaps on that line and the wait, and the fetch-and-add if nobody came.  640 bytes, and 4
 *   for each thread.
 * Breaks when: undos are many and claps few: each undo waits for nothing.  When amounts differ:
 *   only equal ones meet.
 * Use when: dozens of processors clap and undo at once, so that their turn at the word takes
 *   longer than the wait.  On a few processors faa.h is faster, and simpler.
 * Reference: N. Shavit and D. Touitou, "Elimination Trees and the Construction of Pools and
 *   Stacks", 1995; D. Hendler, N. Shavit and L. Yerushalmi, "A Scalable Lock-Free Stack
 *   Algorithm", 2004.  There both sides offer, since a stack's push cannot know that it has to
 *   wait longer than a pop; here one side is enough to meet.
 */
#ifndef CONTEND_COUNTERS_ELIMINATION_H
#define CONTEND_COUNTERS_ELIMINATION_H

#include <stdbool.h>

#include "counters/parts/attached.h"
#include "counters/counter.h"

/* An offer is negative, so that 1 is none. */
enum { COUNTER_ELIMINATION_SLOTS = 4, COUNTER_ELIMINATION_TAKEN = 1 };

struct counter_elimination_slot {
    CONTEND_ALIGNED _Atomic int64_t offer; /* 0 = free */
};

struct counter_elimination {
    CONTEND_ALIGNED _Atomic int64_t value;
    counter_attached attached;
    uint32_t slots; /* in use; constant after init, as is `patience` */
    uint32_t patience;
    struct counter_elimination_slot array[COUNTER_ELIMINATION_SLOTS];
};

static const struct contend_option counter_elimination_options[] = {
    { "slots", 1, 1, COUNTER_ELIMINATION_SLOTS, "places where a clap and an undo can meet" },
    { "patience", 32, 0, 10000, "turns that an undo waits for a clap; 0 = looks once" },
    CONTEND_OPTIONS_END
};

struct counter_elimination_handle {
    uint32_t turn; /* counts the owner's adds, which go round the slots */
};

static inline int counter_elimination_init(struct counter_elimination *c,
                                           const struct counter_config *config)
{
    const struct contend_option *options = counter_elimination_options;
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, options);

    if (error)
        return error;
    c->slots = (uint32_t)contend_option_value(&mine.settings, options, "slots");
    c->patience = (uint32_t)contend_option_value(&mine.settings, options, "patience");
    for (uint32_t i = 0; i < COUNTER_ELIMINATION_SLOTS; i++)
        atomic_init(&c->array[i].offer, 0);
    atomic_init(&c->value, 0);
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_elimination_fini(struct counter_elimination *c)
{
    return counter_attached_count(&c->attached) ? -EBUSY : 0;
}

static inline int counter_elimination_attach(struct counter_elimination *c,
                                             struct counter_elimination_handle *h)
{
    h->turn = 0;
    counter_attached_enter(&c->attached);
    return 0;
}

static inline void counter_elimination_detach(struct counter_elimination *c,
                                              struct counter_elimination_handle *h)
{
    (void)h;
    counter_attached_leave(&c->attached);
}

static inline _Atomic int64_t *counter_elimination_place(struct counter_elimination *c,
                                                         struct counter_elimination_handle *h)
{
    return &c->array[h->turn++ % c->slots].offer;
}

/*
 * Whether an undo of the same size stood in the clap's slot; then both are done.  If the offer
 * that the clap saw was withdrawn and an equal one came, the swap takes that one, which is as good.
 */
static inline bool counter_elimination_take(struct counter_elimination *c,
                                            struct counter_elimination_handle *h, int64_t n)
{
    _Atomic int64_t *place = counter_elimination_place(c, h);
    int64_t offered = -n;

    /* relaxed: a first look, which leaves the line to its readers; the swap decides. */
    if (atomic_load_explicit(place, memory_order_relaxed) != offered)
        return false;
    CONTEND_STEP("elimination: an offer is seen, not yet taken");
    /* relaxed, both: value only; a count publishes nothing else. */
    return atomic_compare_exchange_strong_explicit(place, &offered, COUNTER_ELIMINATION_TAKEN,
                                                   memory_order_relaxed, memory_order_relaxed);
}

/* Whether a clap of the same size took the undo, n < 0; then both are done. */
static inline bool counter_elimination_offer(struct counter_elimination *c,
                                             struct counter_elimination_handle *h, int64_t n)
{
    _Atomic int64_t *place = counter_elimination_place(c, h);
    int64_t seen = 0;

    /* relaxed, both: value only. */
    if (!atomic_compare_exchange_strong_explicit(place, &seen, n, memory_order_relaxed,
                                                 memory_order_relaxed))
        return false; /* another undo is there */
    for (uint32_t i = 0; i < c->patience; i++) {
        /* relaxed: value only. */
        if (atomic_load_explicit(place, memory_order_relaxed) != n)
            break;
        contend_cpu_relax();
    }
    CONTEND_STEP("elimination: waited, the offer still stands");
    seen = n;
    /* relaxed, both: value only. */
    if (atomic_compare_exchange_strong_explicit(place, &seen, 0, memory_order_relaxed,
                                                memory_order_relaxed))
        return false; /* withdrawn: no clap can take it any more */
    /* relaxed: value only.  While the slot is TAKEN, no other thread writes to it. */
    atomic_store_explicit(place, 0, memory_order_relaxed);
    return true;
}

static inline int counter_elimination_add_get(struct counter_elimination *c,
                                              struct counter_elimination_handle *h, int64_t n,
                                              int64_t *sum)
{
    (void)h;
    /* Not by a slot: two that meet there do not learn the sum. */
    /* relaxed: value only; a count publishes nothing else. */
    *sum = atomic_fetch_add_explicit(&c->value, n, memory_order_relaxed) + n;
    return 0;
}

static inline int counter_elimination_add(struct counter_elimination *c,
                                          struct counter_elimination_handle *h, int64_t n)
{
    int64_t ignored;

    if (n > 0 ? counter_elimination_take(c, h, n) : n < 0 && counter_elimination_offer(c, h, n))
        return 0;
    return counter_elimination_add_get(c, h, n, &ignored);
}

static inline int64_t counter_elimination_read(struct counter_elimination *c,
                                               struct counter_elimination_handle *h)
{
    (void)h;
    /* relaxed: value only. */
    return atomic_load_explicit(&c->value, memory_order_relaxed);
}

COUNTER_NO_QUIESCENCE(elimination)

static inline void counter_elimination_stats(struct counter_elimination *c,
                                             struct counter_stats *out)
{
    out->attached = counter_attached_count(&c->attached);
    out->bytes = sizeof *c + out->attached * sizeof(struct counter_elimination_handle);
}

static const struct counter_traits counter_elimination_traits = {
    .id = {
        .name = "elimination",
        .title = "a clap and an undo that meet cancel out, beside fetch-and-add",
        .reference = "Shavit and Touitou, Elimination Trees, 1995",
        .flags = CONTEND_SIGNAL_SAFE | CONTEND_PROCESS_SHARED,
        .options = counter_elimination_options,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_LINEARIZABLE },
    .undo = { .kind = COUNTER_LINEARIZABLE },
    .features = COUNTER_ADD_GET,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_elimination),
    .bytes_per_thread = sizeof(struct counter_elimination_handle),
};

COUNTER_STATIC_TRAITS(elimination)

#endif
