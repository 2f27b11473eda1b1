/*
 * partition.h - dividing the users among parts, and sweeping part by part.
 *
 * What maps made of stripes, shards or buckets share.  A user belongs to the part
 * that its hash names, for ever, so the parts are independent of each other.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_PARTITION_H
#define CONTEND_PRESENCE_MAP_PARTS_PARTITION_H

#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

#define PRESENCE_DEFAULT_PARTS 64u
#define PRESENCE_MAX_PARTS (1u << 16)

/* The least users of a part, with a fixed capacity and no number of parts given. */
#define PRESENCE_PART_CAPACITY 64u

/* The option of every map that is divided, for its list. */
#define PRESENCE_PART_OPTION \
    { "stripes", 0, 0, PRESENCE_MAX_PARTS, \
      "parts, rounded up to a power of two; 0 = 64, or fewer for a small fixed capacity" }

/* Into how many parts to divide: a power of two.  `asked`: the option's value. */
static inline uint32_t presence_part_count(const struct presence_config *config, int64_t asked)
{
    uint32_t count = PRESENCE_DEFAULT_PARTS;

    if (asked)
        return (uint32_t)contend_round_up_pow2((uint64_t)asked);
    while (config->capacity && count > 1 && config->capacity / count < PRESENCE_PART_CAPACITY)
        count /= 2;
    return count;
}

/*
 * How many users a part must hold, so that `users` fit into `count` parts.  A hash
 * spreads users as balls into urns: the number in a part has the mean
 * E = users / count and a standard deviation below the root of E.  A part that can
 * grow gets E plus 3 deviations.  A fixed one gets E plus 6 deviations plus 16, so
 * that the probability that a part overflows before `capacity` users are in is below
 * 1 in 10^7, unless the ids were chosen with knowledge of the hash's seed.  A single
 * part needs no reserve, and its limit is exact.
 */
static inline uint64_t presence_part_share(uint64_t users, bool fixed, uint32_t count)
{
    uint64_t mean = users / count + 1, root = 1;

    if (count == 1)
        return users;
    while (root * root < mean)
        root++;
    return mean + (fixed ? 6 * root + 16 : 3 * root);
}

/* Where the budgeted round of sweeps stands: the part that is being swept. */
struct presence_round {
    _Atomic uint64_t part;
};

static inline void presence_round_init(struct presence_round *r)
{
    atomic_init(&r->part, 0);
}

/*
 * One visit of a sweeper to one part.  `whole`: sweep all of the part, and the
 * budgeted round does not matter.  Otherwise go on where the part's round
 * stopped, spend at most `budget` examinations, and say in `ended` whether the
 * end of the part was reached.
 */
struct presence_visit_part {
    uint64_t now;
    bool whole;
    uint64_t budget;
    bool ended;
};

/*
 * Sweeps one part under its lock and returns how many were removed, or the error of a
 * lock that is not held or of a part that is lost.  For a visit
 * that is not whole, it first asks presence_round_is_at() with the lock held and
 * does nothing if the answer is no, and calls presence_round_pass() before it
 * releases the lock if the part has ended.  So no sweeper can restart a part that
 * another has just finished.
 */
typedef int64_t (*presence_sweep_part)(void *map, void *handle, uint64_t part,
                                       struct presence_visit_part *visit);

static inline bool presence_round_is_at(struct presence_round *r, uint64_t part)
{
    /* relaxed: it changes only under the lock of the part that it names, which the caller holds. */
    return atomic_load_explicit(&r->part, memory_order_relaxed) == part;
}

static inline void presence_round_pass(struct presence_round *r, uint64_t part, uint64_t count)
{
    /* relaxed: an index; the next part's contents are guarded by that part's lock. */
    atomic_store_explicit(&r->part, part + 1 == count ? 0 : part + 1, memory_order_relaxed);
}

/*
 * A part that answers -EOWNERDEAD does so for ever (parts/guard.h): the round leaves it behind,
 * or no part after it would be swept again.  Without the lock, for nobody works in that part;
 * a sweeper that is late finds that the round has moved on, or is there again and may not stay.
 */
static inline void presence_round_pass_lost(struct presence_round *r, uint64_t part,
                                            uint64_t count)
{
    /* relaxed: as in presence_round_pass. */
    atomic_compare_exchange_strong_explicit(&r->part, &part, part + 1 == count ? 0 : part + 1,
                                            memory_order_relaxed, memory_order_relaxed);
}

/*
 * A whole round: the parts that fail are left out, and nobody in the others is kept for them.  A part
 * that is swept in several sections may fail after some were removed: it sets `ended` to false.
 */
static inline int64_t presence_round_sweep_all(uint64_t count, presence_sweep_part sweep_part,
                                               void *map, void *handle, uint64_t now,
                                               bool *complete)
{
    struct presence_visit_part visit = { .now = now, .whole = true };
    int64_t removed = 0, error = 0;

    *complete = true;
    for (uint64_t part = 0; part < count; part++) {
        visit.ended = true;
        int64_t here = sweep_part(map, handle, part, &visit);
        if (here < 0)
            error = error ? error : here;
        else
            removed += here;
        *complete = *complete && here >= 0 && visit.ended;
    }
    return removed ? removed : error;
}

/* sweep() over `count` parts, after the checks.  An error says that nothing was removed (P17). */
static inline int64_t presence_round_sweep(struct presence_round *r, uint64_t count,
                                           presence_sweep_part sweep_part, void *map, void *handle,
                                           uint64_t now, uint64_t budget, bool *complete)
{
    struct presence_visit_part visit = { .now = now, .budget = budget };
    int64_t removed = 0;

    *complete = false;
    if (budget == UINT64_MAX)
        return presence_round_sweep_all(count, sweep_part, map, handle, now, complete);
    while (visit.budget > 0 && !*complete) {
        /* relaxed: a guess; sweep_part checks it under the part's lock. */
        uint64_t part = atomic_load_explicit(&r->part, memory_order_relaxed);

        visit.ended = false;
        int64_t here = sweep_part(map, handle, part, &visit);
        if (here == -EOWNERDEAD)
            presence_round_pass_lost(r, part, count);
        if (here < 0)
            return removed ? removed : here;
        removed += here;
        *complete = visit.ended && part + 1 == count;
    }
    return removed;
}

#endif
