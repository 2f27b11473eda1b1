/*
 * stripes.h - an array of tables, each under a lock of its own.
 *
 * The part that striped.h and semaphore.h share: everything but their names and
 * what they put around it.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_STRIPES_H
#define CONTEND_PRESENCE_MAP_PARTS_STRIPES_H

#include "locks/parts/chosen.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/guarded.h"
#include "locks/parts/hash.h"
#include "presence_map/parts/partition.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/tally.h"

struct presence_stripes {
    struct presence_guarded *stripes;
    uint32_t count;                /* a power of two */
    struct presence_config config; /* never changes */
    CONTEND_ALIGNED struct presence_round round;
    CONTEND_ALIGNED struct presence_ledger ledger;
};

/* Releases the first `made` stripes and their array. */
static inline void presence_stripes_release(struct presence_stripes *m, uint32_t made)
{
    while (made > 0)
        presence_guarded_fini(&m->stripes[--made]);
    free(m->stripes);
}

/* What a map of stripes lets the caller set; a map may have options besides. */
#define PRESENCE_STRIPES_OPTIONS PRESENCE_PART_OPTION, CHOSEN_LOCK_OPTIONS("lock.")

static inline int presence_stripes_init(struct presence_stripes *m,
                                        const struct presence_config *config,
                                        const struct contend_option *options)
{
    int error = presence_config_resolve(&m->config, config, options);

    if (error)
        return error;
    const struct contend_settings *settings = presence_settings(config);
    m->count = presence_part_count(&m->config, contend_option_value(settings, options, "stripes"));
    m->stripes = contend_alloc_aligned(m->count * sizeof *m->stripes);
    if (!m->stripes)
        return -ENOMEM;
    presence_round_init(&m->round);
    uint64_t share = presence_part_share(&m->config, m->count);
    uint32_t made = 0;
    while (error == 0 && made < m->count) {
        error = presence_guarded_init(&m->stripes[made], share, m->config.capacity != 0,
                                      &m->config, settings);
        made += error == 0;
    }
    if (error == 0)
        error = presence_ledger_init(&m->ledger);
    if (error)
        presence_stripes_release(m, made);
    return error;
}

static inline int presence_stripes_fini(struct presence_stripes *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        presence_stripes_release(m, m->count);
    return error;
}

static inline struct presence_guarded *presence_stripes_of(struct presence_stripes *m,
                                                           uint64_t hash)
{
    return &m->stripes[presence_stripe_of(hash, m->count)];
}

static inline int presence_stripes_heartbeat(struct presence_stripes *m,
                                             struct presence_guarded_handle *h, uint64_t user,
                                             uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = presence_check(user, now);

    return error ? error
                 : presence_guarded_heartbeat(presence_stripes_of(m, hash), h, hash, user, now);
}

static inline int presence_stripes_is_online(struct presence_stripes *m,
                                             struct presence_guarded_handle *h, uint64_t user,
                                             uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = presence_check(user, now);

    return error ? error
                 : presence_guarded_is_online(presence_stripes_of(m, hash), h, hash, user, now);
}

static inline int64_t presence_stripes_last_seen(struct presence_stripes *m,
                                                 struct presence_guarded_handle *h, uint64_t user)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);

    if (!presence_valid_user(user))
        return -EINVAL;
    return presence_guarded_last_seen(presence_stripes_of(m, hash), h, hash, user);
}

static inline int presence_stripes_leave(struct presence_stripes *m,
                                         struct presence_guarded_handle *h, uint64_t user,
                                         uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int error = presence_check(user, now);

    return error ? error : presence_guarded_leave(presence_stripes_of(m, hash), h, hash, user, now);
}

/* A presence_sweep_part. */
static inline int64_t presence_stripes_sweep_part(void *map, void *handle, uint64_t part,
                                                  struct presence_visit_part *visit)
{
    struct presence_stripes *m = map;
    struct presence_guarded_handle *h = handle;
    struct presence_guarded *g = &m->stripes[part];
    int64_t removed = 0;

    if (visit->whole)
        return presence_guarded_sweep_all(g, h, visit->now);
    chosen_lock_acquire(&g->lock, &h->lock);
    if (presence_round_is_at(&m->round, part)) {
        removed = presence_table_sweep_some(&g->table, &h->tally, visit->now, &visit->budget,
                                            &visit->ended);
        if (visit->ended)
            presence_round_pass(&m->round, part, m->count);
    }
    chosen_lock_release(&g->lock, &h->lock);
    return removed;
}

static inline int64_t presence_stripes_sweep(struct presence_stripes *m,
                                             struct presence_guarded_handle *h, uint64_t now,
                                             uint64_t budget, bool *complete)
{
    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    return presence_round_sweep(&m->round, m->count, presence_stripes_sweep_part, m, h, now,
                                budget, complete);
}

static inline int presence_stripes_for_each_online(struct presence_stripes *m,
                                                   struct presence_guarded_handle *h, uint64_t now,
                                                   presence_visit fn, void *ctx)
{
    int stop = presence_valid_now(now) ? 0 : -EINVAL;

    for (uint32_t i = 0; i < m->count && stop == 0; i++)
        stop = presence_guarded_walk(&m->stripes[i], h, now, fn, ctx);
    return stop;
}

/* Everything but the object itself: the strategy that embeds this knows its own size. */
static inline void presence_stripes_stats(struct presence_stripes *m, struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = m->count * sizeof *m->stripes };
    for (uint32_t i = 0; i < m->count; i++)
        presence_guarded_stats(&m->stripes[i], out);
    presence_ledger_read(&m->ledger, out);
}

/*
 * Traits of a map of stripes: 65,536 users in 64 stripes of 2,048 slots.  The
 * handles' locks and the flags are the strategy's to add.
 */
#define PRESENCE_STRIPES_BYTES_PER_USER (2 * sizeof(struct presence_table_slot))
#define PRESENCE_STRIPES_BYTES_FIXED (PRESENCE_DEFAULT_PARTS * sizeof(struct presence_guarded))

#endif
