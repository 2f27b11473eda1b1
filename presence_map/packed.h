/*
 * packed.h - one 64-bit word per user: id and time, changed by compare-and-swap.
 *
 * Idea: 4 bytes of id and 4 bytes of time are one word, and one word can be read,
 *   refreshed, expired and removed by a single atomic instruction.  An open-
 *   addressing table of such words needs no nodes, no locks, no reclamation.
 *   A template: how a user who is online is refreshed is a choice (presence_map/writes/).
 * Invariant: a slot's word is 0 (never used) or carries an id, and once it
 *   carries an id it carries that id for ever; its stamp is 0 when the user is
 *   not present.  On the probe path of an id, from its home slot to its own, no
 *   slot is 0.  Hence an id has at most one slot: two threads that insert the
 *   same id meet at the same first empty slot, one swap wins, and the loser
 *   finds the winner's id there.
 * Linearisation points: heartbeat and leave at the successful compare-and-swap,
 *   or at the load that shows there is nothing to change; is_online and
 *   last_seen at the load of the user's word, or of the 0 that ends the probe;
 *   sweep, per user, at the compare-and-swap of the stamp that it judged to 0.
 *   A heartbeat cannot be lost to a sweep: the sweep's swap names the very stamp
 *   that had expired, and fails if it has moved.
 * Progress: lock-free.  A swap fails only because another thread changed the
 *   word.  Reads are wait-free: at most one turn round the table.
 * Read guarantee: linearizable per user, to the second (granularity 1,000 ms) or to the
 *   slack, in happens-before order; users are not ordered among each other (see below).
 *   for_each and count_online meet each user once, not at one instant.
 * Cost: refresh: one locked instruction on the user's line, none if the last heartbeat lies
 *   within the same `slack` (then expiry is late by up to that, and never early);
 *   is_online: one line, written by nobody but the user.  A heartbeat that is to swap asks for the line to
 *   write it, once, and not to read it and again for the swap, unless the thread's last one had nothing to
 *   write, as where all beat for one user.  12 bytes a user at the capacity.
 * Breaks when: more distinct ids than the capacity were ever seen (-ENOSPC: a
 *   dead id keeps its slot); ids above 2^32 - 2; times before the origin or 136
 *   years after it: with the default one, and times since 1970, from 2106 on.
 * Use when: ids are 32-bit and their number is bounded; seconds are enough.
 * Reference: C. Click, "A Lock-Free Hash Table", 2007 (keys that never change);
 *   J. Preshing, "The World's Simplest Lock-Free Hash Table", 2013.
 *
 * Memory order.  Every access to a slot is relaxed.  All that a user has is in one word,
 * so there is nothing else to publish; each word has one modification order that
 * all threads agree on, and compare-and-swap acts on its newest value.  A probe
 * may read an old 0 in a slot that has since been taken: an insertion finds out
 * when its swap fails, and goes on from the value it was shown; a look-up that
 * is ordered after the insertion cannot, because the inserting thread had read
 * (or written) every slot on the path as taken, and read-read coherence forbids
 * a later read in happens-before order to go back.  Nothing orders different users:
 * two threads that each beat for one user and then ask for the other's may both be
 * told "offline", unless they fence in between (on x86 the swap is that fence).
 * Places are counted with release and read with acquire: no user is refused because of
 * a place that the same user has taken.
 */
#include "presence_map/writes/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_PACKED_H
#define CONTEND_PRESENCE_MAP_PACKED_H

#include "locks/parts/platform.h"
#include "presence_map/parts/batch.h"
#include "presence_map/parts/cursor.h"
#include "presence_map/parts/defaults.h"
#include "locks/parts/hash.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/table_memory.h"
#include "presence_map/parts/tally.h"

/*
 * The word: id + 1 in the high half; then the seconds since the origin, plus 1, so
 * that 0 says "not present".
 */
#define PRESENCE_PACKED_ID_SHIFT 32
#define PRESENCE_PACKED_STAMP_MASK UINT64_C(0xffffffff)
#define PRESENCE_PACKED_ID_MASK (~UINT64_C(0) << PRESENCE_PACKED_ID_SHIFT)

#define PRESENCE_PACKED_GRANULARITY 1000 /* ms: a stamp counts seconds */
#define PRESENCE_PACKED_MAX_USER (UINT64_C(0xffffffff) - 1)
#define PRESENCE_PACKED_MAX_SPAN ((PRESENCE_PACKED_STAMP_MASK - 1) * PRESENCE_PACKED_GRANULARITY)
#define PRESENCE_PACKED_MAX_CAPACITY (UINT64_C(1) << 31)

struct presence_packed {
    _Atomic uint64_t *slots;
    uint64_t slot_count; /* 3/2 of the capacity, in whole lines; below 2^32 */
    uint64_t capacity;   /* distinct ids that are accepted */
    uint64_t hash_seed;
    uint64_t origin_ms;
    uint64_t origin_s;
    uint64_t slack_s;  /* seconds that a stamp leaves out: a power of two less 1 */
    uint64_t limit_ms; /* TTL + granularity - 1: the greatest age that is still online */
    const struct contend_allocator *allocator;
    uint64_t kept_ms;  /* the greatest age at which a sweep leaves a user alone */

    CONTEND_ALIGNED _Atomic uint64_t used; /* slots with an id; written by first insertions only */
    _Atomic uint64_t cursor;               /* where the next budgeted sweep begins */
    CONTEND_ALIGNED struct presence_ledger ledger;
};

static const struct contend_option presence_packed_options[] = {
    { "slack", 0, 0, 10, "heartbeats within the same 2^slack s write once, and expire so much later" },
    TABLE_OPTIONS,
    CONTEND_OPTIONS_END
};

/* Whether the thread's last heartbeat changed the user's word, or had nothing to write. */
PRESENCE_TALLY_HANDLE_AND(packed, bool writes;, h->writes = true;)

/* ms: what the map's own stamps count in. */
static inline uint64_t presence_packed_granule(const struct presence_packed *m)
{
    return (m->slack_s + 1) * PRESENCE_PACKED_GRANULARITY;
}

/* ms from the origin to the last time; what the slack rounds the origin down by is lost. */
static inline uint64_t presence_packed_span(const struct presence_packed *m)
{
    return PRESENCE_PACKED_MAX_SPAN - m->slack_s * PRESENCE_PACKED_GRANULARITY;
}

static inline int presence_packed_init(struct presence_packed *m,
                                       const struct presence_config *config)
{
    struct presence_config c;
    size_t zeros;
    int error = presence_config_resolve(&c, config, presence_packed_options);

    if (error)
        return error;
    m->capacity = c.capacity ? c.capacity : c.expected;
    if (m->capacity > PRESENCE_PACKED_MAX_CAPACITY)
        return -ERANGE;
    m->slot_count = (m->capacity + m->capacity / 2 + 8) & ~UINT64_C(7);
    m->hash_seed = c.hash_seed;
    m->origin_ms = c.origin;
    m->slack_s = (UINT64_C(1) << contend_option_value(presence_settings(config),
                                                      presence_packed_options, "slack")) - 1;
    m->origin_s = (c.origin / PRESENCE_PACKED_GRANULARITY) & ~m->slack_s;
    m->limit_ms = c.ttl_ms + presence_packed_granule(m) - 1;
    m->allocator = c.allocator;
    m->kept_ms = presence_kept_ms(&c, presence_packed_granule(m));
    m->slots = table_memory(m->allocator, m->slot_count * sizeof *m->slots,
                            presence_settings(config), presence_packed_options, &zeros);
    if (!m->slots)
        return -ENOMEM;
    for (uint64_t i = zeros / sizeof *m->slots; i < m->slot_count; i++)
        atomic_init(&m->slots[i], 0);
    atomic_init(&m->used, 0);
    atomic_init(&m->cursor, 0);
    error = presence_ledger_init(&m->ledger, m->allocator);
    if (error)
        contend_release(m->allocator, m->slots, m->slot_count * sizeof *m->slots);
    return error;
}

static inline int presence_packed_fini(struct presence_packed *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        contend_release(m->allocator, m->slots, m->slot_count * sizeof *m->slots);
    return error;
}

/* 0, -EINVAL off the axes, -ERANGE where 32 bits of id and 31 of seconds do not reach. */
static inline int presence_packed_check_user(uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    return user <= PRESENCE_PACKED_MAX_USER ? 0 : -ERANGE;
}

static inline int presence_packed_check_now(const struct presence_packed *m, uint64_t now)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    /* A time before the origin wraps around and is too large as well. */
    return now - m->origin_ms <= presence_packed_span(m) ? 0 : -ERANGE;
}

static inline int presence_packed_check(const struct presence_packed *m, uint64_t user,
                                        uint64_t now)
{
    /* A value off an axis is reported before one beyond this strategy's range. */
    int error = presence_valid_now(now) ? presence_packed_check_user(user) : -EINVAL;

    return error ? error : presence_packed_check_now(m, now);
}

/* Encoding and decoding. */
static inline uint64_t presence_packed_id(uint64_t user)
{
    return (user + 1) << PRESENCE_PACKED_ID_SHIFT;
}

static inline uint64_t presence_packed_user(uint64_t word)
{
    return (word >> PRESENCE_PACKED_ID_SHIFT) - 1;
}

static inline uint64_t presence_packed_stamp(const struct presence_packed *m, uint64_t now)
{
    return ((now / PRESENCE_PACKED_GRANULARITY) & ~m->slack_s) - m->origin_s + 1;
}

static inline uint64_t presence_packed_stamp_of(uint64_t word)
{
    return word & PRESENCE_PACKED_STAMP_MASK;
}

/* The time that a stamp stands for, in ms; the stamp must not be 0. */
static inline uint64_t presence_packed_time(const struct presence_packed *m, uint64_t stamp)
{
    return (stamp - 1 + m->origin_s) * PRESENCE_PACKED_GRANULARITY;
}

static inline bool presence_packed_is_fresh(const struct presence_packed *m, uint64_t word,
                                            uint64_t now)
{
    uint64_t stamp = presence_packed_stamp_of(word);

    return stamp != 0 && presence_fresh(presence_packed_time(m, stamp), now, m->limit_ms);
}

/* Whether a sweep removes the user: it is present, and older than it is to be kept. */
static inline bool presence_packed_is_due(const struct presence_packed *m, uint64_t word,
                                          uint64_t now)
{
    uint64_t stamp = presence_packed_stamp_of(word);

    return stamp != 0 && !presence_fresh(presence_packed_time(m, stamp), now, m->kept_ms);
}

/* Where the probe for `user` begins: the hash's high half, scaled to the table. */
static inline uint64_t presence_packed_home(const struct presence_packed *m, uint64_t user)
{
    return ((presence_hash(user, m->hash_seed) >> 32) * m->slot_count) >> 32;
}

static inline uint64_t presence_packed_next(const struct presence_packed *m, uint64_t index)
{
    return index + 1 == m->slot_count ? 0 : index + 1;
}

static inline const void *presence_packed_whereabouts(const struct presence_packed *m, uint64_t user)
{
    return &m->slots[presence_packed_home(m, user)];
}

/* The slot that carries the user's id, with its word in *word; NULL if there is none. */
static inline _Atomic uint64_t *presence_packed_find(struct presence_packed *m, uint64_t user,
                                                     uint64_t *word)
{
    uint64_t id = presence_packed_id(user);
    uint64_t index = presence_packed_home(m, user);

    for (uint64_t probed = 0; probed < m->slot_count; probed++) {
        /* relaxed: see "Memory order" above. */
        *word = atomic_load_explicit(&m->slots[index], memory_order_relaxed);
        if ((*word & PRESENCE_PACKED_ID_MASK) == id)
            return &m->slots[index];
        if (*word == 0)
            break;
        index = presence_packed_next(m, index);
    }
    return NULL;
}

/* A heartbeat on the slot that carries the user's id; `word` is what was last seen there. */
static inline int presence_packed_refresh(struct presence_packed *m,
                                          struct presence_packed_handle *h,
                                          _Atomic uint64_t *slot, uint64_t word, uint64_t now)
{
    uint64_t stamp = presence_packed_stamp(m, now);

    h->writes = stamp != presence_packed_stamp_of(word);
    for (;;) {
        uint64_t old = presence_packed_stamp_of(word);
        if (stamp < old)
            return PRESENCE_STALE;
        bool fresh = presence_packed_is_fresh(m, word, now);
        if (stamp == old && fresh)
            return PRESENCE_REFRESHED; /* within the slack: nothing to write */
        uint64_t wanted = (word & PRESENCE_PACKED_ID_MASK) | stamp;
        if (chosen_write_stores && fresh) {
            /* relaxed: see "Memory order" above.  P20: the slot is this user's for ever. */
            atomic_store_explicit(slot, wanted, memory_order_relaxed);
            return PRESENCE_REFRESHED;
        }
        CONTEND_STEP("packed: heartbeat, about to swap");
        /* relaxed: see "Memory order" above. */
        if (atomic_compare_exchange_weak_explicit(slot, &word, wanted, memory_order_relaxed,
                                                  memory_order_relaxed)) {
            if (old == 0)
                presence_tally_count(&h->tally, PRESENCE_INSERTED);
            return fresh ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
        }
    }
}

static inline int presence_packed_heartbeat(struct presence_packed *m,
                                            struct presence_packed_handle *h, uint64_t user,
                                            uint64_t now)
{
    int error = presence_packed_check(m, user, now);

    if (error)
        return error;
    uint64_t id = presence_packed_id(user);
    uint64_t index = presence_packed_home(m, user);
    if (!chosen_write_stores && h->writes) /* see "Cost" */
        contend_fetch_to_write(&m->slots[index]);

    for (uint64_t probed = 0; probed < m->slot_count; probed++) {
        _Atomic uint64_t *slot = &m->slots[index];
        /* relaxed: see "Memory order" above. */
        uint64_t word = atomic_load_explicit(slot, memory_order_relaxed);

        /*
         * A limit that only rises, late by at most the number of inserting threads.
         * acquire: pairs with the release below; a user who is counted can be found.
         */
        if (word == 0 && atomic_load_explicit(&m->used, memory_order_acquire) >= m->capacity) {
            /*
             * Full; but the last place may have gone to this very user, whose id can only
             * be here.  relaxed: after that acquire, a 0 here means that no counted user is.
             */
            word = atomic_load_explicit(slot, memory_order_relaxed);
            if (word == 0)
                return -ENOSPC;
        }
        if (word == 0) {
            CONTEND_STEP("packed: heartbeat, about to claim a slot");
            /* relaxed: see "Memory order" above.  On failure `word` is the value found. */
            if (atomic_compare_exchange_strong_explicit(slot, &word,
                                                        id | presence_packed_stamp(m, now),
                                                        memory_order_relaxed,
                                                        memory_order_relaxed)) {
                /* release: the claim comes first; pairs with the acquire above. */
                atomic_fetch_add_explicit(&m->used, 1, memory_order_release);
                presence_tally_count(&h->tally, PRESENCE_INSERTED);
                return PRESENCE_CAME_ONLINE;
            }
        }
        if ((word & PRESENCE_PACKED_ID_MASK) == id)
            return presence_packed_refresh(m, h, slot, word, now);
        index = presence_packed_next(m, index);
    }
    return -ENOSPC;
}

static inline int presence_packed_is_online(struct presence_packed *m,
                                            struct presence_packed_handle *h, uint64_t user,
                                            uint64_t now)
{
    uint64_t word;
    int error = presence_packed_check(m, user, now);

    (void)h;
    if (error)
        return error;
    return presence_packed_find(m, user, &word) && presence_packed_is_fresh(m, word, now);
}

static inline int64_t presence_packed_last_seen(struct presence_packed *m,
                                                struct presence_packed_handle *h, uint64_t user)
{
    uint64_t word;
    int error = presence_packed_check_user(user);

    (void)h;
    if (error)
        return error;
    if (!presence_packed_find(m, user, &word) || presence_packed_stamp_of(word) == 0)
        return -ENOENT;
    return (int64_t)presence_packed_time(m, presence_packed_stamp_of(word));
}

static inline int presence_packed_leave(struct presence_packed *m,
                                        struct presence_packed_handle *h, uint64_t user,
                                        uint64_t now)
{
    uint64_t word;
    int error = presence_packed_check(m, user, now);

    if (error)
        return error;
    _Atomic uint64_t *slot = presence_packed_find(m, user, &word);
    if (!slot)
        return 0;
    uint64_t stamp = presence_packed_stamp(m, now);
    while (presence_packed_stamp_of(word) != 0 && presence_packed_stamp_of(word) <= stamp) {
        CONTEND_STEP("packed: leave, about to swap");
        /* relaxed: see "Memory order" above. */
        if (atomic_compare_exchange_weak_explicit(slot, &word, word & PRESENCE_PACKED_ID_MASK,
                                                  memory_order_relaxed, memory_order_relaxed)) {
            presence_tally_count(&h->tally, PRESENCE_LEFT);
            return 1;
        }
    }
    return 0;
}

static inline int64_t presence_packed_sweep(struct presence_packed *m,
                                            struct presence_packed_handle *h, uint64_t now,
                                            uint64_t budget, bool *complete)
{
    uint64_t begin, end;
    int64_t removed = 0;
    int error = presence_packed_check_now(m, now);

    *complete = false;
    if (error)
        return error;
    presence_cursor_take(&m->cursor, m->slot_count, budget, &begin, &end);
    for (uint64_t i = begin; i < end; i++) {
        /* relaxed: see "Memory order" above. */
        uint64_t word = atomic_load_explicit(&m->slots[i], memory_order_relaxed);

        while (presence_packed_is_due(m, word, now)) {
            CONTEND_STEP("packed: sweep, judged and about to swap");
            /* relaxed: see "Memory order" above.  Failure: judge the new stamp. */
            if (atomic_compare_exchange_weak_explicit(&m->slots[i], &word,
                                                      word & PRESENCE_PACKED_ID_MASK,
                                                      memory_order_relaxed,
                                                      memory_order_relaxed)) {
                presence_tally_count(&h->tally, PRESENCE_SWEPT);
                removed++;
                break;
            }
        }
    }
    *complete = end == m->slot_count;
    return removed;
}

static inline int presence_packed_for_each_online(struct presence_packed *m,
                                                  struct presence_packed_handle *h, uint64_t now,
                                                  presence_visit fn, void *ctx)
{
    int stop = presence_packed_check_now(m, now);

    (void)h;
    for (uint64_t i = 0; i < m->slot_count && stop == 0; i++) {
        /* relaxed: see "Memory order" above. */
        uint64_t word = atomic_load_explicit(&m->slots[i], memory_order_relaxed);

        if (presence_packed_is_fresh(m, word, now))
            stop = fn(ctx, presence_packed_user(word),
                      presence_packed_time(m, presence_packed_stamp_of(word)));
    }
    return stop;
}

PRESENCE_COUNT_BY_WALK(packed)
PRESENCE_BATCH_FETCHING(packed, (void)0, (void)0)
PRESENCE_NO_QUIESCENCE(packed)
PRESENCE_NO_RESERVE(packed)

static inline void presence_packed_stats(struct presence_packed *m, struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = sizeof *m + m->slot_count * sizeof *m->slots };
    for (uint64_t i = 0; i < m->slot_count; i++)
        /* relaxed: a count, exact at quiescent points. */
        out->entries += presence_packed_stamp_of(
                            atomic_load_explicit(&m->slots[i], memory_order_relaxed)) != 0;
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_packed_traits = {
    .id = {
        .name = "packed" CHOSEN_WRITE_SUFFIX,
        .title = "one 64-bit word per user: id and seconds, by compare-and-swap" CHOSEN_WRITE_TITLE,
        .reference = "Click, A Lock-Free Hash Table, 2007",
        .options = presence_packed_options,
    },
    .heartbeat = CONTEND_LOCK_FREE,
    .insert = CONTEND_LOCK_FREE,
    .is_online = CONTEND_WAIT_FREE,
    .last_seen = CONTEND_WAIT_FREE,
    .leave = CONTEND_LOCK_FREE,
    .sweep = CONTEND_LOCK_FREE,
    .walk = CONTEND_WAIT_FREE,
    .features = PRESENCE_KEEPS_IDS | PRESENCE_LAST_SEEN | chosen_write_features,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = PRESENCE_PACKED_GRANULARITY,
    .ids = PRESENCE_IDS_32,
    .max_user = PRESENCE_PACKED_MAX_USER,
    .max_span = PRESENCE_PACKED_MAX_SPAN,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 12,
    .bytes_fixed = sizeof(struct presence_packed),
};

static inline void presence_packed_traits_of(struct presence_packed *m, struct presence_traits *out)
{
    *out = presence_packed_traits;
    out->granularity_ms = presence_packed_granule(m);
    out->max_span = presence_packed_span(m);
}

#endif
