/*
 * chained.h - buckets of lock-free lists, over any scheme of reclamation.
 *
 * Idea: a template.  The hash names a bucket, a bucket is a short ordered list, and a node of it
 *   is inserted by one swap and removed by three: its stamp becomes DEAD, its own link is marked
 *   so that nothing follows it any more, and the link before it passes it by.  The thread that
 *   made the last swap retires the node, and what happens then is the scheme's affair.  With
 *   CONTEND_RECLAIM defined as the name of a scheme (see reclaim/parts/chosen.h) it is that
 *   scheme's chained map.
 * Invariant: a user is in the bucket that its hash names or nowhere; marked_list.h's invariant
 *   holds in every bucket, so at most one linked node has the user's id.  The user is present
 *   exactly while that node is not DEAD.  At least as many are present as quota.h counts.
 * Linearisation points: heartbeat at the swap of the stamp, or at the insertion, or at the load
 *   that shows a later stamp, or (-ENOSPC) at the look-up that found nobody in a map that was full
 *   before it and after it; is_online and last_seen at the load of the stamp, or where
 *   marked_list.h says that a look-up which finds nobody takes effect; leave and sweep, per user,
 *   at the swap to DEAD.  A heartbeat cannot be lost: either its swap is first and the claim
 *   fails, or it sees DEAD, helps to unlink the node and inserts another.
 * Progress: lock-free; reads and walks wait-free where the scheme protects whole sections,
 *   because they then walk on through what is being removed, and otherwise lock-free, because
 *   they have to help first.  What a thread that stalls inside holds up is memory: the scheme's
 *   page says how much.
 * Read guarantee: linearizable per user, in happens-before order; users are not ordered among
 *   each other.  for_each and count_online meet a user at most once, not at one instant: within
 *   a bucket users only rise.
 * Cost: two dependent lines for a hit, the bucket's and the node's, and what the scheme asks for
 *   each; a refresh swaps one word more.  24 bytes a node beside the scheme's, 8 a bucket.
 *   Inserts and removals share two counts, because there is a limit.
 * Breaks when: more users than `capacity`, or `expected`, come: -ENOSPC.  The buckets do not grow.
 * Use when: ids are arbitrary, come and go, and their number is bounded; or to choose a scheme.
 * Reference: M. Michael, "High Performance Dynamic Lock-Free Hash Tables and List-Based Sets",
 *   SPAA 2002; T. Harris, "A Pragmatic Implementation of Non-Blocking Linked-Lists", DISC 2001.
 */
#include "presence_map/reclaim/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_CHAINED_H
#define CONTEND_PRESENCE_MAP_CHAINED_H

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "presence_map/parts/marked_map.h"
#include "presence_map/presence_map.h"

static const struct contend_option presence_chained_options[] = {
    CHOSEN_RECLAIM_OPTIONS("reclaim.")
    CONTEND_OPTIONS_END
};

struct presence_chained {
    struct presence_marked base;
    presence_link *buckets; /* heads of lists */
    uint64_t bucket_count;  /* a power of two */
};

struct presence_chained_handle {
    struct presence_marked_handle base;
};

static inline size_t presence_chained_table_bytes(const struct presence_chained *m)
{
    return m->bucket_count * sizeof *m->buckets;
}

static inline int presence_chained_init(struct presence_chained *m,
                                        const struct presence_config *config)
{
    struct presence_config *c = &m->base.config;
    int error = presence_config_resolve(c, config, presence_chained_options);

    if (error)
        return error;
    uint64_t users = c->capacity ? c->capacity : c->expected;
    m->bucket_count = contend_round_up_pow2(users);
    m->buckets = contend_allocate(c->allocator, CONTEND_CACHE_LINE,
                                  presence_chained_table_bytes(m));
    if (!m->buckets)
        return -ENOMEM;
    for (uint64_t i = 0; i < m->bucket_count; i++)
        atomic_init(&m->buckets[i], 0);
    error = presence_marked_init(&m->base, config, users);
    if (error)
        contend_release(c->allocator, m->buckets, presence_chained_table_bytes(m));
    return error;
}

static inline int presence_chained_fini(struct presence_chained *m)
{
    int error = presence_marked_fini(&m->base);

    if (error)
        return error;
    for (uint64_t i = 0; i < m->bucket_count; i++)
        presence_marked_release(&m->base, &m->buckets[i]);
    chosen_reclaim_fini(&m->base.nodes.domain);
    contend_release(m->base.config.allocator, m->buckets, presence_chained_table_bytes(m));
    return 0;
}

static inline int presence_chained_attach(struct presence_chained *m,
                                          struct presence_chained_handle *h)
{
    return presence_marked_attach(&m->base, &h->base);
}

static inline void presence_chained_detach(struct presence_chained *m,
                                           struct presence_chained_handle *h)
{
    presence_marked_detach(&m->base, &h->base);
}

static inline uint64_t presence_chained_bucket_of(const struct presence_chained *m, uint64_t user)
{
    return presence_hash(user, m->base.config.hash_seed) & (m->bucket_count - 1);
}

static inline presence_link *presence_chained_head(struct presence_chained *m, uint64_t user)
{
    return &m->buckets[presence_chained_bucket_of(m, user)];
}

/* ---- one user, or a batch in one section (P12) ---- */

static inline int presence_chained_beat(struct presence_chained *m,
                                        struct presence_chained_handle *h, uint64_t user,
                                        uint64_t now)
{
    int error = presence_check(user, now);

    return error ? error
                 : presence_marked_beat(&m->base, &h->base, presence_chained_head(m, user), user,
                                        now);
}

static inline int presence_chained_judge(struct presence_chained *m,
                                         struct presence_chained_handle *h, uint64_t user,
                                         uint64_t now)
{
    int error = presence_check(user, now);

    return error ? error
                 : presence_marked_judge(&m->base, &h->base, presence_chained_head(m, user), user,
                                         now);
}

PRESENCE_MARKED_IN_SECTIONS(chained)

static inline int64_t presence_chained_last_seen(struct presence_chained *m,
                                                 struct presence_chained_handle *h, uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    presence_marked_enter(&m->base, &h->base);
    uint64_t last = presence_marked_stamp(&m->base, &h->base, presence_chained_head(m, user), user);
    presence_marked_leave(&m->base, &h->base);
    return last == PRESENCE_NODE_DEAD ? -ENOENT : (int64_t)last;
}

static inline int presence_chained_leave(struct presence_chained *m,
                                         struct presence_chained_handle *h, uint64_t user,
                                         uint64_t now)
{
    int result = presence_check(user, now);

    if (result)
        return result;
    presence_marked_enter(&m->base, &h->base);
    result = presence_marked_remove(&m->base, &h->base, presence_chained_head(m, user), user, now);
    presence_marked_leave(&m->base, &h->base);
    return result;
}

/* ---- walks; inside ---- */

struct presence_chained_walk {
    uint64_t bucket;
    struct presence_place place; /* its node is NULL at the end */
};

/* Goes on to the first node of a later bucket if this one has come to its end. */
static inline void presence_chained_settle(struct presence_chained *m,
                                           struct presence_chained_handle *h,
                                           struct presence_chained_walk *w)
{
    while (!w->place.node && ++w->bucket < m->bucket_count)
        presence_list_seek(&m->base.nodes, &h->base.reclaim, &m->buckets[w->bucket], 0, &w->place);
}

/* To the first node, or to the first one behind the user examined last. */
static inline void presence_chained_begin(struct presence_chained *m,
                                          struct presence_chained_handle *h,
                                          struct presence_chained_walk *w, uint64_t examined)
{
    bool anew = examined == PRESENCE_MARKED_START;

    w->bucket = anew ? 0 : presence_chained_bucket_of(m, examined);
    presence_list_seek(&m->base.nodes, &h->base.reclaim, &m->buckets[w->bucket],
                       anew ? 0 : examined + 1, &w->place);
    presence_chained_settle(m, h, w);
}

static inline void presence_chained_next(struct presence_chained *m,
                                         struct presence_chained_handle *h,
                                         struct presence_chained_walk *w)
{
    presence_list_next(&m->base.nodes, &h->base.reclaim, &m->buckets[w->bucket], &w->place);
    presence_chained_settle(m, h, w);
}

static inline int64_t presence_chained_sweep(struct presence_chained *m,
                                             struct presence_chained_handle *h, uint64_t now,
                                             uint64_t budget, bool *complete)
{
    bool whole = budget == UINT64_MAX;
    uint64_t begin = presence_marked_resume(&m->base), seen = begin;
    struct presence_chained_walk w;
    int64_t removed = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    presence_marked_enter(&m->base, &h->base);
    presence_chained_begin(m, h, &w, whole ? PRESENCE_MARKED_START : begin);
    for (; w.place.node && budget > 0; budget--) {
        seen = w.place.node->user;
        if (presence_marked_expire(&m->base, &h->base, &m->buckets[w.bucket], &w.place, now)) {
            presence_chained_settle(m, h, &w);
            removed++;
        } else {
            presence_chained_next(m, h, &w);
        }
    }
    *complete = !w.place.node;
    presence_marked_leave(&m->base, &h->base);
    if (*complete)
        chosen_reclaim_drain(&m->base.nodes.domain, &h->base.reclaim);
    if (!whole)
        presence_marked_stop(&m->base, begin, seen, *complete);
    return removed;
}

static inline int presence_chained_for_each_online(struct presence_chained *m,
                                                   struct presence_chained_handle *h, uint64_t now,
                                                   presence_visit fn, void *ctx)
{
    struct presence_chained_walk w;
    uint64_t last;
    int stop = 0;

    if (!presence_valid_now(now))
        return -EINVAL;
    presence_marked_enter(&m->base, &h->base);
    presence_chained_begin(m, h, &w, PRESENCE_MARKED_START);
    while (w.place.node && stop == 0) {
        if (presence_marked_meets(&m->base, w.place.node, now, &last))
            stop = fn(ctx, w.place.node->user, last);
        presence_chained_next(m, h, &w);
    }
    presence_marked_leave(&m->base, &h->base);
    return stop;
}

PRESENCE_COUNT_BY_WALK(chained)
PRESENCE_NO_RESERVE(chained)
PRESENCE_MARKED_ANNOUNCEMENTS(chained)

/* ---- books ---- */

/* How many nodes are present.  The caller need not be attached, so it attaches for the walk. */
static inline uint64_t presence_chained_entries(struct presence_chained *m,
                                                const struct presence_stats *books)
{
    struct presence_chained_handle h;
    struct presence_chained_walk w;
    uint64_t entries = 0;

    if (chosen_reclaim_attach(&m->base.nodes.domain, &h.base.reclaim) != 0)
        return books->inserts - books->swept - books->left; /* no memory to look */
    presence_marked_enter(&m->base, &h.base);
    for (presence_chained_begin(m, &h, &w, PRESENCE_MARKED_START); w.place.node;
         presence_chained_next(m, &h, &w))
        entries += presence_node_stamp(w.place.node) != PRESENCE_NODE_DEAD;
    presence_marked_leave(&m->base, &h.base);
    chosen_reclaim_detach(&m->base.nodes.domain, &h.base.reclaim);
    return entries;
}

static inline void presence_chained_stats(struct presence_chained *m, struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = sizeof *m + presence_chained_table_bytes(m) };
    presence_ledger_read(&m->base.ledger, out);
    out->entries = presence_chained_entries(m, out);
    presence_marked_read(&m->base, out);
}

static const struct presence_traits presence_chained_traits = {
    .id = {
        .name = "chained_" CHOSEN_RECLAIM_NAME,
        .title = "lock-free chained buckets; " CHOSEN_RECLAIM_TITLE,
        .reference = "Michael, High Performance Dynamic Lock-Free Hash Tables and List-Based "
                     "Sets, 2002; " CHOSEN_RECLAIM_PAPER,
        .flags = chosen_reclaim_flags,
        .options = presence_chained_options,
    },
    .heartbeat = presence_marked_writes,
    .insert = presence_marked_writes,
    .is_online = presence_marked_reads,
    .last_seen = presence_marked_reads,
    .leave = presence_marked_writes,
    .sweep = presence_marked_writes,
    .walk = presence_marked_reads,
    .features = PRESENCE_LAST_SEEN,
    .backlog = (enum presence_backlog)presence_marked_backlog,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = sizeof(struct presence_node) + sizeof(presence_link),
    .bytes_fixed = sizeof(struct presence_chained),
};

static inline void presence_chained_traits_of(struct presence_chained *m,
                                              struct presence_traits *out)
{
    *out = presence_chained_traits;
    presence_marked_refine(&m->base, out);
}

#endif
