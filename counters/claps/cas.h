/*
 * cas.h - two words, changed one after the other, in the order that errs upwards.
 *
 * Idea: a byte for each reader and post, which compare-and-swap keeps within its bounds, and
 *   a word for the post, with its total and a bit that says it is deleted.  Nothing changes
 *   both at once, so one of them is ahead for a moment: a clap is in the total before it is
 *   the reader's, an undo is out of the reader's byte before it is out of the total.
 * Invariant: 0 <= given <= 50, since each change of a reader's byte is judged on the value
 *   that it replaces.  The total is at least the sum of the post's readers, and equal to it
 *   while no operation is under way.  So it is never negative.  The bit is set for ever.
 * Linearisation points: clap and unclap at the swap of the reader's byte, given at its load;
 *   all of them, if the post is deleted meanwhile, before it is; remove at the setting of the
 *   bit.  Where nothing is granted, at the load that showed it.
 * Progress: clap and unclap lock-free: a swap fails only because another one succeeded, for
 *   the same reader.  given, total and remove wait-free, as the processor's operations are.
 * Read guarantee: grants linearizable.  Totals quiescent: what is under way may be in them,
 *   with as much as it asked for, even if less was granted.
 * Cost: an addition on the post's line, which all threads write, or two where less is granted
 *   than was reserved; and a swap on the line of 64 readers.  A byte for each reader and post.
 * Breaks when: a total has to agree with what its readers are told they have given: show this
 *   one, and never compare the two (see helping.h).
 * Use when: totals are shown and grants are what counts, which is most of the time.
 * Reference: the reservation of a place before it is taken is Dijkstra's, "Cooperating
 *   Sequential Processes", 1965; the swap Herlihy's, "Wait-Free Synchronization", 1991.
 */
#ifndef CONTEND_COUNTERS_CLAPS_CAS_H
#define CONTEND_COUNTERS_CLAPS_CAS_H

#include <stdbool.h>

#include "counters/claps/parts/ledger.h"

/* The post's word: the total in the upper bits, so that additions never reach the lowest one. */
#define CLAPS_CAS_GONE UINT64_C(1)
#define CLAPS_CAS_ONE UINT64_C(2)

struct claps_cas {
    struct claps_ledger ledger;
    _Atomic uint64_t *posts; /* total and GONE */
    _Atomic uint8_t *given;  /* by each reader to each post */
};

CLAPS_EMPTY_HANDLE(cas)

static inline void claps_cas_free(struct claps_cas *c)
{
    claps_ledger_release(&c->ledger, c->given, claps_ledger_places(&c->ledger, sizeof *c->given),
                         sizeof *c->given);
    claps_ledger_release(&c->ledger, c->posts, c->ledger.posts, sizeof *c->posts);
}

static inline int claps_cas_init(struct claps_cas *c, const struct claps_config *config)
{
    struct claps_config mine;
    int error = claps_config_resolve(&mine, config, NULL);

    if (error)
        return error;
    claps_ledger_init(&c->ledger, &mine);
    size_t places = claps_ledger_places(&c->ledger, sizeof *c->given);
    c->given = claps_ledger_array(&c->ledger, places, sizeof *c->given);
    c->posts = claps_ledger_array(&c->ledger, c->ledger.posts, sizeof *c->posts);
    if (!c->given || !c->posts) {
        claps_cas_free(c);
        return -ENOMEM;
    }
    for (size_t i = 0; i < places; i++)
        atomic_init(&c->given[i], 0);
    for (uint64_t post = 0; post < c->ledger.posts; post++)
        atomic_init(&c->posts[post], 0);
    return 0;
}

static inline int claps_cas_fini(struct claps_cas *c)
{
    if (counter_attached_count(&c->ledger.attached))
        return -EBUSY;
    claps_cas_free(c);
    return 0;
}

/*
 * What has been reserved in the total and was not granted.  relaxed: a total alone; it publishes
 * nothing, and no addition to one word is lost.
 */
static inline void claps_cas_give_back(_Atomic uint64_t *post, unsigned claps)
{
    if (claps)
        atomic_fetch_sub_explicit(post, claps * CLAPS_CAS_ONE, memory_order_relaxed);
}

/*
 * seq_cst, here and wherever an answer is read: the readers' words and the post's are several
 * locations, and one order has to explain what all of them say.  With less, two threads that
 * each clap and then look at the other's reader may both see nothing; x86's loads and swaps
 * are as strong as that anyway.
 */
static inline uint8_t claps_cas_seen(_Atomic uint8_t *given)
{
    return atomic_load_explicit(given, memory_order_seq_cst);
}

static inline bool claps_cas_is_gone(_Atomic uint64_t *post)
{
    /* seq_cst: as above. */
    return atomic_load_explicit(post, memory_order_seq_cst) & CLAPS_CAS_GONE;
}

/*
 * The reader's word becomes `after` if it is still *seen, which is renewed otherwise.  seq_cst,
 * also where it fails: as above, since a grant may be judged on the value that it met.
 */
static inline bool claps_cas_swap(_Atomic uint8_t *given, uint8_t *seen, unsigned after)
{
    return atomic_compare_exchange_weak_explicit(given, seen, (uint8_t)after, memory_order_seq_cst,
                                                 memory_order_seq_cst);
}

static inline int claps_cas_clap(struct claps_cas *c, struct claps_cas_handle *h, uint64_t post,
                                 uint64_t reader, unsigned n)
{
    int error = claps_ledger_check(&c->ledger, post, reader);

    (void)h;
    if (error)
        return error;
    _Atomic uint8_t *given = &c->given[claps_ledger_place(&c->ledger, post, reader)];
    uint8_t seen = claps_cas_seen(given);
    unsigned granted = claps_granted(seen, n), most = claps_granted(0, n);
    if (granted == 0) /* the post was there when the word was read if it still is */
        return claps_cas_is_gone(&c->posts[post]) ? -ENOENT : 0;
    /* seq_cst: as above; it shows GONE as well. */
    if (atomic_fetch_add_explicit(&c->posts[post], most * CLAPS_CAS_ONE, memory_order_seq_cst) &
        CLAPS_CAS_GONE) {
        claps_cas_give_back(&c->posts[post], most);
        return -ENOENT;
    }
    CONTEND_STEP("cas: reserved in the total, not yet granted");
    while (granted && !claps_cas_swap(given, &seen, seen + granted)) {
        contend_cpu_relax();
        granted = claps_granted(seen, n);
    }
    CONTEND_STEP("cas: granted, with too much in the total");
    claps_cas_give_back(&c->posts[post], most - granted);
    return (int)granted;
}

static inline int claps_cas_unclap(struct claps_cas *c, struct claps_cas_handle *h, uint64_t post,
                                   uint64_t reader, unsigned n)
{
    int error = claps_ledger_check(&c->ledger, post, reader);

    (void)h;
    if (error)
        return error;
    _Atomic uint8_t *given = &c->given[claps_ledger_place(&c->ledger, post, reader)];
    uint8_t seen = claps_cas_seen(given);
    unsigned returned = claps_returned(seen, n);
    if (claps_cas_is_gone(&c->posts[post]))
        return -ENOENT;
    CONTEND_STEP("cas: found the post there, not yet taken back");
    while (returned && !claps_cas_swap(given, &seen, seen - returned)) {
        contend_cpu_relax();
        returned = claps_returned(seen, n);
    }
    CONTEND_STEP("cas: taken back, and still in the total");
    claps_cas_give_back(&c->posts[post], returned);
    return (int)returned;
}

static inline int claps_cas_given(struct claps_cas *c, struct claps_cas_handle *h, uint64_t post,
                                  uint64_t reader)
{
    int error = claps_ledger_check(&c->ledger, post, reader);

    (void)h;
    if (error)
        return error;
    int given = claps_cas_seen(&c->given[claps_ledger_place(&c->ledger, post, reader)]);
    CONTEND_STEP("cas: read what was given, the post not yet");
    /* In this order: the post was there when the word was read if it still is. */
    return claps_cas_is_gone(&c->posts[post]) ? -ENOENT : given;
}

static inline int64_t claps_cas_total(struct claps_cas *c, struct claps_cas_handle *h,
                                      uint64_t post)
{
    int error = claps_ledger_check(&c->ledger, post, 0);

    (void)h;
    if (error)
        return error;
    /* seq_cst: as above. */
    uint64_t word = atomic_load_explicit(&c->posts[post], memory_order_seq_cst);
    return word & CLAPS_CAS_GONE ? -ENOENT : (int64_t)(word / CLAPS_CAS_ONE);
}

static inline int64_t claps_cas_remove(struct claps_cas *c, struct claps_cas_handle *h,
                                       uint64_t post)
{
    int error = claps_ledger_check(&c->ledger, post, 0);

    (void)h;
    if (error)
        return error;
    /* seq_cst: as above; of several removers one finds the bit not set. */
    uint64_t word = atomic_fetch_or_explicit(&c->posts[post], CLAPS_CAS_GONE, memory_order_seq_cst);
    return word & CLAPS_CAS_GONE ? -ENOENT : (int64_t)(word / CLAPS_CAS_ONE);
}

CLAPS_LEDGER_STATS(cas, c->ledger.posts * sizeof *c->posts +
                            claps_ledger_places(&c->ledger, 1) * sizeof *c->given)

static const struct claps_traits claps_cas_traits = {
    .id = {
        .name = "cas",
        .title = "a swap on the reader's byte, and a total that is reserved first",
        .reference = "Herlihy, Wait-Free Synchronization, 1991",
        .flags = CONTEND_SIGNAL_SAFE,
    },
    .clap = CONTEND_LOCK_FREE,
    .unclap = CONTEND_LOCK_FREE,
    .given = CONTEND_WAIT_FREE,
    .total = CONTEND_WAIT_FREE,
    .remove = CONTEND_WAIT_FREE,
    .grants = CLAPS_LINEARIZABLE,
    .totals = CLAPS_QUIESCENT,
    .max_readers = UINT64_MAX,
    .bytes = sizeof(struct claps_cas),
    .bytes_per_post = sizeof(uint64_t),
    .bytes_per_reader = sizeof(uint8_t),
    .bytes_per_thread = sizeof(struct claps_cas_handle),
};

CLAPS_STATIC_TRAITS(cas)

#endif
