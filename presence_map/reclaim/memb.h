/*
 * memb.h - RCU of liburcu: a grace period, and a thread that frees behind it.
 *
 * Idea: a read section is a store and a load, with a fence for the compiler alone.  What is
 *   retired is queued for one thread of the process, which makes all processors pass a fence
 *   (membarrier), waits until every section that it found has ended, and frees.
 * Invariant: a block is freed a grace period after it was retired; no section that could reach it
 *   lasts beyond that.
 * Progress: sections are wait-free, apart from the system call that wakes a grace period that
 *   waits for one; retire is as the library's queue, and wakes the thread that frees.  A thread
 *   that stalls inside holds up, without limit, what the whole process retires.
 * Cost: next to nothing to read; a queue and two counts that all threads share to retire.  32
 *   bytes a block, and a thread for the process.
 * Breaks when: a thread stalls inside, or removals outrun the one thread that frees.
 * Use when: you have liburcu anyway, or other structures under the same RCU: their sections and
 *   grace periods are one.
 * Reference: M. Desnoyers, P. McKenney, A. Stern, M. Dagenais and J. Walpole, "User-Level
 *   Implementations of Read-Copy Update", IEEE TPDS 2012.
 *
 * Licence: liburcu is LGPL-2.1; see locks/parts/urcu_thread.h.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_MEMB_H
#define CONTEND_PRESENCE_MAP_RECLAIM_MEMB_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/records.h"
#include "presence_map/reclaim/parts/urcu_memory.h"
#include "presence_map/reclaim/reclaim.h"

struct reclaim_memb_block {
    struct contend_urcu_retired retired;
    size_t size;
};

struct reclaim_memb {
    CONTEND_ALIGNED struct contend_urcu_memory memory;
    size_t align, size; /* of a block */
};

struct reclaim_memb_handle {
    char unused; /* the library knows its threads */
};

#define RECLAIM_OPTIONS_memb(part)

static inline int reclaim_memb_init(struct reclaim_memb *d, const struct reclaim_config *config)
{
    d->align = config->align;
    d->size = config->size;
    contend_urcu_memory_init(&d->memory, config->allocator);
    return contend_urcu_prepare(1);
}

static inline bool reclaim_memb_may_end(const struct reclaim_memb *d)
{
    (void)d;
    return contend_urcu_may_wait();
}

static inline void reclaim_memb_fini(struct reclaim_memb *d)
{
    (void)d;
    urcu_memb_barrier(); /* every callback has run: they use the domain's memory */
}

RECLAIM_NO_ANNOUNCEMENTS(memb)
RECLAIM_EMBEDS_ANYTHING(memb)

static inline int reclaim_memb_attach(struct reclaim_memb *d, struct reclaim_memb_handle *h)
{
    (void)d, (void)h;
    contend_urcu_enter_thread();
    return 0;
}

static inline void reclaim_memb_detach(struct reclaim_memb *d, struct reclaim_memb_handle *h)
{
    (void)d, (void)h;
    contend_urcu_leave_thread();
}

static inline void reclaim_memb_enter(struct reclaim_memb *d, struct reclaim_memb_handle *h)
{
    (void)d, (void)h;
    urcu_memb_read_lock();
}

static inline void reclaim_memb_leave(struct reclaim_memb *d, struct reclaim_memb_handle *h)
{
    (void)d, (void)h;
    urcu_memb_read_unlock();
}

static inline uintptr_t reclaim_memb_protect(struct reclaim_memb *d, struct reclaim_memb_handle *h,
                                             unsigned slot, _Atomic uintptr_t *link)
{
    (void)d, (void)h, (void)slot;
    /* acquire: pairs with the release that linked the block. */
    return atomic_load_explicit(link, memory_order_acquire);
}

static inline void *reclaim_memb_allocate(struct reclaim_memb *d, struct reclaim_memb_handle *h)
{
    struct reclaim_memb_block *b = contend_urcu_memory_take(&d->memory, d->align, d->size);

    (void)h;
    if (b)
        b->size = d->size;
    return b;
}

static inline void reclaim_memb_discard(struct reclaim_memb *d, struct reclaim_memb_handle *h,
                                        void *block)
{
    (void)h;
    contend_urcu_memory_give_back(&d->memory, block, d->size);
}

/* After a grace period, in the library's thread. */
static inline void reclaim_memb_free(struct rcu_head *rcu)
{
    struct reclaim_memb_block *b = (void *)rcu; /* its first member's first member */
    struct contend_urcu_memory *m = b->retired.memory;

    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&m->retired, b->size, memory_order_relaxed);
    contend_urcu_memory_give_back(m, b, b->size);
}

static inline void reclaim_memb_retire(struct reclaim_memb *d, struct reclaim_memb_handle *h,
                                       void *block)
{
    struct reclaim_memb_block *b = block;

    (void)h;
    contend_urcu_retire(&b->retired, &d->memory, d->size, reclaim_memb_free);
}

static inline void reclaim_memb_drain(struct reclaim_memb *d, struct reclaim_memb_handle *h)
{
    (void)d, (void)h; /* the library's thread is at it */
}

static inline uint64_t reclaim_memb_bound(struct reclaim_memb *d, uint64_t present)
{
    (void)d, (void)present;
    return UINT64_MAX;
}

static inline void reclaim_memb_stats(struct reclaim_memb *d, struct reclaim_stats *out)
{
    /* relaxed, all three: statistics. */
    *out = (struct reclaim_stats){
        .bytes = atomic_load_explicit(&d->memory.held, memory_order_relaxed),
        .retired = atomic_load_explicit(&d->memory.retired, memory_order_relaxed) / d->size,
        .retired_peak = atomic_load_explicit(&d->memory.peak, memory_order_relaxed) / d->size,
    };
}

static inline unsigned reclaim_memb_modulo_of(const struct reclaim_memb *d)
{
    (void)d;
    return 0;
}

enum {
    reclaim_memb_features = RECLAIM_SECTIONS,
    reclaim_memb_flags = CONTEND_TSAN_UNSOUND | CONTEND_LIB_ABORTS,
    reclaim_memb_modulo = CONTEND_MODULO_SYSCALL,
    reclaim_memb_reads = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
};

#define RECLAIM_TITLE_memb "freed after a grace period of liburcu"
#define RECLAIM_PAPER_memb "Desnoyers et al., 2012"

#endif
