/*
 * limit.h - a bound that holds exactly, with quotas of it in the hands of the threads.
 *
 * Idea: "at most 50" needs the sum, and the sum needs everybody's claps.  So each thread
 *   gets a quota: a number of claps, and of undos, that cannot break the bounds whatever
 *   the others do with theirs.  Within it an add stays on the thread's own line.  Beyond
 *   it the thread takes the lock, and a new quota from the reserve; when the reserve is
 *   not enough, it takes back all quotas and knows the sum.
 * Invariant: the books of counters/parts/quota.h; a handle's window is a pair
 *   0 <= count <= quota.  So no values of the counts within their quotas make a sum beyond min
 *   or max.  A window becomes larger only under the lock, and by its owner; others only take it
 *   away whole.
 * Linearisation points: add within the quota at its compare-and-swap.  Any other add at a
 *   moment under the lock; before it is refused, all windows have been taken away, and
 *   global is the sum until the lock is released.  read of unit claps: as striped.h.
 * Progress: blocking: an add beyond the quota and every read take the mutex.  An add
 *   within the quota waits for nobody, and nobody for it.
 * Read guarantee: unit claps: linearizable.  Larger claps: intermediate.  With undos:
 *   quiescent.  With a quota of 0: linearizable for every mix.
 * Cost: add: one locked instruction on the thread's own line; the mutex once in `quota`
 *   claps; near a bound the mutex every time, and one exchange for each thread that holds
 *   a quota.  read: the mutex, and a miss for each thread.  88 bytes, and 128 for each
 *   thread.
 * Breaks when: the sum stays near a bound (it is then a counter under a mutex), reads are
 *   frequent, or a thread ends without detaching: the list then leads to its dead handle.
 * Use when: a total may be large and must not pass its bound by a single clap: seats,
 *   stock, the budget of a campaign.  For 50 claps of one reader a single word is enough.
 * Reference: P. McKenney, "Is Parallel Programming Hard, And, If So, What Can You Do
 *   About It?", 2023, sections 5.3 and 5.4 (count_lim, count_lim_atomic).
 */
#ifndef CONTEND_COUNTERS_LIMIT_H
#define CONTEND_COUNTERS_LIMIT_H

#include <stdbool.h>

#include "counters/counter.h"
#include "counters/parts/quota.h"
#include "locks/parts/platform.h"
#include "locks/parts/roster.h"

struct counter_limit {
    struct counter_quotas quotas;
};

#define COUNTER_INIT_limit { COUNTER_QUOTAS_INIT }

struct counter_limit_handle {
    CONTEND_ALIGNED struct roster_entry entry;
    _Atomic uint64_t window; /* count in the upper half, quota in the lower one */
};

static inline uint64_t counter_limit_window(uint64_t count, uint64_t quota)
{
    return count << 32 | quota;
}

static inline int64_t counter_limit_count_of(uint64_t window)
{
    return (int64_t)(window >> 32);
}

static inline int64_t counter_limit_quota_of(uint64_t window)
{
    return (int64_t)(window & UINT32_MAX);
}

static inline int counter_limit_init(struct counter_limit *c, const struct counter_config *config)
{
    return counter_quotas_init(&c->quotas, config);
}

static inline int counter_limit_fini(struct counter_limit *c)
{
    return roster_fini(&c->quotas.roster);
}

/* Empties a thread's window.  Under the lock. */
static inline struct counter_share counter_limit_empty(struct counter_limit_handle *h)
{
    /*
     * relaxed: value only.  The exchange is one step between two adds of the owner; the next
     * of these finds no quota, and waits for our lock.
     */
    uint64_t was = atomic_exchange_explicit(&h->window, 0, memory_order_relaxed);

    return (struct counter_share){ counter_limit_count_of(was), counter_limit_quota_of(was) };
}

static inline int counter_limit_attach(struct counter_limit *c, struct counter_limit_handle *h)
{
    atomic_init(&h->window, 0); /* the first add asks for a quota */
    counter_quotas_attach(&c->quotas, &h->entry);
    return 0;
}

static inline void counter_limit_detach(struct counter_limit *c, struct counter_limit_handle *h)
{
    roster_lock(&c->quotas.roster);
    counter_quotas_leave_locked(&c->quotas, &h->entry, counter_limit_empty(h));
    roster_unlock(&c->quotas.roster);
}

/* Whether the thread's own quota was enough for n; then it is done. */
static inline bool counter_limit_add_within(struct counter_limit_handle *h, int64_t n)
{
    /* relaxed: a first guess; the swap below confirms it. */
    uint64_t seen = atomic_load_explicit(&h->window, memory_order_relaxed);
    int64_t count = counter_limit_count_of(seen);

    if (n < -count || n > counter_limit_quota_of(seen) - count)
        return false;
    CONTEND_STEP("limit: fits the quota, not yet counted");
    /*
     * relaxed: value only; a count publishes nothing else.  A failure means that the quota
     * has been taken back, so that another try would find none.
     */
    return atomic_compare_exchange_strong_explicit(&h->window, &seen, seen + ((uint64_t)n << 32),
                                                   memory_order_relaxed, memory_order_relaxed);
}

static inline int counter_limit_add_locked(struct counter_limit *c, struct counter_limit_handle *h,
                                           int64_t n)
{
    struct counter_quotas *q = &c->quotas;

    roster_lock(&q->roster);
    counter_quotas_take_back(q, counter_limit_empty(h));
    bool added = counter_quotas_add(q, n);
    if (!added && q->reserved) {
        for (struct roster_entry *e = q->roster.head; e; e = e->next) {
            CONTEND_STEP("limit: some quotas taken back");
            /* Through void: the entry is the first member of an aligned handle. */
            struct counter_limit_handle *other = (void *)e;
            counter_quotas_take_back(q, counter_limit_empty(other));
        }
        added = counter_quotas_add(q, n);
    }
    struct counter_share share = counter_quotas_hand_out(q);
    /* relaxed: value only; nobody else writes to an empty window without the lock. */
    atomic_store_explicit(&h->window,
                          counter_limit_window((uint64_t)share.count, (uint64_t)share.quota),
                          memory_order_relaxed);
    roster_unlock(&q->roster);
    return added ? 0 : -EOVERFLOW;
}

static inline int counter_limit_add(struct counter_limit *c, struct counter_limit_handle *h,
                                    int64_t n)
{
    return counter_limit_add_within(h, n) ? 0 : counter_limit_add_locked(c, h, n);
}

static inline int64_t counter_limit_read(struct counter_limit *c, struct counter_limit_handle *h)
{
    (void)h;
    /*
     * Counts that are read one after the other may be of different moments, a clap here without
     * the undo there.  But under the lock no quota changes, so that no such sum is beyond the
     * bounds.
     */
    roster_lock(&c->quotas.roster);
    int64_t sum = c->quotas.global;
    for (struct roster_entry *e = c->quotas.roster.head; e; e = e->next) {
        /* relaxed: values only; each window is coherent by itself. */
        sum += counter_limit_count_of(atomic_load_explicit(
            &((struct counter_limit_handle *)(void *)e)->window, memory_order_relaxed));
        CONTEND_STEP("limit: some threads read");
    }
    roster_unlock(&c->quotas.roster);
    return sum;
}

COUNTER_NO_ADD_GET(limit)
COUNTER_NO_QUIESCENCE(limit)

static const struct counter_traits counter_limit_traits = {
    .id = {
        .name = "limit",
        .title = "a bound that holds exactly, in quotas for the threads",
        .reference = "McKenney, Is Parallel Programming Hard, 2023 (count_lim_atomic)",
        .flags = CONTEND_LOOKS_INTO_HANDLES, /* the roster runs through them */
        .options = counter_quota_options,
    },
    COUNTER_QUOTA_TRAITS(limit),
    .features = COUNTER_STATIC_INIT,
};

COUNTER_QUOTA_REPORTS(limit)

#endif
