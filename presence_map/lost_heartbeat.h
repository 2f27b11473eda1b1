/*
 * lost_heartbeat.h - exhibit: the sweep that loses a heartbeat.
 *
 * Idea: a chained hash table, a mutex for each stripe of buckets, and one
 *   optimisation: a heartbeat looks its node up under the mutex, but raises the
 *   node's atomic stamp after it has released it.  "It is only a maximum."
 * Invariant: the one that does not hold: a node whose stamp is raised is in the
 *   table.
 * Linearisation points: a heartbeat has none when a sweep or a leave unlinks the
 *   node between the look-up and the maximum: it returns, and its effect is lost.
 * Progress: blocking; the maximum itself is lock-free.
 * Read guarantee: none that survives a sweep.  A single thread sees no fault.
 * Cost: the mutex's two locked instructions and a swap.  24 bytes a node, 16 a
 *   bucket; unlinked nodes are kept until fini, so that the fault is one of
 *   logic alone and not also one of memory.
 * Breaks when: a user who was silent for 30 s beats while the sweeper is at that
 *   very entry: the user is offline until the next beat.  Stress hardly hits it.
 * Use when: never.  It shows what "claim first, then unlink" is for.
 * Reference: the lost update, e.g. H. Berenson et al., "A Critique of ANSI SQL
 *   Isolation Levels", 1995.
 */
#ifndef CONTEND_PRESENCE_MAP_LOST_HEARTBEAT_H
#define CONTEND_PRESENCE_MAP_LOST_HEARTBEAT_H

#include <pthread.h>

#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "locks/parts/hash.h"
#include "presence_map/parts/partition.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/quota.h"
#include "presence_map/parts/tally.h"

struct presence_lost_heartbeat_node {
    struct presence_lost_heartbeat_node *next; /* in the bucket, then in the graveyard */
    uint64_t user;
    _Atomic uint64_t last;
};

struct presence_lost_heartbeat_bucket {
    struct presence_lost_heartbeat_node *head;
    uint64_t examined; /* budgeted sweep: so many nodes from the head are done */
};

struct presence_lost_heartbeat_stripe {
    CONTEND_ALIGNED pthread_mutex_t mutex;       /* guards its buckets and what follows */
    struct presence_lost_heartbeat_node *buried; /* unlinked nodes, freed at fini */
    size_t nodes, retired;
};

static const struct contend_option presence_lost_heartbeat_options[] = {
    PRESENCE_PART_OPTION,
    CONTEND_OPTIONS_END
};

struct presence_lost_heartbeat {
    struct presence_lost_heartbeat_bucket *buckets;
    struct presence_lost_heartbeat_stripe *stripes;
    uint64_t bucket_count; /* a power of two, and not below stripe_count */
    uint32_t stripe_count; /* a power of two; a bucket's stripe is its index modulo this */
    struct presence_config config;
    uint64_t kept_ms; /* the greatest age at which a sweep leaves a node alone */
    CONTEND_ALIGNED struct presence_round round; /* over the buckets */
    struct presence_quota quota;
    CONTEND_ALIGNED struct presence_ledger ledger;
};

PRESENCE_TALLY_HANDLE(lost_heartbeat)

/* Releases the mutexes of the first `made` stripes, and the arrays. */
static inline void presence_lost_heartbeat_release(struct presence_lost_heartbeat *m,
                                                   uint32_t made)
{
    while (made > 0)
        pthread_mutex_destroy(&m->stripes[--made].mutex);
    contend_release(m->config.allocator, m->stripes, m->stripe_count * sizeof *m->stripes);
    contend_release(m->config.allocator, m->buckets, m->bucket_count * sizeof *m->buckets);
}

static inline int presence_lost_heartbeat_init(struct presence_lost_heartbeat *m,
                                               const struct presence_config *config)
{
    int error = presence_config_resolve(&m->config, config, presence_lost_heartbeat_options);

    if (error)
        return error;
    m->stripe_count = presence_part_count(
        &m->config,
        contend_option_value(presence_settings(config), presence_lost_heartbeat_options, "stripes"));
    m->bucket_count = contend_round_up_pow2(
        m->config.expected > m->stripe_count ? m->config.expected : m->stripe_count);
    presence_quota_init(&m->quota, m->config.capacity);
    m->kept_ms = presence_kept_ms(&m->config, 1);
    presence_round_init(&m->round);
    m->buckets = contend_allocate(m->config.allocator, CONTEND_CACHE_LINE,
                                  m->bucket_count * sizeof *m->buckets);
    m->stripes = contend_allocate(m->config.allocator,
                                  _Alignof(struct presence_lost_heartbeat_stripe),
                                  m->stripe_count * sizeof *m->stripes);
    if (!m->buckets || !m->stripes)
        error = -ENOMEM;
    for (uint64_t b = 0; error == 0 && b < m->bucket_count; b++)
        m->buckets[b] = (struct presence_lost_heartbeat_bucket){ .head = NULL };
    uint32_t made = 0;
    while (error == 0 && made < m->stripe_count) {
        m->stripes[made] = (struct presence_lost_heartbeat_stripe){ .buried = NULL };
        error = -pthread_mutex_init(&m->stripes[made].mutex, NULL);
        made += error == 0;
    }
    if (error == 0)
        error = presence_ledger_init(&m->ledger, m->config.allocator);
    if (error)
        presence_lost_heartbeat_release(m, made);
    return error;
}

static inline void presence_lost_heartbeat_free(struct presence_lost_heartbeat *m,
                                                struct presence_lost_heartbeat_node *n)
{
    while (n) {
        struct presence_lost_heartbeat_node *next = n->next;
        contend_release(m->config.allocator, n, sizeof *n);
        n = next;
    }
}

static inline int presence_lost_heartbeat_fini(struct presence_lost_heartbeat *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error)
        return error;
    for (uint64_t b = 0; b < m->bucket_count; b++)
        presence_lost_heartbeat_free(m, m->buckets[b].head);
    for (uint32_t s = 0; s < m->stripe_count; s++)
        presence_lost_heartbeat_free(m, m->stripes[s].buried);
    presence_lost_heartbeat_release(m, m->stripe_count);
    return 0;
}

/* A bucket and its stripe, locked. */
struct presence_lost_heartbeat_place {
    struct presence_lost_heartbeat_bucket *bucket;
    struct presence_lost_heartbeat_stripe *stripe;
};

static inline struct presence_lost_heartbeat_place
presence_lost_heartbeat_enter(struct presence_lost_heartbeat *m, uint64_t bucket)
{
    struct presence_lost_heartbeat_place p = {
        .bucket = &m->buckets[bucket],
        .stripe = &m->stripes[bucket & (m->stripe_count - 1)],
    };

    pthread_mutex_lock(&p.stripe->mutex);
    return p;
}

static inline void presence_lost_heartbeat_exit(struct presence_lost_heartbeat_place p)
{
    pthread_mutex_unlock(&p.stripe->mutex);
}

static inline struct presence_lost_heartbeat_place
presence_lost_heartbeat_enter_of(struct presence_lost_heartbeat *m, uint64_t user)
{
    return presence_lost_heartbeat_enter(m, presence_hash(user, m->config.hash_seed) &
                                                (m->bucket_count - 1));
}

/* The link that leads to the user's node, or the last link, which is NULL. */
static inline struct presence_lost_heartbeat_node **
presence_lost_heartbeat_find(struct presence_lost_heartbeat_bucket *b, uint64_t user)
{
    struct presence_lost_heartbeat_node **link = &b->head;

    while (*link && (*link)->user != user)
        link = &(*link)->next;
    return link;
}

static inline uint64_t presence_lost_heartbeat_stamp(struct presence_lost_heartbeat_node *n)
{
    /* relaxed: value only. */
    return atomic_load_explicit(&n->last, memory_order_relaxed);
}

/* Unlinks the node, under the mutex; the judgement that led here may be out of date. */
static inline void presence_lost_heartbeat_unlink(struct presence_lost_heartbeat *m,
                                                  struct presence_lost_heartbeat_place p,
                                                  struct presence_lost_heartbeat_node **link)
{
    struct presence_lost_heartbeat_node *n = *link;

    presence_quota_count_out(&m->quota);
    *link = n->next;
    n->next = p.stripe->buried;
    p.stripe->buried = n;
    p.stripe->retired += sizeof *n;
}

/* Appends a node at the chain's end, under the mutex. */
static inline int presence_lost_heartbeat_insert(struct presence_lost_heartbeat *m,
                                                 struct presence_lost_heartbeat_handle *h,
                                                 struct presence_lost_heartbeat_place p,
                                                 struct presence_lost_heartbeat_node **link,
                                                 uint64_t user, uint64_t now)
{
    uint64_t came;

    while (!presence_quota_has_room(&m->quota, &came))
        if (presence_quota_is_full(&m->quota, came)) /* the mutex keeps the user out meanwhile */
            return -ENOSPC;
    struct presence_lost_heartbeat_node *n =
        contend_allocate(m->config.allocator, _Alignof(struct presence_lost_heartbeat_node),
                         sizeof *n);
    if (!n)
        return -ENOMEM;
    n->next = NULL;
    n->user = user;
    atomic_init(&n->last, now);
    *link = n;
    presence_quota_count_in(&m->quota);
    p.stripe->nodes += sizeof *n;
    presence_tally_count(&h->tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

static inline int presence_lost_heartbeat_heartbeat(struct presence_lost_heartbeat *m,
                                                    struct presence_lost_heartbeat_handle *h,
                                                    uint64_t user, uint64_t now)
{
    int error = presence_check(user, now);

    if (error)
        return error;
    struct presence_lost_heartbeat_place p = presence_lost_heartbeat_enter_of(m, user);
    struct presence_lost_heartbeat_node **link = presence_lost_heartbeat_find(p.bucket, user);
    struct presence_lost_heartbeat_node *n = *link;
    int result = n ? 0 : presence_lost_heartbeat_insert(m, h, p, link, user, now);
    presence_lost_heartbeat_exit(p);
    if (!n)
        return result;

    CONTEND_STEP("lost_heartbeat: looked up and not yet raised"); /* the bug lives here */
    uint64_t last = presence_lost_heartbeat_stamp(n);
    while (now >= last)
        /* relaxed: value only. */
        if (atomic_compare_exchange_weak_explicit(&n->last, &last, now, memory_order_relaxed,
                                                  memory_order_relaxed))
            return presence_raised(last, now, m->config.ttl_ms);
    return PRESENCE_STALE;
}

/* The user's stamp, or 0. */
static inline uint64_t presence_lost_heartbeat_look_up(struct presence_lost_heartbeat *m,
                                                       uint64_t user)
{
    struct presence_lost_heartbeat_place p = presence_lost_heartbeat_enter_of(m, user);
    struct presence_lost_heartbeat_node *n = *presence_lost_heartbeat_find(p.bucket, user);
    uint64_t last = n ? presence_lost_heartbeat_stamp(n) : 0;

    presence_lost_heartbeat_exit(p);
    return last;
}

static inline int presence_lost_heartbeat_is_online(struct presence_lost_heartbeat *m,
                                                    struct presence_lost_heartbeat_handle *h,
                                                    uint64_t user, uint64_t now)
{
    int error = presence_check(user, now);

    (void)h;
    if (error)
        return error;
    uint64_t last = presence_lost_heartbeat_look_up(m, user);
    return last != 0 && presence_fresh(last, now, m->config.ttl_ms);
}

static inline int64_t presence_lost_heartbeat_last_seen(struct presence_lost_heartbeat *m,
                                                        struct presence_lost_heartbeat_handle *h,
                                                        uint64_t user)
{
    (void)h;
    if (!presence_valid_user(user))
        return -EINVAL;
    uint64_t last = presence_lost_heartbeat_look_up(m, user);
    return last ? (int64_t)last : -ENOENT;
}

static inline int presence_lost_heartbeat_leave(struct presence_lost_heartbeat *m,
                                                struct presence_lost_heartbeat_handle *h,
                                                uint64_t user, uint64_t now)
{
    int error = presence_check(user, now);

    if (error)
        return error;
    struct presence_lost_heartbeat_place p = presence_lost_heartbeat_enter_of(m, user);
    struct presence_lost_heartbeat_node **link = presence_lost_heartbeat_find(p.bucket, user);
    bool gone = *link && presence_lost_heartbeat_stamp(*link) <= now;
    if (gone) {
        presence_lost_heartbeat_unlink(m, p, link);
        p.bucket->examined = 0; /* the chain has moved up: a budgeted round examines it again */
        presence_tally_count(&h->tally, PRESENCE_LEFT);
    }
    presence_lost_heartbeat_exit(p);
    return gone;
}

/* A presence_sweep_part: the part is a bucket. */
static inline int64_t presence_lost_heartbeat_sweep_part(void *map, void *handle, uint64_t bucket,
                                                         struct presence_visit_part *visit)
{
    struct presence_lost_heartbeat *m = map;
    struct presence_lost_heartbeat_handle *h = handle;
    struct presence_lost_heartbeat_place p = presence_lost_heartbeat_enter(m, bucket);
    struct presence_lost_heartbeat_node **link = &p.bucket->head;
    uint64_t budget = visit->whole ? UINT64_MAX : visit->budget;
    uint64_t passed = 0;
    int64_t removed = 0;

    if (!visit->whole && !presence_round_is_at(&m->round, bucket)) {
        presence_lost_heartbeat_exit(p);
        return 0;
    }
    for (; !visit->whole && passed < p.bucket->examined && *link; passed++)
        link = &(*link)->next;
    for (; *link && budget > 0; budget--) {
        if (presence_fresh(presence_lost_heartbeat_stamp(*link), visit->now, m->kept_ms)) {
            link = &(*link)->next;
            passed++;
            continue;
        }
        CONTEND_STEP("lost_heartbeat: judged and not yet unlinked"); /* and here */
        presence_lost_heartbeat_unlink(m, p, link);
        presence_tally_count(&h->tally, PRESENCE_SWEPT);
        removed++;
    }
    if (!visit->whole) {
        visit->budget = budget;
        visit->ended = *link == NULL;
        p.bucket->examined = visit->ended ? 0 : passed;
        if (visit->ended)
            presence_round_pass(&m->round, bucket, m->bucket_count);
    } else if (removed) {
        p.bucket->examined = 0; /* as in leave */
    }
    presence_lost_heartbeat_exit(p);
    return removed;
}

static inline int64_t presence_lost_heartbeat_sweep(struct presence_lost_heartbeat *m,
                                                    struct presence_lost_heartbeat_handle *h,
                                                    uint64_t now, uint64_t budget, bool *complete)
{
    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    return presence_round_sweep(&m->round, m->bucket_count, presence_lost_heartbeat_sweep_part, m,
                                h, now, budget, complete);
}

static inline int presence_lost_heartbeat_for_each_online(struct presence_lost_heartbeat *m,
                                                          struct presence_lost_heartbeat_handle *h,
                                                          uint64_t now, presence_visit fn,
                                                          void *ctx)
{
    int stop = presence_valid_now(now) ? 0 : -EINVAL;

    (void)h;
    for (uint64_t b = 0; b < m->bucket_count && stop == 0; b++) {
        struct presence_lost_heartbeat_place p = presence_lost_heartbeat_enter(m, b);
        struct presence_lost_heartbeat_node *n = p.bucket->head;
        for (; n && stop == 0; n = n->next) {
            uint64_t last = presence_lost_heartbeat_stamp(n);
            if (presence_fresh(last, now, m->config.ttl_ms))
                stop = fn(ctx, n->user, last);
        }
        presence_lost_heartbeat_exit(p);
    }
    return stop;
}

PRESENCE_COUNT_BY_WALK(lost_heartbeat)
PRESENCE_BATCH_IN_TURN(lost_heartbeat)
PRESENCE_NO_QUIESCENCE(lost_heartbeat)
PRESENCE_NO_RESERVE(lost_heartbeat)

static inline void presence_lost_heartbeat_stats(struct presence_lost_heartbeat *m,
                                                 struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = sizeof *m + m->bucket_count * sizeof *m->buckets +
                                             m->stripe_count * sizeof *m->stripes };
    for (uint64_t b = 0; b < m->bucket_count; b++) {
        struct presence_lost_heartbeat_place p = presence_lost_heartbeat_enter(m, b);
        for (struct presence_lost_heartbeat_node *n = p.bucket->head; n; n = n->next)
            out->entries++;
        if (b < m->stripe_count) { /* each stripe once */
            out->bytes += p.stripe->nodes;
            out->bytes_retired += p.stripe->retired;
        }
        presence_lost_heartbeat_exit(p);
    }
    out->bytes_retired_peak = out->bytes_retired; /* it never falls */
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_lost_heartbeat_traits = {
    .id = {
        .name = "lost_heartbeat",
        .title = "exhibit: looks up under the lock, raises the stamp outside it",
        .reference = "Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995",
        .flags = CONTEND_EXHIBIT,
        .options = presence_lost_heartbeat_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_BLOCKING,
    .last_seen = CONTEND_BLOCKING,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_UNBOUNDED,
    .expiry = "lazy check and full or budgeted scan, bucket by bucket",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = sizeof(struct presence_lost_heartbeat_node) +
                      sizeof(struct presence_lost_heartbeat_bucket),
    .bytes_fixed = sizeof(struct presence_lost_heartbeat) +
                   PRESENCE_DEFAULT_PARTS * sizeof(struct presence_lost_heartbeat_stripe),
};

PRESENCE_STATIC_TRAITS(lost_heartbeat)

#endif
