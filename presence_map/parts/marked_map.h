/*
 * marked_map.h - what maps made of marked lists share: the domain, the books, and what is done to
 * one user once the list that the user belongs to is known.
 */
#include "presence_map/reclaim/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_PARTS_MARKED_MAP_H
#define CONTEND_PRESENCE_MAP_PARTS_MARKED_MAP_H

#include "presence_map/parts/defaults.h"
#include "presence_map/parts/marked_list.h"
#include "presence_map/parts/tally.h"

struct presence_marked {
    struct presence_config config; /* never changes */
    uint64_t kept_ms;              /* the greatest age at which a sweep leaves an entry alone */
    CONTEND_ALIGNED _Atomic uint64_t cursor; /* budgeted sweep: the user examined last */
    CONTEND_ALIGNED struct presence_nodes nodes;
    CONTEND_ALIGNED struct presence_ledger ledger;
};

struct presence_marked_handle {
    struct presence_tally tally;
    struct chosen_reclaim_handle reclaim;
};

/* A cursor that says "from the start". */
#define PRESENCE_MARKED_START PRESENCE_NO_USER

/* `config` was resolved to m->config; `limit` users are accepted, 0 = any number. */
static inline int presence_marked_init(struct presence_marked *m,
                                       const struct presence_config *config, uint64_t limit)
{
    struct reclaim_config reclaim = {
        .align = _Alignof(struct presence_node),
        .size = sizeof(struct presence_node),
        .allocator = m->config.allocator,
    };
    int error = presence_ledger_init(&m->ledger, m->config.allocator);

    if (error)
        return error;
    reclaim.settings = contend_settings_of(presence_settings(config), "reclaim");
    m->kept_ms = presence_kept_ms(&m->config, 1);
    atomic_init(&m->cursor, PRESENCE_MARKED_START);
    presence_quota_init(&m->nodes.quota, limit);
    error = chosen_reclaim_init(&m->nodes.domain, &reclaim);
    if (error)
        presence_ledger_fini(&m->ledger);
    return error;
}

/* Frees what is left in a list; no thread is attached. */
static inline void presence_marked_release(struct presence_marked *m, presence_link *head)
{
    /* relaxed, here and below: no other thread is left. */
    uintptr_t at = atomic_load_explicit(head, memory_order_relaxed);
    struct presence_node *n;

    while ((n = presence_node_of(at)) != NULL) {
        at = atomic_load_explicit(&n->next, memory_order_relaxed);
        contend_release(m->config.allocator, n, sizeof *n);
    }
}

/* 0, or -EBUSY while a thread is attached.  The lists are to be released, and then the domain. */
static inline int presence_marked_fini(struct presence_marked *m)
{
    return chosen_reclaim_may_end(&m->nodes.domain) ? presence_ledger_fini(&m->ledger) : -EBUSY;
}

static inline int presence_marked_attach(struct presence_marked *m,
                                         struct presence_marked_handle *h)
{
    int error = presence_ledger_enter(&m->ledger, &h->tally);

    if (error)
        return error;
    error = chosen_reclaim_attach(&m->nodes.domain, &h->reclaim);
    if (error)
        presence_ledger_leave(&m->ledger, &h->tally);
    return error;
}

static inline void presence_marked_detach(struct presence_marked *m,
                                          struct presence_marked_handle *h)
{
    chosen_reclaim_detach(&m->nodes.domain, &h->reclaim);
    presence_ledger_leave(&m->ledger, &h->tally);
}

static inline void presence_marked_enter(struct presence_marked *m,
                                         struct presence_marked_handle *h)
{
    chosen_reclaim_enter(&m->nodes.domain, &h->reclaim);
}

static inline void presence_marked_leave(struct presence_marked *m,
                                         struct presence_marked_handle *h)
{
    chosen_reclaim_leave(&m->nodes.domain, &h->reclaim);
}

/* ---- one user, whose list begins at `head`; inside ---- */

static inline int presence_marked_beat(struct presence_marked *m, struct presence_marked_handle *h,
                                       presence_link *head, uint64_t user, uint64_t now)
{
    struct presence_node *n = presence_list_look(&m->nodes, &h->reclaim, head, user);
    int result = n ? presence_node_refresh(n, now, m->config.ttl_ms) : -EAGAIN;
    bool inserted;

    if (result != -EAGAIN)
        return result;
    CONTEND_STEP("marked_map: heartbeat, found nobody and about to insert");
    result = presence_list_insert(&m->nodes, &h->reclaim, head, user, now, m->config.ttl_ms,
                                  &inserted);
    if (inserted)
        presence_tally_count(&h->tally, PRESENCE_INSERTED);
    return result;
}

/* The user's stamp, or DEAD if there is none. */
static inline uint64_t presence_marked_stamp(struct presence_marked *m,
                                             struct presence_marked_handle *h,
                                             presence_link *head, uint64_t user)
{
    struct presence_node *n = presence_list_look(&m->nodes, &h->reclaim, head, user);

    return n ? presence_node_stamp(n) : PRESENCE_NODE_DEAD;
}

static inline int presence_marked_judge(struct presence_marked *m,
                                        struct presence_marked_handle *h, presence_link *head,
                                        uint64_t user, uint64_t now)
{
    uint64_t last = presence_marked_stamp(m, h, head, user);

    return last != PRESENCE_NODE_DEAD && presence_fresh(last, now, m->config.ttl_ms);
}

static inline int presence_marked_remove(struct presence_marked *m,
                                         struct presence_marked_handle *h, presence_link *head,
                                         uint64_t user, uint64_t now)
{
    struct presence_place p;

    if (!presence_list_find(&m->nodes, &h->reclaim, head, user, &p))
        return 0;
    uint64_t last = presence_node_stamp(p.node);
    while (last != PRESENCE_NODE_DEAD && last <= now)
        if (presence_node_claim(&m->nodes, p.node, &last)) {
            if (!presence_list_bury(&m->nodes, &h->reclaim, &p))
                presence_list_find_behind(&m->nodes, &h->reclaim, head, user, &p);
            presence_tally_count(&h->tally, PRESENCE_LEFT);
            return 1;
        }
    return 0;
}

/*
 * Removes the node at which a walk stands if it is due; whether it did.  The walk then stands at
 * the first greater user.
 */
static inline bool presence_marked_expire(struct presence_marked *m,
                                          struct presence_marked_handle *h, presence_link *head,
                                          struct presence_place *p, uint64_t now)
{
    uint64_t user = p->node->user, last = presence_node_stamp(p->node);

    while (last != PRESENCE_NODE_DEAD && !presence_fresh(last, now, m->kept_ms))
        if (presence_node_claim(&m->nodes, p->node, &last)) {
            presence_list_bury(&m->nodes, &h->reclaim, p);
            presence_list_find_behind(&m->nodes, &h->reclaim, head, user, p);
            presence_tally_count(&h->tally, PRESENCE_SWEPT);
            return true;
        }
    return false;
}

/* Whether the node at which a walk stands is of a user online at `now`; *last is the stamp. */
static inline bool presence_marked_meets(const struct presence_marked *m, struct presence_node *n,
                                         uint64_t now, uint64_t *last)
{
    *last = presence_node_stamp(n);
    return *last != PRESENCE_NODE_DEAD && presence_fresh(*last, now, m->config.ttl_ms);
}

/* ---- budgeted sweeps ---- */

/* The user examined last in the round; START begins one. */
static inline uint64_t presence_marked_resume(struct presence_marked *m)
{
    /* relaxed, here and below: a place to start from; it protects nothing. */
    return atomic_load_explicit(&m->cursor, memory_order_relaxed);
}

/* The next sweep resumes behind `seen`, or at the start. */
static inline void presence_marked_stop(struct presence_marked *m, uint64_t begin, uint64_t seen,
                                        bool complete)
{
    if (complete)
        atomic_store_explicit(&m->cursor, PRESENCE_MARKED_START, memory_order_relaxed);
    else /* failure: another sweeper has moved on from here, or ended the round */
        atomic_compare_exchange_strong_explicit(&m->cursor, &begin, seen, memory_order_relaxed,
                                                memory_order_relaxed);
}

/* Fills what the domain knows, and adds to bytes. */
static inline void presence_marked_read(struct presence_marked *m, struct presence_stats *out)
{
    struct reclaim_stats nodes;

    chosen_reclaim_stats(&m->nodes.domain, &nodes);
    out->bytes += nodes.bytes;
    out->bytes_retired = nodes.retired * sizeof(struct presence_node);
    out->bytes_retired_peak = nodes.retired_peak * sizeof(struct presence_node);
}

/* ---- traits ---- */

enum {
    /* Where a look-up has to help, it retires what it unlinks, as those that write do. */
    presence_marked_reads = chosen_reclaim_reads |
                            (chosen_reclaim_features & RECLAIM_SECTIONS
                                 ? 0
                                 : CONTEND_MODULO_MALLOC | chosen_reclaim_modulo),
    presence_marked_writes = CONTEND_LOCK_FREE | CONTEND_MODULO_MALLOC | chosen_reclaim_modulo,
    presence_marked_backlog = chosen_reclaim_features & RECLAIM_BOUNDED ? PRESENCE_BACKLOG_BOUNDED
                              : chosen_reclaim_features & RECLAIM_KEEPS
                                  ? PRESENCE_BACKLOG_KEPT
                                  : PRESENCE_BACKLOG_UNBOUNDED,
};

/* What the scheme's options have made of the traits. */
static inline void presence_marked_refine(const struct presence_marked *m,
                                          struct presence_traits *t)
{
    unsigned more = chosen_reclaim_modulo_of(&m->nodes.domain);
    unsigned reads = chosen_reclaim_features & RECLAIM_SECTIONS ? 0 : more;

    t->heartbeat |= more;
    t->insert |= more;
    t->leave |= more;
    t->sweep |= more;
    t->is_online |= reads;
    t->last_seen |= reads;
    t->walk |= reads;
}

/* ---- for a map NAME whose struct and handle have a member `base` of this kind ---- */

/* The operations around presence_NAME_beat and _judge; a batch is one section (P12). */
#define PRESENCE_MARKED_IN_SECTIONS(NAME)                                                     \
    PRESENCE_MARKED_SECTION(NAME, heartbeat, beat)                                            \
    PRESENCE_MARKED_SECTION(NAME, is_online, judge)

#define PRESENCE_MARKED_SECTION(NAME, OPERATION, STEP)                                        \
    static inline int presence_##NAME##_##OPERATION(                                          \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, uint64_t user,         \
        uint64_t now)                                                                         \
    {                                                                                         \
        presence_marked_enter(&m->base, &h->base);                                            \
        int result = presence_##NAME##_##STEP(m, h, user, now);                               \
        presence_marked_leave(&m->base, &h->base);                                            \
        return result;                                                                        \
    }                                                                                         \
    static inline int presence_##NAME##_##OPERATION##_many(                                   \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, const uint64_t *users, \
        size_t n, uint64_t now, int *results)                                                 \
    {                                                                                         \
        if (!presence_valid_now(now))                                                         \
            return -EINVAL;                                                                   \
        presence_marked_enter(&m->base, &h->base);                                            \
        for (size_t i = 0; i < n; i++)                                                        \
            results[i] = presence_##NAME##_##STEP(m, h, users[i], now);                       \
        presence_marked_leave(&m->base, &h->base);                                            \
        return 0;                                                                             \
    }

/* P18: what the scheme makes of announcements. */
#define PRESENCE_MARKED_ANNOUNCES(NAME, WHAT)                                                 \
    static inline void presence_##NAME##_##WHAT(struct presence_##NAME *m,                    \
                                                struct presence_##NAME##_handle *h)           \
    {                                                                                         \
        chosen_reclaim_##WHAT(&m->base.nodes.domain, &h->base.reclaim);                       \
    }
#define PRESENCE_MARKED_ANNOUNCEMENTS(NAME)                                                   \
    PRESENCE_MARKED_ANNOUNCES(NAME, quiescent)                                                \
    PRESENCE_MARKED_ANNOUNCES(NAME, offline)                                                  \
    PRESENCE_MARKED_ANNOUNCES(NAME, online)

#endif
