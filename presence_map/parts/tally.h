/*
 * tally.h - inserts and removals, counted where they happen.
 *
 * Each handle counts its own with plain increments; leaving hands the counts
 * over to the map.  Guarantee P14 (entries = inserts - swept - left) can then be
 * checked against the entries that a walk finds, and counting writes no shared
 * line.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_TALLY_H
#define CONTEND_PRESENCE_MAP_PARTS_TALLY_H

#include "locks/parts/platform.h"
#include "locks/parts/roster.h"
#include "presence_map/presence_map.h"

enum presence_event { PRESENCE_INSERTED, PRESENCE_SWEPT, PRESENCE_LEFT, PRESENCE_EVENTS };

/* The first member of a map's handle. */
struct presence_tally {
    struct roster_entry entry;
    _Atomic uint64_t events[PRESENCE_EVENTS]; /* written by the owner alone */
};

/* A member of the map: the attached handles, and the counts of those that detached. */
struct presence_ledger {
    struct roster roster;
    uint64_t settled[PRESENCE_EVENTS]; /* guarded by the roster's lock */
};

static inline int presence_ledger_init(struct presence_ledger *l)
{
    for (int e = 0; e < PRESENCE_EVENTS; e++)
        l->settled[e] = 0;
    return roster_init(&l->roster);
}

/* -EBUSY while a thread is attached. */
static inline int presence_ledger_fini(struct presence_ledger *l)
{
    return roster_fini(&l->roster);
}

static inline void presence_ledger_enter(struct presence_ledger *l, struct presence_tally *t)
{
    for (int e = 0; e < PRESENCE_EVENTS; e++)
        atomic_init(&t->events[e], 0);
    roster_lock(&l->roster);
    roster_enter_locked(&l->roster, &t->entry);
    roster_unlock(&l->roster);
}

static inline void presence_ledger_leave(struct presence_ledger *l, struct presence_tally *t)
{
    roster_lock(&l->roster);
    roster_leave_locked(&l->roster, &t->entry);
    for (int e = 0; e < PRESENCE_EVENTS; e++)
        /* relaxed: our own counts. */
        l->settled[e] += atomic_load_explicit(&t->events[e], memory_order_relaxed);
    roster_unlock(&l->roster);
}

/* Counts one event: two plain accesses to the handle's own line. */
static inline void presence_tally_count(struct presence_tally *t, enum presence_event e)
{
    /* relaxed: a single writer; atomic only so that stats() may look while we run. */
    uint64_t n = atomic_load_explicit(&t->events[e], memory_order_relaxed);
    atomic_store_explicit(&t->events[e], n + 1, memory_order_relaxed);
}

/* Fills inserts, swept and left. */
static inline void presence_ledger_read(struct presence_ledger *l, struct presence_stats *out)
{
    uint64_t sum[PRESENCE_EVENTS];

    roster_lock(&l->roster);
    for (int e = 0; e < PRESENCE_EVENTS; e++)
        sum[e] = l->settled[e];
    for (struct roster_entry *p = l->roster.head; p; p = p->next)
        for (int e = 0; e < PRESENCE_EVENTS; e++)
            /* relaxed: exact at quiescent points, which something else has established. */
            sum[e] += atomic_load_explicit(&((struct presence_tally *)(void *)p)->events[e],
                                           memory_order_relaxed);
    roster_unlock(&l->roster);
    out->inserts = sum[PRESENCE_INSERTED];
    out->swept = sum[PRESENCE_SWEPT];
    out->left = sum[PRESENCE_LEFT];
}

/*
 * The handle, attach and detach of a map that has a member `ledger` and keeps
 * nothing else per thread.
 */
#define PRESENCE_TALLY_HANDLE(NAME)                                                           \
    struct presence_##NAME##_handle {                                                         \
        CONTEND_ALIGNED struct presence_tally tally;                                          \
    };                                                                                        \
    static inline int presence_##NAME##_attach(struct presence_##NAME *m,                     \
                                               struct presence_##NAME##_handle *h)            \
    {                                                                                         \
        presence_ledger_enter(&m->ledger, &h->tally);                                         \
        return 0;                                                                             \
    }                                                                                         \
    static inline void presence_##NAME##_detach(struct presence_##NAME *m,                    \
                                                struct presence_##NAME##_handle *h)           \
    {                                                                                         \
        presence_ledger_leave(&m->ledger, &h->tally);                                         \
    }

#endif
