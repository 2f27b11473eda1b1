/*
 * split_ordered.h - one lock-free list for all users, and a table of places to begin in it.
 *
 * Idea: a template.  All users are one list, ordered by the reversed bits of their hashes.  The
 *   users of a bucket then stand together, whatever the number of buckets: doubling it splits
 *   each bucket in the middle and moves nobody.  A bucket is a sentinel in the list; a new one is
 *   put there by the first insertion that needs it.  With CONTEND_RECLAIM defined as the name of a
 *   scheme (see reclaim/parts/chosen.h) it is that scheme's map.
 * Invariant: marked_list.h's.  The sentinel of bucket b comes before all users whose hash ends in
 *   the bits of b, at any size.  A bucket is READY once its sentinel is linked, and stays so; bucket
 *   0 always is.  A thread that finds a bucket not READY begins at its parent, the one without
 *   the highest bit, which comes before it.  So where a search begins is a matter of speed only.
 * Linearisation points: as chained.h's; what the table does is invisible.
 * Progress: as chained.h's.  One thread links a new sentinel, and one makes a new segment; the
 *   others do not wait for them, but begin farther ahead.
 * Read guarantee: linearizable per user, in happens-before order; users are not ordered among
 *   each other.  for_each and count_online meet a user at most once, not at one instant: along the
 *   list users only rise.
 * Cost: as chained.h's, plus the reversal of the hash; a walk inverts the hash to name a user.  24
 *   bytes a node beside the scheme's, and a sentinel of 32 beside it for each two users.
 * Breaks when: growth meets a deadline: the thread that doubles a large table fills the new half
 *   before it goes on.  The table does not shrink.
 * Use when: ids are arbitrary, come and go, and nobody knows how many there will be.
 * Reference: O. Shalev and N. Shavit, "Split-Ordered Lists: Lock-Free Extensible Hash Tables",
 *   Journal of the ACM 2006.
 */
#define PRESENCE_LIST_SENTINELS
#include "presence_map/reclaim/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_SPLIT_ORDERED_H
#define CONTEND_PRESENCE_MAP_SPLIT_ORDERED_H

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "presence_map/parts/marked_map.h"
#include "presence_map/parts/split_table.h"
#include "presence_map/presence_map.h"

static const struct contend_option presence_split_ordered_options[] = {
    { "load", PRESENCE_SPLIT_LOAD, 1, 64, "users a bucket, beyond which the table doubles" },
    CHOSEN_RECLAIM_OPTIONS("reclaim.")
    CONTEND_OPTIONS_END
};

struct presence_split_ordered {
    struct presence_marked base;
    struct presence_split_table table;
};

struct presence_split_ordered_handle {
    struct presence_marked_handle base;
    int64_t came; /* entries made less removed, not yet told to the table */
};

static inline int presence_split_ordered_init(struct presence_split_ordered *m,
                                              const struct presence_config *config)
{
    struct presence_config *c = &m->base.config;
    int error = presence_config_resolve(c, config, presence_split_ordered_options);

    if (error)
        return error;
    int64_t load = contend_option_value(presence_settings(config), presence_split_ordered_options,
                                        "load");
    error = presence_split_init(&m->table, c->capacity ? c->capacity : c->expected, load,
                                c->allocator);
    if (error)
        return error;
    error = presence_marked_init(&m->base, config, c->capacity);
    if (error)
        presence_split_fini(&m->table);
    return error;
}

static inline int presence_split_ordered_fini(struct presence_split_ordered *m)
{
    int error = presence_marked_fini(&m->base);

    if (error)
        return error;
    presence_split_release_users(&m->table);
    chosen_reclaim_fini(&m->base.nodes.domain);
    presence_split_fini(&m->table);
    return 0;
}

static inline int presence_split_ordered_attach(struct presence_split_ordered *m,
                                                struct presence_split_ordered_handle *h)
{
    h->came = 0;
    return presence_marked_attach(&m->base, &h->base);
}

static inline void presence_split_ordered_detach(struct presence_split_ordered *m,
                                                 struct presence_split_ordered_handle *h)
{
    presence_split_tell(&m->table, &h->came, 0, 0);
    presence_marked_detach(&m->base, &h->base);
}

/* A user's number in the order of the list, and back. */
static inline uint64_t presence_split_ordered_order(const struct presence_split_ordered *m,
                                                    uint64_t user)
{
    return presence_split_reverse(presence_hash(user, m->base.config.hash_seed));
}

static inline uint64_t presence_split_ordered_user(const struct presence_split_ordered *m,
                                                   uint64_t order)
{
    return presence_split_unhash(presence_split_reverse(order), m->base.config.hash_seed);
}

/* ---- one user, or a batch in one section (P12) ---- */

static inline int presence_split_ordered_beat(struct presence_split_ordered *m,
                                              struct presence_split_ordered_handle *h,
                                              uint64_t user, uint64_t now)
{
    uint64_t ttl_ms = m->base.config.ttl_ms, order = presence_split_ordered_order(m, user);
    int result = presence_check(user, now);
    bool inserted;

    if (result)
        return result;
    struct presence_node *n = presence_list_look(&m->base.nodes, &h->base.reclaim,
                                                 presence_split_head(&m->table, order), order);
    result = n ? presence_node_refresh(n, now, ttl_ms) : -EAGAIN;
    if (result != -EAGAIN)
        return result;
    CONTEND_STEP("split_ordered: heartbeat, found nobody and about to insert");
    presence_link *head = presence_split_ensure(&m->table, &m->base.nodes, &h->base.reclaim, order);
    result = presence_list_insert(&m->base.nodes, &h->base.reclaim, head, order, now, ttl_ms,
                                  &inserted);
    if (inserted) {
        presence_tally_count(&h->base.tally, PRESENCE_INSERTED);
        presence_split_tell(&m->table, &h->came, 1, PRESENCE_SPLIT_TELLS);
    }
    return result;
}

static inline int presence_split_ordered_judge(struct presence_split_ordered *m,
                                               struct presence_split_ordered_handle *h,
                                               uint64_t user, uint64_t now)
{
    uint64_t order = presence_split_ordered_order(m, user);
    int error = presence_check(user, now);

    return error ? error
                 : presence_marked_judge(&m->base, &h->base,
                                         presence_split_head(&m->table, order), order, now);
}

PRESENCE_MARKED_IN_SECTIONS(split_ordered)

static inline int64_t presence_split_ordered_last_seen(struct presence_split_ordered *m,
                                                       struct presence_split_ordered_handle *h,
                                                       uint64_t user)
{
    uint64_t order = presence_split_ordered_order(m, user);

    if (!presence_valid_user(user))
        return -EINVAL;
    presence_marked_enter(&m->base, &h->base);
    uint64_t last = presence_marked_stamp(&m->base, &h->base,
                                          presence_split_head(&m->table, order), order);
    presence_marked_leave(&m->base, &h->base);
    return last == PRESENCE_NODE_DEAD ? -ENOENT : (int64_t)last;
}

static inline int presence_split_ordered_leave(struct presence_split_ordered *m,
                                               struct presence_split_ordered_handle *h,
                                               uint64_t user, uint64_t now)
{
    uint64_t order = presence_split_ordered_order(m, user);
    int result = presence_check(user, now);

    if (result)
        return result;
    presence_marked_enter(&m->base, &h->base);
    result = presence_marked_remove(&m->base, &h->base, presence_split_head(&m->table, order),
                                    order, now);
    presence_marked_leave(&m->base, &h->base);
    if (result == 1)
        presence_split_tell(&m->table, &h->came, -1, PRESENCE_SPLIT_TELLS);
    return result;
}

/* ---- walks; inside ---- */

/* Goes on to a node that stands for a user, or to the end. */
static inline void presence_split_ordered_settle(struct presence_split_ordered *m,
                                                 struct presence_split_ordered_handle *h,
                                                 struct presence_place *p)
{
    while (p->node && presence_node_stamp(p->node) == PRESENCE_NODE_SENTINEL)
        presence_list_next(&m->base.nodes, &h->base.reclaim,
                           presence_split_head(&m->table, p->node->user), p);
}

/* To the first node, or to the first one behind the one examined last. */
static inline void presence_split_ordered_begin(struct presence_split_ordered *m,
                                                struct presence_split_ordered_handle *h,
                                                struct presence_place *p, uint64_t examined)
{
    uint64_t from = examined == PRESENCE_MARKED_START ? 0 : examined + 1;

    presence_list_seek(&m->base.nodes, &h->base.reclaim, presence_split_head(&m->table, from), from,
                       p);
    presence_split_ordered_settle(m, h, p);
}

static inline void presence_split_ordered_next(struct presence_split_ordered *m,
                                               struct presence_split_ordered_handle *h,
                                               struct presence_place *p)
{
    presence_list_next(&m->base.nodes, &h->base.reclaim,
                       presence_split_head(&m->table, p->node->user), p);
    presence_split_ordered_settle(m, h, p);
}

static inline int64_t presence_split_ordered_sweep(struct presence_split_ordered *m,
                                                   struct presence_split_ordered_handle *h,
                                                   uint64_t now, uint64_t budget, bool *complete)
{
    bool whole = budget == UINT64_MAX;
    uint64_t begin = presence_marked_resume(&m->base), seen = begin;
    struct presence_place p;
    int64_t removed = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    presence_marked_enter(&m->base, &h->base);
    presence_split_ordered_begin(m, h, &p, whole ? PRESENCE_MARKED_START : begin);
    for (; p.node && budget > 0; budget--) {
        seen = p.node->user;
        if (presence_marked_expire(&m->base, &h->base, presence_split_head(&m->table, seen), &p,
                                   now)) {
            presence_split_ordered_settle(m, h, &p);
            removed++;
        } else {
            presence_split_ordered_next(m, h, &p);
        }
    }
    *complete = !p.node;
    presence_marked_leave(&m->base, &h->base);
    presence_split_tell(&m->table, &h->came, -removed, PRESENCE_SPLIT_TELLS);
    if (*complete)
        chosen_reclaim_drain(&m->base.nodes.domain, &h->base.reclaim);
    if (!whole)
        presence_marked_stop(&m->base, begin, seen, *complete);
    return removed;
}

static inline int presence_split_ordered_for_each_online(struct presence_split_ordered *m,
                                                         struct presence_split_ordered_handle *h,
                                                         uint64_t now, presence_visit fn,
                                                         void *ctx)
{
    struct presence_place p;
    uint64_t last;
    int stop = 0;

    if (!presence_valid_now(now))
        return -EINVAL;
    presence_marked_enter(&m->base, &h->base);
    presence_split_ordered_begin(m, h, &p, PRESENCE_MARKED_START);
    while (p.node && stop == 0) {
        if (presence_marked_meets(&m->base, p.node, now, &last))
            stop = fn(ctx, presence_split_ordered_user(m, p.node->user), last);
        presence_split_ordered_next(m, h, &p);
    }
    presence_marked_leave(&m->base, &h->base);
    return stop;
}

static inline int presence_split_ordered_reserve(struct presence_split_ordered *m,
                                                 struct presence_split_ordered_handle *h,
                                                 uint64_t users)
{
    int error = presence_reserve_check(&m->base.config, users);

    (void)h;
    return error ? error : presence_split_grow_to(&m->table, users);
}

PRESENCE_COUNT_BY_WALK(split_ordered)
PRESENCE_MARKED_ANNOUNCEMENTS(split_ordered)

/* ---- books ---- */

/* How many nodes are present.  The caller need not be attached, so it attaches for the walk. */
static inline uint64_t presence_split_ordered_entries(struct presence_split_ordered *m,
                                                      const struct presence_stats *books)
{
    struct presence_split_ordered_handle h;
    struct presence_place p;
    uint64_t entries = 0;

    if (chosen_reclaim_attach(&m->base.nodes.domain, &h.base.reclaim) != 0)
        return books->inserts - books->swept - books->left; /* no memory to look */
    presence_marked_enter(&m->base, &h.base);
    for (presence_split_ordered_begin(m, &h, &p, PRESENCE_MARKED_START); p.node;
         presence_split_ordered_next(m, &h, &p))
        entries += presence_node_stamp(p.node) != PRESENCE_NODE_DEAD;
    presence_marked_leave(&m->base, &h.base);
    chosen_reclaim_detach(&m->base.nodes.domain, &h.base.reclaim);
    return entries;
}

static inline void presence_split_ordered_stats(struct presence_split_ordered *m,
                                                struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = sizeof *m + presence_split_bytes(&m->table) };
    presence_ledger_read(&m->base.ledger, out);
    out->entries = presence_split_ordered_entries(m, out);
    presence_marked_read(&m->base, out);
}

static const struct presence_traits presence_split_ordered_traits = {
    .id = {
        .name = "split_ordered_" CHOSEN_RECLAIM_NAME,
        .title = "one lock-free list and a growing table of places in it; " CHOSEN_RECLAIM_TITLE,
        .reference = "Shalev and Shavit, Split-Ordered Lists, 2006; " CHOSEN_RECLAIM_PAPER,
        .flags = chosen_reclaim_flags,
        .options = presence_split_ordered_options,
    },
    .heartbeat = presence_marked_writes,
    .insert = presence_marked_writes,
    .is_online = presence_marked_reads,
    .last_seen = presence_marked_reads,
    .leave = presence_marked_writes,
    .sweep = presence_marked_writes,
    .walk = presence_marked_reads,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN,
    .backlog = (enum presence_backlog)presence_marked_backlog,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user =
        sizeof(struct presence_node) + sizeof(struct presence_split_bucket) / PRESENCE_SPLIT_LOAD,
    .bytes_fixed = sizeof(struct presence_split_ordered),
};

static inline void presence_split_ordered_traits_of(struct presence_split_ordered *m,
                                                    struct presence_traits *out)
{
    *out = presence_split_ordered_traits;
    presence_marked_refine(&m->base, out);
}

#endif
