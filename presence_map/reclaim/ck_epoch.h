/*
 * ck_epoch.h - epochs of Concurrency Kit.
 *
 * Idea: epoch.h's, as a library does it: a thread inside shows that it is, and the epoch that it
 *   found; what it retires goes to one of four lists by the epoch of the moment, and is called
 *   back two epochs later, when it polls.
 * Invariant: the library's: a block is freed when every thread that was inside when it was retired
 *   has left.
 * Progress: sections are wait-free.  A poll does not wait.  A thread that stalls inside holds up
 *   all freeing, without limit.
 * Cost: a locked instruction to enter, a store to leave; reading costs nothing.  A retired
 *   block costs a poll, which looks at all threads, for every `batch` of them.  24 bytes a block.
 * Breaks when: a thread stalls inside.
 * Use when: Concurrency Kit is there already.
 * Reference: S. Al Bahra, Concurrency Kit, ck_epoch, 2011; after K. Fraser, "Practical
 *   Lock-Freedom", 2004.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_CK_EPOCH_H
#define CONTEND_PRESENCE_MAP_RECLAIM_CK_EPOCH_H

#include <ck_epoch.h>

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/records.h"
#include "presence_map/reclaim/reclaim.h"

enum { RECLAIM_CK_EPOCH_BATCH = 64, RECLAIM_CK_EPOCH_POLLS = 3 };

struct reclaim_ck_epoch_block {
    ck_epoch_entry_t entry;
    struct reclaim_ck_epoch_record *owner; /* whose list it is in; for the callback */
};

struct reclaim_ck_epoch_record {
    struct reclaim_record base;
    ck_epoch_record_t ck;
    struct reclaim_ck_epoch *domain;
    uint64_t since; /* the owner's: blocks retired since it last polled */
};

struct reclaim_ck_epoch {
    CONTEND_ALIGNED ck_epoch_t ck;
    struct reclaim_records records;
    uint64_t batch; /* constant after init */
};

struct reclaim_ck_epoch_handle {
    struct reclaim_ck_epoch_record *mine;
};

#define RECLAIM_OPTIONS_ck_epoch(part)                                                        \
    { part "batch", RECLAIM_CK_EPOCH_BATCH, 1, 1000000,                                       \
      "blocks that a thread retires before it polls" },

static const struct contend_option reclaim_ck_epoch_options[] = { RECLAIM_OPTIONS_ck_epoch("")
                                                                  CONTEND_OPTIONS_END };

static inline int reclaim_ck_epoch_init(struct reclaim_ck_epoch *d,
                                        const struct reclaim_config *config)
{
    ck_epoch_init(&d->ck);
    d->batch = (uint64_t)contend_option_value(&config->settings, reclaim_ck_epoch_options, "batch");
    reclaim_records_init(&d->records, sizeof(struct reclaim_ck_epoch_record), config);
    return 0;
}

RECLAIM_PLAIN_BLOCKS(ck_epoch)
RECLAIM_FREE(ck_epoch)
RECLAIM_STATS(ck_epoch)
RECLAIM_NO_ANNOUNCEMENTS(ck_epoch)
RECLAIM_ENDS_AT_ONCE(ck_epoch)
RECLAIM_EMBEDS_ANYTHING(ck_epoch)

/* The library's records cannot be taken back, and stay registered between two owners. */
static inline int reclaim_ck_epoch_attach(struct reclaim_ck_epoch *d,
                                          struct reclaim_ck_epoch_handle *h)
{
    bool fresh;

    h->mine = (void *)reclaim_records_take(&d->records, &fresh);
    if (!h->mine)
        return -ENOMEM;
    if (fresh) {
        h->mine->domain = d;
        h->mine->since = 0;
        ck_epoch_register(&d->ck, &h->mine->ck, NULL);
        reclaim_records_list(&d->records, &h->mine->base);
    }
    return 0;
}

static inline void reclaim_ck_epoch_enter(struct reclaim_ck_epoch *d,
                                          struct reclaim_ck_epoch_handle *h)
{
    (void)d;
    ck_epoch_begin(&h->mine->ck, NULL);
    /* seq_cst: the library's fence is assembly; for the compiler, which sees C11 atomics alone. */
    atomic_signal_fence(memory_order_seq_cst);
}

/* Polls outside, where our own section holds nothing up. */
static inline void reclaim_ck_epoch_leave(struct reclaim_ck_epoch *d,
                                          struct reclaim_ck_epoch_handle *h)
{
    /* seq_cst: likewise. */
    atomic_signal_fence(memory_order_seq_cst);
    ck_epoch_end(&h->mine->ck, NULL);
    if (h->mine->since >= d->batch) {
        h->mine->since = 0;
        ck_epoch_poll(&h->mine->ck);
    }
}

static inline uintptr_t reclaim_ck_epoch_protect(struct reclaim_ck_epoch *d,
                                                 struct reclaim_ck_epoch_handle *h, unsigned slot,
                                                 _Atomic uintptr_t *link)
{
    (void)d, (void)h, (void)slot;
    /* acquire: pairs with the release that linked the block. */
    return atomic_load_explicit(link, memory_order_acquire);
}

/* Called by a poll, in the thread that owns the record. */
static inline void reclaim_ck_epoch_call(ck_epoch_entry_t *entry)
{
    struct reclaim_ck_epoch_block *b = (void *)entry; /* its first member */

    reclaim_ck_epoch_free(b->owner->domain, b->owner, b);
}

static inline void reclaim_ck_epoch_retire(struct reclaim_ck_epoch *d,
                                           struct reclaim_ck_epoch_handle *h, void *block)
{
    struct reclaim_ck_epoch_block *b = block;

    (void)d;
    b->owner = h->mine;
    /*
     * seq_cst: the library takes the epoch of the moment; it must not be older than the one that a
     * thread inside has found, which may still hold the block.
     */
    atomic_thread_fence(memory_order_seq_cst);
    ck_epoch_call(&h->mine->ck, &b->entry, reclaim_ck_epoch_call);
    reclaim_count_retired(&h->mine->base);
    h->mine->since++;
}

static inline void reclaim_ck_epoch_drain(struct reclaim_ck_epoch *d,
                                          struct reclaim_ck_epoch_handle *h)
{
    (void)d;
    for (int i = 0; i < RECLAIM_CK_EPOCH_POLLS && h->mine->base.held > 0; i++)
        ck_epoch_poll(&h->mine->ck);
}

static inline void reclaim_ck_epoch_detach(struct reclaim_ck_epoch *d,
                                           struct reclaim_ck_epoch_handle *h)
{
    reclaim_ck_epoch_drain(d, h);
    reclaim_records_give_up(&h->mine->base);
}

static inline void reclaim_ck_epoch_fini(struct reclaim_ck_epoch *d)
{
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next)
        ck_epoch_reclaim(&((struct reclaim_ck_epoch_record *)(void *)r)->ck);
    reclaim_records_fini(&d->records);
}

static inline uint64_t reclaim_ck_epoch_bound(struct reclaim_ck_epoch *d, uint64_t present)
{
    (void)d, (void)present;
    return UINT64_MAX;
}

static inline unsigned reclaim_ck_epoch_modulo_of(const struct reclaim_ck_epoch *d)
{
    (void)d;
    return 0;
}

enum {
    reclaim_ck_epoch_features = RECLAIM_SECTIONS,
    reclaim_ck_epoch_flags = CONTEND_TSAN_UNSOUND,
    reclaim_ck_epoch_modulo = 0,
    reclaim_ck_epoch_reads = CONTEND_WAIT_FREE,
};

#define RECLAIM_TITLE_ck_epoch "freed two epochs later, by Concurrency Kit"
#define RECLAIM_PAPER_ck_epoch "Al Bahra, Concurrency Kit, 2011"

#endif
