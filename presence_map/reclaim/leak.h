/*
 * leak.h - nothing is freed before the end.
 *
 * Idea: the floor.  A block that is never used again cannot be used too early.  What is retired is
 *   kept in a list of the thread's, and freed in fini.  What the other schemes cost beside this
 *   one is what they ask for giving memory back.
 * Invariant: no block is freed while a thread is attached.
 * Progress: everything wait-free, apart from the allocator.  Nobody holds anything up, since
 *   nothing is ever given back.
 * Cost: none in reading; two stores on the thread's own lines for a retired block.  8 bytes a
 *   block.
 * Breaks when: the program runs for long: memory grows with every removal.
 * Use when: you measure what another scheme costs; or in a program that ends before it matters,
 *   as a compiler does.
 * Reference: none needed; as a base line in M. Hart, P. McKenney, A. Demke Brown and J. Walpole,
 *   "Performance of Memory Reclamation for Lockless Synchronization", JPDC 2007.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_LEAK_H
#define CONTEND_PRESENCE_MAP_RECLAIM_LEAK_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/records.h"
#include "presence_map/reclaim/reclaim.h"

struct reclaim_leak_block {
    struct reclaim_leak_block *next; /* retired before it in the same record */
};

struct reclaim_leak_record {
    struct reclaim_record base;
    struct reclaim_leak_block *retired; /* the owner's */
};

struct reclaim_leak {
    struct reclaim_records records;
};

struct reclaim_leak_handle {
    struct reclaim_leak_record *mine;
};

#define RECLAIM_OPTIONS_leak(part)

static inline int reclaim_leak_init(struct reclaim_leak *d, const struct reclaim_config *config)
{
    reclaim_records_init(&d->records, sizeof(struct reclaim_leak_record), config);
    return 0;
}

static inline void reclaim_leak_fini(struct reclaim_leak *d)
{
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next) {
        struct reclaim_leak_block *b = ((struct reclaim_leak_record *)(void *)r)->retired;
        while (b) {
            struct reclaim_leak_block *next = b->next;
            reclaim_block_give_back(&d->records, r, b);
            b = next;
        }
    }
    reclaim_records_fini(&d->records);
}

static inline void reclaim_leak_prepare(struct reclaim_leak_record *r)
{
    r->retired = NULL;
}

RECLAIM_ATTACH(leak)
RECLAIM_PLAIN_BLOCKS(leak)
RECLAIM_STATS(leak)
RECLAIM_NO_ANNOUNCEMENTS(leak)
RECLAIM_ENDS_AT_ONCE(leak)
RECLAIM_EMBEDS_ANYTHING(leak)

static inline void reclaim_leak_detach(struct reclaim_leak *d, struct reclaim_leak_handle *h)
{
    (void)d;
    reclaim_records_give_up(&h->mine->base);
}

static inline void reclaim_leak_enter(struct reclaim_leak *d, struct reclaim_leak_handle *h)
{
    (void)d, (void)h;
}

static inline void reclaim_leak_leave(struct reclaim_leak *d, struct reclaim_leak_handle *h)
{
    (void)d, (void)h;
}

static inline uintptr_t reclaim_leak_protect(struct reclaim_leak *d, struct reclaim_leak_handle *h,
                                             unsigned slot, _Atomic uintptr_t *link)
{
    (void)d, (void)h, (void)slot;
    /* acquire: pairs with the release that linked the block. */
    return atomic_load_explicit(link, memory_order_acquire);
}

static inline void reclaim_leak_retire(struct reclaim_leak *d, struct reclaim_leak_handle *h,
                                       void *block)
{
    struct reclaim_leak_block *b = block;

    (void)d;
    b->next = h->mine->retired;
    h->mine->retired = b;
    reclaim_count_retired(&h->mine->base);
}

static inline void reclaim_leak_drain(struct reclaim_leak *d, struct reclaim_leak_handle *h)
{
    (void)d, (void)h;
}

static inline uint64_t reclaim_leak_bound(struct reclaim_leak *d, uint64_t present)
{
    (void)d, (void)present;
    return UINT64_MAX;
}

static inline unsigned reclaim_leak_modulo_of(const struct reclaim_leak *d)
{
    (void)d;
    return 0;
}

enum {
    reclaim_leak_features = RECLAIM_SECTIONS | RECLAIM_KEEPS,
    reclaim_leak_flags = 0,
    reclaim_leak_modulo = 0,
    reclaim_leak_reads = CONTEND_WAIT_FREE,
};

#define RECLAIM_TITLE_leak "nothing is freed before the end"
#define RECLAIM_PAPER_leak "none; the base line of Hart et al., 2007"

#endif
