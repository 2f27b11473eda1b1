/*
 * limit_biased.h - the exact bound of limit.h, without a locked instruction within the quota.
 *
 * Idea: in limit.h an add within the quota is a swap, because another thread may take the quota
 *   away at any moment.  That is rare.  So the owner says by a plain store that it is at its
 *   window, and looks whether somebody has asked for it; the fence that such an exchange of
 *   looks needs on both sides is made by the thread that asks, for both, by membarrier.
 * Invariant: the books of counters/parts/quota.h; 0 <= count <= quota in each handle.  `count`
 *   and `quota` change by the owner while `inside` is 1 and it has since seen `revoked` 0, by
 *   the owner under the lock, or under the lock by a thread that set `revoked` and has since
 *   seen `inside` 0.  No two of these hold at once.
 * Linearisation points: add within the quota at the store of its count.  Any other add at a
 *   moment under the lock; before it is refused, all windows have been taken away, and
 *   global is the sum until the lock is released.  read of unit claps: as striped.h.
 * Progress: blocking: an add beyond the quota and every read take the mutex, and an add that takes
 *   quotas back waits for each owner that is at its window.
 * Read guarantee: as limit.h: unit claps linearizable, larger ones intermediate, with undos
 *   quiescent, and linearizable for every mix with a quota of 0.
 * Cost: add: three loads and three stores on the thread's own line, and the mutex once in
 *   `quota` claps.  To take quotas back: a system call that interrupts all processors of the
 *   process, some microseconds.  read: the mutex, and a miss for each thread.  96 bytes, and
 *   128 for each thread.
 * Breaks when: the sum stays near a bound: then each add is a system call, and limit.h is by far
 *   better.  Where the kernel has no membarrier each add has a fence, which costs what the swap
 *   did.  When a thread ends without detaching: the list then leads to its dead handle.
 * Use when: adds are very frequent and the bound is far: an alarm at a number that is never
 *   meant to be reached.
 * Reference: P. McKenney, "Is Parallel Programming Hard, And, If So, What Can You Do About
 *   It?", 2023, section 5.4.3 (count_lim_sig, which asks by a signal); D. Dice, M. Moir and W.
 *   Scherer, "Quickly Reacquirable Locks", 2002, for the bias and how it is revoked.
 */
#ifndef CONTEND_COUNTERS_LIMIT_BIASED_H
#define CONTEND_COUNTERS_LIMIT_BIASED_H

#include <stdbool.h>

#include "counters/counter.h"
#include "counters/parts/quota.h"
#include "locks/parts/platform.h"
#include "locks/parts/roster.h"

struct counter_limit_biased {
    struct counter_quotas quotas;
    bool asymmetric; /* the kernel has membarrier; constant after init */
};

struct counter_limit_biased_handle {
    CONTEND_ALIGNED struct roster_entry entry;
    int64_t quota;
    _Atomic int64_t count; /* atomic for readers, who look at it under the lock alone */
    _Atomic uint32_t inside;  /* the owner is at its window */
    _Atomic uint32_t revoked; /* another thread, under the lock, wants the window */
    bool asymmetric;
};

static inline int counter_limit_biased_init(struct counter_limit_biased *c,
                                            const struct counter_config *config)
{
    c->asymmetric = contend_membarrier_register();
    return counter_quotas_init(&c->quotas, config);
}

static inline int counter_limit_biased_fini(struct counter_limit_biased *c)
{
    return roster_fini(&c->quotas.roster);
}

static inline int counter_limit_biased_attach(struct counter_limit_biased *c,
                                              struct counter_limit_biased_handle *h)
{
    h->asymmetric = c->asymmetric;
    h->quota = 0; /* the first add asks for one */
    atomic_init(&h->count, 0);
    atomic_init(&h->inside, 0);
    atomic_init(&h->revoked, 0);
    counter_quotas_attach(&c->quotas, &h->entry);
    return 0;
}

/* Empties a window that nobody else can be at.  Under the lock. */
static inline struct counter_share counter_limit_biased_empty(struct counter_limit_biased_handle *h)
{
    /* relaxed, both: value only; the lock, or `inside` and `revoked`, order them. */
    struct counter_share was = { atomic_load_explicit(&h->count, memory_order_relaxed), h->quota };

    atomic_store_explicit(&h->count, 0, memory_order_relaxed);
    h->quota = 0;
    return was;
}

static inline void counter_limit_biased_detach(struct counter_limit_biased *c,
                                               struct counter_limit_biased_handle *h)
{
    roster_lock(&c->quotas.roster);
    counter_quotas_leave_locked(&c->quotas, &h->entry, counter_limit_biased_empty(h));
    roster_unlock(&c->quotas.roster);
}

/* ---- the owner and those who revoke ---- */

static inline void counter_limit_biased_leave(struct counter_limit_biased_handle *h)
{
    /*
     * release: what the owner did at its window comes before; pairs with the acquire in
     * counter_limit_biased_revoke_all.
     */
    atomic_store_explicit(&h->inside, 0, memory_order_release);
}

/* Whether the owner is at its window now, and nobody wants it; otherwise it has left again. */
static inline bool counter_limit_biased_enter(struct counter_limit_biased_handle *h)
{
    /* relaxed: the fence orders it. */
    atomic_store_explicit(&h->inside, 1, memory_order_relaxed);
    if (h->asymmetric)
        /* seq_cst, for the compiler alone: the membarrier of the other side is both's fence. */
        atomic_signal_fence(memory_order_seq_cst);
    else
        /*
         * seq_cst: pairs with the fence in counter_limit_biased_revoke_all.  Either that thread
         * sees us inside, or we see that our window is wanted.
         */
        atomic_thread_fence(memory_order_seq_cst);
    CONTEND_STEP("limit_biased: inside, not yet looked");
    /* acquire: pairs with the release that ends a revocation; the window is empty then. */
    if (!atomic_load_explicit(&h->revoked, memory_order_acquire))
        return true;
    counter_limit_biased_leave(h);
    return false;
}

/* Takes all quotas but the caller's back.  Under the lock. */
static inline void counter_limit_biased_revoke_all(struct counter_limit_biased *c,
                                                   struct counter_limit_biased_handle *mine)
{
    for (struct roster_entry *e = c->quotas.roster.head; e; e = e->next) {
        /* Through void: the entry is the first member of an aligned handle. */
        struct counter_limit_biased_handle *h = (void *)e;
        if (h != mine)
            /* relaxed: the fence orders it. */
            atomic_store_explicit(&h->revoked, 1, memory_order_relaxed);
    }
    if (c->asymmetric)
        contend_membarrier(); /* in place of the fence, on this side and on the other */
    else
        /* seq_cst: pairs with the fence in counter_limit_biased_enter. */
        atomic_thread_fence(memory_order_seq_cst);
    for (struct roster_entry *e = c->quotas.roster.head; e; e = e->next) {
        struct counter_limit_biased_handle *h = (void *)e;
        if (h == mine)
            continue;
        /* acquire: pairs with the release in counter_limit_biased_leave. */
        while (atomic_load_explicit(&h->inside, memory_order_acquire))
            contend_yield(); /* a few instructions, unless its thread is not running */
        CONTEND_STEP("limit_biased: some quotas taken back");
        counter_quotas_take_back(&c->quotas, counter_limit_biased_empty(h));
        /* release: pairs with the acquire in counter_limit_biased_enter. */
        atomic_store_explicit(&h->revoked, 0, memory_order_release);
    }
}

/* ---- operations ---- */

/* Whether the thread's own quota was enough for n; then it is done. */
static inline bool counter_limit_biased_add_within(struct counter_limit_biased_handle *h, int64_t n)
{
    if (!counter_limit_biased_enter(h))
        return false;
    /* relaxed: only we write to it now. */
    int64_t count = atomic_load_explicit(&h->count, memory_order_relaxed);
    bool fits = n >= -count && n <= h->quota - count;
    CONTEND_STEP("limit_biased: looked at the quota, not yet counted");
    if (fits)
        /* relaxed: value only; a count publishes nothing else. */
        atomic_store_explicit(&h->count, count + n, memory_order_relaxed);
    counter_limit_biased_leave(h);
    return fits;
}

static inline int counter_limit_biased_add_locked(struct counter_limit_biased *c,
                                                  struct counter_limit_biased_handle *h, int64_t n)
{
    struct counter_quotas *q = &c->quotas;

    roster_lock(&q->roster);
    counter_quotas_take_back(q, counter_limit_biased_empty(h));
    bool added = counter_quotas_add(q, n);
    if (!added && q->reserved) {
        counter_limit_biased_revoke_all(c, h);
        added = counter_quotas_add(q, n);
    }
    struct counter_share share = counter_quotas_hand_out(q);
    h->quota = share.quota;
    /* relaxed: value only; readers look under the lock. */
    atomic_store_explicit(&h->count, share.count, memory_order_relaxed);
    roster_unlock(&q->roster);
    return added ? 0 : -EOVERFLOW;
}

static inline int counter_limit_biased_add(struct counter_limit_biased *c,
                                           struct counter_limit_biased_handle *h, int64_t n)
{
    return counter_limit_biased_add_within(h, n) ? 0 : counter_limit_biased_add_locked(c, h, n);
}

static inline int64_t counter_limit_biased_read(struct counter_limit_biased *c,
                                                struct counter_limit_biased_handle *h)
{
    (void)h;
    roster_lock(&c->quotas.roster); /* no quota changes meanwhile: the sum is within the bounds */
    int64_t sum = c->quotas.global;
    for (struct roster_entry *e = c->quotas.roster.head; e; e = e->next) {
        struct counter_limit_biased_handle *other = (void *)e;
        /* relaxed: value only; each count is coherent by itself. */
        sum += atomic_load_explicit(&other->count, memory_order_relaxed);
        CONTEND_STEP("limit_biased: some threads read");
    }
    roster_unlock(&c->quotas.roster);
    return sum;
}

COUNTER_NO_ADD_GET(limit_biased)
COUNTER_NO_QUIESCENCE(limit_biased)

static const struct counter_traits counter_limit_biased_traits = {
    .id = {
        .name = "limit_biased",
        .title = "the exact bound in quotas, added to without atomic instructions",
        .reference = "McKenney, Is Parallel Programming Hard, 2023 (count_lim_sig)",
        .flags = CONTEND_LOOKS_INTO_HANDLES, /* the roster runs through them */
        .options = counter_quota_options,
    },
    COUNTER_QUOTA_TRAITS(limit_biased),
};

COUNTER_QUOTA_REPORTS(limit_biased)

#endif
