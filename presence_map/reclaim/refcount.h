/*
 * refcount.h - every block counts the threads that stand on it.
 *
 * Idea: a thread that steps on a block adds one to the block's count, and looks whether the link
 *   still leads there; a link counts as one as well.  The last one that lets go frees the block.
 *   The count of a block that is free already may be raised by a thread that came too late, so a
 *   block's memory must stay a block: it goes to a pool and not back to the allocator.
 * Invariant: `refs` is twice the number of holders, the link included, plus 1 while the block is
 *   in the pool.  Only the swap from 2 to 1 puts it there, so it is put there once.  A holder
 *   that saw the link after it had counted itself holds a block that was linked then: had the
 *   count fallen to 0 before, the addition would have shown it the swap that unlinked the block.
 * Progress: protect begins again when the link has changed: lock-free.  retire is lock-free.  A
 *   thread that stalls holds up RECLAIM_SLOTS blocks.
 * Cost: two locked instructions for each step, on the line of the block that is read: readers of
 *   one block write to it.  16 bytes a block; memory is given back in fini only.
 * Breaks when: readers are many, or meet at one block: they move its line about as writers do.
 * Use when: you need to know at once that the last reader has gone; steps are few and long.
 * Reference: J. Valois, "Lock-Free Linked Lists Using Compare-and-Swap", PODC 1995, as corrected
 *   by M. Michael and M. Scott, "Correction of a Memory Management Method for Lock-Free Data
 *   Structures", 1995 (the lowest bit).
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_REFCOUNT_H
#define CONTEND_PRESENCE_MAP_RECLAIM_REFCOUNT_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/pool.h"
#include "presence_map/reclaim/parts/records.h"
#include "presence_map/reclaim/reclaim.h"

enum {
    RECLAIM_REFCOUNT_SPARE = 256,
    RECLAIM_REFCOUNT_FREE = 1, /* the block is in the pool */
    RECLAIM_REFCOUNT_ONE = 2,  /* one holder */
    RECLAIM_REFCOUNT_MARKS = 7
};

struct reclaim_refcount_block {
    struct reclaim_spare spare; /* while it is free */
    _Atomic uint64_t refs;
};

struct reclaim_refcount_record {
    struct reclaim_record base;
    struct reclaim_refcount_block *slots[RECLAIM_SLOTS]; /* the owner's; NULL = nothing */
    struct reclaim_spares spares;                        /* the owner's */
};

struct reclaim_refcount {
    struct reclaim_records records;
    struct reclaim_pool pool;
    uint64_t spare; /* constant after init */
};

struct reclaim_refcount_handle {
    struct reclaim_refcount_record *mine;
};

#define RECLAIM_OPTIONS_refcount(part)                                                        \
    { part "spare", RECLAIM_REFCOUNT_SPARE, 0, 1000000,                                       \
      "free blocks that a thread keeps for itself" },

static const struct contend_option reclaim_refcount_options[] = { RECLAIM_OPTIONS_refcount("")
                                                                  CONTEND_OPTIONS_END };

static inline int reclaim_refcount_init(struct reclaim_refcount *d,
                                        const struct reclaim_config *config)
{
    d->spare = (uint64_t)contend_option_value(&config->settings, reclaim_refcount_options, "spare");
    reclaim_pool_init(&d->pool);
    reclaim_records_init(&d->records, sizeof(struct reclaim_refcount_record), config);
    return 0;
}

static inline void reclaim_refcount_prepare(struct reclaim_refcount_record *r)
{
    for (unsigned i = 0; i < RECLAIM_SLOTS; i++)
        r->slots[i] = NULL;
    reclaim_spares_init(&r->spares);
}

RECLAIM_ATTACH(refcount)
RECLAIM_NO_ANNOUNCEMENTS(refcount)
RECLAIM_ENDS_AT_ONCE(refcount)

/* A block that is not of the pool has a holder for ever. */
static inline void reclaim_refcount_embed(void *block)
{
    atomic_init(&((struct reclaim_refcount_block *)block)->refs, RECLAIM_REFCOUNT_ONE);
}

/* Adds a holder, perhaps of a block that is free. */
static inline void reclaim_refcount_hold(struct reclaim_refcount_block *b)
{
    /*
     * acquire: pairs with the release in reclaim_refcount_let_go.  If the count was let go before,
     * we see what that thread had done: the link no longer leads here.
     */
    atomic_fetch_add_explicit(&b->refs, RECLAIM_REFCOUNT_ONE, memory_order_acquire);
}

/* Lets a block go; the last holder puts it into the pool.  Whether that is us. */
static inline bool reclaim_refcount_let_go(struct reclaim_refcount *d,
                                           struct reclaim_refcount_record *mine,
                                           struct reclaim_refcount_block *b)
{
    /* relaxed: a first guess. */
    uint64_t refs = atomic_load_explicit(&b->refs, memory_order_relaxed), left;

    do {
        left = refs - RECLAIM_REFCOUNT_ONE;
        if (left == 0)
            left = RECLAIM_REFCOUNT_FREE;
        CONTEND_STEP("refcount: about to let go");
        /*
         * release: our last look at the block comes first.  acquire: so do those of the others,
         * if we are the last.  Both pair with each other, the release also with the acquire in
         * reclaim_refcount_hold.  relaxed on failure: a guess again.
         */
    } while (!atomic_compare_exchange_weak_explicit(&b->refs, &refs, left, memory_order_acq_rel,
                                                    memory_order_relaxed));
    if (refs != RECLAIM_REFCOUNT_ONE)
        return false;
    reclaim_count(&mine->base, RECLAIM_FREED, 1);
    reclaim_pool_put(&d->pool, &mine->spares, &b->spare, d->spare);
    return true;
}

static inline void *reclaim_refcount_allocate(struct reclaim_refcount *d,
                                              struct reclaim_refcount_handle *h)
{
    struct reclaim_refcount_block *b = (void *)reclaim_pool_take(&d->pool, &h->mine->spares);

    if (b) {
        /* relaxed: nobody holds it by right; those who came too late only add and subtract. */
        atomic_fetch_add_explicit(&b->refs, RECLAIM_REFCOUNT_ONE - RECLAIM_REFCOUNT_FREE,
                                  memory_order_relaxed);
        return b;
    }
    b = reclaim_block_make(&d->records, &h->mine->base);
    if (b)
        atomic_init(&b->refs, RECLAIM_REFCOUNT_ONE);
    return b;
}

static inline void reclaim_refcount_retire(struct reclaim_refcount *d,
                                           struct reclaim_refcount_handle *h, void *block)
{
    reclaim_count(&h->mine->base, RECLAIM_RETIRED, 1);
    /* MOST counts those that could not be freed at once; see reclaim_refcount_stats. */
    if (!reclaim_refcount_let_go(d, h->mine, block))
        reclaim_count(&h->mine->base, RECLAIM_MOST, 1);
}

/* Not by another way: a thread that came too late may hold it from its last life. */
static inline void reclaim_refcount_discard(struct reclaim_refcount *d,
                                            struct reclaim_refcount_handle *h, void *block)
{
    reclaim_refcount_retire(d, h, block);
}

static inline void reclaim_refcount_enter(struct reclaim_refcount *d,
                                          struct reclaim_refcount_handle *h)
{
    (void)d, (void)h;
}

static inline void reclaim_refcount_leave(struct reclaim_refcount *d,
                                          struct reclaim_refcount_handle *h)
{
    for (unsigned i = 0; i < RECLAIM_SLOTS; i++)
        if (h->mine->slots[i]) {
            reclaim_refcount_let_go(d, h->mine, h->mine->slots[i]);
            h->mine->slots[i] = NULL;
        }
}

static inline uintptr_t reclaim_refcount_protect(struct reclaim_refcount *d,
                                                 struct reclaim_refcount_handle *h, unsigned slot,
                                                 _Atomic uintptr_t *link)
{
    const uintptr_t marks = RECLAIM_REFCOUNT_MARKS;
    /* acquire: pairs with the release that linked the block; its count comes with it. */
    uintptr_t seen = atomic_load_explicit(link, memory_order_acquire), value;
    struct reclaim_refcount_block *b, *before = h->mine->slots[slot];

    for (;;) {
        value = seen;
        b = (struct reclaim_refcount_block *)(value & ~marks);
        if (b)
            reclaim_refcount_hold(b);
        CONTEND_STEP("refcount: counted, not yet looked again");
        /* acquire: as above. */
        seen = atomic_load_explicit(link, memory_order_acquire);
        if ((seen & ~marks) == (value & ~marks))
            break;
        if (b)
            reclaim_refcount_let_go(d, h->mine, b);
    }
    h->mine->slots[slot] = b;
    /* The link may be in the block that the slot has held, so that goes last. */
    if (before)
        reclaim_refcount_let_go(d, h->mine, before);
    return seen;
}

/* Gives the thread's free blocks to all. */
static inline void reclaim_refcount_drain(struct reclaim_refcount *d,
                                          struct reclaim_refcount_handle *h)
{
    reclaim_pool_give(&d->pool, &h->mine->spares);
}

static inline void reclaim_refcount_detach(struct reclaim_refcount *d,
                                           struct reclaim_refcount_handle *h)
{
    reclaim_refcount_drain(d, h);
    reclaim_records_give_up(&h->mine->base);
}

static inline void reclaim_refcount_fini(struct reclaim_refcount *d)
{
    struct reclaim_record *first = reclaim_records_first(&d->records);
    struct reclaim_spares rest;
    struct reclaim_spare *b;

    reclaim_spares_init(&rest);
    for (struct reclaim_record *r = first; r; r = r->next)
        reclaim_pool_give(&d->pool, &((struct reclaim_refcount_record *)(void *)r)->spares);
    while ((b = reclaim_pool_take(&d->pool, &rest)) != NULL)
        reclaim_block_give_back(&d->records, first, b);
    reclaim_records_fini(&d->records);
}

/* What each thread's slots hold, and one more while it changes a slot. */
static inline uint64_t reclaim_refcount_bound(struct reclaim_refcount *d, uint64_t present)
{
    (void)present;
    return reclaim_records_count(&d->records) * (RECLAIM_SLOTS + 1);
}

static inline void reclaim_refcount_stats(struct reclaim_refcount *d, struct reclaim_stats *out)
{
    uint64_t bound = reclaim_refcount_bound(d, 0);

    reclaim_records_stats(&d->records, out);
    if (out->retired_peak > bound)
        out->retired_peak = bound;
}

static inline unsigned reclaim_refcount_modulo_of(const struct reclaim_refcount *d)
{
    (void)d;
    return 0;
}

enum {
    reclaim_refcount_features = RECLAIM_BOUNDED | RECLAIM_REUSES,
    reclaim_refcount_flags = 0,
    reclaim_refcount_modulo = 0,
    reclaim_refcount_reads = CONTEND_LOCK_FREE,
};

#define RECLAIM_TITLE_refcount "each node counts the threads that stand on it"
#define RECLAIM_PAPER_refcount "Valois, 1995, corrected by Michael and Scott, 1995"

#endif
