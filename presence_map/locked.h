/*
 * locked.h - one lock around one table, for every lock there is.
 *
 * Idea: a template.  With CONTEND_LOCK defined as the name of a lock (see
 *   locks/parts/chosen.h) it is that lock's map; with CONTEND_EXPIRY as the name of an
 *   expiry policy (see presence_map/expiry/chosen.h) its sweeps find entries by that.
 * Invariant: table.h's; the table is touched by the lock's holder only.
 * Linearisation points: every operation, sweep, count_online and for_each
 *   included: any instant while the lock is held.
 * Progress: blocking, as the lock.  A preempted holder stops everybody, and a
 *   whole sweep, a count, a walk or a growth holds the lock from end to end.
 * Read guarantee: linearizable, walks too: they see one instant.
 * Cost: the lock's, and one line of the table for most look-ups; a batch takes the lock
 *   once for 64 users.  16 bytes a slot, 7/16 to 7/8 of the slots used.
 * Breaks when: many threads meet at the lock, or a sweep of a large table makes
 *   every heartbeat wait for milliseconds: give it a budget.
 * Use when: the load is 1 Mu (100,000 heartbeats a second) or less: it suffices.
 * Reference: the lock's, see locks/; D. Knuth, "The Art of Computer Programming",
 *   volume 3, section 6.4, algorithm R (removal without tombstones), 1973.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */
#include "presence_map/expiry/chosen.h"

#ifndef CONTEND_PRESENCE_MAP_LOCKED_H
#define CONTEND_PRESENCE_MAP_LOCKED_H

#include "presence_map/parts/defaults.h"
#include "presence_map/parts/table.h"
#include "presence_map/parts/table_batch.h"
#include "presence_map/presence_map.h"

static const struct contend_option presence_locked_options[] = {
    CHOSEN_LOCK_OPTIONS("lock.")
    CHOSEN_EXPIRY_OPTIONS("expiry.")
    CONTEND_OPTIONS_END
};

struct presence_locked {
    struct presence_table table;
    struct presence_config config; /* never changes */
    struct presence_ledger ledger;
};

struct presence_locked_handle {
    struct presence_table_handle table;
};

static inline int presence_locked_init(struct presence_locked *m,
                                       const struct presence_config *config)
{
    int error = presence_config_resolve(&m->config, config, presence_locked_options);

    if (error)
        return error;
    bool fixed = m->config.capacity != 0;
    error = presence_table_init(&m->table, 0, fixed ? m->config.capacity : m->config.expected, fixed,
                                &m->config, presence_settings(config));
    if (error)
        return error;
    error = presence_ledger_init(&m->ledger, m->config.allocator);
    if (error)
        presence_table_fini(&m->table);
    return error;
}

static inline int presence_locked_fini(struct presence_locked *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        presence_table_fini(&m->table);
    return error;
}

static inline int presence_locked_attach(struct presence_locked *m,
                                         struct presence_locked_handle *h)
{
    return presence_table_attach(&m->table, 1, &m->ledger, &h->table);
}

static inline void presence_locked_detach(struct presence_locked *m,
                                          struct presence_locked_handle *h)
{
    presence_table_detach(&m->table, 1, &m->ledger, &h->table);
}

static inline int presence_locked_heartbeat(struct presence_locked *m,
                                            struct presence_locked_handle *h, uint64_t user,
                                            uint64_t now)
{
    int error = presence_check(user, now);

    if (error)
        return error;
    return presence_table_heartbeat(&m->table, &h->table,
                                    presence_hash(user, m->config.hash_seed), user, now);
}

static inline int presence_locked_is_online(struct presence_locked *m,
                                            struct presence_locked_handle *h, uint64_t user,
                                            uint64_t now)
{
    int error = presence_check(user, now);

    if (error)
        return error;
    return presence_table_is_online(&m->table, &h->table,
                                    presence_hash(user, m->config.hash_seed), user, now);
}

static inline int64_t presence_locked_last_seen(struct presence_locked *m,
                                                struct presence_locked_handle *h, uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    return presence_table_last_seen(&m->table, &h->table,
                                    presence_hash(user, m->config.hash_seed), user);
}

static inline int presence_locked_leave(struct presence_locked *m,
                                        struct presence_locked_handle *h, uint64_t user,
                                        uint64_t now)
{
    int error = presence_check(user, now);

    if (error)
        return error;
    return presence_table_leave(&m->table, &h->table, presence_hash(user, m->config.hash_seed), user,
                                now);
}

static inline int64_t presence_locked_sweep(struct presence_locked *m,
                                            struct presence_locked_handle *h, uint64_t now,
                                            uint64_t budget, bool *complete)
{
    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    if (budget == UINT64_MAX)
        return presence_table_sweep_all(&m->table, &h->table, now, complete);
    int error = presence_guard_enter(&m->table.guard, &h->table.keys);
    if (error)
        return error;
    struct expiry_visit visit = { .now = now, .budget = budget };
    int64_t removed = presence_table_sweep_some(&m->table, &h->table.tally, &visit);
    presence_guard_leave(&m->table.guard, &h->table.keys);
    *complete = visit.ended;
    return removed;
}

static inline int presence_locked_for_each_online(struct presence_locked *m,
                                                  struct presence_locked_handle *h, uint64_t now,
                                                  presence_visit fn, void *ctx)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    return presence_table_walk(&m->table, &h->table, now, fn, ctx);
}

static inline int presence_locked_reserve(struct presence_locked *m,
                                          struct presence_locked_handle *h, uint64_t users)
{
    int error = presence_reserve_check(&m->config, users);

    return error || m->config.capacity ? error : presence_table_reserve(&m->table, &h->table, users);
}

PRESENCE_COUNT_BY_WALK(locked)
/* The one table, whatever the hash. */
static inline struct presence_table *presence_locked_of(struct presence_locked *m, uint64_t hash)
{
    (void)hash;
    return &m->table;
}

PRESENCE_TABLE_BATCHES(locked, 1)
PRESENCE_NO_QUIESCENCE(locked)

static inline void presence_locked_stats(struct presence_locked *m, struct presence_stats *out)
{
    presence_table_stats_all(&m->table, 1, &m->ledger, sizeof *m, out);
}

static const struct presence_traits presence_locked_traits = {
    .id = {
        .name = CHOSEN_LOCK_NAME CHOSEN_EXPIRY_SUFFIX,
        .title = "one table under the lock " CHOSEN_LOCK_NAME CHOSEN_EXPIRY_TITLE,
        .reference = CONTEND_THE_LOCKS,
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags & ~CONTEND_PROCESS_SHARED, /* its tables are on the heap */
        .options = presence_locked_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_BLOCKING,
    .last_seen = CONTEND_BLOCKING,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN |
                (unsigned)chosen_expiry_features,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and " CHOSEN_EXPIRY_WORDS " under the lock",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = PRESENCE_TABLE_BYTES_PER_USER,
    .bytes_fixed = sizeof(struct presence_locked) + chosen_lock_heap + CHOSEN_EXPIRY_TABLE_BYTES,
};

PRESENCE_STATIC_TRAITS(locked)

#endif
