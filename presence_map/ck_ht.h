/*
 * ck_ht.h - Concurrency Kit's hash table, sharded: one writer a shard, many readers.
 *
 * Idea: the library's table takes one writer at a time and lets readers in beside
 *   it.  The hash names a shard, a mutex makes its one writer, and look-ups take
 *   no lock at all.
 * Invariant: a user is in the shard that its hash names or nowhere.  In a table a
 *   key never changes its slot; a value of DEAD says "not present".
 * Linearisation points: heartbeat, leave and sweep, per user, at the library's
 *   store of the value, or for a new key at its store of the key; is_online and
 *   last_seen at the load of the value or of the empty key.  A reader inside a
 *   table that has been replaced linearises at the replacement.
 * Progress: look-ups lock-free: they start again only if a rebuild was completed.
 *   Everything else blocks: a preempted writer stops its shard's writers.
 * Read guarantee: linearizable per user; for_each and count_online see each shard
 *   at one instant, and different shards at different ones.
 * Cost: look-up: no store, no locked instruction, two lines.  Heartbeat: the
 *   mutex's two locked instructions and two probes, for the library can replace a
 *   value but not raise it.  32 bytes a slot, at most half of the slots used; after growth up to
 *   twice as many slots as in a map that was made for as many users.
 * Breaks when: heartbeats dominate: then it is striped.h with fatter slots.  A
 *   fixed capacity is divided with a reserve, as in striped.h.  Id 2^64 - 2 is
 *   the library's (-ERANGE).
 * Use when: look-ups outnumber heartbeats by far and must not wait for writers.
 * Reference: S. Al Bahra, Concurrency Kit, ck_ht(3), 2012; after C. Click, "A
 *   Lock-Free Hash Table", 2007.
 */
#ifndef CONTEND_PRESENCE_MAP_CK_HT_H
#define CONTEND_PRESENCE_MAP_CK_HT_H

#include "locks/parts/platform.h"
#include "presence_map/parts/batch.h"
#include "presence_map/parts/ck_ht_shard.h"
#include "presence_map/parts/defaults.h"
#include "locks/parts/hash.h"
#include "presence_map/parts/partition.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/tally.h"

#define PRESENCE_CK_HT_MAX_USER (UINT64_MAX - 2)

static const struct contend_option presence_ck_ht_options[] = {
    PRESENCE_PART_OPTION,
    CONTEND_OPTIONS_END
};

struct presence_ck_ht {
    struct presence_ck_ht_shard *shards;
    uint32_t count;                /* a power of two */
    struct presence_config config; /* never changes */
    uint64_t kept_ms;              /* the greatest age at which a sweep leaves an entry alone */
    CONTEND_ALIGNED struct presence_round round;
    CONTEND_ALIGNED struct presence_ledger ledger;
};

PRESENCE_TALLY_HANDLE(ck_ht)

/* Releases the first `made` shards and their array. */
static inline void presence_ck_ht_release(struct presence_ck_ht *m, uint32_t made)
{
    while (made > 0)
        presence_ck_ht_shard_fini(&m->shards[--made]);
    contend_release(m->config.allocator, m->shards, m->count * sizeof *m->shards);
}

static inline int presence_ck_ht_init(struct presence_ck_ht *m,
                                      const struct presence_config *config)
{
    int error = presence_config_resolve(&m->config, config, presence_ck_ht_options);

    if (error)
        return error;
    m->count = presence_part_count(
        &m->config,
        contend_option_value(presence_settings(config), presence_ck_ht_options, "stripes"));
    m->shards = contend_allocate(m->config.allocator, _Alignof(struct presence_ck_ht_shard),
                                 m->count * sizeof *m->shards);
    if (!m->shards)
        return -ENOMEM;
    m->kept_ms = presence_kept_ms(&m->config, 1);
    presence_round_init(&m->round);
    bool fixed = m->config.capacity != 0;
    uint64_t share = presence_part_share(fixed ? m->config.capacity : m->config.expected, fixed,
                                         m->count);
    uint32_t made = 0;
    if (share > PRESENCE_CK_HT_MAX_SHARE)
        error = -ERANGE;
    while (error == 0 && made < m->count) {
        error = presence_ck_ht_shard_init(&m->shards[made], share, fixed, &m->config);
        made += error == 0;
    }
    if (error == 0)
        error = presence_ledger_init(&m->ledger, m->config.allocator);
    if (error)
        presence_ck_ht_release(m, made);
    return error;
}

static inline int presence_ck_ht_fini(struct presence_ck_ht *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        presence_ck_ht_release(m, m->count);
    return error;
}

static inline int presence_ck_ht_check_user(uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    return user <= PRESENCE_CK_HT_MAX_USER ? 0 : -ERANGE;
}

static inline int presence_ck_ht_check(uint64_t user, uint64_t now)
{
    return presence_valid_now(now) ? presence_ck_ht_check_user(user) : -EINVAL;
}

static inline struct presence_ck_ht_shard *presence_ck_ht_shard_of(struct presence_ck_ht *m,
                                                                   uint64_t hash)
{
    return &m->shards[presence_stripe_of(hash, m->count)];
}

/* A heartbeat of a user of this shard, whose lock is held. */
static inline int presence_ck_ht_beat(struct presence_ck_ht *m, struct presence_ck_ht_handle *h,
                                      struct presence_ck_ht_shard *s, uint64_t hash, uint64_t user,
                                      uint64_t now)
{
    uint64_t last;
    int result;
    bool known = presence_ck_ht_get(&s->table, hash, user, &last);
    CONTEND_STEP("ck_ht: heartbeat, looked up and not yet written");
    if (last == PRESENCE_CK_HT_DEAD) {
        result = presence_ck_ht_insert(s, hash, user, now, known);
        if (result == 0) {
            presence_tally_count(&h->tally, PRESENCE_INSERTED);
            result = PRESENCE_CAME_ONLINE;
        }
    } else if (now < last) {
        result = PRESENCE_STALE;
    } else {
        presence_ck_ht_set(s, hash, user, now);
        result = presence_raised(last, now, m->config.ttl_ms);
    }
    return result;
}

static inline int presence_ck_ht_heartbeat(struct presence_ck_ht *m,
                                           struct presence_ck_ht_handle *h, uint64_t user,
                                           uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    struct presence_ck_ht_shard *s = presence_ck_ht_shard_of(m, hash);
    int result = presence_ck_ht_check(user, now);

    if (result)
        return result;
    presence_ck_ht_shard_lock(s);
    result = presence_ck_ht_beat(m, h, s, hash, user, now);
    presence_ck_ht_shard_unlock(s);
    return result;
}

/* A presence_batch_check, and a presence_batch_serve: the shard's lock once for all its users. */
static inline int presence_ck_ht_takes(const void *map, uint64_t user, uint64_t now)
{
    (void)map;
    return presence_ck_ht_check(user, now);
}

static inline int presence_ck_ht_serve(void *map, void *handle, struct presence_batch *b,
                                       unsigned first)
{
    struct presence_ck_ht_shard *s = presence_ck_ht_shard_of(map, b->hashes[first]);

    presence_ck_ht_shard_lock(s);
    for PRESENCE_BATCH_EACH(i, b, first)
        b->results[i] = presence_ck_ht_beat(map, handle, s, b->hashes[i], b->users[i], b->now);
    presence_ck_ht_shard_unlock(s);
    return 0;
}

static inline int presence_ck_ht_heartbeat_many(struct presence_ck_ht *m,
                                                struct presence_ck_ht_handle *h,
                                                const uint64_t *users, size_t n, uint64_t now,
                                                int *results)
{
    return presence_batch_by_part(m, h, m->count, m->config.hash_seed, users, n, now, results,
                                  presence_ck_ht_takes, presence_ck_ht_serve);
}

static inline uint64_t presence_ck_ht_stamp(struct presence_ck_ht *m, uint64_t user)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);

    return presence_ck_ht_look_up(presence_ck_ht_shard_of(m, hash), hash, user);
}

static inline int presence_ck_ht_is_online(struct presence_ck_ht *m,
                                           struct presence_ck_ht_handle *h, uint64_t user,
                                           uint64_t now)
{
    int error = presence_ck_ht_check(user, now);

    (void)h;
    if (error)
        return error;
    uint64_t last = presence_ck_ht_stamp(m, user);
    return last != PRESENCE_CK_HT_DEAD && presence_fresh(last, now, m->config.ttl_ms);
}

static inline int64_t presence_ck_ht_last_seen(struct presence_ck_ht *m,
                                               struct presence_ck_ht_handle *h, uint64_t user)
{
    int error = presence_ck_ht_check_user(user);

    (void)h;
    if (error)
        return error;
    uint64_t last = presence_ck_ht_stamp(m, user);
    return last == PRESENCE_CK_HT_DEAD ? -ENOENT : (int64_t)last;
}

static inline int presence_ck_ht_leave(struct presence_ck_ht *m, struct presence_ck_ht_handle *h,
                                       uint64_t user, uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed), last;
    struct presence_ck_ht_shard *s = presence_ck_ht_shard_of(m, hash);
    int error = presence_ck_ht_check(user, now);

    if (error)
        return error;
    presence_ck_ht_shard_lock(s);
    presence_ck_ht_get(&s->table, hash, user, &last);
    bool gone = last != PRESENCE_CK_HT_DEAD && last <= now;
    if (gone) {
        CONTEND_STEP("ck_ht: leave, judged and not yet removed");
        presence_ck_ht_set(s, hash, user, PRESENCE_CK_HT_DEAD);
        s->live--;
        presence_tally_count(&h->tally, PRESENCE_LEFT);
    }
    presence_ck_ht_shard_unlock(s);
    return gone;
}

/* Examines keys from *at on, dead ones too, until the table ends (true) or the budget is spent. */
static inline bool presence_ck_ht_scan(struct presence_ck_ht *m, struct presence_ck_ht_handle *h,
                                       struct presence_ck_ht_shard *s, ck_ht_iterator_t *at,
                                       uint64_t now, uint64_t *budget, int64_t *removed)
{
    ck_ht_entry_t *entry;

    for (; *budget > 0; --*budget) {
        if (!ck_ht_next(&s->table, at, &entry))
            return true;
        if (entry->value == PRESENCE_CK_HT_DEAD ||
            presence_fresh(entry->value, now, m->kept_ms))
            continue;
        CONTEND_STEP("ck_ht: sweep, judged and not yet removed");
        /* What set() would do, without looking the key up again: one store that readers see. */
        ck_pr_store_64(&entry->value, PRESENCE_CK_HT_DEAD);
        s->live--;
        presence_tally_count(&h->tally, PRESENCE_SWEPT);
        ++*removed;
    }
    return false;
}

/* A presence_sweep_part. */
static inline int64_t presence_ck_ht_sweep_part(void *map, void *handle, uint64_t part,
                                                struct presence_visit_part *visit)
{
    struct presence_ck_ht *m = map;
    struct presence_ck_ht_shard *s = &m->shards[part];
    ck_ht_iterator_t whole = CK_HT_ITERATOR_INITIALIZER;
    uint64_t unlimited = UINT64_MAX;
    int64_t removed = 0;

    presence_ck_ht_shard_lock(s);
    if (visit->whole) {
        presence_ck_ht_scan(m, handle, s, &whole, visit->now, &unlimited, &removed);
    } else if (presence_round_is_at(&m->round, part)) {
        if (s->cursor_blocks != s->blocks) { /* another table: all users have moved */
            ck_ht_iterator_init(&s->cursor);
            s->cursor_blocks = s->blocks;
        }
        visit->ended = presence_ck_ht_scan(m, handle, s, &s->cursor, visit->now, &visit->budget,
                                           &removed);
        if (visit->ended) {
            ck_ht_iterator_init(&s->cursor);
            presence_round_pass(&m->round, part, m->count);
        }
    }
    presence_ck_ht_shard_unlock(s);
    return removed;
}

static inline int64_t presence_ck_ht_sweep(struct presence_ck_ht *m,
                                           struct presence_ck_ht_handle *h, uint64_t now,
                                           uint64_t budget, bool *complete)
{
    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    return presence_round_sweep(&m->round, m->count, presence_ck_ht_sweep_part, m, h, now, budget,
                                complete);
}

static inline int presence_ck_ht_for_each_online(struct presence_ck_ht *m,
                                                 struct presence_ck_ht_handle *h, uint64_t now,
                                                 presence_visit fn, void *ctx)
{
    int stop = presence_valid_now(now) ? 0 : -EINVAL;
    ck_ht_entry_t *entry;

    (void)h;
    for (uint32_t i = 0; i < m->count && stop == 0; i++) {
        struct presence_ck_ht_shard *s = &m->shards[i];
        ck_ht_iterator_t at = CK_HT_ITERATOR_INITIALIZER;

        presence_ck_ht_shard_lock(s);
        while (stop == 0 && ck_ht_next(&s->table, &at, &entry))
            if (entry->value != PRESENCE_CK_HT_DEAD &&
                presence_fresh(entry->value, now, m->config.ttl_ms))
                stop = fn(ctx, presence_ck_ht_user(entry), entry->value);
        presence_ck_ht_shard_unlock(s);
    }
    return stop;
}

static inline int presence_ck_ht_reserve(struct presence_ck_ht *m, struct presence_ck_ht_handle *h,
                                         uint64_t users)
{
    uint64_t share = presence_part_share(users, false, m->count);
    int error = presence_reserve_check(&m->config, users);

    (void)h;
    if (error || m->config.capacity)
        return error;
    if (share > PRESENCE_CK_HT_MAX_SHARE)
        return -ERANGE;
    for (uint32_t i = 0; i < m->count && error == 0; i++) {
        presence_ck_ht_shard_lock(&m->shards[i]);
        error = presence_ck_ht_shard_reserve(&m->shards[i], share);
        presence_ck_ht_shard_unlock(&m->shards[i]);
    }
    return error;
}

PRESENCE_COUNT_BY_WALK(ck_ht)
PRESENCE_BATCH_LOOP(ck_ht, is_online, (void)0, (void)0)
PRESENCE_NO_QUIESCENCE(ck_ht)

static inline void presence_ck_ht_stats(struct presence_ck_ht *m, struct presence_stats *out)
{
    ck_ht_entry_t *entry;

    *out = (struct presence_stats){ .bytes = sizeof *m + m->count * sizeof *m->shards };
    for (uint32_t i = 0; i < m->count; i++) {
        struct presence_ck_ht_shard *s = &m->shards[i];
        ck_ht_iterator_t at = CK_HT_ITERATOR_INITIALIZER;

        presence_ck_ht_shard_lock(s);
        while (ck_ht_next(&s->table, &at, &entry))
            out->entries += entry->value != PRESENCE_CK_HT_DEAD;
        out->bytes += s->bytes;
        out->bytes_retired += s->bytes_retired;
        out->bytes_retired_peak += s->bytes_retired_peak; /* an upper bound: not all at one time */
        presence_ck_ht_shard_unlock(s);
    }
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_ck_ht_traits = {
    .id = {
        .name = "ck_ht",
        .title = "Concurrency Kit's table, sharded: writers lock, readers do not",
        .reference = "Al Bahra, Concurrency Kit, 2012",
        .flags = CONTEND_TSAN_UNSOUND,
        .options = presence_ck_ht_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_LOCK_FREE,
    .last_seen = CONTEND_LOCK_FREE,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_BOUNDED,
    .expiry = "lazy check and full or budgeted scan, shard by shard",
    .granularity_ms = 1,
    .max_user = PRESENCE_CK_HT_MAX_USER,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 4 * sizeof(ck_ht_entry_t), /* 65,536 users in 262,144 slots */
    .bytes_fixed = sizeof(struct presence_ck_ht) +
                   PRESENCE_DEFAULT_PARTS * sizeof(struct presence_ck_ht_shard),
};

PRESENCE_STATIC_TRAITS(ck_ht)

#endif
