/*
 * flat_combining.h - the thread that gets the lock does the work of all that wait.
 *
 * Idea: a thread publishes what it wants done in a record of its own.  Then it takes the
 *   lock and serves every published request that it finds, or it waits until another
 *   thread has served its own.  The guarded data stay in one cache for many operations,
 *   and the lock changes hands once for all of them.
 * Invariant: a record is `pending` from its owner's store until the call of its function
 *   has ended.  Only the holder of the lock calls and clears it, follows the list of
 *   records and changes a link; a new record is only ever put in front.
 * Progress: blocking.  A preempted combiner stops everybody; a thread may be kept at
 *   serving others for `passes` looks at each record.
 * Cost: alone, that of a spin lock, two stores to the thread's own record and a look at
 *   each attached record.  A served request moves two lines instead of the lock and the
 *   data: the record there, and its answer back.
 * Breaks when: sections are short and few threads meet: two lines are then no gain, and
 *   the mutex is as fast.  Many attached handles that ask for nothing: each combiner
 *   looks at all of them.  Sections by acquire combine nothing: they take the same lock.
 *   Threads outnumber processors: the waiters burn the combiner's time (wait=1 helps).
 * Use when: many threads operate on one structure, and the operations move more of it
 *   than a request is long, as in a queue, a heap or a table.
 * Reference: D. Hendler, I. Incze, N. Shavit and M. Tzafrir, "Flat Combining and the
 *   Synchronization-Parallelism Tradeoff", SPAA 2010.  There records that were idle for
 *   long leave the list; here they leave when their handle is detached.
 */
#ifndef CONTEND_LOCKS_FLAT_COMBINING_H
#define CONTEND_LOCKS_FLAT_COMBINING_H

#include <stdbool.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

/* The record.  A combiner reads a request and answers it on one line. */
struct lock_flat_combining_handle {
    CONTEND_ALIGNED _Atomic uint32_t pending; /* the owner sets it, the combiner clears it */
    struct lock_flat_combining_handle *next;  /* guarded by the lock once it is in the list */
    void (*fn)(void *ctx);
    void *ctx;
};

struct lock_flat_combining {
    _Atomic uint32_t held;
    uint32_t passes; /* constant after init */
    struct waiting waiting;
    _Atomic(struct lock_flat_combining_handle *) records; /* the newest one */
};

/* A second pass finds the thread that was answered early in the first and is back already. */
#define LOCK_FLAT_COMBINING_PASSES 2

#define LOCK_OPTIONS_flat_combining(part) \
    { part "passes", LOCK_FLAT_COMBINING_PASSES, 1, 1000, "most looks at all records in a row" }, \
    WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(flat_combining)

#define LOCK_INIT_flat_combining { 0, LOCK_FLAT_COMBINING_PASSES, WAITING_INIT, NULL }

static inline int lock_flat_combining_init(struct lock_flat_combining *l,
                                           const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_flat_combining_options);

    if (error)
        return error;
    atomic_init(&l->held, 0);
    atomic_init(&l->records, NULL);
    l->passes = (uint32_t)contend_option_value(&c.settings, lock_flat_combining_options, "passes");
    l->waiting = waiting_of(&c.settings, lock_flat_combining_options);
    return 0;
}

static inline int lock_flat_combining_fini(struct lock_flat_combining *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->held, memory_order_relaxed) ? -EBUSY : 0;
}

/* ---- sections: the lock itself, which the combiner holds as well ---- */

static inline int lock_flat_combining_try_acquire(struct lock_flat_combining *l,
                                                  struct lock_flat_combining_handle *h)
{
    (void)h;
    /* relaxed: a look before the exchange, which would take the line from the holder. */
    if (atomic_load_explicit(&l->held, memory_order_relaxed))
        return -EBUSY;
    /* acquire: pairs with the release in lock_flat_combining_release. */
    return atomic_exchange_explicit(&l->held, 1, memory_order_acquire) ? -EBUSY : 0;
}

static inline int lock_flat_combining_acquire(struct lock_flat_combining *l,
                                              struct lock_flat_combining_handle *h)
{
    uint32_t turns = 0;

    while (lock_flat_combining_try_acquire(l, h) != 0)
        waiting_turn(&l->waiting, &turns);
    return 0;
}

static inline void lock_flat_combining_release(struct lock_flat_combining *l,
                                               struct lock_flat_combining_handle *h)
{
    (void)h;
    /* release: pairs with the acquire in lock_flat_combining_try_acquire. */
    atomic_store_explicit(&l->held, 0, memory_order_release);
}

/* ---- requests ---- */

/* For the holder of the lock: makes the calls that are pending. */
static inline void lock_flat_combining_serve(struct lock_flat_combining *l,
                                             struct lock_flat_combining_handle *h)
{
    bool others = true;

    for (uint32_t pass = 0; pass < l->passes && others; pass++) {
        /*
         * acquire: pairs with the release in lock_flat_combining_attach.  Every later change of
         * `records` is a read-modify-write and continues that release, so that the links of
         * older records are seen as well.
         */
        struct lock_flat_combining_handle *r =
            atomic_load_explicit(&l->records, memory_order_acquire);
        for (others = false; r; r = r->next) {
            /* acquire: pairs with the release in execute; `fn`, `ctx` and *ctx are there. */
            if (!atomic_load_explicit(&r->pending, memory_order_acquire))
                continue;
            others |= r != h;
            r->fn(r->ctx);
            CONTEND_STEP("flat_combining: served, not yet answered");
            /* release: pairs with the acquire in execute; what the call did is there. */
            atomic_store_explicit(&r->pending, 0, memory_order_release);
        }
    }
}

static inline int lock_flat_combining_execute(struct lock_flat_combining *l,
                                              struct lock_flat_combining_handle *h,
                                              void (*fn)(void *ctx), void *ctx)
{
    uint32_t turns = 0;

    h->fn = fn;
    h->ctx = ctx;
    /* release: pairs with the acquire of `pending` in lock_flat_combining_serve. */
    atomic_store_explicit(&h->pending, 1, memory_order_release);
    CONTEND_STEP("flat_combining: published, not yet served");
    /* acquire: pairs with the release of the answer in lock_flat_combining_serve. */
    while (atomic_load_explicit(&h->pending, memory_order_acquire)) {
        if (lock_flat_combining_try_acquire(l, h) == 0) {
            lock_flat_combining_serve(l, h);
            lock_flat_combining_release(l, h);
        } else {
            waiting_turn(&l->waiting, &turns);
        }
    }
    return 0;
}

/* ---- the list of records ---- */

static inline int lock_flat_combining_attach(struct lock_flat_combining *l,
                                             struct lock_flat_combining_handle *h)
{
    atomic_init(&h->pending, 0);
    /* relaxed: what this finds is not followed; the swap below checks it. */
    h->next = atomic_load_explicit(&l->records, memory_order_relaxed);
    /*
     * release: pairs with the acquire in lock_flat_combining_serve, which finds the record
     * initialised; relaxed on failure: value only.
     */
    while (!atomic_compare_exchange_weak_explicit(&l->records, &h->next, h, memory_order_release,
                                                  memory_order_relaxed))
        contend_cpu_relax();
    return 0;
}

/* Under the lock, since a combiner may stand at any record. */
static inline void lock_flat_combining_detach(struct lock_flat_combining *l,
                                              struct lock_flat_combining_handle *h)
{
    struct lock_flat_combining_handle *before = h;

    lock_flat_combining_acquire(l, h);
    /*
     * acquire: pairs with the release in lock_flat_combining_attach, for the links that are
     * followed if newer records are in front.  Nothing is published: the next reader of the
     * list holds the lock after us.
     */
    if (!atomic_compare_exchange_strong_explicit(&l->records, &before, h->next,
                                                 memory_order_acquire, memory_order_acquire)) {
        while (before->next != h)
            before = before->next;
        before->next = h->next;
    }
    lock_flat_combining_release(l, h);
}

LOCK_EXCLUSIVE_ONLY(flat_combining)
LOCK_READERS_HOLD_IT(flat_combining)

enum {
    /* The list of records runs through the handles. */
    lock_flat_combining_flags = CONTEND_SPINS | CONTEND_LOOKS_INTO_HANDLES,
    lock_flat_combining_features =
        LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_DELEGATES,
};

static const struct lock_traits lock_flat_combining_traits = {
    .id = {
        .name = "flat_combining",
        .title = "the holder does the work of all that wait",
        .reference = "Hendler, Incze, Shavit and Tzafrir, Flat Combining, 2010",
        .flags = lock_flat_combining_flags,
        .options = lock_flat_combining_options,
    },
    .features = lock_flat_combining_features,
    .bytes = sizeof(struct lock_flat_combining),
};

LOCK_STATIC_TRAITS(flat_combining)

#endif
