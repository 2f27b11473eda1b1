/*
 * retired.h - how much memory a map holds, and how much of it waits to be freed.
 *
 * A part for maps that leave removed nodes to RCU.  A node embeds a
 * `struct presence_retired`; presence_retire() hands it to liburcu and counts its
 * bytes until the callback runs.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_RETIRED_H
#define CONTEND_PRESENCE_MAP_PARTS_RETIRED_H

#include "locks/parts/urcu_thread.h"

#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

/* Every access to these is relaxed: statistics, exact when nobody is inside. */
struct presence_memory {
    _Atomic size_t held;    /* asked of malloc() and not yet freed */
    _Atomic size_t retired; /* the part of it that waits for a grace period */
    _Atomic size_t peak;    /* the most that ever waited */
};

struct presence_retired {
    struct rcu_head rcu;
    struct presence_memory *memory; /* for the callback, which is given nothing else */
};

static inline void presence_memory_init(struct presence_memory *m)
{
    atomic_init(&m->held, 0);
    atomic_init(&m->retired, 0);
    atomic_init(&m->peak, 0);
}

static inline void presence_memory_hold(struct presence_memory *m, size_t bytes)
{
    /* relaxed: statistics. */
    atomic_fetch_add_explicit(&m->held, bytes, memory_order_relaxed);
}

static inline void presence_memory_drop(struct presence_memory *m, size_t bytes)
{
    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&m->held, bytes, memory_order_relaxed);
}

/* Calls `reclaim` after a grace period.  Nobody new can find the node any more. */
static inline void presence_retire(struct presence_retired *r, struct presence_memory *m,
                                   size_t bytes, void (*reclaim)(struct rcu_head *))
{
    /* relaxed, here and below: statistics. */
    size_t retired = atomic_fetch_add_explicit(&m->retired, bytes, memory_order_relaxed) + bytes;
    size_t peak = atomic_load_explicit(&m->peak, memory_order_relaxed);

    while (retired > peak &&
           !atomic_compare_exchange_weak_explicit(&m->peak, &peak, retired, memory_order_relaxed,
                                                  memory_order_relaxed))
        contend_cpu_relax();
    r->memory = m;
    urcu_memb_call_rcu(&r->rcu, reclaim);
}

/* In the callback: the node whose member at `offset` was retired; its bytes are discounted. */
static inline void *presence_retired_block(struct rcu_head *rcu, size_t offset, size_t bytes)
{
    struct presence_retired *r = (void *)((char *)rcu - offsetof(struct presence_retired, rcu));

    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&r->memory->retired, bytes, memory_order_relaxed);
    presence_memory_drop(r->memory, bytes);
    return (char *)r - offset;
}

/* Fills bytes_retired and its peak, and adds to bytes. */
static inline void presence_memory_read(struct presence_memory *m, struct presence_stats *out)
{
    /* relaxed: statistics. */
    out->bytes += atomic_load_explicit(&m->held, memory_order_relaxed);
    out->bytes_retired = atomic_load_explicit(&m->retired, memory_order_relaxed);
    out->bytes_retired_peak = atomic_load_explicit(&m->peak, memory_order_relaxed);
}

#endif
