/*
 * sharded.h - a map made of shards, each under a lock of its own: all that is not the shard.
 *
 * The hash names a user's shard; what a shard is, the map says.  Included by a map's header,
 * which first defines SHARDED as the map's name and, for a map NAME, writes
 *
 *   struct presence_NAME_shard           whose first member is a presence_guard `guard`
 *   presence_NAME_shard_init(shard, number, users, fixed, config, settings), _shard_fini(shard)
 *   _shard_heartbeat, _shard_is_online, _shard_last_seen, _shard_leave
 *                                        (shard, access, hash, user[, now]); each takes the lock
 *   _shard_scan(shard, access, now, at, budget)   holding the lock: examines places from *at on,
 *                                        until the shard ends (true) or *budget is spent, and
 *                                        adds to access->removed
 *   _shard_at(shard)                     holding the lock: where its budgeted round stopped
 *   _shard_walk(shard, now, fn, ctx)     holding the lock
 *   _shard_reserve(shard, users)         holding the lock: 0 or -ENOMEM
 *   _shard_stats(shard, out)             holding the lock: adds entries and heap
 *   presence_NAME_options                with PRESENCE_PART_OPTION and the lock's
 *
 * and, where these are not so,
 *
 *   #define SHARDED_RANGES               ids and times are smaller than the axes; then
 *                                        presence_NAME_check_user(user) and _check_now(config, now)
 *   #define SHARDED_NO_RESERVE           the shard has no _shard_reserve
 *   #define SHARDED_WALKS_UNLOCKED       the shard's walk is called without the lock
 *   #define SHARDED_ENTER, SHARDED_LEAVE what a thread does before it attaches, and after it detaches
 *
 *   #define SHARDED_BEATS                the shard has _shard_beat(shard, access, hash, user, now), holding
 *                                        the lock: _shard_heartbeat is written around it, and
 *                                        heartbeat_many, which takes each lock once
 *   #define SHARDED_SETTLES              it has _shard_settle(shard), holding the lock: what its beats leave
 *                                        to be done before the lock is free
 *   #define SHARDED_HEARTBEAT            it has a _shard_heartbeat of its own beside that
 *   #define SHARDED_ASKS                 it has _shard_ask(shard, hash, user, now), holding the lock:
 *                                        _shard_is_online is written, and is_online_many
 *
 * It writes the map, its handle and its operations.  Traits and other batches stay the map's.
 */
#ifndef SHARDED
#error "define SHARDED as the name of the map"
#endif

#include "locks/parts/hash.h"
#include "presence_map/parts/access.h"
#include "presence_map/parts/batch.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/partition.h"

#ifndef SHARDED_ENTER
#define SHARDED_ENTER ((void)0)
#define SHARDED_LEAVE ((void)0)
#endif
#ifndef SHARDED_WALKS_UNLOCKED
#define SHARDED_WALKS_UNLOCKED 0
#endif
#ifdef SHARDED_SETTLES
#define SHARDED_SETTLE(shard) SHARDED_(shard_settle)(shard)
#else
#define SHARDED_SETTLE(shard) ((void)0)
#endif
#define SHARDED_TYPE CONTEND_JOIN3(presence_, SHARDED, )
#define SHARDED_(end) CONTEND_JOIN3(presence_, SHARDED, _##end)

struct SHARDED_TYPE {
    struct SHARDED_(shard) *shards;
    uint32_t count;                /* a power of two */
    struct presence_config config; /* never changes */
    CONTEND_ALIGNED struct presence_round round;
    CONTEND_ALIGNED struct presence_ledger ledger;
};

struct SHARDED_(handle) {
    struct presence_access access;
};

static inline struct presence_guards SHARDED_(guards)(struct SHARDED_TYPE *m)
{
    struct presence_guards all = { &m->shards->guard, sizeof *m->shards, m->count,
                                   m->config.allocator };

    return all;
}

/* Releases the first `made` shards and their array. */
static inline void SHARDED_(release)(struct SHARDED_TYPE *m, uint32_t made)
{
    while (made > 0)
        SHARDED_(shard_fini)(&m->shards[--made]);
    contend_release(m->config.allocator, m->shards, m->count * sizeof *m->shards);
}

static inline int SHARDED_(init)(struct SHARDED_TYPE *m, const struct presence_config *config)
{
    int error = presence_config_resolve(&m->config, config, SHARDED_(options));

    if (error)
        return error;
    const struct contend_settings *settings = presence_settings(config);
    m->count = presence_part_count(
        &m->config, contend_option_value(settings, SHARDED_(options), "stripes"));
    m->shards = contend_allocate(m->config.allocator, _Alignof(struct SHARDED_(shard)),
                                 m->count * sizeof *m->shards);
    if (!m->shards)
        return -ENOMEM;
    presence_round_init(&m->round);
    bool fixed = m->config.capacity != 0;
    uint64_t users = fixed ? m->config.capacity : m->config.expected;
    uint64_t share = presence_part_share(users, fixed, m->count);
    uint32_t made = 0;
    while (error == 0 && made < m->count) {
        error = SHARDED_(shard_init)(&m->shards[made], made, share, fixed, &m->config, settings);
        made += error == 0;
    }
    if (error == 0)
        error = presence_ledger_init(&m->ledger, m->config.allocator);
    if (error)
        SHARDED_(release)(m, made);
    return error;
}

static inline int SHARDED_(fini)(struct SHARDED_TYPE *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        SHARDED_(release)(m, m->count);
    return error;
}

static inline int SHARDED_(attach)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h)
{
    struct presence_guards all = SHARDED_(guards)(m);

    SHARDED_ENTER;
    int error = presence_access_attach(&h->access, &m->ledger, &all);
    if (error)
        SHARDED_LEAVE;
    return error;
}

static inline void SHARDED_(detach)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h)
{
    struct presence_guards all = SHARDED_(guards)(m);

    presence_access_detach(&h->access, &m->ledger, &all);
    SHARDED_LEAVE;
}

static inline struct SHARDED_(shard) *SHARDED_(shard_of)(struct SHARDED_TYPE *m, uint64_t hash)
{
    return &m->shards[presence_stripe_of(hash, m->count)];
}

#ifndef SHARDED_RANGES
static inline int SHARDED_(check_user)(uint64_t user)
{
    return presence_valid_user(user) ? 0 : -EINVAL;
}

static inline int SHARDED_(check_now)(const struct presence_config *config, uint64_t now)
{
    (void)config;
    return presence_valid_now(now) ? 0 : -EINVAL;
}
#endif

static inline int SHARDED_(check)(const struct SHARDED_TYPE *m, uint64_t user, uint64_t now)
{
    /* A value off an axis is reported before one beyond the map's range. */
    int error = presence_valid_now(now) ? SHARDED_(check_user)(user) : -EINVAL;

    return error ? error : SHARDED_(check_now)(&m->config, now);
}

#if defined(SHARDED_BEATS) && !defined(SHARDED_HEARTBEAT)
static inline int SHARDED_(shard_heartbeat)(struct SHARDED_(shard) *s, struct presence_access *a,
                                            uint64_t hash, uint64_t user, uint64_t now)
{
    int result = presence_guard_enter(&s->guard, &a->keys);

    if (result)
        return result;
    result = SHARDED_(shard_beat)(s, a, hash, user, now);
    SHARDED_SETTLE(s);
    presence_guard_leave(&s->guard, &a->keys);
    return result;
}
#endif

#ifdef SHARDED_ASKS
static inline int SHARDED_(shard_is_online)(struct SHARDED_(shard) *s, struct presence_access *a,
                                            uint64_t hash, uint64_t user, uint64_t now)
{
    int result = presence_guard_enter_shared(&s->guard, &a->keys);

    if (result)
        return result;
    result = SHARDED_(shard_ask)(s, hash, user, now);
    presence_guard_leave_shared(&s->guard, &a->keys);
    return result;
}
#endif

static inline int SHARDED_(heartbeat)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                      uint64_t user, uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = SHARDED_(check)(m, user, now);

    return error ? error
                 : SHARDED_(shard_heartbeat)(SHARDED_(shard_of)(m, hash), &h->access, hash, user,
                                             now);
}

static inline int SHARDED_(is_online)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                      uint64_t user, uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = SHARDED_(check)(m, user, now);

    return error ? error
                 : SHARDED_(shard_is_online)(SHARDED_(shard_of)(m, hash), &h->access, hash, user,
                                             now);
}

#ifdef SHARDED_BEATS
/* A presence_batch_check. */
static inline int SHARDED_(takes)(const void *map, uint64_t user, uint64_t now)
{
    return SHARDED_(check)(map, user, now);
}

/* A presence_batch_serve. */
static inline int SHARDED_(serve_beats)(void *map, void *handle, struct presence_batch *b,
                                        unsigned first)
{
    struct SHARDED_(shard) *s = SHARDED_(shard_of)(map, b->hashes[first]);
    struct SHARDED_(handle) *h = handle;
    int error = presence_guard_enter(&s->guard, &h->access.keys);

    if (error)
        return error;
    for PRESENCE_BATCH_EACH(i, b, first)
        b->results[i] =
            SHARDED_(shard_beat)(s, &h->access, b->hashes[i], b->users[i], b->now);
    SHARDED_SETTLE(s);
    presence_guard_leave(&s->guard, &h->access.keys);
    return 0;
}

static inline int SHARDED_(heartbeat_many)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                           const uint64_t *users, size_t n, uint64_t now,
                                           int *results)
{
    return presence_batch_by_part(m, h, m->count, m->config.hash_seed, users, n, now, results,
                                  SHARDED_(takes), SHARDED_(serve_beats));
}

#ifdef SHARDED_ASKS
/* A presence_batch_serve. */
static inline int SHARDED_(serve_asks)(void *map, void *handle, struct presence_batch *b,
                                       unsigned first)
{
    struct SHARDED_(shard) *s = SHARDED_(shard_of)(map, b->hashes[first]);
    struct SHARDED_(handle) *h = handle;
    int error = presence_guard_enter_shared(&s->guard, &h->access.keys);

    if (error)
        return error;
    for PRESENCE_BATCH_EACH(i, b, first)
        b->results[i] = SHARDED_(shard_ask)(s, b->hashes[i], b->users[i], b->now);
    presence_guard_leave_shared(&s->guard, &h->access.keys);
    return 0;
}

static inline int SHARDED_(is_online_many)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                           const uint64_t *users, size_t n, uint64_t now,
                                           int *results)
{
    return presence_batch_by_part(m, h, m->count, m->config.hash_seed, users, n, now, results,
                                  SHARDED_(takes), SHARDED_(serve_asks));
}
#endif
#endif

static inline int64_t SHARDED_(last_seen)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                          uint64_t user)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = SHARDED_(check_user)(user);

    return error ? error
                 : SHARDED_(shard_last_seen)(SHARDED_(shard_of)(m, hash), &h->access, hash, user);
}

static inline int SHARDED_(leave)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                  uint64_t user, uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = SHARDED_(check)(m, user, now);

    return error ? error
                 : SHARDED_(shard_leave)(SHARDED_(shard_of)(m, hash), &h->access, hash, user, now);
}

/* A presence_sweep_part. */
static inline int64_t SHARDED_(sweep_part)(void *map, void *handle, uint64_t part,
                                           struct presence_visit_part *visit)
{
    struct SHARDED_TYPE *m = map;
    struct SHARDED_(handle) *h = handle;
    struct SHARDED_(shard) *s = &m->shards[part];
    uint64_t whole = 0, unlimited = UINT64_MAX;
    int error = presence_guard_enter(&s->guard, &h->access.keys);

    if (error)
        return error;
    h->access.removed = 0;
    if (visit->whole) { /* a budgeted round under way is left where it was */
        SHARDED_(shard_scan)(s, &h->access, visit->now, &whole, &unlimited);
    } else if (presence_round_is_at(&m->round, part)) {
        uint64_t *at = SHARDED_(shard_at)(s);
        visit->ended = SHARDED_(shard_scan)(s, &h->access, visit->now, at, &visit->budget);
        if (visit->ended) {
            *at = 0;
            presence_round_pass(&m->round, part, m->count);
        }
    }
    presence_guard_leave(&s->guard, &h->access.keys);
    return h->access.removed;
}

static inline int64_t SHARDED_(sweep)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                      uint64_t now, uint64_t budget, bool *complete)
{
    int error = SHARDED_(check_now)(&m->config, now);

    *complete = false;
    if (error)
        return error;
    return presence_round_sweep(&m->round, m->count, SHARDED_(sweep_part), m, h, now, budget,
                                complete);
}

static inline int SHARDED_(for_each_online)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                            uint64_t now, presence_visit fn, void *ctx)
{
    int stop = SHARDED_(check_now)(&m->config, now);

    for (uint32_t i = 0; i < m->count && stop == 0; i++) {
        if (!SHARDED_WALKS_UNLOCKED)
            stop = presence_guard_enter_shared(&m->shards[i].guard, &h->access.keys);
        if (stop)
            break;
        stop = SHARDED_(shard_walk)(&m->shards[i], now, fn, ctx);
        if (!SHARDED_WALKS_UNLOCKED)
            presence_guard_leave_shared(&m->shards[i].guard, &h->access.keys);
    }
    return stop;
}

#ifdef SHARDED_NO_RESERVE
static inline int SHARDED_(reserve)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                    uint64_t users)
{
    (void)m, (void)h, (void)users;
    return -ENOTSUP;
}
#else
static inline int SHARDED_(reserve)(struct SHARDED_TYPE *m, struct SHARDED_(handle) *h,
                                    uint64_t users)
{
    int error = presence_reserve_check(&m->config, users);

    for (uint32_t i = 0; i < m->count && error == 0 && m->config.capacity == 0; i++) {
        error = presence_guard_enter(&m->shards[i].guard, &h->access.keys);
        if (error)
            break;
        error = SHARDED_(shard_reserve)(&m->shards[i],
                                        presence_part_share(users, false, m->count));
        presence_guard_leave(&m->shards[i].guard, &h->access.keys);
    }
    return error;
}
#endif

static inline void SHARDED_(stats)(struct SHARDED_TYPE *m, struct presence_stats *out)
{
    struct presence_guards all = SHARDED_(guards)(m);

    *out = (struct presence_stats){ .bytes = sizeof *m + m->count * sizeof *m->shards };
    for (uint32_t i = 0; i < m->count; i++) {
        struct presence_guard *g = &m->shards[i].guard;
        struct chosen_lock_handle h;
        if (chosen_lock_attach(&g->lock, &h) != 0)
            continue; /* a look needs a handle */
        /* A lock tells only the next holder that the last one died: what it says must be kept. */
        presence_guard_judge(g, chosen_lock_insist_shared(&g->lock, &h));
        SHARDED_(shard_stats)(&m->shards[i], out);
        out->bytes += chosen_lock_heap_of(&g->lock);
        chosen_lock_release_shared(&g->lock, &h);
        chosen_lock_detach(&g->lock, &h);
    }
    out->bytes += roster_count(&m->ledger.roster) * presence_keys_bytes(&all);
    presence_ledger_read(&m->ledger, out);
}

#undef SHARDED_BEATS
#undef SHARDED_SETTLES
#undef SHARDED_SETTLE
#undef SHARDED_HEARTBEAT
#undef SHARDED_ASKS
#undef SHARDED_RANGES
#undef SHARDED_NO_RESERVE
#undef SHARDED_ENTER
#undef SHARDED_LEAVE
#undef SHARDED_WALKS_UNLOCKED
#undef SHARDED_TYPE
#undef SHARDED_
#undef SHARDED
