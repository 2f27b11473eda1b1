/*
 * helping.h - one swap changes both words, because the post's word says what the reader's is to be.
 *
 * Idea: the post's word holds the total, whether the post is deleted, and the last change: which
 *   reader, and what that reader has given since.  So one compare-and-swap changes total and
 *   reader together.  The reader's own word follows: no change replaces the last one before it
 *   has been written back there, and any thread that comes by writes it.  It is a log of one
 *   entry, as a data base has one that is longer.
 * Invariant: what a reader has given is what the post's word says if the last change was the
 *   reader's, and what the reader's own word says otherwise.  The total is the sum of that over
 *   all readers at every instant.  A reader's word changes only in its tag unless the post's
 *   word names that reader; every write raises the tag, so that a late one fails.
 * Linearisation points: clap, unclap and remove at the swap of the post's word; total at its
 *   load; given and what grants nothing at that load too, or, if the reader's word has changed
 *   between the two loads, when the change was announced that was written there.
 * Progress: clap, unclap and remove lock-free: a swap of the post's word fails because another
 *   change succeeded, and the rest of a change is done by whatever thread is next.  given and
 *   total are wait-free: two loads and one.
 * Read guarantee: linearizable, grants and totals.
 * Cost: two swaps, one on the post's line, which all threads write, and one on a line of 16
 *   readers.  8 bytes a post, 4 for each reader and post.
 * Breaks when: a thread stalls between its load of the post's word and its swap while exactly
 *   2^19 changes of the post come by, or a multiple, the last of them the same as before; or, for
 *   the reader's word, 2^26 changes of one reader.  More than 65,536 readers: -ERANGE.
 * Use when: totals and grants are shown side by side, or what went with a deleted post must be
 *   known exactly, and no thread may hold up the others.
 * Reference: M. Herlihy, "Wait-Free Synchronization", 1991 (helping); T. Harris, K. Fraser and
 *   I. Pratt, "A Practical Multi-Word Compare-and-Swap Operation", 2002.
 */
#ifndef CONTEND_COUNTERS_CLAPS_HELPING_H
#define CONTEND_COUNTERS_CLAPS_HELPING_H

#include <stdbool.h>

#include "counters/claps/parts/ledger.h"

enum {
    CLAPS_HELPING_READER_BITS = 16, /* in the post's word, from its lower end: who changed last */
    CLAPS_HELPING_GIVEN_BITS = 6,   /* and what that reader has given since */
    CLAPS_HELPING_TOTAL_BITS = 22,  /* of all readers: 65,536 times 50 is less than 2^22 */
    CLAPS_HELPING_READERS = 1 << CLAPS_HELPING_READER_BITS
};

/* The post's word; above the total stand a bit for a deleted post, and the number of the change. */
struct claps_helping_post {
    uint64_t reader, total, number;
    unsigned given;
    bool gone;
};

struct claps_helping {
    struct claps_ledger ledger;
    _Atomic uint64_t *posts;
    _Atomic uint32_t *words; /* of each reader and post: given, and above it the tag */
};

CLAPS_EMPTY_HANDLE(helping)

static inline uint64_t claps_helping_pack(const struct claps_helping_post *p)
{
    unsigned given_at = CLAPS_HELPING_READER_BITS, total_at = given_at + CLAPS_HELPING_GIVEN_BITS,
             gone_at = total_at + CLAPS_HELPING_TOTAL_BITS;

    return p->reader | (uint64_t)p->given << given_at | p->total << total_at |
           (uint64_t)p->gone << gone_at | p->number << (gone_at + 1);
}

static inline struct claps_helping_post claps_helping_unpack(uint64_t word)
{
    unsigned given_at = CLAPS_HELPING_READER_BITS, total_at = given_at + CLAPS_HELPING_GIVEN_BITS,
             gone_at = total_at + CLAPS_HELPING_TOTAL_BITS;

    return (struct claps_helping_post){
        .reader = word & ((UINT64_C(1) << CLAPS_HELPING_READER_BITS) - 1),
        .given = (unsigned)(word >> given_at) & ((1u << CLAPS_HELPING_GIVEN_BITS) - 1),
        .total = word >> total_at & ((UINT64_C(1) << CLAPS_HELPING_TOTAL_BITS) - 1),
        .gone = word >> gone_at & 1,
        .number = word >> (gone_at + 1),
    };
}

static inline unsigned claps_helping_given_in(uint32_t word)
{
    return word & ((1u << CLAPS_HELPING_GIVEN_BITS) - 1);
}

static inline void claps_helping_free(struct claps_helping *c)
{
    claps_ledger_release(&c->ledger, c->words, claps_ledger_places(&c->ledger, sizeof *c->words),
                         sizeof *c->words);
    claps_ledger_release(&c->ledger, c->posts, c->ledger.posts, sizeof *c->posts);
}

static inline int claps_helping_init(struct claps_helping *c, const struct claps_config *config)
{
    struct claps_config mine;
    int error = claps_config_resolve(&mine, config, NULL);

    if (error)
        return error;
    if (mine.readers > CLAPS_HELPING_READERS)
        return -ERANGE;
    claps_ledger_init(&c->ledger, &mine);
    size_t places = claps_ledger_places(&c->ledger, sizeof *c->words);
    c->words = claps_ledger_array(&c->ledger, places, sizeof *c->words);
    c->posts = claps_ledger_array(&c->ledger, c->ledger.posts, sizeof *c->posts);
    if (!c->words || !c->posts) {
        claps_helping_free(c);
        return -ENOMEM;
    }
    for (size_t i = 0; i < places; i++)
        atomic_init(&c->words[i], 0);
    for (uint64_t post = 0; post < c->ledger.posts; post++)
        atomic_init(&c->posts[post], 0); /* reader 0 has given 0: true, and written back */
    return 0;
}

static inline int claps_helping_fini(struct claps_helping *c)
{
    if (counter_attached_count(&c->ledger.attached))
        return -EBUSY;
    claps_helping_free(c);
    return 0;
}

/* Whether the place of a post and a reader exists, and where their words are. */
struct claps_helping_at {
    _Atomic uint64_t *post;
    _Atomic uint32_t *row; /* the words of the post's readers */
};

static inline int claps_helping_find(struct claps_helping *c, uint64_t post, uint64_t reader,
                                     struct claps_helping_at *at)
{
    int error = claps_ledger_check(&c->ledger, post, reader);

    if (error == 0) {
        at->post = &c->posts[post];
        at->row = &c->words[claps_ledger_place(&c->ledger, post, 0)];
    }
    return error;
}

static inline uint64_t claps_helping_look(const struct claps_helping_at *at)
{
    /*
     * acquire: whatever was written back before this change was announced is seen in the
     * readers' words.  Pairs with the release in claps_helping_announce.
     */
    return atomic_load_explicit(at->post, memory_order_acquire);
}

/*
 * What the reader has given, as of a post's word loaded before.  If the reader's word has changed
 * since, its value was right when that change was announced, after the load.
 */
static inline unsigned claps_helping_given_of(const struct claps_helping_at *at,
                                              const struct claps_helping_post *p, uint64_t reader)
{
    if (p->reader == reader)
        return p->given;
    /*
     * acquire: a caller that has seen the change here must not miss it in the post's word later.
     * Pairs with the release in claps_helping_write_back.
     */
    return claps_helping_given_in(atomic_load_explicit(&at->row[reader], memory_order_acquire));
}

/*
 * Writes the last change to its reader's word, unless that has been done.  The post's word is
 * looked at again after the reader's was read: if it is the same, no later change of the reader
 * had been announced when the word was read, nor can one be while the word stays as it was,
 * because this one is not written back.  So the swap is right if it succeeds, and if it fails
 * another thread has written.  False if the post's word has changed.
 */
static inline bool claps_helping_write_back(const struct claps_helping_at *at, uint64_t word)
{
    struct claps_helping_post p = claps_helping_unpack(word);
    /*
     * acquire: if this value is of a later change, the look below sees that one or a newer.
     * Pairs with the release of the swap.
     */
    uint32_t seen = atomic_load_explicit(&at->row[p.reader], memory_order_acquire);

    if (claps_helping_given_in(seen) == p.given)
        return true;
    CONTEND_STEP("helping: read the reader's word, the change not looked at again");
    /* relaxed: by the acquire above it is not older than the change that was written there. */
    if (atomic_load_explicit(at->post, memory_order_relaxed) != word)
        return false;
    CONTEND_STEP("helping: about to write the change back");
    uint32_t tag = (seen >> CLAPS_HELPING_GIVEN_BITS) + 1;
    /*
     * release: this thread knew the change; pairs with the acquire in claps_helping_given_of and
     * above.  acquire when it fails: as above, another thread has written, and we announce next.
     */
    atomic_compare_exchange_strong_explicit(&at->row[p.reader], &seen,
                                            tag << CLAPS_HELPING_GIVEN_BITS | p.given,
                                            memory_order_acq_rel, memory_order_acquire);
    return true;
}

/* Announces a change in the place of `seen`, which has been written back. */
static inline bool claps_helping_announce(const struct claps_helping_at *at, uint64_t seen,
                                          struct claps_helping_post next)
{
    next.number++; /* the upper bits are cut off where it wraps */
    CONTEND_STEP("helping: judged, not yet announced");
    /*
     * release: what was written back before comes first; pairs with the acquire in
     * claps_helping_look.  relaxed when it fails: the next turn looks anew.
     */
    return atomic_compare_exchange_weak_explicit(at->post, &seen, claps_helping_pack(&next),
                                                 memory_order_release, memory_order_relaxed);
}

enum claps_helping_way { CLAPS_HELPING_CLAP, CLAPS_HELPING_UNCLAP };

static inline int claps_helping_change(struct claps_helping *c, enum claps_helping_way way,
                                       uint64_t post, uint64_t reader, unsigned n)
{
    struct claps_helping_at at;
    int error = claps_helping_find(c, post, reader, &at);

    if (error)
        return error;
    for (;; contend_cpu_relax()) {
        uint64_t seen = claps_helping_look(&at);
        struct claps_helping_post next = claps_helping_unpack(seen);
        if (next.gone)
            return -ENOENT;
        CONTEND_STEP("helping: looked at the post, not yet at the reader");
        unsigned given = claps_helping_given_of(&at, &next, reader);
        unsigned moved = way == CLAPS_HELPING_CLAP ? claps_granted(given, n)
                                                   : claps_returned(given, n);
        if (moved == 0)
            return 0;
        if (!claps_helping_write_back(&at, seen))
            continue;
        next.reader = reader;
        next.given = way == CLAPS_HELPING_CLAP ? given + moved : given - moved;
        next.total = way == CLAPS_HELPING_CLAP ? next.total + moved : next.total - moved;
        if (claps_helping_announce(&at, seen, next))
            return (int)moved;
    }
}

static inline int claps_helping_clap(struct claps_helping *c, struct claps_helping_handle *h,
                                     uint64_t post, uint64_t reader, unsigned n)
{
    (void)h;
    return claps_helping_change(c, CLAPS_HELPING_CLAP, post, reader, n);
}

static inline int claps_helping_unclap(struct claps_helping *c, struct claps_helping_handle *h,
                                       uint64_t post, uint64_t reader, unsigned n)
{
    (void)h;
    return claps_helping_change(c, CLAPS_HELPING_UNCLAP, post, reader, n);
}

static inline int claps_helping_given(struct claps_helping *c, struct claps_helping_handle *h,
                                      uint64_t post, uint64_t reader)
{
    struct claps_helping_at at;
    int error = claps_helping_find(c, post, reader, &at);

    (void)h;
    if (error)
        return error;
    struct claps_helping_post p = claps_helping_unpack(claps_helping_look(&at));
    CONTEND_STEP("helping: looked at the post, not yet at the reader");
    return p.gone ? -ENOENT : (int)claps_helping_given_of(&at, &p, reader);
}

static inline int64_t claps_helping_total(struct claps_helping *c, struct claps_helping_handle *h,
                                          uint64_t post)
{
    struct claps_helping_at at;
    int error = claps_helping_find(c, post, 0, &at);

    (void)h;
    if (error)
        return error;
    struct claps_helping_post p = claps_helping_unpack(claps_helping_look(&at));
    return p.gone ? -ENOENT : (int64_t)p.total;
}

/* The last change stays in the word, and need not be written back: nobody asks any more. */
static inline int64_t claps_helping_remove(struct claps_helping *c, struct claps_helping_handle *h,
                                           uint64_t post)
{
    struct claps_helping_at at;
    int error = claps_helping_find(c, post, 0, &at);

    (void)h;
    if (error)
        return error;
    for (;; contend_cpu_relax()) {
        uint64_t seen = claps_helping_look(&at);
        struct claps_helping_post next = claps_helping_unpack(seen);
        if (next.gone)
            return -ENOENT;
        next.gone = true;
        if (claps_helping_announce(&at, seen, next))
            return (int64_t)next.total;
    }
}

CLAPS_LEDGER_STATS(helping, c->ledger.posts * sizeof *c->posts +
                                claps_ledger_places(&c->ledger, 1) * sizeof *c->words)

static const struct claps_traits claps_helping_traits = {
    .id = {
        .name = "helping",
        .title = "the post's word holds the last change, written back by whatever thread is next",
        .reference = "Harris, Fraser and Pratt, A Practical Multi-Word Compare-and-Swap, 2002",
        .flags = CONTEND_SIGNAL_SAFE,
    },
    .clap = CONTEND_LOCK_FREE,
    .unclap = CONTEND_LOCK_FREE,
    .given = CONTEND_WAIT_FREE,
    .total = CONTEND_WAIT_FREE,
    .remove = CONTEND_LOCK_FREE,
    .grants = CLAPS_LINEARIZABLE,
    .totals = CLAPS_LINEARIZABLE,
    .max_readers = CLAPS_HELPING_READERS,
    .bytes = sizeof(struct claps_helping),
    .bytes_per_post = sizeof(uint64_t),
    .bytes_per_reader = sizeof(uint32_t),
    .bytes_per_thread = sizeof(struct claps_helping_handle),
};

CLAPS_STATIC_TRAITS(helping)

#endif
