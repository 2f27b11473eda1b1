/*
 * ck_cohort.h - Concurrency Kit's cohort lock: a ticket lock for each cohort, and one above.
 *
 * Idea: a thread takes the lock of its cohort, then the global one.  When it leaves and others
 *   of its cohort wait, it leaves the global lock as it is and passes on the local one: the
 *   data stay where they are near.  Any two locks will do if the global one may be released
 *   by another thread, and if the local one can say whether somebody waits; here the
 *   cohort itself counts the waiting threads.
 * Invariant: the global lock is held by a cohort, not by a thread; `release_state` says whether
 *   the next holder of the local lock finds it held, and the local lock protects it.
 * Progress: blocking.  A preempted holder stops everybody.
 * Cost: within a cohort two locked instructions for the count and two for the local lock,
 *   and two more when the global lock moves; two line pairs a cohort.
 * Breaks when: threads outnumber processors; threads of one cohort run far apart: a thread's
 *   cohort is its number modulo `cohorts`, not a look at its processor.
 * Use when: sockets are far apart; fairness between cohorts is bounded by `pass`.
 * Reference: D. Dice, V. Marathe and N. Shavit, "Lock Cohorting: A General Technique for
 *   Designing NUMA Locks", PPoPP 2012; Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_COHORT_H
#define CONTEND_LOCKS_CK_COHORT_H

#include <ck_cohort.h>
#include <ck_spinlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"
#include "locks/parts/thread_number.h"

/* The library passes a context for each lock; a ticket lock needs none. */
static inline void lock_ck_cohort_take(void *ticket, void *context)
{
    (void)context;
    ck_spinlock_ticket_lock(ticket);
}

static inline void lock_ck_cohort_give(void *ticket, void *context)
{
    (void)context;
    ck_spinlock_ticket_unlock(ticket);
}

static inline bool lock_ck_cohort_taken(void *ticket, void *context)
{
    (void)context;
    return ck_spinlock_ticket_locked(ticket);
}

CK_COHORT_PROTOTYPE(contend, lock_ck_cohort_take, lock_ck_cohort_give, lock_ck_cohort_taken,
                    lock_ck_cohort_take, lock_ck_cohort_give, lock_ck_cohort_taken)

struct lock_ck_cohort_local {
    CONTEND_ALIGNED CK_COHORT_INSTANCE(contend) cohort;
    CONTEND_ALIGNED ck_spinlock_ticket_t lock;
};

struct lock_ck_cohort {
    CONTEND_ALIGNED ck_spinlock_ticket_t global;
    CONTEND_ALIGNED struct thread_numbers numbers;
    struct lock_ck_cohort_local *locals;
    uint32_t count; /* of them; constant after init */
    const struct contend_allocator *allocator;
};

struct lock_ck_cohort_handle {
    int number;
};

/* No LOCK_INIT_ck_cohort: the cohorts are on the heap. */

#define LOCK_CK_COHORT_COUNT 2
#define LOCK_OPTIONS_ck_cohort(part)                                                          \
    { part "cohorts", LOCK_CK_COHORT_COUNT, 1, 64, "local locks; threads join them by turns" }, \
    { part "pass", CK_COHORT_DEFAULT_LOCAL_PASS_LIMIT, 1, 1000000,                            \
      "holders of one cohort in a row while another may wait" },

LOCK_OPTIONS_LIST(ck_cohort)

static inline int lock_ck_cohort_init(struct lock_ck_cohort *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_ck_cohort_options);

    if (error)
        return error;
    l->allocator = c.allocator;
    l->count = (uint32_t)contend_option_value(&c.settings, lock_ck_cohort_options, "cohorts");
    int64_t pass = contend_option_value(&c.settings, lock_ck_cohort_options, "pass");
    l->locals = contend_allocate(l->allocator, CONTEND_CACHE_LINE, l->count * sizeof *l->locals);
    if (!l->locals)
        return -ENOMEM;
    thread_numbers_init(&l->numbers);
    ck_spinlock_ticket_init(&l->global);
    for (uint32_t i = 0; i < l->count; i++) {
        struct lock_ck_cohort_local *local = &l->locals[i];
        ck_spinlock_ticket_init(&local->lock);
        CK_COHORT_INIT(contend, &local->cohort, &l->global, &local->lock, (unsigned)pass);
    }
    return 0;
}

static inline int lock_ck_cohort_fini(struct lock_ck_cohort *l)
{
    if (ck_spinlock_ticket_locked(&l->global))
        return -EBUSY;
    contend_release(l->allocator, l->locals, l->count * sizeof *l->locals);
    return 0;
}

static inline int lock_ck_cohort_attach(struct lock_ck_cohort *l, struct lock_ck_cohort_handle *h)
{
    h->number = thread_numbers_enter(&l->numbers, THREAD_NUMBERS_MAX);
    return h->number < 0 ? h->number : 0;
}

LOCK_CK_DOES(ck_cohort, detach, thread_numbers_leave(&l->numbers, h->number))

LOCK_CK_TAKES(ck_cohort, acquire,
              CK_COHORT_LOCK(contend, &l->locals[(uint32_t)h->number % l->count].cohort, NULL, NULL))
LOCK_CK_LACKS(ck_cohort, try_acquire)
LOCK_CK_DOES(ck_cohort, release,
             CK_COHORT_UNLOCK(contend, &l->locals[(uint32_t)h->number % l->count].cohort, NULL, NULL))

LOCK_EXCLUSIVE_ONLY(ck_cohort)
LOCK_READERS_HOLD_IT(ck_cohort)
LOCK_CALLER_EXECUTES(ck_cohort)

enum {
    lock_ck_cohort_flags = LOCK_CK_FLAGS,
    lock_ck_cohort_features = LOCK_KNOWS_HOLDER,
    lock_ck_cohort_heap = LOCK_CK_COHORT_COUNT * sizeof(struct lock_ck_cohort_local),
    lock_ck_cohort_handle_heap = 0,
};

static const struct lock_traits lock_ck_cohort_traits = {
    .id = {
        .name = "ck_cohort",
        .title = "Concurrency Kit's cohort lock: a ticket lock for each cohort, and one above",
        .reference = "Dice, Marathe and Shavit, Lock Cohorting, 2012",
        .flags = lock_ck_cohort_flags,
        .options = lock_ck_cohort_options,
    },
    .features = lock_ck_cohort_features,
    .bytes = sizeof(struct lock_ck_cohort) + lock_ck_cohort_heap,
};

static inline void lock_ck_cohort_traits_of(struct lock_ck_cohort *l, struct lock_traits *out)
{
    *out = lock_ck_cohort_traits;
    out->bytes = sizeof *l + l->count * sizeof *l->locals;
}

#endif
