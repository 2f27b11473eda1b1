/*
 * ibr.h - a block lives from one era to another, and so does a visit: do they overlap?
 *
 * Idea: a counter of eras goes on as blocks are made.  A block carries the era in which it was made,
 *   and later the one in which it was retired.  A thread inside shows from which era to which one
 *   it has read links: it looks at the counter after each link that it reads.  A retired block may
 *   be freed when its life overlaps no visit.  So a thread that stalls keeps what was there in its
 *   eras, as a hazard pointer would, and nothing that was made later; and it writes only when the
 *   era has changed, not for each step.
 * Invariant: a thread returns what a link led to only if the counter was, after the look, what the
 *   thread has shown as the end of its visit.  So the block was made at that era at the latest.
 *   It was retired after the visit began: see the fences.
 * Progress: protect begins again when the era has changed: lock-free.  The rest is wait-free
 *   apart from the allocator.  A thread that stalls holds up what was linked in its eras; one that
 *   goes on for long holds up all that is retired meanwhile.
 * Cost: a store and a fence to enter, and again whenever the era has changed; a second load for
 *   each step.  A retired block costs a fence, and a look at each thread's visit for every
 *   `batch` of them.  24 bytes a block.
 * Breaks when: an operation is long, as a walk over the whole structure.
 * Use when: threads may stall, operations are short, and hazard pointers cost too much.
 * Reference: H. Wen, J. Izraelevitz, W. Cai, H. Beadle and M. Scott, "Interval-Based Memory
 *   Reclamation", PPoPP 2018 (there 2GEIBR); from hazard eras (P. Ramalhete and A. Correia, SPAA
 *   2017) it differs in that a thread shows one interval and not an era for each slot.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_IBR_H
#define CONTEND_PRESENCE_MAP_RECLAIM_IBR_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/records.h"
#include "presence_map/reclaim/reclaim.h"

enum { RECLAIM_IBR_BATCH = 64, RECLAIM_IBR_PACE = 64 };

struct reclaim_ibr_block {
    struct reclaim_ibr_block *next; /* another one that is retired in the same record */
    uint64_t made, retired;         /* eras */
};

struct reclaim_ibr_record {
    struct reclaim_record base;
    _Atomic uint64_t from, to; /* the owner's visit, in eras; from = 0: outside */
    struct reclaim_ibr_block *retired; /* the owner's, as all that follows */
    uint64_t made;                     /* blocks made since it last moved the era on */
    uint64_t due;                      /* looks at the visits when so many are retired */
};

struct reclaim_ibr {
    CONTEND_ALIGNED _Atomic uint64_t era; /* from 1 on */
    struct reclaim_records records;
    uint64_t batch, pace; /* constant after init */
};

struct reclaim_ibr_handle {
    struct reclaim_ibr_record *mine;
};

#define RECLAIM_OPTIONS_ibr(part)                                                             \
    { part "batch", RECLAIM_IBR_BATCH, 1, 1000000,                                            \
      "blocks that a thread retires before it looks at the visits" },                         \
    { part "pace", RECLAIM_IBR_PACE, 1, 1000000,                                              \
      "blocks that a thread makes before it moves the era on" },

static const struct contend_option reclaim_ibr_options[] = { RECLAIM_OPTIONS_ibr("")
                                                             CONTEND_OPTIONS_END };

static inline int reclaim_ibr_init(struct reclaim_ibr *d, const struct reclaim_config *config)
{
    const struct contend_settings *s = &config->settings;

    atomic_init(&d->era, 1);
    d->batch = (uint64_t)contend_option_value(s, reclaim_ibr_options, "batch");
    d->pace = (uint64_t)contend_option_value(s, reclaim_ibr_options, "pace");
    reclaim_records_init(&d->records, sizeof(struct reclaim_ibr_record), config);
    return 0;
}

static inline void reclaim_ibr_prepare(struct reclaim_ibr_record *r)
{
    atomic_init(&r->from, 0);
    atomic_init(&r->to, 0);
    r->retired = NULL;
    r->made = 0;
    r->due = 1;
}

RECLAIM_ATTACH(ibr)
RECLAIM_FREE(ibr)
RECLAIM_STATS(ibr)
RECLAIM_NO_ANNOUNCEMENTS(ibr)
RECLAIM_ENDS_AT_ONCE(ibr)
RECLAIM_EMBEDS_ANYTHING(ibr)

static inline void *reclaim_ibr_allocate(struct reclaim_ibr *d, struct reclaim_ibr_handle *h)
{
    struct reclaim_ibr_block *b = reclaim_block_make(&d->records, &h->mine->base);

    if (!b)
        return NULL;
    if (++h->mine->made >= d->pace) {
        h->mine->made = 0;
        /* relaxed: a number; the swap that links the block, and the fences, order it. */
        atomic_fetch_add_explicit(&d->era, 1, memory_order_relaxed);
    }
    /* relaxed: likewise. */
    b->made = atomic_load_explicit(&d->era, memory_order_relaxed);
    return b;
}

static inline void reclaim_ibr_discard(struct reclaim_ibr *d, struct reclaim_ibr_handle *h,
                                       void *block)
{
    reclaim_block_give_back(&d->records, &h->mine->base, block);
}

static inline void reclaim_ibr_enter(struct reclaim_ibr *d, struct reclaim_ibr_handle *h)
{
    /* relaxed: an older era than the present one makes the visit longer, which is right. */
    uint64_t era = atomic_load_explicit(&d->era, memory_order_relaxed);

    /* relaxed: the release below orders it. */
    atomic_store_explicit(&h->mine->to, era, memory_order_relaxed);
    /*
     * release: `to` comes first, and so do our earlier visits; pairs with the acquire in
     * reclaim_ibr_scan.
     */
    atomic_store_explicit(&h->mine->from, era, memory_order_release);
    /*
     * seq_cst: pairs with the fences in reclaim_ibr_retire and reclaim_ibr_scan.  Either the other
     * thread sees our visit, and an era that is not older; or we see what it has unlinked.
     */
    atomic_thread_fence(memory_order_seq_cst);
}

static inline void reclaim_ibr_leave(struct reclaim_ibr *d, struct reclaim_ibr_handle *h)
{
    (void)d;
    /* release: our last look at a block comes first; pairs with the acquire in _scan. */
    atomic_store_explicit(&h->mine->from, 0, memory_order_release);
}

static inline uintptr_t reclaim_ibr_protect(struct reclaim_ibr *d, struct reclaim_ibr_handle *h,
                                            unsigned slot, _Atomic uintptr_t *link)
{
    /* relaxed: our own. */
    uint64_t shown = atomic_load_explicit(&h->mine->to, memory_order_relaxed);

    (void)slot;
    for (;;) {
        /* acquire: pairs with the release that linked the block; its era comes with it. */
        uintptr_t value = atomic_load_explicit(link, memory_order_acquire);
        /* relaxed: behind that load, so not before the era in which the block was made. */
        uint64_t era = atomic_load_explicit(&d->era, memory_order_relaxed);
        if (era == shown)
            return value;
        shown = era;
        /* relaxed: the fence orders it. */
        atomic_store_explicit(&h->mine->to, shown, memory_order_relaxed);
        /* seq_cst: pairs with the fence in reclaim_ibr_scan, as in reclaim_ibr_enter. */
        atomic_thread_fence(memory_order_seq_cst);
        CONTEND_STEP("ibr: showed a later era, not yet looked again");
    }
}

/* Moves the blocks whose lives overlap the visit to *kept. */
static inline void reclaim_ibr_keep(struct reclaim_ibr_record *mine, uint64_t from, uint64_t to,
                                    struct reclaim_ibr_block **kept)
{
    struct reclaim_ibr_block **at = &mine->retired, *b;

    while ((b = *at) != NULL)
        if (b->made <= to && b->retired >= from) {
            *at = b->next;
            b->next = *kept;
            *kept = b;
        } else {
            at = &b->next;
        }
}

/* Frees what was in nobody's visit. */
static inline void reclaim_ibr_scan(struct reclaim_ibr *d, struct reclaim_ibr_record *mine)
{
    struct reclaim_ibr_block *kept = NULL;

    /* seq_cst: pairs with the fences in reclaim_ibr_enter and reclaim_ibr_protect. */
    atomic_thread_fence(memory_order_seq_cst);
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next) {
        struct reclaim_ibr_record *other = (void *)r;
        /* acquire: pairs with the releases in reclaim_ibr_enter and reclaim_ibr_leave. */
        uint64_t from = atomic_load_explicit(&other->from, memory_order_acquire);
        CONTEND_STEP("ibr: read where a visit begins, not where it ends");
        if (from)
            /* relaxed: behind that load, so of the same visit or of a later one. */
            reclaim_ibr_keep(mine, from, atomic_load_explicit(&other->to, memory_order_relaxed),
                             &kept);
    }
    while (mine->retired) {
        struct reclaim_ibr_block *b = mine->retired;
        mine->retired = b->next;
        reclaim_ibr_free(d, mine, b);
    }
    mine->retired = kept;
    mine->due = mine->base.held + d->batch;
}

static inline void reclaim_ibr_retire(struct reclaim_ibr *d, struct reclaim_ibr_handle *h,
                                      void *block)
{
    struct reclaim_ibr_block *b = block;

    /*
     * seq_cst: pairs with the fence in reclaim_ibr_enter.  A thread that did not see the block
     * unlinked has read the era before, so what we read is not before its visit.
     */
    atomic_thread_fence(memory_order_seq_cst);
    /* relaxed: ordered by the fence. */
    b->retired = atomic_load_explicit(&d->era, memory_order_relaxed);
    b->next = h->mine->retired;
    h->mine->retired = b;
    reclaim_count_retired(&h->mine->base);
    if (h->mine->base.held >= h->mine->due)
        reclaim_ibr_scan(d, h->mine);
}

static inline void reclaim_ibr_drain(struct reclaim_ibr *d, struct reclaim_ibr_handle *h)
{
    if (h->mine->retired)
        reclaim_ibr_scan(d, h->mine);
}

static inline void reclaim_ibr_detach(struct reclaim_ibr *d, struct reclaim_ibr_handle *h)
{
    reclaim_ibr_drain(d, h);
    reclaim_records_give_up(&h->mine->base);
}

static inline void reclaim_ibr_fini(struct reclaim_ibr *d)
{
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next) {
        struct reclaim_ibr_record *mine = (void *)r;
        while (mine->retired) {
            struct reclaim_ibr_block *b = mine->retired;
            mine->retired = b->next;
            reclaim_ibr_free(d, mine, b);
        }
    }
    reclaim_records_fini(&d->records);
}

/*
 * A thread that stalls keeps what was linked when its last era ended: at most `present` then, and
 * what all threads may have made in one era.  All of them may stall, and retire before they do.
 */
static inline uint64_t reclaim_ibr_bound(struct reclaim_ibr *d, uint64_t present)
{
    uint64_t records = reclaim_records_count(&d->records);

    return records * (present + records * (d->pace + d->batch));
}

static inline unsigned reclaim_ibr_modulo_of(const struct reclaim_ibr *d)
{
    (void)d;
    return 0;
}

enum {
    reclaim_ibr_features = RECLAIM_BOUNDED,
    reclaim_ibr_flags = 0,
    reclaim_ibr_modulo = 0,
    reclaim_ibr_reads = CONTEND_LOCK_FREE,
};

#define RECLAIM_TITLE_ibr "freed when its life overlaps no thread's visit"
#define RECLAIM_PAPER_ibr "Wen et al., Interval-Based Memory Reclamation, 2018"

#endif
