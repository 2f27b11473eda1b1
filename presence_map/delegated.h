/*
 * delegated.h - a thread owns each part, and all others send it what they ask.
 *
 * Idea: users are divided among owners, and nobody but its owner ever touches a part's table: it stays
 *   in that processor's cache, and no lock is taken.  A call is a letter in the owner's queue.  What
 *   makes up for the way there and back is that letters and requests coalesce: the owner takes all
 *   letters of its queue at once, a batch of users is one letter to each owner, which all owners
 *   work at together, and a run of requests about one user, as of a hot one, is one look-up.
 * Invariant: a user is in the part that its hash names or nowhere.  A part's table is touched by its
 *   owner, or, in a section, by the thread that the owner stands by for.
 * Linearisation points: all operations on one user, and a sweep, per user: when the owner does it,
 *   between the call and the return.
 * Progress: blocking.  The owner alone makes progress; when it is preempted, all who ask it wait.
 * Read guarantee: linearizable per user; for_each_online and count_online see each part at one instant,
 *   and different parts at different ones.
 * Cost: a processor for each owner.  One locked instruction and a fence to send, a line there and a
 *   line back.  16 bytes a slot, as striped.h.
 * Breaks when: there is no processor to spare: each call waits for the scheduler twice.  Single
 *   calls of few threads: the way costs more than the look-up.  fork() leaves the owners behind.
 * Use when: requests come in batches, from many processors, and one can be given away.
 * Reference: S. Roghanchi, J. Eriksson and N. Basu, "ffwd: Delegation Is (Much) Faster than You
 *   Think", SOSP 2017; I. Calciu, J. Gottschlich and M. Herlihy, "Using Elimination and Delegation
 *   to Implement a Scalable NUMA-Friendly Stack", HotPar 2013.
 */
#include "locks/parts/chosen.h" /* before the guard: see there; the tables' locks are not used */

#ifndef CONTEND_PRESENCE_MAP_DELEGATED_H
#define CONTEND_PRESENCE_MAP_DELEGATED_H

#include "presence_map/parts/owner.h"
#include "presence_map/parts/partition.h"
#include "presence_map/parts/table.h"

enum { PRESENCE_DELEGATED_MOST = 16 }; /* owners: a batch keeps a letter for each on the stack */

static const struct contend_option presence_delegated_options[] = {
    { "owners", 1, 1, PRESENCE_DELEGATED_MOST,
      "threads that own a part each, rounded up to a power of two" },
    PRESENCE_OWNER_OPTIONS
    CONTEND_OPTIONS_END
};

/* A part.  The table's guard is not used. */
struct presence_delegated_part {
    struct presence_owner owner;
    struct presence_table table;
    struct presence_table_slot *recent; /* the owner's: where the last request's user is */
};

struct presence_delegated {
    struct presence_delegated_part *parts;
    uint32_t count;                /* a power of two */
    struct presence_config config; /* never changes */
    CONTEND_ALIGNED struct presence_round round;
    CONTEND_ALIGNED struct presence_ledger ledger;
};

PRESENCE_TALLY_HANDLE(delegated)

static inline void presence_delegated_release(struct presence_delegated *m, uint32_t made)
{
    while (made > 0) {
        presence_owner_fini(&m->parts[--made].owner);
        presence_table_fini(&m->parts[made].table);
    }
    contend_release(m->config.allocator, m->parts, m->count * sizeof *m->parts);
}

static inline int presence_delegated_init(struct presence_delegated *m,
                                          const struct presence_config *config)
{
    int error = presence_config_resolve(&m->config, config, presence_delegated_options);

    if (error)
        return error;
    const struct contend_settings *settings = presence_settings(config);
    m->count = (uint32_t)contend_round_up_pow2(
        (uint64_t)contend_option_value(settings, presence_delegated_options, "owners"));
    m->parts = contend_allocate(m->config.allocator, _Alignof(struct presence_delegated_part),
                                m->count * sizeof *m->parts);
    if (!m->parts)
        return -ENOMEM;
    presence_round_init(&m->round);
    bool fixed = m->config.capacity != 0;
    uint64_t users = fixed ? m->config.capacity : m->config.expected;
    uint64_t share = presence_part_share(users, fixed, m->count);
    uint32_t made = 0;
    while (error == 0 && made < m->count) {
        struct presence_delegated_part *p = &m->parts[made];
        p->recent = NULL;
        error = presence_table_init(&p->table, made, share, fixed, &m->config, NULL);
        if (error)
            break;
        error = presence_owner_init(&p->owner, settings, presence_delegated_options);
        if (error)
            presence_table_fini(&p->table);
        made += error == 0;
    }
    if (error == 0)
        error = presence_ledger_init(&m->ledger, m->config.allocator);
    if (error)
        presence_delegated_release(m, made);
    return error;
}

static inline int presence_delegated_fini(struct presence_delegated *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        presence_delegated_release(m, m->count);
    return error;
}

/* ---- what owners do ---- */

/* One letter: users whose hash names the part; each gets a result. */
struct presence_delegated_request {
    struct presence_delegated_part *part;
    struct presence_tally *tally;
    const uint64_t *users;
    size_t n;
    uint64_t now, hash_seed;
    uint32_t number, count; /* of the part, and of all */
    int *results;
    int64_t last; /* what last_seen answers */
};

/* The user's slot, or the empty one that ends the probe. */
static inline struct presence_table_slot *
presence_delegated_probe(struct presence_delegated_part *p, uint64_t hash, uint64_t user)
{
    if (!p->recent || p->recent->user != user)
        p->recent = presence_table_probe(&p->table, hash, user);
    return p->recent;
}

static inline int presence_delegated_beat(struct presence_delegated_request *r, uint64_t hash,
                                          uint64_t user)
{
    struct presence_table *t = &r->part->table;
    struct presence_table_slot *s = presence_delegated_probe(r->part, hash, user);

    if (s->user == user)
        return presence_table_refresh(t, s, r->now);
    r->part->recent = NULL; /* the table may grow */
    return presence_table_insert(t, r->tally, s, hash, user, r->now);
}

static inline int presence_delegated_ask(struct presence_delegated_request *r, uint64_t hash,
                                         uint64_t user)
{
    const struct presence_table_slot *s = presence_delegated_probe(r->part, hash, user);

    return s->user == user && presence_fresh(s->last, r->now, r->part->table.ttl_ms);
}

/* Serves the users of a letter that are this part's; the others are other owners'. */
static inline void
presence_delegated_serve(struct presence_delegated_request *r,
                         int (*serve)(struct presence_delegated_request *, uint64_t, uint64_t))
{
    for (size_t i = 0; i < r->n; i++) {
        uint64_t hash = presence_hash(r->users[i], r->hash_seed);
        if (presence_stripe_of(hash, r->count) == r->number && presence_valid_user(r->users[i]))
            r->results[i] = serve(r, hash, r->users[i]);
    }
}

static inline void presence_delegated_serve_beats(void *request)
{
    presence_delegated_serve(request, presence_delegated_beat);
}

static inline void presence_delegated_serve_asks(void *request)
{
    presence_delegated_serve(request, presence_delegated_ask);
}

static inline void presence_delegated_serve_last(void *request)
{
    struct presence_delegated_request *r = request;
    uint64_t hash = presence_hash(*r->users, r->hash_seed);
    const struct presence_table_slot *s = presence_delegated_probe(r->part, hash, *r->users);

    r->last = s->user == *r->users ? (int64_t)s->last : -ENOENT;
}

static inline void presence_delegated_serve_leave(void *request)
{
    struct presence_delegated_request *r = request;
    struct presence_table *t = &r->part->table;
    uint64_t hash = presence_hash(*r->users, r->hash_seed);
    struct presence_table_slot *s = presence_delegated_probe(r->part, hash, *r->users);

    *r->results = s->user == *r->users && s->last <= r->now;
    if (!*r->results)
        return;
    CONTEND_STEP("delegated: leave, judged and not yet removed");
    r->part->recent = NULL; /* others move */
    presence_table_remove(t, (uint64_t)(s - t->slots));
    presence_tally_count(r->tally, PRESENCE_LEFT);
}

/* ---- what the others send ---- */

static inline struct presence_delegated_request
presence_delegated_about(struct presence_delegated *m, struct presence_delegated_handle *h,
                         uint32_t part, const uint64_t *users, size_t n, uint64_t now,
                         int *results)
{
    return (struct presence_delegated_request){
        .part = &m->parts[part], .tally = &h->tally, .users = users, .n = n, .now = now,
        .hash_seed = m->config.hash_seed, .number = part, .count = m->count, .results = results,
    };
}

/* One user's request, to its owner. */
static inline struct presence_delegated_request
presence_delegated_send(struct presence_delegated *m, struct presence_delegated_handle *h,
                        void (*fn)(void *), const uint64_t *user, uint64_t now, int *result)
{
    uint32_t part = presence_stripe_of(presence_hash(*user, m->config.hash_seed), m->count);
    struct presence_delegated_request r =
        presence_delegated_about(m, h, part, user, 1, now, result);

    presence_owner_do(&r.part->owner, fn, &r);
    return r;
}

static inline int presence_delegated_heartbeat(struct presence_delegated *m,
                                               struct presence_delegated_handle *h, uint64_t user,
                                               uint64_t now)
{
    int result = presence_check(user, now);

    if (result == 0)
        presence_delegated_send(m, h, presence_delegated_serve_beats, &user, now, &result);
    return result;
}

static inline int presence_delegated_is_online(struct presence_delegated *m,
                                               struct presence_delegated_handle *h, uint64_t user,
                                               uint64_t now)
{
    int result = presence_check(user, now);

    if (result == 0)
        presence_delegated_send(m, h, presence_delegated_serve_asks, &user, now, &result);
    return result;
}

static inline int64_t presence_delegated_last_seen(struct presence_delegated *m,
                                                   struct presence_delegated_handle *h,
                                                   uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    return presence_delegated_send(m, h, presence_delegated_serve_last, &user, 0, NULL).last;
}

static inline int presence_delegated_leave(struct presence_delegated *m,
                                           struct presence_delegated_handle *h, uint64_t user,
                                           uint64_t now)
{
    int result = presence_check(user, now);

    if (result == 0)
        presence_delegated_send(m, h, presence_delegated_serve_leave, &user, now, &result);
    return result;
}

/* A batch: a letter to each owner, all of them at work together. */
static inline int presence_delegated_many(struct presence_delegated *m,
                                          struct presence_delegated_handle *h, void (*fn)(void *),
                                          const uint64_t *users, size_t n, uint64_t now,
                                          int *results)
{
    struct presence_delegated_request requests[PRESENCE_DELEGATED_MOST];
    struct presence_letter letters[PRESENCE_DELEGATED_MOST];
    struct presence_tally_record records[PRESENCE_DELEGATED_MOST]; /* one writer each: an owner */
    struct presence_tally tallies[PRESENCE_DELEGATED_MOST];

    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        results[i] = -EINVAL; /* of the reserved user, whom no owner serves */
    for (uint32_t i = 0; i < m->count; i++) {
        tallies[i].mine = &records[i];
        atomic_init(&records[i].events[PRESENCE_INSERTED], 0);
        requests[i] = presence_delegated_about(m, h, i, users, n, now, results);
        requests[i].tally = &tallies[i];
        presence_owner_send(&m->parts[i].owner, &letters[i], fn, &requests[i]);
    }
    for (uint32_t i = 0; i < m->count; i++) {
        presence_owner_await(&m->parts[i].owner, &letters[i]);
        /* relaxed: its owner has answered. */
        for (uint64_t k = atomic_load_explicit(&records[i].events[PRESENCE_INSERTED],
                                               memory_order_relaxed); k > 0; k--)
            presence_tally_count(&h->tally, PRESENCE_INSERTED);
    }
    return 0;
}

static inline int presence_delegated_heartbeat_many(struct presence_delegated *m,
                                                    struct presence_delegated_handle *h,
                                                    const uint64_t *users, size_t n, uint64_t now,
                                                    int *results)
{
    return presence_delegated_many(m, h, presence_delegated_serve_beats, users, n, now, results);
}

static inline int presence_delegated_is_online_many(struct presence_delegated *m,
                                                    struct presence_delegated_handle *h,
                                                    const uint64_t *users, size_t n, uint64_t now,
                                                    int *results)
{
    return presence_delegated_many(m, h, presence_delegated_serve_asks, users, n, now, results);
}

/* ---- whole parts ---- */

struct presence_delegated_sweep {
    struct presence_delegated *m;
    struct presence_tally *tally;
    uint64_t part;
    struct presence_visit_part *visit;
    int64_t removed;
};

static inline void presence_delegated_serve_sweep(void *request)
{
    struct presence_delegated_sweep *r = request;
    struct presence_delegated_part *p = &r->m->parts[r->part];
    struct presence_visit_part *visit = r->visit;
    struct expiry_visit here = { .now = visit->now, .budget = UINT64_MAX, .whole = visit->whole };

    p->recent = NULL; /* others move */
    if (visit->whole) {
        while (!here.ended)
            r->removed += presence_table_sweep_some(&p->table, r->tally, &here);
    } else if (presence_round_is_at(&r->m->round, r->part)) {
        here.budget = visit->budget;
        r->removed = presence_table_sweep_some(&p->table, r->tally, &here);
        visit->budget = here.budget;
        visit->ended = here.ended;
        if (visit->ended)
            presence_round_pass(&r->m->round, r->part, r->m->count);
    }
}

/* A presence_sweep_part. */
static inline int64_t presence_delegated_sweep_part(void *map, void *handle, uint64_t part,
                                                    struct presence_visit_part *visit)
{
    struct presence_delegated *m = map;
    struct presence_delegated_handle *h = handle;
    struct presence_delegated_sweep r = { m, &h->tally, part, visit, 0 };

    presence_owner_do(&m->parts[part].owner, presence_delegated_serve_sweep, &r);
    return r.removed;
}

static inline int64_t presence_delegated_sweep(struct presence_delegated *m,
                                               struct presence_delegated_handle *h, uint64_t now,
                                               uint64_t budget, bool *complete)
{
    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    return presence_round_sweep(&m->round, m->count, presence_delegated_sweep_part, m, h, now,
                                budget, complete);
}

/* In a section, since fn is the caller's: no other thread may call it. */
static inline int presence_delegated_for_each_online(struct presence_delegated *m,
                                                     struct presence_delegated_handle *h,
                                                     uint64_t now, presence_visit fn, void *ctx)
{
    int stop = presence_valid_now(now) ? 0 : -EINVAL;

    (void)h;
    for (uint32_t i = 0; i < m->count && stop == 0; i++) {
        const struct presence_table *t = &m->parts[i].table;
        struct presence_section section;

        presence_section_begin(&m->parts[i].owner, &section);
        for (uint64_t k = 0; k <= t->mask && stop == 0; k++)
            if (t->slots[k].user != PRESENCE_NO_USER &&
                presence_fresh(t->slots[k].last, now, t->ttl_ms))
                stop = fn(ctx, t->slots[k].user, t->slots[k].last);
        presence_section_end(&m->parts[i].owner, &section);
    }
    return stop;
}

static inline int presence_delegated_reserve(struct presence_delegated *m,
                                             struct presence_delegated_handle *h, uint64_t users)
{
    uint64_t count = presence_table_slots_for(presence_part_share(users, false, m->count));
    int error = presence_reserve_check(&m->config, users);

    (void)h;
    for (uint32_t i = 0; i < m->count && error == 0 && m->config.capacity == 0; i++) {
        struct presence_section section;

        presence_section_begin(&m->parts[i].owner, &section);
        m->parts[i].recent = NULL;
        if (count > m->parts[i].table.mask + 1)
            error = presence_table_resize(&m->parts[i].table, count);
        presence_section_end(&m->parts[i].owner, &section);
    }
    return error;
}

PRESENCE_COUNT_BY_WALK(delegated)
PRESENCE_NO_QUIESCENCE(delegated)

static inline void presence_delegated_stats(struct presence_delegated *m,
                                            struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = sizeof *m + m->count * sizeof *m->parts };
    for (uint32_t i = 0; i < m->count; i++) {
        struct presence_section section;

        presence_section_begin(&m->parts[i].owner, &section);
        presence_table_stats(&m->parts[i].table, out);
        presence_section_end(&m->parts[i].owner, &section);
    }
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_delegated_traits = {
    .id = {
        .name = "delegated",
        .title = "a thread owns each part, and all others send it what they ask",
        .reference = "Roghanchi, Eriksson and Basu, ffwd: Delegation Is (Much) Faster, 2017",
        .lock = CHOSEN_LOCK_NAME, /* of the tables, where nobody takes it */
        .flags = CONTEND_SPINS | CONTEND_RUNS_THREAD,
        .options = presence_delegated_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_BLOCKING,
    .last_seen = CONTEND_BLOCKING,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan, part by part",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 2 * sizeof(struct presence_table_slot), /* 65,536 users in 131,072 slots */
    .bytes_fixed = sizeof(struct presence_delegated) + sizeof(struct presence_delegated_part) +
                   chosen_lock_heap,
};

PRESENCE_STATIC_TRAITS(delegated)

#endif
