/*
 * bitmap.h - a bit for each reader: exact, where readers are numbered.
 *
 * Idea: a set of numbers below N is N bits.  A reader who claps again finds the bit set and
 *   writes nothing, so a post that everybody has clapped for is only read.  Neighbours lie in
 *   different words: readers who come in the order of their numbers do not meet in one.
 * Invariant: a bit is set if and only if its reader was inserted, here or into an object that
 *   was merged.  No bit is ever cleared.
 * Linearisation points: insert at its atomic or, or at the load that shows the bit.  count: at
 *   an instant at which so many bits were set; there is one, since the number lies between
 *   those at its beginning and at its end, and every insertion raises it by one.  Two counts
 *   that do not overlap are in order, because the first one ends below what the second one
 *   begins with.  A merge sets the bits of a word at once, so that beside it there need not
 *   be such an instant: then a count is intermediate.
 * Progress: wait-free.
 * Read guarantee: linearizable; beside merges intermediate.
 * Cost: insert: a load of one line of N / 512, and a locked instruction for a reader who is new.
 *   count: N / 64 loads.  A bit for each reader who could clap: 8 KB for 65,536, 125 KB for a
 *   million, whether they clap or not.
 * Breaks when: readers have ids of 64 bits, or posts are many and claps few.
 * Use when: readers are numbered, and the number must be right.
 * Reference: collecting what only grows: M. Herlihy and J. Wing, "Linearizability", 1990; the set as a
 *   word of bits is von Neumann's machine's own.
 *
 * Memory order.  Everything is seq_cst, since a count looks at many words: two threads that each
 * insert a reader and then count may not both miss the other one, or no order of the four operations
 * explains them.  On x86-64 that costs nothing: the or is a locked instruction, and the loads are
 * loads.
 */
#ifndef CONTEND_COUNTERS_DISTINCT_BITMAP_H
#define CONTEND_COUNTERS_DISTINCT_BITMAP_H

#include "counters/distinct.h"
#include "counters/parts/attached.h"

enum { DISTINCT_BITMAP_BITS = 64 };

struct distinct_bitmap {
    _Atomic uint64_t *words;
    uint64_t readers; /* constant after init, as what follows but for the last */
    size_t count;     /* of words */
    const struct contend_allocator *allocator;
    counter_attached attached;
};

ATTACHED_HANDLE(distinct, bitmap, attached)

static inline int distinct_bitmap_init(struct distinct_bitmap *d,
                                       const struct distinct_config *config)
{
    struct distinct_config mine;
    int error = distinct_config_resolve(&mine, config, NULL);

    if (error)
        return error;
    d->readers = mine.readers;
    d->count = (size_t)((mine.readers - 1) / DISTINCT_BITMAP_BITS + 1);
    d->allocator = mine.allocator;
    atomic_init(&d->attached, 0);
    d->words = contend_allocate(d->allocator, CONTEND_CACHE_LINE, d->count * sizeof *d->words);
    if (!d->words)
        return -ENOMEM;
    for (size_t i = 0; i < d->count; i++)
        atomic_init(&d->words[i], 0);
    return 0;
}

static inline int distinct_bitmap_fini(struct distinct_bitmap *d)
{
    if (counter_attached_count(&d->attached))
        return -EBUSY;
    contend_release(d->allocator, d->words, d->count * sizeof *d->words);
    return 0;
}

/* Sets these bits of a word, if one of them is not set. */
static inline void distinct_bitmap_set(struct distinct_bitmap *d, size_t word, uint64_t bits)
{
    /*
     * seq_cst: pairs with the or of who set the bits.  A count of this thread that misses another
     * insertion must come before it in the one order of all.
     */
    uint64_t seen = atomic_load_explicit(&d->words[word], memory_order_seq_cst);

    if ((seen & bits) == bits)
        return;
    CONTEND_STEP("bitmap: saw that a bit is missing, about to set it");
    /* seq_cst: in one order with the loads of counts. */
    atomic_fetch_or_explicit(&d->words[word], bits, memory_order_seq_cst);
}

static inline int distinct_bitmap_insert(struct distinct_bitmap *d,
                                         struct distinct_bitmap_handle *h, uint64_t reader)
{
    (void)h;
    if (reader >= d->readers)
        return -ERANGE;
    distinct_bitmap_set(d, (size_t)(reader % d->count), UINT64_C(1) << reader / d->count);
    return 0;
}

static inline int64_t distinct_bitmap_count(struct distinct_bitmap *d,
                                            struct distinct_bitmap_handle *h)
{
    int64_t count = 0;

    (void)h;
    for (size_t i = 0; i < d->count; i++)
        /* seq_cst: in one order with the ors of insertions. */
        count += __builtin_popcountll(atomic_load_explicit(&d->words[i], memory_order_seq_cst));
    return count;
}

static inline int distinct_bitmap_merge(struct distinct_bitmap *d, struct distinct_bitmap_handle *h,
                                        struct distinct_bitmap *from)
{
    (void)h;
    if (from->readers != d->readers)
        return -EINVAL;
    for (size_t i = 0; i < d->count; i++) {
        /* seq_cst: as a count of `from`. */
        uint64_t theirs = atomic_load_explicit(&from->words[i], memory_order_seq_cst);
        if (theirs)
            distinct_bitmap_set(d, i, theirs);
    }
    return 0;
}

static inline void distinct_bitmap_stats(struct distinct_bitmap *d, struct distinct_stats *out)
{
    out->attached = counter_attached_count(&d->attached);
    out->bytes = sizeof *d + d->count * sizeof *d->words +
                 out->attached * sizeof(struct distinct_bitmap_handle);
}

static const struct distinct_traits distinct_bitmap_traits = {
    .id = {
        .name = "bitmap",
        .title = "a bit for each reader who could clap",
        .reference = "Herlihy and Wing, Linearizability, 1990",
    },
    .insert = CONTEND_WAIT_FREE,
    .count = CONTEND_WAIT_FREE,
    .merge = CONTEND_WAIT_FREE,
    .counts = DISTINCT_LINEARIZABLE,
    .features = DISTINCT_DENSE,
    .bytes = sizeof(struct distinct_bitmap) + DISTINCT_DEFAULT_READERS / 8,
    .bytes_per_thread = sizeof(struct distinct_bitmap_handle),
};

DISTINCT_STATIC_TRAITS(bitmap)

#endif
