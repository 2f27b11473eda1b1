/*
 * hazard.h - a thread says which blocks it stands on.
 *
 * Idea: each thread has a few slots that all others can read.  Before it steps on a block it writes
 *   the block's address into a slot, and then looks whether the link still leads there.  A thread
 *   that wants to free what it has retired reads all slots, and keeps what is named in one.
 * Invariant: a block that was linked when a thread had its address in a slot, and saw the link
 *   again, stays until the slot says something else.  For the block is retired after it was
 *   unlinked, and the slots are read after that: either they show the address, or the second look
 *   at the link shows that it is gone.
 * Progress: protect begins again when the link has changed: lock-free.  The rest is wait-free
 *   apart from the allocator.  A thread that stalls holds up RECLAIM_SLOTS blocks.
 * Cost: a store, a fence and a second look for each step from block to block.  The fence can be
 *   left out (`fence` = 1): then a thread that frees makes all others' processors pass one, by the
 *   system call membarrier.  To free costs a look at every slot for each `batch` of blocks, and
 *   one at each retired block for every address found.  8 bytes a block.
 * Breaks when: a walk is long (a fence for each step), or must go on through what is unlinked:
 *   there it has to begin again.
 * Use when: threads may stall inside, and memory must stay bounded.
 * Reference: M. Michael, "Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects", IEEE
 *   TPDS 2004; the asymmetric fence: D. Dice, M. Herlihy and A. Kogan, "Fast Non-Intrusive Memory
 *   Reclamation for Highly-Concurrent Data Structures", ISMM 2016.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_HAZARD_H
#define CONTEND_PRESENCE_MAP_RECLAIM_HAZARD_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/records.h"
#include "presence_map/reclaim/reclaim.h"

enum { RECLAIM_HAZARD_BATCH = 64, RECLAIM_HAZARD_MARKS = 7 };

struct reclaim_hazard_block {
    struct reclaim_hazard_block *next; /* another one that is retired in the same record */
};

struct reclaim_hazard_record {
    struct reclaim_record base;
    _Atomic uintptr_t slots[RECLAIM_SLOTS]; /* written by the owner alone; 0 = nothing */
    struct reclaim_hazard_block *retired;   /* the owner's */
    uint64_t due;                           /* looks at the slots when so many are retired */
};

struct reclaim_hazard {
    struct reclaim_records records;
    uint64_t batch;  /* constant after init */
    bool asymmetric; /* likewise */
};

struct reclaim_hazard_handle {
    struct reclaim_hazard_record *mine;
};

#define RECLAIM_OPTIONS_hazard(part)                                                          \
    { part "batch", RECLAIM_HAZARD_BATCH, 1, 1000000,                                         \
      "blocks that a thread retires before it looks at the slots" },                          \
    { part "fence", 0, 0, 1,                                                                  \
      "0: a fence in each step; 1: in none, but a membarrier before the slots are read" },

static const struct contend_option reclaim_hazard_options[] = { RECLAIM_OPTIONS_hazard("")
                                                                CONTEND_OPTIONS_END };

static inline int reclaim_hazard_init(struct reclaim_hazard *d,
                                      const struct reclaim_config *config)
{
    const struct contend_settings *s = &config->settings;

    d->batch = (uint64_t)contend_option_value(s, reclaim_hazard_options, "batch");
    /* Where the kernel has no membarrier, every step has its fence. */
    d->asymmetric = contend_option_value(s, reclaim_hazard_options, "fence") == 1 &&
                    contend_membarrier_register();
    reclaim_records_init(&d->records, sizeof(struct reclaim_hazard_record), config);
    return 0;
}

static inline void reclaim_hazard_prepare(struct reclaim_hazard_record *r)
{
    for (unsigned i = 0; i < RECLAIM_SLOTS; i++)
        atomic_init(&r->slots[i], 0);
    r->retired = NULL;
    r->due = 1;
}

RECLAIM_ATTACH(hazard)
RECLAIM_PLAIN_BLOCKS(hazard)
RECLAIM_FREE(hazard)
RECLAIM_STATS(hazard)
RECLAIM_NO_ANNOUNCEMENTS(hazard)
RECLAIM_ENDS_AT_ONCE(hazard)
RECLAIM_EMBEDS_ANYTHING(hazard)

static inline void reclaim_hazard_enter(struct reclaim_hazard *d, struct reclaim_hazard_handle *h)
{
    (void)d, (void)h;
}

static inline void reclaim_hazard_leave(struct reclaim_hazard *d, struct reclaim_hazard_handle *h)
{
    (void)d;
    for (unsigned i = 0; i < RECLAIM_SLOTS; i++)
        /* release: our last look at the block comes first; pairs with the acquire in _scan. */
        atomic_store_explicit(&h->mine->slots[i], 0, memory_order_release);
}

static inline uintptr_t reclaim_hazard_protect(struct reclaim_hazard *d,
                                               struct reclaim_hazard_handle *h, unsigned slot,
                                               _Atomic uintptr_t *link)
{
    const uintptr_t marks = RECLAIM_HAZARD_MARKS;
    /* relaxed: a first look; the second one decides. */
    uintptr_t seen = atomic_load_explicit(link, memory_order_relaxed), value;

    do {
        value = seen;
        /* release: our last look at what the slot named before; pairs with the acquire in _scan. */
        atomic_store_explicit(&h->mine->slots[slot], value & ~marks, memory_order_release);
        if (d->asymmetric)
            /* seq_cst, for the compiler alone: membarrier in _scan is the fence of both. */
            atomic_signal_fence(memory_order_seq_cst);
        else
            /*
             * seq_cst: pairs with the fence in _scan.  Either that thread sees our slot, or we see
             * the link without the block.
             */
            atomic_thread_fence(memory_order_seq_cst);
        CONTEND_STEP("hazard: slot written, not yet looked again");
        /* acquire: pairs with the release that linked the block. */
        seen = atomic_load_explicit(link, memory_order_acquire);
    } while ((seen & ~marks) != (value & ~marks));
    return seen;
}

/* Moves the block at that address, if it is in the list, to *kept. */
static inline void reclaim_hazard_keep(struct reclaim_hazard_record *mine, uintptr_t address,
                                       struct reclaim_hazard_block **kept)
{
    struct reclaim_hazard_block **at = &mine->retired;

    while (*at && (uintptr_t)*at != address)
        at = &(*at)->next;
    if (*at) {
        struct reclaim_hazard_block *b = *at;
        *at = b->next;
        b->next = *kept;
        *kept = b;
    }
}

/* Frees what no slot names. */
static inline void reclaim_hazard_scan(struct reclaim_hazard *d,
                                       struct reclaim_hazard_record *mine)
{
    struct reclaim_hazard_block *kept = NULL;

    if (d->asymmetric)
        contend_membarrier(); /* in place of the fence, on this side and on the other */
    else
        /* seq_cst: pairs with the fence in reclaim_hazard_protect. */
        atomic_thread_fence(memory_order_seq_cst);
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next)
        for (unsigned i = 0; i < RECLAIM_SLOTS; i++) {
            /* acquire: pairs with the releases that fill and clear it. */
            uintptr_t address = atomic_load_explicit(
                &((struct reclaim_hazard_record *)(void *)r)->slots[i], memory_order_acquire);
            if (address)
                reclaim_hazard_keep(mine, address, &kept);
        }
    while (mine->retired) {
        struct reclaim_hazard_block *b = mine->retired;
        mine->retired = b->next;
        reclaim_hazard_free(d, mine, b);
    }
    mine->retired = kept;
    mine->due = mine->base.held + d->batch;
}

static inline void reclaim_hazard_retire(struct reclaim_hazard *d,
                                         struct reclaim_hazard_handle *h, void *block)
{
    struct reclaim_hazard_block *b = block;

    b->next = h->mine->retired;
    h->mine->retired = b;
    reclaim_count_retired(&h->mine->base);
    if (h->mine->base.held >= h->mine->due)
        reclaim_hazard_scan(d, h->mine);
}

static inline void reclaim_hazard_drain(struct reclaim_hazard *d, struct reclaim_hazard_handle *h)
{
    if (h->mine->retired)
        reclaim_hazard_scan(d, h->mine);
}

static inline void reclaim_hazard_detach(struct reclaim_hazard *d, struct reclaim_hazard_handle *h)
{
    reclaim_hazard_drain(d, h);
    reclaim_records_give_up(&h->mine->base);
}

static inline void reclaim_hazard_fini(struct reclaim_hazard *d)
{
    for (struct reclaim_record *r = reclaim_records_first(&d->records); r; r = r->next) {
        struct reclaim_hazard_record *mine = (void *)r;
        while (mine->retired) {
            struct reclaim_hazard_block *b = mine->retired;
            mine->retired = b->next;
            reclaim_hazard_free(d, mine, b);
        }
    }
    reclaim_records_fini(&d->records);
}

/* After a look at the slots each record holds at most what all slots name, and `batch` more later. */
static inline uint64_t reclaim_hazard_bound(struct reclaim_hazard *d, uint64_t present)
{
    uint64_t records = reclaim_records_count(&d->records);

    (void)present;
    return records * (RECLAIM_SLOTS * records + d->batch);
}

static inline unsigned reclaim_hazard_modulo_of(const struct reclaim_hazard *d)
{
    return d->asymmetric ? CONTEND_MODULO_SYSCALL : 0;
}

enum {
    reclaim_hazard_features = RECLAIM_BOUNDED,
    reclaim_hazard_flags = 0,
    reclaim_hazard_modulo = 0,
    reclaim_hazard_reads = CONTEND_LOCK_FREE,
};

#define RECLAIM_TITLE_hazard "each thread says which blocks it stands on"
#define RECLAIM_PAPER_hazard "Michael, Hazard Pointers, 2004"

#endif
