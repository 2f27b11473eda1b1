/*
 * striped.h - the users divided among many tables, each with its lock.
 *
 * Idea: a template.  The hash names the stripe; two threads meet at a lock only if
 *   their users share a stripe.  With CONTEND_LOCK defined as the name of a lock
 *   (see locks/parts/chosen.h) it is that lock's striped map; with CONTEND_EXPIRY as
 *   the name of an expiry policy (see presence_map/expiry/chosen.h) its sweeps find
 *   entries by that, in each stripe.
 * Invariant: a user is in the stripe that its hash names or nowhere; table.h's
 *   invariant holds in every stripe, which only its lock's holder touches.
 * Linearisation points: heartbeat, is_online, last_seen, leave: any instant while
 *   the stripe's lock is held; sweep, per user, at the removal under the lock.
 * Progress: blocking, as the lock, but a preempted holder stops one stripe only.
 *   A sweep or a walk holds one stripe at a time.
 * Read guarantee: linearizable per user; for_each and count_online see each stripe
 *   at one instant, and different stripes at different ones.
 * Cost: the lock's, and two lines: the stripe's and the slot's; a batch takes each lock
 *   once.  16 bytes a slot, 7/16 to 7/8 of the slots used, and 256 bytes or so a stripe.
 * Breaks when: one user is hot: all its threads meet at one lock again.  A fixed
 *   capacity is divided too, with a reserve: at least so many users fit, but about
 *   1.6 times as many at 1,000, and 1.2 times at 100,000, are accepted before the
 *   first -ENOSPC; and ids chosen with knowledge of the hash's seed can fill
 *   one stripe early.
 * Use when: a plain lock is too slow; it is the first remedy to try.
 * Reference: D. Lea, ConcurrentHashMap of java.util.concurrent, 2004; M. Herlihy
 *   and N. Shavit, "The Art of Multiprocessor Programming", 2012, section 13.2.2.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */
#include "presence_map/expiry/chosen.h"

#ifndef CONTEND_PRESENCE_MAP_STRIPED_H
#define CONTEND_PRESENCE_MAP_STRIPED_H

#include "locks/parts/hash.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/partition.h"
#include "presence_map/parts/table.h"
#include "presence_map/parts/table_batch.h"
#include "presence_map/presence_map.h"

/* Also for the list of a map that contains this one. */
#define PRESENCE_STRIPED_OPTIONS \
    PRESENCE_PART_OPTION, CHOSEN_LOCK_OPTIONS("lock.") CHOSEN_EXPIRY_OPTIONS("expiry.")

static const struct contend_option presence_striped_options[] = {
    PRESENCE_STRIPED_OPTIONS
    CONTEND_OPTIONS_END
};

struct presence_striped {
    struct presence_table *stripes;
    uint32_t count;                /* a power of two */
    struct presence_config config; /* never changes */
    CONTEND_ALIGNED struct presence_round round;
    CONTEND_ALIGNED struct presence_ledger ledger;
};

struct presence_striped_handle {
    struct presence_table_handle table;
};

/* Releases the first `made` stripes and their array. */
static inline void presence_striped_release(struct presence_striped *m, uint32_t made)
{
    while (made > 0)
        presence_table_fini(&m->stripes[--made]);
    contend_release(m->config.allocator, m->stripes, m->count * sizeof *m->stripes);
}

/* init for a map that has `options` of its own around these. */
static inline int presence_striped_init_with(struct presence_striped *m,
                                             const struct presence_config *config,
                                             const struct contend_option *options)
{
    int error = presence_config_resolve(&m->config, config, options);

    if (error)
        return error;
    const struct contend_settings *settings = presence_settings(config);
    m->count = presence_part_count(&m->config, contend_option_value(settings, options, "stripes"));
    m->stripes = contend_allocate(m->config.allocator, _Alignof(struct presence_table),
                                  m->count * sizeof *m->stripes);
    if (!m->stripes)
        return -ENOMEM;
    presence_round_init(&m->round);
    bool fixed = m->config.capacity != 0;
    uint64_t users = fixed ? m->config.capacity : m->config.expected;
    uint64_t share = presence_part_share(users, fixed, m->count);
    uint32_t made = 0;
    while (error == 0 && made < m->count) {
        error = presence_table_init(&m->stripes[made], made, share, fixed, &m->config, settings);
        made += error == 0;
    }
    if (error == 0)
        error = presence_ledger_init(&m->ledger, m->config.allocator);
    if (error)
        presence_striped_release(m, made);
    return error;
}

static inline int presence_striped_init(struct presence_striped *m,
                                        const struct presence_config *config)
{
    return presence_striped_init_with(m, config, presence_striped_options);
}

static inline int presence_striped_fini(struct presence_striped *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        presence_striped_release(m, m->count);
    return error;
}

static inline int presence_striped_attach(struct presence_striped *m,
                                          struct presence_striped_handle *h)
{
    return presence_table_attach(m->stripes, m->count, &m->ledger, &h->table);
}

static inline void presence_striped_detach(struct presence_striped *m,
                                           struct presence_striped_handle *h)
{
    presence_table_detach(m->stripes, m->count, &m->ledger, &h->table);
}

static inline struct presence_table *presence_striped_of(struct presence_striped *m, uint64_t hash)
{
    return &m->stripes[presence_stripe_of(hash, m->count)];
}

static inline int presence_striped_heartbeat(struct presence_striped *m,
                                             struct presence_striped_handle *h, uint64_t user,
                                             uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = presence_check(user, now);

    return error ? error
                 : presence_table_heartbeat(presence_striped_of(m, hash), &h->table, hash, user,
                                            now);
}

static inline int presence_striped_is_online(struct presence_striped *m,
                                             struct presence_striped_handle *h, uint64_t user,
                                             uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = presence_check(user, now);

    return error ? error
                 : presence_table_is_online(presence_striped_of(m, hash), &h->table, hash, user,
                                            now);
}

static inline int64_t presence_striped_last_seen(struct presence_striped *m,
                                                 struct presence_striped_handle *h, uint64_t user)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);

    if (!presence_valid_user(user))
        return -EINVAL;
    return presence_table_last_seen(presence_striped_of(m, hash), &h->table, hash, user);
}

static inline int presence_striped_leave(struct presence_striped *m,
                                         struct presence_striped_handle *h, uint64_t user,
                                         uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = presence_check(user, now);

    return error ? error
                 : presence_table_leave(presence_striped_of(m, hash), &h->table, hash, user, now);
}

/* A presence_sweep_part. */
static inline int64_t presence_striped_sweep_part(void *map, void *handle, uint64_t part,
                                                  struct presence_visit_part *visit)
{
    struct presence_striped *m = map;
    struct presence_striped_handle *h = handle;
    struct presence_table *t = &m->stripes[part];
    int64_t removed = 0;

    if (visit->whole)
        return presence_table_sweep_all(t, &h->table, visit->now, &visit->ended);
    int error = presence_guard_enter(&t->guard, &h->table.keys);
    if (error)
        return error;
    if (presence_round_is_at(&m->round, part)) {
        struct expiry_visit here = { .now = visit->now, .budget = visit->budget };
        removed = presence_table_sweep_some(t, &h->table.tally, &here);
        visit->budget = here.budget;
        visit->ended = here.ended;
        if (visit->ended)
            presence_round_pass(&m->round, part, m->count);
    }
    presence_guard_leave(&t->guard, &h->table.keys);
    return removed;
}

static inline int64_t presence_striped_sweep(struct presence_striped *m,
                                             struct presence_striped_handle *h, uint64_t now,
                                             uint64_t budget, bool *complete)
{
    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    return presence_round_sweep(&m->round, m->count, presence_striped_sweep_part, m, h, now,
                                budget, complete);
}

static inline int presence_striped_for_each_online(struct presence_striped *m,
                                                   struct presence_striped_handle *h, uint64_t now,
                                                   presence_visit fn, void *ctx)
{
    int stop = presence_valid_now(now) ? 0 : -EINVAL;

    for (uint32_t i = 0; i < m->count && stop == 0; i++)
        stop = presence_table_walk(&m->stripes[i], &h->table, now, fn, ctx);
    return stop;
}

static inline int presence_striped_reserve(struct presence_striped *m,
                                           struct presence_striped_handle *h, uint64_t users)
{
    int error = presence_reserve_check(&m->config, users);

    for (uint32_t i = 0; i < m->count && error == 0 && m->config.capacity == 0; i++)
        error = presence_table_reserve(&m->stripes[i], &h->table,
                                       presence_part_share(users, false, m->count));
    return error;
}

PRESENCE_COUNT_BY_WALK(striped)
PRESENCE_TABLE_BATCHES(striped, m->count)
PRESENCE_NO_QUIESCENCE(striped)

static inline void presence_striped_stats(struct presence_striped *m, struct presence_stats *out)
{
    presence_table_stats_all(m->stripes, m->count, &m->ledger,
                             sizeof *m + m->count * sizeof *m->stripes, out);
}

/* 65,536 users in 64 stripes of 2,048 slots. */
#define PRESENCE_STRIPED_BYTES_PER_USER PRESENCE_TABLE_BYTES_PER_USER
#define PRESENCE_STRIPED_BYTES_FIXED \
    (PRESENCE_DEFAULT_PARTS *        \
     (sizeof(struct presence_table) + chosen_lock_heap + CHOSEN_EXPIRY_TABLE_BYTES))

static const struct presence_traits presence_striped_traits = {
    .id = {
        .name = "striped_" CHOSEN_LOCK_NAME CHOSEN_EXPIRY_SUFFIX,
        .title = "many tables, each under a lock " CHOSEN_LOCK_NAME CHOSEN_EXPIRY_TITLE,
        .reference = "Lea, ConcurrentHashMap, 2004",
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags & ~CONTEND_PROCESS_SHARED, /* its tables are on the heap */
        .options = presence_striped_options,
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
    .expiry = "lazy check and " CHOSEN_EXPIRY_WORDS ", stripe by stripe",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = PRESENCE_STRIPED_BYTES_PER_USER,
    .bytes_fixed = sizeof(struct presence_striped) + PRESENCE_STRIPED_BYTES_FIXED,
};

PRESENCE_STATIC_TRAITS(striped)

#endif
