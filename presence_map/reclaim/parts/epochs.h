/*
 * epochs.h - what is retired waits for two epochs; for schemes that differ in who marks when.
 *
 * A counter of epochs for all, and for each thread a mark: the epoch in which it last held nothing,
 * or 0 while it holds nothing.  The counter goes on only when every mark is of the present epoch.
 * Invariant: a block that is retired carries an epoch g, which the counter had when it could no
 *   longer be reached.  A thread that may hold it has marked before, so its mark is at most g.
 *   Its mark lets the counter go on by one at most, and so does an advance that did not see the
 *   mark yet, which began at g or before.  Hence the counter is at most g + 1 while that thread
 *   may hold it, and at g + 2 the block may be freed.
 * Progress: everything is wait-free apart from the allocator, with respect to the number of
 *   threads.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_PARTS_EPOCHS_H
#define CONTEND_PRESENCE_MAP_RECLAIM_PARTS_EPOCHS_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/records.h"
#include "presence_map/reclaim/reclaim.h"

enum { RECLAIM_EPOCHS_BATCH = 64, RECLAIM_EPOCHS_GRACE = 2 };

struct reclaim_epochs_block {
    struct reclaim_epochs_block *next; /* retired after it in the same record */
    uint64_t epoch;                    /* the counter when it could no longer be reached */
};

struct reclaim_epochs_record {
    struct reclaim_record base;
    _Atomic uint64_t pinned;                    /* the owner's mark; 0 = it holds nothing */
    struct reclaim_epochs_block *first, **last; /* the owner's: oldest first */
    uint64_t since;                             /* blocks retired since it last tried to advance */
};

struct reclaim_epochs {
    CONTEND_ALIGNED _Atomic uint64_t now; /* from 1 on */
    struct reclaim_records records;
    uint64_t batch; /* constant after init */
};

struct reclaim_epochs_handle {
    struct reclaim_epochs_record *mine;
};

#define RECLAIM_EPOCHS_OPTIONS(part)                                                          \
    { part "batch", RECLAIM_EPOCHS_BATCH, 1, 1000000,                                         \
      "blocks that a thread retires before it tries to advance the epoch" },

static const struct contend_option reclaim_epochs_options[] = { RECLAIM_EPOCHS_OPTIONS("")
                                                                CONTEND_OPTIONS_END };

static inline int reclaim_epochs_init(struct reclaim_epochs *d, const struct reclaim_config *config)
{
    atomic_init(&d->now, 1);
    d->batch = (uint64_t)contend_option_value(&config->settings, reclaim_epochs_options, "batch");
    reclaim_records_init(&d->records, sizeof(struct reclaim_epochs_record), config);
    return 0;
}

static inline void reclaim_epochs_prepare(struct reclaim_epochs_record *r)
{
    atomic_init(&r->pinned, 0);
    r->first = NULL;
    r->last = &r->first;
    r->since = 0;
}

RECLAIM_ATTACH(epochs)
RECLAIM_PLAIN_BLOCKS(epochs)
RECLAIM_FREE(epochs)
RECLAIM_STATS(epochs)

/* The thread marks the present epoch: it holds nothing yet, or nothing any more. */
static inline void reclaim_epochs_mark(struct reclaim_epochs *d, struct reclaim_epochs_handle *h)
{
    /* relaxed: an older epoch than the present one holds the others up, but is right. */
    uint64_t epoch = atomic_load_explicit(&d->now, memory_order_relaxed);

    CONTEND_STEP("epochs: read the counter, not yet marked");
    /*
     * release: a thread that sees the new mark, and not that we left before, must know all the same
     * that we hold nothing from before; pairs with the acquire in reclaim_epochs_advance.
     */
    atomic_store_explicit(&h->mine->pinned, epoch, memory_order_release);
    /*
     * seq_cst: pairs with the fences in reclaim_epochs_advance and reclaim_epochs_retire.  Either
     * the other thread sees our mark, and a counter that is not older; or we see what it has unlinked.
     */
    atomic_thread_fence(memory_order_seq_cst);
}

/* It holds nothing, and will not before it marks again. */
static inline void reclaim_epochs_unmark(struct reclaim_epochs *d, struct reclaim_epochs_handle *h)
{
    (void)d;
    /* release: our last look at a block comes first; pairs with the acquire in _advance. */
    atomic_store_explicit(&h->mine->pinned, 0, memory_order_release);
}

/* Goes on to the next epoch, unless a thread is pinned in an older one. */
static inline bool reclaim_epochs_advance(struct reclaim_epochs *d)
{
    /* acquire: pairs with the release below, so that this look is behind the last one. */
    uint64_t now = atomic_load_explicit(&d->now, memory_order_acquire);

    /* seq_cst: pairs with the fence in reclaim_epochs_mark. */
    atomic_thread_fence(memory_order_seq_cst);
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next) {
        /* acquire: pairs with the releases in reclaim_epochs_mark and reclaim_epochs_unmark. */
        uint64_t pinned = atomic_load_explicit(&((struct reclaim_epochs_record *)(void *)r)->pinned,
                                               memory_order_acquire);
        if (pinned != 0 && pinned != now)
            return false;
    }
    CONTEND_STEP("epochs: saw nobody behind, not yet advanced");
    /*
     * release: that everybody has left older epochs comes first; pairs with the acquires of
     * `now`.  relaxed on failure: another thread has done it.
     */
    return atomic_compare_exchange_strong_explicit(&d->now, &now, now + 1, memory_order_release,
                                                   memory_order_relaxed);
}

/* Goes on if it can, and frees what has waited long enough. */
static inline void reclaim_epochs_try(struct reclaim_epochs *d, struct reclaim_epochs_handle *h)
{
    struct reclaim_epochs_record *mine = h->mine;
    struct reclaim_epochs_block *b;

    reclaim_epochs_advance(d);
    /* acquire: pairs with the release in reclaim_epochs_advance. */
    uint64_t now = atomic_load_explicit(&d->now, memory_order_acquire);
    while ((b = mine->first) != NULL && b->epoch + RECLAIM_EPOCHS_GRACE <= now) {
        mine->first = b->next;
        if (!mine->first)
            mine->last = &mine->first;
        reclaim_epochs_free(d, mine, b);
    }
}

static inline void reclaim_epochs_retire(struct reclaim_epochs *d, struct reclaim_epochs_handle *h,
                                         void *block)
{
    struct reclaim_epochs_record *mine = h->mine;
    struct reclaim_epochs_block *b = block;

    b->next = NULL;
    /*
     * seq_cst: pairs with the fence in reclaim_epochs_mark.  A thread that did not see the block
     * unlinked has read the counter before, so what we read is not older than its mark.
     */
    atomic_thread_fence(memory_order_seq_cst);
    /* relaxed: ordered by the fence. */
    b->epoch = atomic_load_explicit(&d->now, memory_order_relaxed);
    *mine->last = b;
    mine->last = &b->next;
    reclaim_count_retired(&mine->base);
    if (++mine->since < d->batch)
        return;
    mine->since = 0;
    reclaim_epochs_try(d, h);
}


static inline void reclaim_epochs_fini(struct reclaim_epochs *d)
{
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next) {
        struct reclaim_epochs_record *mine = (void *)r;
        while (mine->first) {
            struct reclaim_epochs_block *b = mine->first;
            mine->first = b->next;
            reclaim_epochs_free(d, mine, b);
        }
    }
    reclaim_records_fini(&d->records);
}

static inline uintptr_t reclaim_epochs_protect(_Atomic uintptr_t *link)
{
    /* acquire: pairs with the release that linked the block. */
    return atomic_load_explicit(link, memory_order_acquire);
}

/* ---- what is the same in a scheme NAME that is made of this ---- */

#define RECLAIM_OF_EPOCHS(NAME)                                                               \
    struct reclaim_##NAME##_block {                                                           \
        struct reclaim_epochs_block base;                                                     \
    };                                                                                        \
    struct reclaim_##NAME {                                                                   \
        struct reclaim_epochs base;                                                           \
    };                                                                                        \
    struct reclaim_##NAME##_handle {                                                          \
        struct reclaim_epochs_handle base;                                                    \
    };                                                                                        \
    static inline int reclaim_##NAME##_init(struct reclaim_##NAME *d,                         \
                                            const struct reclaim_config *config)              \
    {                                                                                         \
        return reclaim_epochs_init(&d->base, config);                                         \
    }                                                                                         \
    static inline void reclaim_##NAME##_fini(struct reclaim_##NAME *d)                        \
    {                                                                                         \
        reclaim_epochs_fini(&d->base);                                                        \
    }                                                                                         \
    static inline void *reclaim_##NAME##_allocate(struct reclaim_##NAME *d,                   \
                                                  struct reclaim_##NAME##_handle *h)          \
    {                                                                                         \
        return reclaim_epochs_allocate(&d->base, &h->base);                                   \
    }                                                                                         \
    static inline void reclaim_##NAME##_discard(                                              \
        struct reclaim_##NAME *d, struct reclaim_##NAME##_handle *h, void *block)             \
    {                                                                                         \
        reclaim_epochs_discard(&d->base, &h->base, block);                                    \
    }                                                                                         \
    static inline uintptr_t reclaim_##NAME##_protect(                                         \
        struct reclaim_##NAME *d, struct reclaim_##NAME##_handle *h, unsigned slot,           \
        _Atomic uintptr_t *link)                                                              \
    {                                                                                         \
        (void)d, (void)h, (void)slot;                                                         \
        return reclaim_epochs_protect(link);                                                  \
    }                                                                                         \
    static inline void reclaim_##NAME##_retire(                                               \
        struct reclaim_##NAME *d, struct reclaim_##NAME##_handle *h, void *block)             \
    {                                                                                         \
        reclaim_epochs_retire(&d->base, &h->base, block);                                     \
    }                                                                                         \
    static inline uint64_t reclaim_##NAME##_bound(struct reclaim_##NAME *d, uint64_t present) \
    {                                                                                         \
        (void)d, (void)present;                                                               \
        return UINT64_MAX;                                                                    \
    }                                                                                         \
    static inline void reclaim_##NAME##_stats(struct reclaim_##NAME *d,                       \
                                              struct reclaim_stats *out)                      \
    {                                                                                         \
        reclaim_epochs_stats(&d->base, out);                                                  \
    }                                                                                         \
    static inline unsigned reclaim_##NAME##_modulo_of(const struct reclaim_##NAME *d)         \
    {                                                                                         \
        (void)d;                                                                              \
        return 0;                                                                             \
    }                                                                                         \
    RECLAIM_ENDS_AT_ONCE(NAME)                                                                \
    RECLAIM_EMBEDS_ANYTHING(NAME)

#endif
