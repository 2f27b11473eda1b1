/*
 * epoch.h - what is retired waits until every thread has been seen in a later epoch.
 *
 * Idea: a counter of epochs for all.  A thread that enters writes down the epoch that it finds;
 *   it is then *pinned* there.  The counter goes on only when every pinned thread is pinned in the
 *   present epoch.  So a block that was retired some epochs ago cannot be in the hands of anyone.
 * Invariant: a block that is retired carries an epoch g, which the counter had when it could no
 *   longer be reached.  A thread that may hold it has entered before, so its mark is at most g.
 *   Its mark lets the counter go on by one at most, and so does an advance that did not see the
 *   mark yet, which began at g or before.  Hence the counter is at most g + 1 while that thread
 *   is inside, and at g + 2 the block may be freed.
 * Progress: enter, leave and retire are wait-free apart from the allocator.  A thread that
 *   stalls inside holds up all freeing: without limit.
 * Cost: a store and a full fence to enter, a store to leave; reading costs nothing.  A retired
 *   block costs a fence, and a load of each thread's mark for every `batch` of them.  16 bytes a
 *   block.
 * Breaks when: a thread stalls inside (it is preempted, waits for a page, or calls a slow
 *   function): everything that all threads retire meanwhile is kept.
 * Use when: operations are short, threads are few for the processors, and readers must be cheap.
 *   The default among the schemes.
 * Reference: K. Fraser, "Practical Lock-Freedom", 2004, section 5.2.3.  There blocks wait in three
 *   lists, one for each epoch; here in one, and each carries its epoch.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_EPOCH_H
#define CONTEND_PRESENCE_MAP_RECLAIM_EPOCH_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/records.h"
#include "presence_map/reclaim/reclaim.h"

enum { RECLAIM_EPOCH_BATCH = 64, RECLAIM_EPOCH_GRACE = 2 };

struct reclaim_epoch_block {
    struct reclaim_epoch_block *next; /* retired after it in the same record */
    uint64_t epoch;                   /* the counter when it could no longer be reached */
};

struct reclaim_epoch_record {
    struct reclaim_record base;
    _Atomic uint64_t pinned;                   /* the owner's epoch; 0 = outside */
    struct reclaim_epoch_block *first, **last; /* the owner's: oldest first */
    uint64_t since;                            /* blocks retired since it last tried to advance */
};

struct reclaim_epoch {
    CONTEND_ALIGNED _Atomic uint64_t now; /* from 1 on */
    struct reclaim_records records;
    uint64_t batch; /* constant after init */
};

struct reclaim_epoch_handle {
    struct reclaim_epoch_record *mine;
};

#define RECLAIM_OPTIONS_epoch(part)                                                           \
    { part "batch", RECLAIM_EPOCH_BATCH, 1, 1000000,                                          \
      "blocks that a thread retires before it tries to advance the epoch" },

static const struct contend_option reclaim_epoch_options[] = { RECLAIM_OPTIONS_epoch("")
                                                               CONTEND_OPTIONS_END };

static inline int reclaim_epoch_init(struct reclaim_epoch *d, const struct reclaim_config *config)
{
    atomic_init(&d->now, 1);
    d->batch = (uint64_t)contend_option_value(&config->settings, reclaim_epoch_options, "batch");
    reclaim_records_init(&d->records, sizeof(struct reclaim_epoch_record), config);
    return 0;
}

static inline void reclaim_epoch_prepare(struct reclaim_epoch_record *r)
{
    atomic_init(&r->pinned, 0);
    r->first = NULL;
    r->last = &r->first;
    r->since = 0;
}

RECLAIM_ATTACH(epoch)
RECLAIM_PLAIN_BLOCKS(epoch)
RECLAIM_FREE(epoch)
RECLAIM_STATS(epoch)
RECLAIM_NO_ANNOUNCEMENTS(epoch)
RECLAIM_ENDS_AT_ONCE(epoch)

static inline void reclaim_epoch_enter(struct reclaim_epoch *d, struct reclaim_epoch_handle *h)
{
    /* relaxed: an older epoch than the present one holds the others up, but is right. */
    uint64_t epoch = atomic_load_explicit(&d->now, memory_order_relaxed);

    CONTEND_STEP("epoch: read the counter, not yet marked");
    /*
     * release: a thread that sees the new mark, and not that we left before, must know all the same
     * that our earlier sections are over; pairs with the acquire in reclaim_epoch_advance.
     */
    atomic_store_explicit(&h->mine->pinned, epoch, memory_order_release);
    /*
     * seq_cst: pairs with the fences in reclaim_epoch_advance and reclaim_epoch_retire.  Either the
     * other thread sees our mark, and a counter that is not older; or we see what it has unlinked.
     */
    atomic_thread_fence(memory_order_seq_cst);
}

static inline void reclaim_epoch_leave(struct reclaim_epoch *d, struct reclaim_epoch_handle *h)
{
    (void)d;
    /* release: our last look at a block comes first; pairs with the acquire in _advance. */
    atomic_store_explicit(&h->mine->pinned, 0, memory_order_release);
}

static inline uintptr_t reclaim_epoch_protect(struct reclaim_epoch *d,
                                              struct reclaim_epoch_handle *h, unsigned slot,
                                              _Atomic uintptr_t *link)
{
    (void)d, (void)h, (void)slot;
    /* acquire: pairs with the release that linked the block. */
    return atomic_load_explicit(link, memory_order_acquire);
}

/* Goes on to the next epoch, unless a thread is pinned in an older one. */
static inline bool reclaim_epoch_advance(struct reclaim_epoch *d)
{
    /* acquire: pairs with the release below, so that this look is behind the last one. */
    uint64_t now = atomic_load_explicit(&d->now, memory_order_acquire);

    /* seq_cst: pairs with the fence in reclaim_epoch_enter. */
    atomic_thread_fence(memory_order_seq_cst);
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next) {
        /* acquire: pairs with the releases in reclaim_epoch_enter and reclaim_epoch_leave. */
        uint64_t pinned = atomic_load_explicit(&((struct reclaim_epoch_record *)(void *)r)->pinned,
                                               memory_order_acquire);
        if (pinned != 0 && pinned != now)
            return false;
    }
    CONTEND_STEP("epoch: saw nobody behind, not yet advanced");
    /*
     * release: that everybody has left older epochs comes first; pairs with the acquires of
     * `now`.  relaxed on failure: another thread has done it.
     */
    return atomic_compare_exchange_strong_explicit(&d->now, &now, now + 1, memory_order_release,
                                                   memory_order_relaxed);
}

/* Frees what has waited long enough. */
static inline void reclaim_epoch_collect(struct reclaim_epoch *d, struct reclaim_epoch_record *mine)
{
    /* acquire: pairs with the release in reclaim_epoch_advance. */
    uint64_t now = atomic_load_explicit(&d->now, memory_order_acquire);
    struct reclaim_epoch_block *b;

    while ((b = mine->first) != NULL && b->epoch + RECLAIM_EPOCH_GRACE <= now) {
        mine->first = b->next;
        if (!mine->first)
            mine->last = &mine->first;
        reclaim_epoch_free(d, mine, b);
    }
}

static inline void reclaim_epoch_retire(struct reclaim_epoch *d, struct reclaim_epoch_handle *h,
                                        void *block)
{
    struct reclaim_epoch_record *mine = h->mine;
    struct reclaim_epoch_block *b = block;

    b->next = NULL;
    /*
     * seq_cst: pairs with the fence in reclaim_epoch_enter.  A thread that did not see the block
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
    reclaim_epoch_advance(d);
    reclaim_epoch_collect(d, mine);
}

static inline void reclaim_epoch_drain(struct reclaim_epoch *d, struct reclaim_epoch_handle *h)
{
    for (int i = 0; i < RECLAIM_EPOCH_GRACE && h->mine->first; i++) {
        reclaim_epoch_advance(d);
        reclaim_epoch_collect(d, h->mine);
    }
}

static inline void reclaim_epoch_detach(struct reclaim_epoch *d, struct reclaim_epoch_handle *h)
{
    reclaim_epoch_drain(d, h);
    reclaim_records_give_up(&h->mine->base);
}

static inline void reclaim_epoch_fini(struct reclaim_epoch *d)
{
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next) {
        struct reclaim_epoch_record *mine = (void *)r;
        while (mine->first) {
            struct reclaim_epoch_block *b = mine->first;
            mine->first = b->next;
            reclaim_epoch_free(d, mine, b);
        }
    }
    reclaim_records_fini(&d->records);
}

static inline uint64_t reclaim_epoch_bound(struct reclaim_epoch *d, uint64_t present)
{
    (void)d, (void)present;
    return UINT64_MAX;
}

static inline unsigned reclaim_epoch_modulo_of(const struct reclaim_epoch *d)
{
    (void)d;
    return 0;
}

enum {
    reclaim_epoch_features = RECLAIM_SECTIONS,
    reclaim_epoch_flags = 0,
    reclaim_epoch_modulo = 0,
    reclaim_epoch_reads = CONTEND_WAIT_FREE,
};

#define RECLAIM_TITLE_epoch "freed when every thread has been seen in a later epoch"
#define RECLAIM_PAPER_epoch "Fraser, Practical Lock-Freedom, 2004"

#endif
