/*
 * table.h - a hash table from user to last heartbeat, for one thread at a time.
 *
 * A part that the maps with locks share; the lock around it is the caller's.
 * Open addressing, linear probing, 16 bytes a slot.  A removal closes its gap by
 * shifting the followers back, so there are no tombstones and churn costs
 * nothing later.  The table doubles when it is more than 7/8 full.
 *
 * Invariant: from a user's home slot to its own no slot is empty.  Hence a probe
 * may stop at the first empty slot, and there always is one.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_TABLE_H
#define CONTEND_PRESENCE_MAP_PARTS_TABLE_H

#include <string.h>

#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "locks/parts/hash.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/tally.h"

struct presence_table_slot {
    uint64_t user; /* PRESENCE_NO_USER: empty */
    uint64_t last;
};

struct presence_table {
    struct presence_table_slot *slots;
    uint64_t mask;   /* number of slots, a power of two, less 1 */
    uint64_t used;   /* slots that hold a user */
    uint64_t limit;  /* users that are accepted; 0 = grows */
    uint64_t cursor; /* the slot where the next budgeted sweep begins */
    uint64_t ttl_ms;
    uint64_t kept_ms; /* the greatest age at which a sweep leaves a slot alone */
    uint64_t hash_seed;
};

/* An empty array of `count` slots, or NULL. */
static inline struct presence_table_slot *presence_table_slots(uint64_t count)
{
    struct presence_table_slot *slots = contend_alloc_aligned(count * sizeof *slots);

    if (slots)
        memset(slots, 0xff, count * sizeof *slots); /* all ones: PRESENCE_NO_USER */
    return slots;
}

/*
 * A table with room for `users`; `fixed` says that this is also the limit.
 * 0 or -ENOMEM.
 */
static inline int presence_table_init(struct presence_table *t, uint64_t users, bool fixed,
                                      const struct presence_config *config)
{
    uint64_t count = contend_round_up_pow2(users + users / 7 + 2); /* users <= 7/8 of it */

    *t = (struct presence_table){
        .slots = presence_table_slots(count),
        .mask = count - 1,
        .limit = fixed ? users : 0,
        .ttl_ms = config->ttl_ms,
        .kept_ms = presence_kept_ms(config, 1),
        .hash_seed = config->hash_seed,
    };
    return t->slots ? 0 : -ENOMEM;
}

static inline void presence_table_fini(struct presence_table *t)
{
    free(t->slots);
}

static inline size_t presence_table_bytes(const struct presence_table *t)
{
    return (t->mask + 1) * sizeof *t->slots;
}

/* The user's slot, or the empty one that ends the probe. */
static inline struct presence_table_slot *presence_table_probe(const struct presence_table *t,
                                                               uint64_t hash, uint64_t user)
{
    uint64_t i = hash & t->mask;

    while (t->slots[i].user != user && t->slots[i].user != PRESENCE_NO_USER)
        i = (i + 1) & t->mask;
    return &t->slots[i];
}

/* The user's slot, or NULL. */
static inline struct presence_table_slot *presence_table_find(const struct presence_table *t,
                                                              uint64_t hash, uint64_t user)
{
    struct presence_table_slot *s = presence_table_probe(t, hash, user);

    return s->user == user ? s : NULL;
}

/* Doubles the table.  0, or -ENOMEM and the table is as it was. */
static inline int presence_table_grow(struct presence_table *t)
{
    struct presence_table bigger = *t;
    uint64_t count = 2 * (t->mask + 1);

    bigger.slots = presence_table_slots(count);
    if (!bigger.slots)
        return -ENOMEM;
    bigger.mask = count - 1;
    bigger.cursor = 0; /* everybody has moved: a round of sweeps starts again */
    for (uint64_t i = 0; i <= t->mask; i++) {
        uint64_t user = t->slots[i].user;
        if (user != PRESENCE_NO_USER)
            *presence_table_probe(&bigger, presence_hash(user, t->hash_seed), user) = t->slots[i];
    }
    free(t->slots);
    *t = bigger;
    return 0;
}

/* A heartbeat of somebody who is not in the table; `s` is where the probe ended. */
static inline int presence_table_insert(struct presence_table *t, struct presence_tally *tally,
                                        struct presence_table_slot *s, uint64_t hash,
                                        uint64_t user, uint64_t now)
{
    if (t->limit) {
        if (t->used >= t->limit)
            return -ENOSPC;
    } else if ((t->used + 1) * 8 > (t->mask + 1) * 7) {
        int error = presence_table_grow(t);
        if (error)
            return error;
        s = presence_table_probe(t, hash, user);
    }
    CONTEND_STEP("table: heartbeat, found a place and not yet written");
    s->user = user;
    s->last = now;
    t->used++;
    presence_tally_count(tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

static inline int presence_table_heartbeat(struct presence_table *t, struct presence_tally *tally,
                                           uint64_t hash, uint64_t user, uint64_t now)
{
    struct presence_table_slot *s = presence_table_probe(t, hash, user);

    if (s->user != user)
        return presence_table_insert(t, tally, s, hash, user, now);
    uint64_t last = s->last;
    if (now < last)
        return PRESENCE_STALE;
    CONTEND_STEP("table: heartbeat, looked up and not yet written");
    s->last = now;
    return presence_raised(last, now, t->ttl_ms);
}

static inline int presence_table_is_online(const struct presence_table *t, uint64_t hash,
                                           uint64_t user, uint64_t now)
{
    const struct presence_table_slot *s = presence_table_find(t, hash, user);

    return s && presence_fresh(s->last, now, t->ttl_ms);
}

static inline int64_t presence_table_last_seen(const struct presence_table *t, uint64_t hash,
                                               uint64_t user)
{
    const struct presence_table_slot *s = presence_table_find(t, hash, user);

    return s ? (int64_t)s->last : -ENOENT;
}

/*
 * Empties slot `hole` and closes the gap: each follower moves back unless that
 * would put it before its home.  A follower that moves from beyond the cursor
 * to before it takes the cursor along, or a budgeted round would miss it.
 */
static inline void presence_table_remove(struct presence_table *t, uint64_t hole)
{
    for (uint64_t i = (hole + 1) & t->mask; t->slots[i].user != PRESENCE_NO_USER;
         i = (i + 1) & t->mask) {
        uint64_t home = presence_hash(t->slots[i].user, t->hash_seed);
        if (((i - home) & t->mask) < ((i - hole) & t->mask))
            continue;
        t->slots[hole] = t->slots[i];
        if (hole < t->cursor && t->cursor <= i)
            t->cursor = hole;
        hole = i;
    }
    t->slots[hole].user = PRESENCE_NO_USER;
    t->used--;
}

static inline int presence_table_leave(struct presence_table *t, struct presence_tally *tally,
                                       uint64_t hash, uint64_t user, uint64_t now)
{
    struct presence_table_slot *s = presence_table_find(t, hash, user);

    if (!s || s->last > now)
        return 0;
    CONTEND_STEP("table: leave, judged and not yet removed");
    presence_table_remove(t, (uint64_t)(s - t->slots));
    presence_tally_count(tally, PRESENCE_LEFT);
    return 1;
}

/*
 * Examines slots from *at on and removes the expired, until the table ends or
 * *budget is spent; each examination costs 1.  Returns how many were removed and
 * leaves in *at the slot to go on from: mask + 1 at the end.  After a removal the
 * same slot is examined again, since a follower may have moved in.  Followers
 * that have not been examined move at most back to *at, so none is missed.
 */
static inline int64_t presence_table_sweep(struct presence_table *t, struct presence_tally *tally,
                                           uint64_t now, uint64_t *at, uint64_t *budget)
{
    int64_t removed = 0;

    for (; *at <= t->mask && *budget > 0; --*budget) {
        const struct presence_table_slot *s = &t->slots[*at];
        if (s->user == PRESENCE_NO_USER || presence_fresh(s->last, now, t->kept_ms)) {
            ++*at;
            continue;
        }
        CONTEND_STEP("table: sweep, judged and not yet removed");
        presence_table_remove(t, *at);
        presence_tally_count(tally, PRESENCE_SWEPT);
        removed++;
    }
    return removed;
}

/* The whole table; a budgeted round under way is left where it was. */
static inline int64_t presence_table_sweep_all(struct presence_table *t,
                                               struct presence_tally *tally, uint64_t now)
{
    uint64_t at = 0, unlimited = UINT64_MAX;

    return presence_table_sweep(t, tally, now, &at, &unlimited);
}

/* Goes on with the budgeted round; *ended says that it has reached the table's end. */
static inline int64_t presence_table_sweep_some(struct presence_table *t,
                                                struct presence_tally *tally, uint64_t now,
                                                uint64_t *budget, bool *ended)
{
    int64_t removed = presence_table_sweep(t, tally, now, &t->cursor, budget);

    *ended = t->cursor > t->mask;
    if (*ended)
        t->cursor = 0;
    return removed;
}

static inline int presence_table_walk(const struct presence_table *t, uint64_t now,
                                      presence_visit fn, void *ctx)
{
    int stop = 0;

    for (uint64_t i = 0; i <= t->mask && stop == 0; i++) {
        const struct presence_table_slot *s = &t->slots[i];
        if (s->user != PRESENCE_NO_USER && presence_fresh(s->last, now, t->ttl_ms))
            stop = fn(ctx, s->user, s->last);
    }
    return stop;
}

/* How many are there, found by looking. */
static inline uint64_t presence_table_entries(const struct presence_table *t)
{
    uint64_t entries = 0;

    for (uint64_t i = 0; i <= t->mask; i++)
        entries += t->slots[i].user != PRESENCE_NO_USER;
    return entries;
}

#endif
