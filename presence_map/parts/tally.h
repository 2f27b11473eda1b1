/*
 * tally.h - inserts and removals, counted where they happen.
 *
 * Each thread counts its own with plain increments; leaving hands the counts
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

/* The map's memory, as roster.h says why, on a line of its own. */
struct presence_tally_record {
    CONTEND_ALIGNED struct roster_entry entry;
    _Atomic uint64_t events[PRESENCE_EVENTS]; /* written by the owner alone */
};

/* A member of a map's handle. */
struct presence_tally {
    struct presence_tally_record *mine;
};

/* A member of the map: the attached threads, and the counts of those that detached. */
struct presence_ledger {
    struct roster roster;
    const struct contend_allocator *allocator;
    uint64_t settled[PRESENCE_EVENTS]; /* guarded by the roster's lock */
};

static inline int presence_ledger_init(struct presence_ledger *l,
                                       const struct contend_allocator *allocator)
{
    l->allocator = allocator;
    for (int e = 0; e < PRESENCE_EVENTS; e++)
        l->settled[e] = 0;
    return roster_init(&l->roster);
}

/* -EBUSY while a thread is attached. */
static inline int presence_ledger_fini(struct presence_ledger *l)
{
    return roster_fini(&l->roster);
}

/* 0 or -ENOMEM. */
__attribute__((warn_unused_result))
static inline int presence_ledger_enter(struct presence_ledger *l, struct presence_tally *t)
{
    t->mine = contend_allocate(l->allocator, _Alignof(struct presence_tally_record),
                               sizeof *t->mine);
    if (!t->mine)
        return -ENOMEM;
    for (int e = 0; e < PRESENCE_EVENTS; e++)
        atomic_init(&t->mine->events[e], 0);
    roster_lock(&l->roster);
    roster_enter_locked(&l->roster, &t->mine->entry);
    roster_unlock(&l->roster);
    return 0;
}

static inline void presence_ledger_leave(struct presence_ledger *l, struct presence_tally *t)
{
    roster_lock(&l->roster);
    roster_leave_locked(&l->roster, &t->mine->entry);
    for (int e = 0; e < PRESENCE_EVENTS; e++)
        /* relaxed: our own counts. */
        l->settled[e] += atomic_load_explicit(&t->mine->events[e], memory_order_relaxed);
    roster_unlock(&l->roster);
    contend_release(l->allocator, t->mine, sizeof *t->mine);
}

/* Counts one event: two plain accesses to the thread's own line. */
static inline void presence_tally_count(struct presence_tally *t, enum presence_event e)
{
    /* relaxed: a single writer; atomic only so that stats() may look while we run. */
    uint64_t n = atomic_load_explicit(&t->mine->events[e], memory_order_relaxed);
    atomic_store_explicit(&t->mine->events[e], n + 1, memory_order_relaxed);
}

/* Fills inserts, swept and left, and adds the records to bytes. */
static inline void presence_ledger_read(struct presence_ledger *l, struct presence_stats *out)
{
    uint64_t sum[PRESENCE_EVENTS];

    roster_lock(&l->roster);
    for (int e = 0; e < PRESENCE_EVENTS; e++)
        sum[e] = l->settled[e];
    for (struct roster_entry *p = l->roster.head; p; p = p->next) {
        struct presence_tally_record *r = (void *)p;
        for (int e = 0; e < PRESENCE_EVENTS; e++)
            /* relaxed: exact at quiescent points, which something else has established. */
            sum[e] += atomic_load_explicit(&r->events[e], memory_order_relaxed);
        out->bytes += sizeof *r;
    }
    roster_unlock(&l->roster);
    out->inserts = sum[PRESENCE_INSERTED];
    out->swept = sum[PRESENCE_SWEPT];
    out->left = sum[PRESENCE_LEFT];
}

/*
 * The handle, attach and detach of a map that has a member `ledger`, and keeps MEMBERS per thread,
 * which BEGIN gives their first values by way of the handle h.
 */
#define PRESENCE_TALLY_HANDLE_AND(NAME, MEMBERS, BEGIN)                                       \
    struct presence_##NAME##_handle {                                                         \
        struct presence_tally tally;                                                          \
        MEMBERS                                                                               \
    };                                                                                        \
    static inline int presence_##NAME##_attach(struct presence_##NAME *m,                     \
                                               struct presence_##NAME##_handle *h)            \
    {                                                                                         \
        BEGIN                                                                                 \
        return presence_ledger_enter(&m->ledger, &h->tally);                                  \
    }                                                                                         \
    static inline void presence_##NAME##_detach(struct presence_##NAME *m,                    \
                                                struct presence_##NAME##_handle *h)           \
    {                                                                                         \
        presence_ledger_leave(&m->ledger, &h->tally);                                         \
    }

/* Of one that keeps nothing else per thread. */
#define PRESENCE_TALLY_HANDLE(NAME) PRESENCE_TALLY_HANDLE_AND(NAME, , )

#endif
