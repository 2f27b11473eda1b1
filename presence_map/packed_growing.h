/*
 * packed_growing.h - packed.h with growth: readers and heartbeats go on, and all share the work.
 *
 * Idea: one word a user, as in packed.h, and a second table when the first is full.  Its users
 *   move word by word: a bit in the old word freezes it, then it is put into the new table, if it
 *   is not there.  A thread that meets a frozen word does that for this user and goes on in the
 *   new table; and each heartbeat meanwhile moves a chunk of the rest.  Ids that are dead when they
 *   are frozen do not move, so a table full of dead ids is followed by one that is not greater.
 * Invariant: presence_map/parts/growing_table.h has it.  From it follows that a user has one live
 *   word: the one in the first table, from the present one on, in which its word is not frozen.
 * Linearisation points: heartbeat, leave and sweep, per user, at the successful compare-and-swap of
 *   the live word, or at the load that shows there is nothing to change; is_online and last_seen
 *   at the load of the live word, of the 0 that ends the probe, or, where a user has been frozen and
 *   is not in the new table yet, at the load that shows that.
 * Progress: lock-free, apart from the allocator and the system call that wakes a grace period: a
 *   thread that stands still in the middle of its chunk is not waited for, since the others can do
 *   all of the work again.  is_online and last_seen are lock-free: they go on to the next table.
 * Read guarantee: linearizable per user, to the second, as packed.h; for_each_online and
 *   count_online meet each user once, not at one instant.
 * Cost: packed.h's, and an RCU section.  Each move is two locked instructions, and a heartbeat during
 *   growth makes up to 32 of them.  12 bytes a user at the capacity, 6 and more after growth.  During
 *   growth there are both tables: up to 3.2 times the bytes of a map that was made for as many users.
 *   Insertions and removals count users on one line.
 * Breaks when: ids above 2^31 - 2; times before the origin, or 136 years after it.  A reader that
 *   stalls keeps old tables (unbounded backlog).
 * Use when: ids are 32-bit and nobody knows how many will come.
 * Reference: C. Click, "A Lock-Free Hash Table", 2007; T. Maier, P. Sanders and R. Dementiev,
 *   "Concurrent Hash Tables: Fast and General(?)!", PPoPP 2016 (marking, and helpers).
 *
 * Memory order.  Within a table it is that of packed.h: one word is all there is.  From one table to
 * the next, the swap that freezes releases the pointer to the next table.
 */
#ifndef CONTEND_PRESENCE_MAP_PACKED_GROWING_H
#define CONTEND_PRESENCE_MAP_PACKED_GROWING_H

#include "locks/parts/platform.h"
#include "presence_map/parts/batch.h"
#include "presence_map/parts/cursor.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/growing_table.h"
#include "presence_map/parts/quota.h"
#include "presence_map/parts/tally.h"
#include "presence_map/presence_map.h"

#define PRESENCE_PACKED_GROWING_GRANULARITY 1000 /* ms: a stamp counts seconds */
#define PRESENCE_PACKED_GROWING_MAX_SPAN \
    ((GROWING_STAMP_MASK - 1) * PRESENCE_PACKED_GROWING_GRANULARITY)

struct presence_packed_growing {
    struct growing_tables tables;
    uint64_t origin_ms, origin_s;
    uint64_t limit_ms; /* TTL + granularity - 1: the greatest age that is still online */
    uint64_t kept_ms;  /* the greatest age at which a sweep leaves a user alone */
    struct presence_quota quota;
    CONTEND_ALIGNED struct presence_ledger ledger;
};

struct presence_packed_growing_handle {
    struct presence_tally tally;
};

static inline int presence_packed_growing_init(struct presence_packed_growing *m,
                                               const struct presence_config *config)
{
    struct presence_config c;
    int error = presence_config_resolve(&c, config, NULL);

    if (error)
        return error;
    uint64_t capacity = c.capacity ? c.capacity : c.expected;
    if (capacity > GROWING_MAX_CAPACITY)
        return -ERANGE;
    m->origin_ms = c.origin;
    m->origin_s = c.origin / PRESENCE_PACKED_GROWING_GRANULARITY;
    m->limit_ms = c.ttl_ms + PRESENCE_PACKED_GROWING_GRANULARITY - 1;
    m->kept_ms = presence_kept_ms(&c, PRESENCE_PACKED_GROWING_GRANULARITY);
    presence_quota_init(&m->quota, c.capacity);
    error = growing_init(&m->tables, capacity, c.hash_seed, c.allocator);
    if (error)
        return error;
    error = presence_ledger_init(&m->ledger, c.allocator);
    if (error)
        growing_fini(&m->tables);
    return error;
}

static inline int presence_packed_growing_fini(struct presence_packed_growing *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        growing_fini(&m->tables);
    return error;
}

static inline int presence_packed_growing_attach(struct presence_packed_growing *m,
                                                 struct presence_packed_growing_handle *h)
{
    int error = presence_ledger_enter(&m->ledger, &h->tally);

    if (error == 0)
        contend_urcu_enter_thread();
    return error;
}

static inline void presence_packed_growing_detach(struct presence_packed_growing *m,
                                                  struct presence_packed_growing_handle *h)
{
    presence_ledger_leave(&m->ledger, &h->tally);
    contend_urcu_leave_thread();
}

static inline int presence_packed_growing_check_user(uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    return user <= GROWING_MAX_USER ? 0 : -ERANGE;
}

static inline int presence_packed_growing_check_now(const struct presence_packed_growing *m,
                                                    uint64_t now)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    /* A time before the origin wraps around and is too large as well. */
    return now - m->origin_ms <= PRESENCE_PACKED_GROWING_MAX_SPAN ? 0 : -ERANGE;
}

static inline int presence_packed_growing_check(const struct presence_packed_growing *m,
                                                uint64_t user, uint64_t now)
{
    /* A value off an axis is reported before one beyond this strategy's range. */
    int error = presence_valid_now(now) ? presence_packed_growing_check_user(user) : -EINVAL;

    return error ? error : presence_packed_growing_check_now(m, now);
}

static inline uint64_t presence_packed_growing_stamp(const struct presence_packed_growing *m,
                                                     uint64_t now)
{
    return now / PRESENCE_PACKED_GROWING_GRANULARITY - m->origin_s + 1;
}

/* The time that a word's stamp stands for, in ms; it must not be 0. */
static inline uint64_t presence_packed_growing_time(const struct presence_packed_growing *m,
                                                    uint64_t word)
{
    return (growing_stamp(word) - 1 + m->origin_s) * PRESENCE_PACKED_GROWING_GRANULARITY;
}

/* Whether the word's user is present, and at most `limit` old. */
static inline bool presence_packed_growing_fresh(const struct presence_packed_growing *m,
                                                 uint64_t word, uint64_t now, uint64_t limit)
{
    return growing_stamp(word) != 0 &&
           presence_fresh(presence_packed_growing_time(m, word), now, limit);
}

/* ---- one user, in a read section ---- */

/* A heartbeat on the word that was seen in the user's slot of table t; -EAGAIN: it has changed. */
static inline int presence_packed_growing_raise(struct presence_packed_growing *m,
                                                struct presence_packed_growing_handle *h,
                                                struct growing_table *t, _Atomic uint64_t *slot,
                                                uint64_t word, uint64_t now, bool has_room)
{
    uint64_t stamp = presence_packed_growing_stamp(m, now), old = growing_stamp(word);
    bool fresh = presence_packed_growing_fresh(m, word, now, m->limit_ms);

    if (stamp < old)
        return PRESENCE_STALE;
    if (stamp == old && fresh)
        return PRESENCE_REFRESHED; /* within one second: nothing to write */
    if (old == 0) {
        int error = has_room ? growing_admit(t) : -ENOSPC;
        if (error)
            return error;
    }
    CONTEND_STEP("packed_growing: heartbeat, about to swap");
    if (!growing_swap(slot, &word, (word & GROWING_ID_MASK) | stamp)) {
        if (old == 0)
            growing_dismiss(&m->tables);
        return -EAGAIN;
    }
    if (old == 0) {
        presence_quota_count_in(&m->quota);
        presence_tally_count(&h->tally, PRESENCE_INSERTED);
    }
    return fresh ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
}

/* A heartbeat of an id that is new in table t, whose probe ended at this empty slot, one of `used`. */
static inline int presence_packed_growing_claim(struct presence_packed_growing *m,
                                                struct presence_packed_growing_handle *h,
                                                struct growing_table *t, _Atomic uint64_t *slot,
                                                uint64_t user, uint64_t now)
{
    uint64_t empty = 0;
    int error = growing_admit(t);

    if (error)
        return error;
    CONTEND_STEP("packed_growing: heartbeat, about to claim a slot");
    if (!growing_swap(slot, &empty, growing_id(user) | presence_packed_growing_stamp(m, now))) {
        growing_dismiss(&m->tables);
        return -EAGAIN;
    }
    presence_quota_count_in(&m->quota);
    presence_tally_count(&h->tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

/* Table t is full: 0, and it has a successor or is the present one; or -ENOMEM. */
static inline int presence_packed_growing_widen(struct presence_packed_growing *m,
                                                struct growing_table *t)
{
    struct growing_table *present = growing_present(&m->tables);

    if (present == t)
        return growing_start(t, 0);
    growing_complete(present); /* t is its successor, and comes to be the present one */
    return 0;
}

/* Removes the user's entry, from table t on, if it may go: a sweep goes by its age. */
static inline bool presence_packed_growing_remove(struct presence_packed_growing *m,
                                                  struct growing_table *t, uint64_t user,
                                                  uint64_t now, bool sweeps)
{
    for (;;) {
        uint64_t word;
        _Atomic uint64_t *slot = growing_find(&t, user, &word);

        if (!slot || growing_stamp(word) == 0)
            return false;
        if (sweeps ? presence_packed_growing_fresh(m, word, now, m->kept_ms)
                   : growing_stamp(word) > presence_packed_growing_stamp(m, now))
            return false;
        presence_quota_count_out(&m->quota);
        CONTEND_STEP("packed_growing: judged and not yet removed");
        if (growing_swap(slot, &word, word & GROWING_ID_MASK)) {
            growing_dismiss(&m->tables);
            return true;
        }
        presence_quota_count_in(&m->quota);
    }
}

/* One try of a heartbeat; -EAGAIN: something has changed.  -ENOSPC: a place is needed. */
static inline int presence_packed_growing_try(struct presence_packed_growing *m,
                                              struct presence_packed_growing_handle *h,
                                              uint64_t user, uint64_t now, bool has_room)
{
    struct growing_table *t = growing_present(&m->tables);
    uint64_t word;
    _Atomic uint64_t *slot = growing_find(&t, user, &word);

    if (slot && word != 0)
        return presence_packed_growing_raise(m, h, t, slot, word, now, has_room);
    if (!has_room)
        return -ENOSPC;
    bool counted = slot && growing_take(t);
    int result = counted ? presence_packed_growing_claim(m, h, t, slot, user, now)
                         : presence_packed_growing_widen(m, t);
    if (counted && result < 0)
        growing_give_back(t);
    return result ? result : -EAGAIN;
}

/* ---- operations ---- */

static inline int presence_packed_growing_heartbeat(struct presence_packed_growing *m,
                                                    struct presence_packed_growing_handle *h,
                                                    uint64_t user, uint64_t now)
{
    int result = presence_packed_growing_check(m, user, now);
    uint64_t came;

    if (result)
        return result;
    urcu_memb_read_lock();
    do {
        bool has_room = presence_quota_has_room(&m->quota, &came);
        result = presence_packed_growing_try(m, h, user, now, has_room);
        if (result == -ENOSPC && !presence_quota_is_full(&m->quota, came))
            result = -EAGAIN; /* a place has become free meanwhile */
    } while (result == -EAGAIN);
    growing_help(growing_present(&m->tables));
    urcu_memb_read_unlock();
    return result;
}

/* The user's word; of stamp 0 if there is no entry. */
static inline uint64_t presence_packed_growing_word(struct presence_packed_growing *m,
                                                    uint64_t user)
{
    urcu_memb_read_lock();
    uint64_t word = growing_look_up(growing_present(&m->tables), user);
    urcu_memb_read_unlock();
    return word;
}

static inline int presence_packed_growing_is_online(struct presence_packed_growing *m,
                                                    struct presence_packed_growing_handle *h,
                                                    uint64_t user, uint64_t now)
{
    int error = presence_packed_growing_check(m, user, now);

    (void)h;
    return error ? error
                 : presence_packed_growing_fresh(m, presence_packed_growing_word(m, user), now,
                                                 m->limit_ms);
}

static inline int64_t presence_packed_growing_last_seen(struct presence_packed_growing *m,
                                                        struct presence_packed_growing_handle *h,
                                                        uint64_t user)
{
    int error = presence_packed_growing_check_user(user);

    (void)h;
    if (error)
        return error;
    uint64_t word = presence_packed_growing_word(m, user);
    return growing_stamp(word) ? (int64_t)presence_packed_growing_time(m, word) : -ENOENT;
}

static inline int presence_packed_growing_leave(struct presence_packed_growing *m,
                                                struct presence_packed_growing_handle *h,
                                                uint64_t user, uint64_t now)
{
    int error = presence_packed_growing_check(m, user, now);

    if (error)
        return error;
    urcu_memb_read_lock();
    bool gone =
        presence_packed_growing_remove(m, growing_present(&m->tables), user, now, false);
    urcu_memb_read_unlock();
    if (gone)
        presence_tally_count(&h->tally, PRESENCE_LEFT);
    return gone;
}

/*
 * The present table, in a read section, when it had no successor: all users who are there at that
 * instant are in it, and those in it that move later are found through it.
 */
static inline struct growing_table *presence_packed_growing_all(struct presence_packed_growing *m)
{
    struct growing_table *t = growing_present(&m->tables);

    while (growing_next(t)) {
        growing_complete(t);
        t = growing_present(&m->tables);
    }
    return t;
}

static inline int64_t presence_packed_growing_sweep(struct presence_packed_growing *m,
                                                    struct presence_packed_growing_handle *h,
                                                    uint64_t now, uint64_t budget, bool *complete)
{
    int error = presence_packed_growing_check_now(m, now);
    uint64_t begin, end;
    int64_t removed = 0;

    *complete = false;
    if (error)
        return error;
    urcu_memb_read_lock();
    struct growing_table *t = presence_packed_growing_all(m);
    presence_cursor_take(&t->cursor, t->slot_count, budget, &begin, &end);
    for (uint64_t i = begin; i < end; i++) {
        uint64_t word = growing_at(t, i);
        if (growing_stamp(word) == 0 || presence_packed_growing_fresh(m, word, now, m->kept_ms) ||
            !presence_packed_growing_remove(m, t, growing_user(word), now, true))
            continue;
        presence_tally_count(&h->tally, PRESENCE_SWEPT);
        removed++;
    }
    *complete = end == t->slot_count;
    urcu_memb_read_unlock();
    return removed;
}

static inline int presence_packed_growing_for_each_online(struct presence_packed_growing *m,
                                                          struct presence_packed_growing_handle *h,
                                                          uint64_t now, presence_visit fn,
                                                          void *ctx)
{
    int stop = presence_packed_growing_check_now(m, now);

    (void)h;
    if (stop)
        return stop;
    urcu_memb_read_lock();
    struct growing_table *t = presence_packed_growing_all(m);
    for (uint64_t i = 0; i < t->slot_count && stop == 0; i++) {
        uint64_t word = growing_at(t, i);
        if (presence_packed_growing_fresh(m, word, now, m->limit_ms))
            stop = fn(ctx, growing_user(word), presence_packed_growing_time(m, word));
    }
    urcu_memb_read_unlock();
    return stop;
}

static inline int presence_packed_growing_reserve(struct presence_packed_growing *m,
                                                  struct presence_packed_growing_handle *h,
                                                  uint64_t users)
{
    struct presence_config c = { .capacity = m->quota.limit };
    int error = presence_reserve_check(&c, users);

    (void)h;
    if (error || m->quota.limit)
        return error;
    urcu_memb_read_lock();
    struct growing_table *t = presence_packed_growing_all(m);
    while (error == 0 && t->capacity < users) {
        error = growing_start(t, users);
        t = presence_packed_growing_all(m);
    }
    urcu_memb_read_unlock();
    return error;
}

PRESENCE_COUNT_BY_WALK(packed_growing)
/* In a read section. */
static inline const void *
presence_packed_growing_whereabouts(struct presence_packed_growing *m, uint64_t user)
{
    struct growing_table *t = growing_present(&m->tables);

    return &t->slots[growing_home(t, user)];
}

PRESENCE_BATCH_FETCHING(packed_growing, urcu_memb_read_lock(), urcu_memb_read_unlock())
PRESENCE_NO_QUIESCENCE(packed_growing)

static inline void presence_packed_growing_stats(struct presence_packed_growing *m,
                                                 struct presence_stats *out)
{
    contend_urcu_enter_thread(); /* the caller need not be attached */
    urcu_memb_read_lock();
    struct growing_table *t = presence_packed_growing_all(m);
    /* relaxed, all: exact at quiescent points. */
    *out = (struct presence_stats){
        .bytes = sizeof *m + atomic_load_explicit(&m->tables.bytes, memory_order_relaxed),
        .bytes_retired = atomic_load_explicit(&m->tables.retired, memory_order_relaxed),
        .bytes_retired_peak = atomic_load_explicit(&m->tables.retired_peak, memory_order_relaxed),
    };
    for (uint64_t i = 0; i < t->slot_count; i++)
        out->entries += growing_stamp(growing_at(t, i)) != 0;
    urcu_memb_read_unlock();
    contend_urcu_leave_thread();
    presence_ledger_read(&m->ledger, out);
}

#define PRESENCE_PACKED_GROWING_SHARES (CONTEND_LOCK_FREE | CONTEND_MODULO_SYSCALL)

static const struct presence_traits presence_packed_growing_traits = {
    .id = {
        .name = "packed_growing",
        .title = "one 64-bit word per user, and growth in which all share the work",
        .reference = "Maier, Sanders and Dementiev, Concurrent Hash Tables, 2016",
        .flags = CONTEND_TSAN_UNSOUND | CONTEND_LIB_ABORTS,
    },
    .heartbeat = PRESENCE_PACKED_GROWING_SHARES,
    .insert = PRESENCE_PACKED_GROWING_SHARES | CONTEND_MODULO_MALLOC,
    .is_online = PRESENCE_PACKED_GROWING_SHARES,
    .last_seen = PRESENCE_PACKED_GROWING_SHARES,
    .leave = PRESENCE_PACKED_GROWING_SHARES,
    .sweep = PRESENCE_PACKED_GROWING_SHARES,
    .walk = PRESENCE_PACKED_GROWING_SHARES,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_UNBOUNDED,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = PRESENCE_PACKED_GROWING_GRANULARITY,
    .ids = PRESENCE_IDS_32,
    .max_user = GROWING_MAX_USER,
    .max_span = PRESENCE_PACKED_GROWING_MAX_SPAN,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 12,
    .bytes_fixed = sizeof(struct presence_packed_growing) + sizeof(struct growing_table),
};

PRESENCE_STATIC_TRAITS(packed_growing)

#endif
