/*
 * quota.h - a bound for a sum, shared out among threads.
 *
 * A thread that holds a quota may clap and undo within it without asking anybody: whatever all
 * threads do within theirs, the sum stays within its bounds.  Here are the books of that, which
 * a lock guards; how a thread counts within its quota, and how the quota is taken away from it, is
 * the strategy's.
 *
 * Invariant: global + all counts = the sum; reserved = all quotas; min <= global, and
 * global + reserved <= max.  A thread's count lies between 0 and its quota.
 */
#ifndef CONTEND_COUNTERS_PARTS_QUOTA_H
#define CONTEND_COUNTERS_PARTS_QUOTA_H

#include <stdbool.h>

#include "counters/counter.h"
#include "locks/parts/roster.h"

/* The default: the mutex, shared by so many claps, no longer shows. */
enum { COUNTER_QUOTA = 1024 };

struct counter_quotas {
    struct roster roster; /* its lock guards everything below that changes */
    int64_t global;       /* the part of the sum that no thread counts */
    uint64_t reserved;    /* all quotas together */
    uint32_t attached;
    uint32_t quota;       /* claps, and undos, that a thread gets at most; constant after init */
    int64_t min, max;     /* constant after init */
};

static const struct contend_option counter_quota_options[] = {
    { "min", 0, -COUNTER_LIMIT, 0, "the least sum" },
    { "max", COUNTER_LIMIT, 1, COUNTER_LIMIT, "the greatest sum" },
    { "quota", COUNTER_QUOTA, 0, INT32_MAX,
      "claps, and undos, that a thread may do without the lock; 0 = none" },
    CONTEND_OPTIONS_END
};

#define COUNTER_QUOTAS_INIT { .roster = ROSTER_INIT, .quota = COUNTER_QUOTA, .max = COUNTER_LIMIT }

/* What a thread gets: it may count from `count` down to 0, and up to `quota`. */
struct counter_share {
    int64_t count, quota;
};

static inline int counter_quotas_init(struct counter_quotas *q,
                                      const struct counter_config *config)
{
    const struct contend_option *options = counter_quota_options;
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, options);

    if (error)
        return error;
    q->min = contend_option_value(&mine.settings, options, "min");
    q->max = contend_option_value(&mine.settings, options, "max");
    q->quota = (uint32_t)contend_option_value(&mine.settings, options, "quota");
    q->global = 0;
    q->reserved = 0;
    q->attached = 0;
    return roster_init(&q->roster);
}

/* Books a quota that was taken back, and what was counted within it.  Under the lock. */
static inline void counter_quotas_take_back(struct counter_quotas *q, struct counter_share s)
{
    q->global += s.count;
    q->reserved -= (uint64_t)s.quota;
}

/*
 * Equal shares of what is left below and above, so that threads with quotas leave some for
 * those without: one of n takes an n-th of it.  Under the lock, for a thread without a quota.
 */
static inline struct counter_share counter_quotas_hand_out(struct counter_quotas *q)
{
    uint64_t below = ((uint64_t)q->global - (uint64_t)q->min) / q->attached;
    uint64_t above = ((uint64_t)q->max - (uint64_t)q->global - q->reserved) / q->attached;
    uint64_t undos = below < q->quota ? below : q->quota;
    uint64_t claps = above < q->quota ? above : q->quota;

    q->global -= (int64_t)undos; /* they are the thread's now, and can be undone there */
    q->reserved += undos + claps;
    return (struct counter_share){ (int64_t)undos, (int64_t)(undos + claps) };
}

/* Whether n fits whatever the threads do with their quotas; then it is done.  Under the lock. */
static inline bool counter_quotas_add(struct counter_quotas *q, int64_t n)
{
    uint64_t below = (uint64_t)q->global - (uint64_t)q->min;
    uint64_t above = (uint64_t)q->max - (uint64_t)q->global - q->reserved;

    if (n < 0 ? -(uint64_t)n > below : (uint64_t)n > above)
        return false;
    q->global += n;
    return true;
}

static inline void counter_quotas_attach(struct counter_quotas *q, struct roster_entry *e)
{
    roster_lock(&q->roster);
    q->attached++;
    roster_enter_locked(&q->roster, e);
    roster_unlock(&q->roster);
}

/* The thread's last share comes back with it. */
static inline void counter_quotas_leave_locked(struct counter_quotas *q, struct roster_entry *e,
                                               struct counter_share s)
{
    counter_quotas_take_back(q, s);
    q->attached--;
    roster_leave_locked(&q->roster, e);
}

/*
 * What such counters promise alike, and what they report: `quotas` is the counter's member, and its
 * handles begin with an entry of the roster.  The bounds are the counter's own; without quotas all is
 * done under the lock.
 */
#define COUNTER_QUOTA_TRAITS(NAME)                                                            \
    .add = CONTEND_BLOCKING, .read = CONTEND_BLOCKING,                                        \
    .unit = { .kind = COUNTER_LINEARIZABLE }, .batch = { .kind = COUNTER_INTERMEDIATE },      \
    .undo = { .kind = COUNTER_QUIESCENT }, .min = 0, .max = COUNTER_LIMIT,                    \
    .bytes = sizeof(struct counter_##NAME),                                                   \
    .bytes_per_thread = sizeof(struct counter_##NAME##_handle)

#define COUNTER_QUOTA_REPORTS(NAME)                                                           \
    static inline void counter_##NAME##_traits_of(struct counter_##NAME *c,                   \
                                                  struct counter_traits *out)                 \
    {                                                                                         \
        *out = counter_##NAME##_traits;                                                       \
        out->min = c->quotas.min;                                                             \
        out->max = c->quotas.max;                                                             \
        if (c->quotas.quota == 0)                                                             \
            out->batch.kind = out->undo.kind = COUNTER_LINEARIZABLE;                          \
    }                                                                                         \
    static inline void counter_##NAME##_stats(struct counter_##NAME *c,                       \
                                              struct counter_stats *out)                      \
    {                                                                                         \
        out->attached = roster_count(&c->quotas.roster);                                      \
        out->bytes = sizeof *c + out->attached * sizeof(struct counter_##NAME##_handle);      \
    }

#endif
