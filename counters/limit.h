/*
 * limit.h - a bound that holds exactly, with quotas of it in the hands of the threads.
 *
 * Idea: "at most 50" needs the sum, and the sum needs everybody's claps.  So each thread
 *   gets a quota: a number of claps, and of undos, that cannot break the bounds whatever
 *   the others do with theirs.  Within it an add stays on the thread's own line.  Beyond
 *   it the thread takes the lock, and a new quota from the reserve; when the reserve is
 *   not enough, it takes back all quotas and knows the sum.
 * Invariant: a handle's window is a pair 0 <= count <= quota.  global + all counts = the
 *   sum; reserved = all quotas; min <= global, and global + reserved <= max.  So no values
 *   of the counts within their quotas make a sum beyond min or max.  A window becomes
 *   larger only under the lock, and by its owner; others only take it away whole.
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
#include "locks/parts/platform.h"
#include "locks/parts/roster.h"

/* The default: the mutex, shared by so many claps, no longer shows. */
enum { COUNTER_LIMIT_QUOTA = 1024 };

struct counter_limit {
    struct roster roster; /* its lock guards everything below that changes */
    int64_t global;       /* the part of the sum that is in no window */
    uint64_t reserved;    /* all quotas together */
    uint32_t attached;
    uint32_t quota;       /* claps, and undos, that a thread gets at most; constant after init */
    int64_t min, max;     /* constant after init */
};

static const struct contend_option counter_limit_options[] = {
    { "min", 0, -COUNTER_LIMIT, 0, "the least sum" },
    { "max", COUNTER_LIMIT, 1, COUNTER_LIMIT, "the greatest sum" },
    { "quota", COUNTER_LIMIT_QUOTA, 0, INT32_MAX,
      "claps, and undos, that a thread may do without the lock; 0 = none" },
    CONTEND_OPTIONS_END
};

#define COUNTER_INIT_limit \
    { .roster = ROSTER_INIT, .quota = COUNTER_LIMIT_QUOTA, .max = COUNTER_LIMIT }

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
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, counter_limit_options);

    if (error)
        return error;
    c->min = contend_option_value(&mine.settings, counter_limit_options, "min");
    c->max = contend_option_value(&mine.settings, counter_limit_options, "max");
    c->quota = (uint32_t)contend_option_value(&mine.settings, counter_limit_options, "quota");
    c->global = 0;
    c->reserved = 0;
    c->attached = 0;
    return roster_init(&c->roster);
}

static inline int counter_limit_fini(struct counter_limit *c)
{
    return roster_fini(&c->roster);
}

/* Takes a thread's quota back, and the claps that it counted within it.  Under the lock. */
static inline void counter_limit_take_back(struct counter_limit *c, struct counter_limit_handle *h)
{
    /*
     * relaxed: value only.  The exchange is one step between two adds of the owner; the next
     * of these finds no quota, and waits for our lock.
     */
    uint64_t was = atomic_exchange_explicit(&h->window, 0, memory_order_relaxed);

    c->global += counter_limit_count_of(was);
    c->reserved -= (uint64_t)counter_limit_quota_of(was);
}

/*
 * Equal shares of what is left below and above, so that threads with quotas leave some for
 * those without: one of n takes an n-th of it.  Under the lock, by the owner, whose window
 * is empty.
 */
static inline void counter_limit_hand_out(struct counter_limit *c, struct counter_limit_handle *h)
{
    uint64_t below = ((uint64_t)c->global - (uint64_t)c->min) / c->attached;
    uint64_t above = ((uint64_t)c->max - (uint64_t)c->global - c->reserved) / c->attached;
    uint64_t undos = below < c->quota ? below : c->quota;
    uint64_t claps = above < c->quota ? above : c->quota;

    c->global -= (int64_t)undos; /* they are in the window now, and can be undone there */
    c->reserved += undos + claps;
    /* relaxed: value only; nobody else writes to a window without the lock. */
    atomic_store_explicit(&h->window, counter_limit_window(undos, undos + claps),
                          memory_order_relaxed);
}

static inline int counter_limit_attach(struct counter_limit *c, struct counter_limit_handle *h)
{
    atomic_init(&h->window, 0); /* the first add asks for a quota */
    roster_lock(&c->roster);
    c->attached++;
    roster_enter_locked(&c->roster, &h->entry);
    roster_unlock(&c->roster);
    return 0;
}

static inline void counter_limit_detach(struct counter_limit *c, struct counter_limit_handle *h)
{
    roster_lock(&c->roster);
    counter_limit_take_back(c, h);
    c->attached--;
    roster_leave_locked(&c->roster, &h->entry);
    roster_unlock(&c->roster);
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

/* Whether n fits whatever the threads do with their quotas; then it is done.  Under the lock. */
static inline bool counter_limit_add_outside(struct counter_limit *c, int64_t n)
{
    uint64_t below = (uint64_t)c->global - (uint64_t)c->min;
    uint64_t above = (uint64_t)c->max - (uint64_t)c->global - c->reserved;

    if (n < 0 ? -(uint64_t)n > below : (uint64_t)n > above)
        return false;
    c->global += n;
    return true;
}

static inline int counter_limit_add_locked(struct counter_limit *c, struct counter_limit_handle *h,
                                           int64_t n)
{
    roster_lock(&c->roster);
    counter_limit_take_back(c, h);
    bool added = counter_limit_add_outside(c, n);
    if (!added && c->reserved) {
        for (struct roster_entry *e = c->roster.head; e; e = e->next) {
            CONTEND_STEP("limit: some quotas taken back");
            /* Through void: the entry is the first member of an aligned handle. */
            counter_limit_take_back(c, (struct counter_limit_handle *)(void *)e);
        }
        added = counter_limit_add_outside(c, n);
    }
    counter_limit_hand_out(c, h);
    roster_unlock(&c->roster);
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
    roster_lock(&c->roster);
    int64_t sum = c->global;
    for (struct roster_entry *e = c->roster.head; e; e = e->next) {
        /* relaxed: values only; each window is coherent by itself. */
        sum += counter_limit_count_of(atomic_load_explicit(
            &((struct counter_limit_handle *)(void *)e)->window, memory_order_relaxed));
        CONTEND_STEP("limit: some threads read");
    }
    roster_unlock(&c->roster);
    return sum;
}

COUNTER_NO_ADD_GET(limit)
COUNTER_NO_QUIESCENCE(limit)

static inline void counter_limit_stats(struct counter_limit *c, struct counter_stats *out)
{
    out->attached = roster_count(&c->roster);
    out->bytes = sizeof *c + out->attached * sizeof(struct counter_limit_handle);
}

static const struct counter_traits counter_limit_traits = {
    .id = {
        .name = "limit",
        .title = "a bound that holds exactly, in quotas for the threads",
        .reference = "McKenney, Is Parallel Programming Hard, 2023 (count_lim_atomic)",
        .flags = CONTEND_LOOKS_INTO_HANDLES, /* the roster runs through them */
        .options = counter_limit_options,
    },
    .add = CONTEND_BLOCKING,
    .read = CONTEND_BLOCKING,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_INTERMEDIATE },
    .undo = { .kind = COUNTER_QUIESCENT },
    .features = COUNTER_STATIC_INIT,
    .min = 0,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_limit),
    .bytes_per_thread = sizeof(struct counter_limit_handle),
};

/* The bounds are the counter's own; without quotas all is done under the lock. */
static inline void counter_limit_traits_of(struct counter_limit *c, struct counter_traits *out)
{
    *out = counter_limit_traits;
    out->min = c->min;
    out->max = c->max;
    if (c->quota == 0)
        out->batch.kind = out->undo.kind = COUNTER_LINEARIZABLE;
}

#endif
