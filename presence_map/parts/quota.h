/*
 * quota.h - a limit on how many entries there are, for maps without one lock.
 *
 * Idea: two counts that only rise: `came` and `went`.  An inserter checks for free
 *   capacity first, and increments `came` once its insertion has taken effect.  A
 *   remover increments `went` before its removal takes effect, and increments
 *   `came` if it does not take effect.
 * Invariant: came - went <= entries, at every instant.  An entry adds to `came`
 *   only once it is there, and to `went` while it still is.  So a map that these
 *   counts call full is full; a map that is full may be called full a little later.
 * Refusal: `came` is read, then the user is looked up and is not there, then
 *   `went` is read.  Neither falls, so at the instant of the look-up at least
 *   came - went were present and the user was not: -ENOSPC takes effect there.
 * Overshoot: threads that found free capacity together may all insert, and a removal
 *   that fails has offered its place meanwhile.  Each thread inside adds one at most.
 *
 * Without a limit nothing is counted and no line is shared.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTA_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTA_H

#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

struct presence_quota {
    uint64_t limit; /* 0 = none */
    CONTEND_ALIGNED _Atomic uint64_t came; /* insertions, and removals that failed */
    _Atomic uint64_t went;                 /* removals that were tried */
};

static inline void presence_quota_init(struct presence_quota *q, uint64_t limit)
{
    q->limit = limit;
    atomic_init(&q->came, 0);
    atomic_init(&q->went, 0);
}

/* After an insertion took effect, or after a removal that was announced did not. */
static inline void presence_quota_count_in(struct presence_quota *q)
{
    if (q->limit)
        /*
         * release: the entry comes first; pairs with the acquire of `came` in
         * presence_quota_has_room.  A thread that reads this count can find the entry.
         */
        atomic_fetch_add_explicit(&q->came, 1, memory_order_release);
}

/* Before a removal takes effect, by a store that is a release itself or by one under a lock. */
static inline void presence_quota_count_out(struct presence_quota *q)
{
    if (q->limit)
        /* relaxed: the removal's release publishes it to a thread that finds the entry gone. */
        atomic_fetch_add_explicit(&q->went, 1, memory_order_relaxed);
}

/* Whether these counts leave free capacity. */
static inline bool presence_quota_below(const struct presence_quota *q, uint64_t came,
                                        uint64_t went)
{
    /* Signed: a removal may be counted before its insertion is. */
    return q->limit == 0 || (int64_t)(came - went) < (int64_t)q->limit;
}

/* Whether there was free capacity at some instant.  *came is for presence_quota_is_full(). */
static inline bool presence_quota_has_room(struct presence_quota *q, uint64_t *came)
{
    /*
     * acquire: keeps this load before the next one, so that the difference errs
     * towards full; there is no store that it pairs with.
     */
    uint64_t went = atomic_load_explicit(&q->went, memory_order_acquire);

    /* acquire: pairs with the release in presence_quota_count_in. */
    *came = atomic_load_explicit(&q->came, memory_order_acquire);
    return presence_quota_below(q, *came, went);
}

/*
 * After has_room() returned false and a look-up did not find the user: whether the map
 * was full at the look-up.  If not, another thread has removed an entry, or tried to:
 * call has_room() again.
 */
static inline bool presence_quota_is_full(struct presence_quota *q, uint64_t came)
{
    /*
     * acquire: the look-up's loads come first.  Pairs with the release of the
     * removal whose effect the look-up saw: its count is seen here.
     */
    atomic_thread_fence(memory_order_acquire);
    /* relaxed: ordered by the fence. */
    return !presence_quota_below(q, came, atomic_load_explicit(&q->went, memory_order_relaxed));
}

#endif
