/*
 * quota.h - a limit on how many entries there are, for maps without one lock.
 *
 * Whoever wants to insert takes a place first and gives it back if the insertion
 * does not happen; whoever removes gives the place back.  Without a limit nothing
 * is counted and no line is shared.
 */
#ifndef CONTEND_PRESENCE_MAP_QUOTA_H
#define CONTEND_PRESENCE_MAP_QUOTA_H

#include "locks/platform.h"
#include "presence_map/presence_map.h"

struct presence_quota {
    uint64_t limit; /* 0 = none */
    CONTEND_ALIGNED _Atomic uint64_t taken;
};

static inline void presence_quota_init(struct presence_quota *q, uint64_t limit)
{
    q->limit = limit;
    atomic_init(&q->taken, 0);
}

static inline void presence_quota_give(struct presence_quota *q)
{
    if (q->limit)
        /* relaxed: a count; what it counts is published elsewhere. */
        atomic_fetch_sub_explicit(&q->taken, 1, memory_order_relaxed);
}

/* 0 or -ENOSPC. */
static inline int presence_quota_take(struct presence_quota *q)
{
    if (q->limit == 0)
        return 0;
    /* relaxed, here and below: as in presence_quota_give. */
    uint64_t taken = atomic_load_explicit(&q->taken, memory_order_relaxed);
    while (taken < q->limit)
        if (atomic_compare_exchange_weak_explicit(&q->taken, &taken, taken + 1,
                                                  memory_order_relaxed, memory_order_relaxed))
            return 0;
    return -ENOSPC;
}

#endif
