/*
 * hyaline.h - a batch of retired blocks is handed to every thread inside, and the last one frees it.
 *
 * Idea: a thread collects what it retires.  When it has more blocks than there are threads, it
 *   hands the batch out: it pushes one of the blocks onto the list of each thread that is inside,
 *   and counts how many.  A thread that leaves takes its list, and takes one from the count of each
 *   batch in it.  The one that brings the count to 0 frees the batch.  So nobody looks for what may be
 *   freed, and a thread that never retires frees as well.
 * Invariant: a thread that could hold a block of a batch has been inside since before the batch
 *   was handed out, so the batch is in its list, or was and its part of the count is not
 *   taken yet.  The count of a batch is: those to whom it was handed, less those who
 *   have left; the first part is added last, so 0 is reached once.
 * Progress: enter is wait-free.  leave goes through the batches that were handed out meanwhile:
 *   as many as the others liked, so lock-free.  Handing out is lock-free: a push begins again when
 *   that thread left or another one pushed.  A thread that stalls inside holds up, without limit,
 *   every batch that is handed out meanwhile.
 * Cost: a store and a fence to enter, a swap to leave, nothing to read; for each batch one swap
 *   a thread inside, and one addition.  24 bytes a block.
 * Breaks when: a thread stalls inside, as with epochs; or most threads are idle inside.
 * Use when: some threads retire and others only read: the work of freeing spreads among all.
 * Reference: R. Nikolaev and B. Ravindran, "Snapshot-Free, Transparent, and Robust Memory
 *   Reclamation for Lock-Free Data Structures", PLDI 2021 (there Hyaline-1: one list a thread, so
 *   that one word holds the list and whether its owner is inside).
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_HYALINE_H
#define CONTEND_PRESENCE_MAP_RECLAIM_HYALINE_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/records.h"
#include "presence_map/reclaim/reclaim.h"

enum { RECLAIM_HYALINE_BATCH = 64, RECLAIM_HYALINE_INSIDE = 1 };

struct reclaim_hyaline_block {
    union {
        struct reclaim_hyaline_block *next; /* in a thread's list */
        _Atomic int64_t count;              /* of the batch's first block, which is in no list */
    };
    struct reclaim_hyaline_block *first; /* of the batch */
    struct reclaim_hyaline_block *rest;  /* the batch's next block */
};

struct reclaim_hyaline_record {
    struct reclaim_record base;
    _Atomic uintptr_t list;              /* the first block, and INSIDE; 0 = the owner is outside */
    struct reclaim_hyaline_block *batch; /* the owner's: not handed out yet, base.held blocks */
};

struct reclaim_hyaline {
    struct reclaim_records records;
    CONTEND_ALIGNED _Atomic uint64_t waiting; /* blocks handed out and not freed */
    _Atomic uint64_t most;                    /* the greatest value of `waiting` */
    uint64_t batch;                           /* constant after init */
};

struct reclaim_hyaline_handle {
    struct reclaim_hyaline_record *mine;
};

#define RECLAIM_OPTIONS_hyaline(part)                                                         \
    { part "batch", RECLAIM_HYALINE_BATCH, 1, 1000000,                                        \
      "blocks that a thread retires before it hands them out" },

static const struct contend_option reclaim_hyaline_options[] = { RECLAIM_OPTIONS_hyaline("")
                                                                 CONTEND_OPTIONS_END };

static inline int reclaim_hyaline_init(struct reclaim_hyaline *d,
                                       const struct reclaim_config *config)
{
    d->batch = (uint64_t)contend_option_value(&config->settings, reclaim_hyaline_options, "batch");
    atomic_init(&d->waiting, 0);
    atomic_init(&d->most, 0);
    reclaim_records_init(&d->records, sizeof(struct reclaim_hyaline_record), config);
    return 0;
}

static inline void reclaim_hyaline_prepare(struct reclaim_hyaline_record *r)
{
    atomic_init(&r->list, 0);
    r->batch = NULL;
}

RECLAIM_ATTACH(hyaline)
RECLAIM_PLAIN_BLOCKS(hyaline)
RECLAIM_NO_ANNOUNCEMENTS(hyaline)
RECLAIM_ENDS_AT_ONCE(hyaline)
RECLAIM_EMBEDS_ANYTHING(hyaline)

static inline struct reclaim_hyaline_block *reclaim_hyaline_block_of(uintptr_t list)
{
    return (struct reclaim_hyaline_block *)(list & ~(uintptr_t)RECLAIM_HYALINE_INSIDE);
}

static inline void reclaim_hyaline_enter(struct reclaim_hyaline *d,
                                         struct reclaim_hyaline_handle *h)
{
    (void)d;
    /* relaxed: the fence orders it. */
    atomic_store_explicit(&h->mine->list, RECLAIM_HYALINE_INSIDE, memory_order_relaxed);
    /*
     * seq_cst: pairs with the fence in reclaim_hyaline_hand_out.  Either that thread sees us
     * inside, or we see what it has unlinked.
     */
    atomic_thread_fence(memory_order_seq_cst);
}

/* Frees a batch from its first block on, on behalf of the thread of that record. */
static inline void reclaim_hyaline_free(struct reclaim_hyaline *d,
                                        struct reclaim_hyaline_record *mine,
                                        struct reclaim_hyaline_block *b)
{
    uint64_t count = 0;

    while (b) {
        struct reclaim_hyaline_block *rest = b->rest;
        reclaim_block_give_back(&d->records, &mine->base, b);
        b = rest;
        count++;
    }
    reclaim_count(&mine->base, RECLAIM_FREED, count);
    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&d->waiting, count, memory_order_relaxed);
}

static inline void reclaim_hyaline_leave(struct reclaim_hyaline *d,
                                         struct reclaim_hyaline_handle *h)
{
    /*
     * acquire: pairs with the release of the pushes: the blocks' links.  release: our last look at
     * a block comes before a thread finds us outside; pairs with the acquire in _hand_out.
     */
    struct reclaim_hyaline_block *b = reclaim_hyaline_block_of(
        atomic_exchange_explicit(&h->mine->list, 0, memory_order_acq_rel));

    while (b) {
        struct reclaim_hyaline_block *next = b->next, *first = b->first;
        CONTEND_STEP("hyaline: left, not yet counted out");
        /*
         * release: our last looks come first.  acquire: so do the others', if we are the last;
         * each pairs with the other, here and in _hand_out.
         */
        if (atomic_fetch_sub_explicit(&first->count, 1, memory_order_acq_rel) == 1)
            reclaim_hyaline_free(d, h->mine, first);
        b = next;
    }
}

static inline uintptr_t reclaim_hyaline_protect(struct reclaim_hyaline *d,
                                                struct reclaim_hyaline_handle *h, unsigned slot,
                                                _Atomic uintptr_t *link)
{
    (void)d, (void)h, (void)slot;
    /* acquire: pairs with the release that linked the block. */
    return atomic_load_explicit(link, memory_order_acquire);
}

/* Pushes a block onto the list of a thread; false if that thread is outside. */
static inline bool reclaim_hyaline_push(struct reclaim_hyaline_record *to,
                                        struct reclaim_hyaline_block *b)
{
    /* acquire: pairs with the release in reclaim_hyaline_leave, if it is outside. */
    uintptr_t list = atomic_load_explicit(&to->list, memory_order_acquire);

    do {
        if (!(list & RECLAIM_HYALINE_INSIDE))
            return false;
        b->next = reclaim_hyaline_block_of(list);
        CONTEND_STEP("hyaline: found a thread inside, not yet pushed");
        /*
         * release: the block's links come first; pairs with the acquire in _leave.  acquire: for a
         * failure, as above.
         */
    } while (!atomic_compare_exchange_weak_explicit(
        &to->list, &list, (uintptr_t)b | RECLAIM_HYALINE_INSIDE, memory_order_acq_rel,
        memory_order_acquire));
    return true;
}

static inline void reclaim_hyaline_tell(struct reclaim_hyaline *d, uint64_t count)
{
    /* relaxed, here and below: statistics. */
    uint64_t now = atomic_fetch_add_explicit(&d->waiting, count, memory_order_relaxed) + count;
    uint64_t most = atomic_load_explicit(&d->most, memory_order_relaxed);

    while (now > most && !atomic_compare_exchange_weak_explicit(
                             &d->most, &most, now, memory_order_relaxed, memory_order_relaxed))
        contend_cpu_relax();
}

/* Hands the thread's batch out, if it has a block for each thread and one for the count. */
static inline void reclaim_hyaline_hand_out(struct reclaim_hyaline *d,
                                            struct reclaim_hyaline_record *mine)
{
    struct reclaim_hyaline_block *first = mine->batch, *b;
    uint64_t records = 0;
    int64_t handed = 0;

    /* seq_cst: pairs with the fence in reclaim_hyaline_enter. */
    atomic_thread_fence(memory_order_seq_cst);
    struct reclaim_record *newest = reclaim_records_first(&d->records);
    for (struct reclaim_record *r = newest; r; r = r->next)
        records++;
    if (mine->base.held <= records)
        return;
    reclaim_hyaline_tell(d, mine->base.held);
    mine->batch = NULL;
    mine->base.held = 0;
    for (b = first->rest; b; b = b->rest)
        b->first = first;
    atomic_init(&first->count, 0);
    b = first->rest;
    /* The same records as above: a thread that was listed since has entered since. */
    for (struct reclaim_record *r = newest; r; r = r->next)
        if (reclaim_hyaline_push((struct reclaim_hyaline_record *)(void *)r, b)) {
            b = b->rest;
            handed++;
        }
    CONTEND_STEP("hyaline: handed out, not yet counted");
    /* release and acquire: as in reclaim_hyaline_leave. */
    if (atomic_fetch_add_explicit(&first->count, handed, memory_order_acq_rel) == -handed)
        reclaim_hyaline_free(d, mine, first);
}

static inline void reclaim_hyaline_retire(struct reclaim_hyaline *d,
                                          struct reclaim_hyaline_handle *h, void *block)
{
    struct reclaim_hyaline_block *b = block;

    b->rest = h->mine->batch;
    h->mine->batch = b;
    reclaim_count_retired(&h->mine->base);
    if (h->mine->base.held >= d->batch)
        reclaim_hyaline_hand_out(d, h->mine);
}

static inline void reclaim_hyaline_drain(struct reclaim_hyaline *d,
                                         struct reclaim_hyaline_handle *h)
{
    if (h->mine->batch)
        reclaim_hyaline_hand_out(d, h->mine);
}

static inline void reclaim_hyaline_detach(struct reclaim_hyaline *d,
                                          struct reclaim_hyaline_handle *h)
{
    reclaim_hyaline_drain(d, h);
    reclaim_records_give_up(&h->mine->base);
}

static inline void reclaim_hyaline_fini(struct reclaim_hyaline *d)
{
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next) {
        struct reclaim_hyaline_record *mine = (void *)r;
        reclaim_hyaline_free(d, mine, mine->batch);
    }
    reclaim_records_fini(&d->records);
}

static inline uint64_t reclaim_hyaline_bound(struct reclaim_hyaline *d, uint64_t present)
{
    (void)d, (void)present;
    return UINT64_MAX;
}

static inline void reclaim_hyaline_stats(struct reclaim_hyaline *d, struct reclaim_stats *out)
{
    reclaim_records_stats(&d->records, out); /* the peaks of what was not handed out yet */
    /* relaxed: statistics. */
    out->retired_peak += atomic_load_explicit(&d->most, memory_order_relaxed);
}

static inline unsigned reclaim_hyaline_modulo_of(const struct reclaim_hyaline *d)
{
    (void)d;
    return 0;
}

enum {
    reclaim_hyaline_features = RECLAIM_SECTIONS,
    reclaim_hyaline_flags = 0,
    reclaim_hyaline_modulo = 0,
    /* A thread that leaves may free. */
    reclaim_hyaline_reads = CONTEND_LOCK_FREE | CONTEND_MODULO_MALLOC,
};

#define RECLAIM_TITLE_hyaline "batches are handed to all threads inside; the last one frees"
#define RECLAIM_PAPER_hyaline "Nikolaev and Ravindran, 2021"

#endif
