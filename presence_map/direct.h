/*
 * direct.h - ids are indices: an array of time stamps.
 *
 * Idea: where ids are dense, nothing needs to be looked up.  User u's stamp is
 *   word u; heartbeat, expiry and removal are a compare-and-swap on that word.  A template:
 *   how a user who is online is refreshed is a choice (presence_map/writes/).
 * Invariant: a word is 0, or the time of that user's last heartbeat, rounded down to the slack.
 * Linearisation points: heartbeat and leave at the successful compare-and-swap, or
 *   at the load that shows there is nothing to change; is_online and last_seen
 *   at the load; sweep, per user, at the compare-and-swap of the stamp that it
 *   judged to 0, which fails if a heartbeat came between.
 * Progress: lock-free; a swap fails only because another thread changed the
 *   word.  Reads and walks are wait-free.
 * Read guarantee: linearizable per user, in happens-before order; users are not
 *   ordered among each other, as in packed.h.  for_each and count_online meet each
 *   user once, not at one instant.
 * Cost: one line, which sixteen neighbours share on a pair of lines; one locked
 *   instruction to refresh, none if the last heartbeat lies within the same `slack`: then
 *   expiry is late by up to that, and never early.  8 bytes for each id, present or not.
 * Breaks when: ids are not small numbers (-ERANGE at the capacity); ids that beat
 *   together are neighbours (false sharing).
 * Use when: a directory has numbered the users already.  Elsewhere it is the
 *   floor: what a map costs without its look-up.
 * Reference: J. Preshing, "You Can Do Any Kind of Atomic Read-Modify-Write
 *   Operation", 2015 (the compare-and-swap loop).
 *
 * Memory order.  Every access is relaxed: all that a user has is one word, each
 * word has one modification order, and compare-and-swap acts on its newest value.
 */
#include "presence_map/writes/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_DIRECT_H
#define CONTEND_PRESENCE_MAP_DIRECT_H

#include "locks/parts/platform.h"
#include "presence_map/parts/cursor.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/table_memory.h"
#include "presence_map/parts/tally.h"

#define PRESENCE_DIRECT_NEVER UINT64_C(0) /* not on the time axis: the user is not present */

struct presence_direct {
    _Atomic uint64_t *last;
    uint64_t count; /* ids are below it */
    uint64_t slack;    /* ms that a stamp leaves out: a power of two less 1 */
    uint64_t limit_ms; /* TTL + slack: the greatest age that is still online */
    const struct contend_allocator *allocator;
    uint64_t kept_ms; /* the greatest age at which a sweep leaves a user alone */
    CONTEND_ALIGNED _Atomic uint64_t cursor; /* where the next budgeted sweep begins */
    CONTEND_ALIGNED struct presence_ledger ledger;
};

static const struct contend_option presence_direct_options[] = {
    { "slack", 0, 0, 16, "heartbeats within the same 2^slack ms write once, and expire so much later" },
    TABLE_OPTIONS,
    CONTEND_OPTIONS_END
};

PRESENCE_TALLY_HANDLE(direct)

static inline int presence_direct_init(struct presence_direct *m,
                                       const struct presence_config *config)
{
    struct presence_config c;
    size_t zeros; /* which PRESENCE_DIRECT_NEVER is */
    int error = presence_config_resolve(&c, config, presence_direct_options);

    if (error)
        return error;
    m->count = c.capacity ? c.capacity : c.expected;
    m->slack = (UINT64_C(1) << contend_option_value(presence_settings(config),
                                                    presence_direct_options, "slack")) - 1;
    m->limit_ms = c.ttl_ms + m->slack;
    m->allocator = c.allocator;
    m->kept_ms = presence_kept_ms(&c, m->slack + 1);
    m->last = table_memory(m->allocator, m->count * sizeof *m->last, presence_settings(config),
                           presence_direct_options, &zeros);
    if (!m->last)
        return -ENOMEM;
    for (uint64_t user = zeros / sizeof *m->last; user < m->count; user++)
        atomic_init(&m->last[user], PRESENCE_DIRECT_NEVER);
    atomic_init(&m->cursor, 0);
    error = presence_ledger_init(&m->ledger, m->allocator);
    if (error)
        contend_release(m->allocator, m->last, m->count * sizeof *m->last);
    return error;
}

static inline int presence_direct_fini(struct presence_direct *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        contend_release(m->allocator, m->last, m->count * sizeof *m->last);
    return error;
}

/* 0, -EINVAL off the axes, -ERANGE for an id that has no word. */
static inline int presence_direct_check_user(const struct presence_direct *m, uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    return user < m->count ? 0 : -ERANGE;
}

static inline int presence_direct_check(const struct presence_direct *m, uint64_t user,
                                        uint64_t now)
{
    return presence_valid_now(now) ? presence_direct_check_user(m, user) : -EINVAL;
}

static inline uint64_t presence_direct_load(struct presence_direct *m, uint64_t user)
{
    /* relaxed: see "Memory order" above. */
    return atomic_load_explicit(&m->last[user], memory_order_relaxed);
}

/* Replaces *seen, or shows in it what is there now. */
static inline bool presence_direct_swap(_Atomic uint64_t *word, uint64_t *seen, uint64_t wanted)
{
    /* relaxed: see "Memory order" above. */
    return atomic_compare_exchange_weak_explicit(word, seen, wanted, memory_order_relaxed,
                                                 memory_order_relaxed);
}

/* What a word says of a heartbeat at `now`: never 0, so the lowest bit is set where it is free. */
static inline uint64_t presence_direct_stamp(uint64_t now, uint64_t slack)
{
    return (now & ~slack) | (slack & 1);
}

static inline uint64_t presence_direct_time(const struct presence_direct *m, uint64_t stamp)
{
    return stamp & ~m->slack;
}

/* A heartbeat on the user's word; slack and limit are the map's. */
static inline int presence_direct_beat(_Atomic uint64_t *word, struct presence_direct_handle *h,
                                       uint64_t now, uint64_t slack, uint64_t limit)
{
    /* relaxed: see "Memory order" above. */
    uint64_t last = atomic_load_explicit(word, memory_order_relaxed);
    uint64_t stamp = presence_direct_stamp(now, slack);

    for (;;) {
        if (stamp < last)
            return PRESENCE_STALE;
        if (stamp == last)
            return PRESENCE_REFRESHED; /* within the slack: nothing to write */
        if (chosen_write_stores && last != PRESENCE_DIRECT_NEVER &&
            presence_fresh(last & ~slack, now, limit)) {
            /* relaxed: see "Memory order" above.  P20: the word is this user's for ever. */
            atomic_store_explicit(word, stamp, memory_order_relaxed);
            return PRESENCE_REFRESHED;
        }
        CONTEND_STEP("direct: heartbeat, about to swap");
        if (!presence_direct_swap(word, &last, stamp))
            continue;
        if (last != PRESENCE_DIRECT_NEVER)
            return presence_raised(last & ~slack, now, limit);
        presence_tally_count(&h->tally, PRESENCE_INSERTED);
        return PRESENCE_CAME_ONLINE;
    }
}

static inline int presence_direct_heartbeat(struct presence_direct *m,
                                            struct presence_direct_handle *h, uint64_t user,
                                            uint64_t now)
{
    int error = presence_direct_check(m, user, now);

    return error ? error
                 : presence_direct_beat(&m->last[user], h, now, m->slack, m->limit_ms);
}

/* The turns of a batch. */
static inline __attribute__((always_inline)) void
presence_direct_beats(struct presence_direct *m, struct presence_direct_handle *h,
                      const uint64_t *users, size_t n, uint64_t now, int *results, uint64_t slack)
{
    _Atomic uint64_t *last = m->last;
    uint64_t count = m->count, limit = m->limit_ms;

    for (size_t i = 0; i < n; i++)
        results[i] = users[i] < count ? presence_direct_beat(&last[users[i]], h, now, slack, limit)
                                      : presence_direct_check_user(m, users[i]);
}

/*
 * A function of its own, which is not inlined, with what does not change read once and a loop for
 * the slack that most maps have: so that all it needs from turn to turn stays in registers.  A locked
 * instruction waits for the stores before it, and a load of what such a store wrote waits
 * for both.  If the number of the turn is put on the stack and taken back behind the swap, the next
 * turn begins only once this one's line has come.
 */
static __attribute__((noinline, unused)) int
presence_direct_heartbeat_many(struct presence_direct *m, struct presence_direct_handle *h,
                               const uint64_t *users, size_t n, uint64_t now, int *results)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    if (m->slack == 0)
        presence_direct_beats(m, h, users, n, now, results, 0);
    else
        presence_direct_beats(m, h, users, n, now, results, m->slack);
    return 0;
}

static inline bool presence_direct_is_fresh(const struct presence_direct *m, uint64_t last,
                                            uint64_t now)
{
    return last != PRESENCE_DIRECT_NEVER &&
           presence_fresh(presence_direct_time(m, last), now, m->limit_ms);
}

static inline int presence_direct_is_online(struct presence_direct *m,
                                            struct presence_direct_handle *h, uint64_t user,
                                            uint64_t now)
{
    int error = presence_direct_check(m, user, now);

    (void)h;
    return error ? error : presence_direct_is_fresh(m, presence_direct_load(m, user), now);
}

static inline int presence_direct_is_online_many(struct presence_direct *m,
                                                 struct presence_direct_handle *h,
                                                 const uint64_t *users, size_t n, uint64_t now,
                                                 int *results)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        results[i] = presence_direct_is_online(m, h, users[i], now);
    return 0;
}

static inline int64_t presence_direct_last_seen(struct presence_direct *m,
                                                struct presence_direct_handle *h, uint64_t user)
{
    int error = presence_direct_check_user(m, user);

    (void)h;
    if (error)
        return error;
    uint64_t last = presence_direct_load(m, user);
    return last == PRESENCE_DIRECT_NEVER ? -ENOENT : (int64_t)presence_direct_time(m, last);
}

static inline int presence_direct_leave(struct presence_direct *m,
                                        struct presence_direct_handle *h, uint64_t user,
                                        uint64_t now)
{
    int error = presence_direct_check(m, user, now);

    if (error)
        return error;
    uint64_t last = presence_direct_load(m, user), stamp = presence_direct_stamp(now, m->slack);
    while (last != PRESENCE_DIRECT_NEVER && last <= stamp) {
        CONTEND_STEP("direct: leave, about to swap");
        if (presence_direct_swap(&m->last[user], &last, PRESENCE_DIRECT_NEVER)) {
            presence_tally_count(&h->tally, PRESENCE_LEFT);
            return 1;
        }
    }
    return 0;
}

/* Removes the user if expired; says whether it did. */
static inline bool presence_direct_expire(struct presence_direct *m,
                                          struct presence_direct_handle *h, uint64_t user,
                                          uint64_t now)
{
    uint64_t last = presence_direct_load(m, user);

    while (last != PRESENCE_DIRECT_NEVER &&
           !presence_fresh(presence_direct_time(m, last), now, m->kept_ms)) {
        CONTEND_STEP("direct: sweep, judged and about to swap");
        if (presence_direct_swap(&m->last[user], &last, PRESENCE_DIRECT_NEVER)) {
            presence_tally_count(&h->tally, PRESENCE_SWEPT);
            return true;
        }
    }
    return false;
}

static inline int64_t presence_direct_sweep(struct presence_direct *m,
                                            struct presence_direct_handle *h, uint64_t now,
                                            uint64_t budget, bool *complete)
{
    uint64_t begin, end;
    int64_t removed = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    presence_cursor_take(&m->cursor, m->count, budget, &begin, &end);
    *complete = end == m->count;
    for (uint64_t user = begin; user < end; user++)
        removed += presence_direct_expire(m, h, user, now);
    return removed;
}

static inline int presence_direct_for_each_online(struct presence_direct *m,
                                                  struct presence_direct_handle *h, uint64_t now,
                                                  presence_visit fn, void *ctx)
{
    int stop = presence_valid_now(now) ? 0 : -EINVAL;

    (void)h;
    for (uint64_t user = 0; user < m->count && stop == 0; user++) {
        uint64_t last = presence_direct_load(m, user);
        if (presence_direct_is_fresh(m, last, now))
            stop = fn(ctx, user, presence_direct_time(m, last));
    }
    return stop;
}

PRESENCE_COUNT_BY_WALK(direct)
PRESENCE_NO_QUIESCENCE(direct)
PRESENCE_NO_RESERVE(direct)

static inline void presence_direct_stats(struct presence_direct *m, struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = sizeof *m + m->count * sizeof *m->last };
    for (uint64_t user = 0; user < m->count; user++)
        out->entries += presence_direct_load(m, user) != PRESENCE_DIRECT_NEVER;
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_direct_traits = {
    .id = {
        .name = "direct" CHOSEN_WRITE_SUFFIX,
        .title = "dense ids: an array of stamps, by compare-and-swap" CHOSEN_WRITE_TITLE,
        .reference = "Preshing, Any Kind of Atomic Read-Modify-Write Operation, 2015",
        .options = presence_direct_options,
    },
    .heartbeat = CONTEND_LOCK_FREE,
    .insert = CONTEND_LOCK_FREE,
    .is_online = CONTEND_WAIT_FREE,
    .last_seen = CONTEND_WAIT_FREE,
    .leave = CONTEND_LOCK_FREE,
    .sweep = CONTEND_LOCK_FREE,
    .walk = CONTEND_WAIT_FREE,
    .features = PRESENCE_LAST_SEEN | chosen_write_features,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = 1,
    .ids = PRESENCE_IDS_DENSE,
    .max_user = PRESENCE_MAX_EXPECTED - 1, /* with the greatest capacity there is */
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = sizeof(_Atomic uint64_t),
    .bytes_fixed = sizeof(struct presence_direct),
};

/* Stamps are as coarse as the slack. */
static inline void presence_direct_traits_of(struct presence_direct *m, struct presence_traits *out)
{
    *out = presence_direct_traits;
    out->granularity_ms = m->slack + 1;
}

#endif
