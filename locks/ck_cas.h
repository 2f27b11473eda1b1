/*
 * ck_cas.h - Concurrency Kit's spin lock by compare-and-swap.
 *
 * Idea: as ck_fas.h, with a compare-and-swap from 0 to 1 in the swap's place.  It looks
 *   gentler, since it writes nothing when it fails; the line is fetched for writing all
 *   the same.  Side by side the two say whether that makes a difference on a machine.
 * Invariant: `value` is 1 exactly while a thread is inside; only the compare-and-swap that
 *   succeeded has made it so.
 * Progress: blocking.  A preempted holder leaves the others spinning.
 * Cost: one locked instruction a pair; 8 bytes, half of them for the option.
 * Breaks when: threads outnumber processors, as every lock that only spins.
 * Use when: the comparison with ck_fas.h is the question.
 * Reference: T. Anderson, "The Performance of Spin Lock Alternatives", 1990; Concurrency
 *   Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_CAS_H
#define CONTEND_LOCKS_CK_CAS_H

#include <ck_spinlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_cas {
    ck_spinlock_cas_t lock;
    unsigned backoff; /* constant after init */
};

#define LOCK_INIT_ck_cas { CK_SPINLOCK_CAS_INITIALIZER, 0 }

#define LOCK_OPTIONS_ck_cas(part) \
    { part "backoff", 0, 0, 1, "1: a waiter pauses twice as long each time, up to a million turns" },

LOCK_OPTIONS_LIST(ck_cas)

LOCK_STATELESS_HANDLE(ck_cas)

LOCK_CK_INIT(ck_cas, lock_ck_cas_options, ck_spinlock_cas_init(&l->lock);
             l->backoff = (unsigned)contend_option_value(&c.settings, lock_ck_cas_options,
                                                         "backoff"))
LOCK_CK_FINI(ck_cas, ck_spinlock_cas_locked(&l->lock))

LOCK_CK_TAKES(ck_cas, acquire, if (l->backoff) ck_spinlock_cas_lock_eb(&l->lock);
              else ck_spinlock_cas_lock(&l->lock))
LOCK_CK_TRIES(ck_cas, try_acquire, ck_spinlock_cas_trylock(&l->lock))
LOCK_CK_DOES(ck_cas, release, ck_spinlock_cas_unlock(&l->lock))

LOCK_EXCLUSIVE_ONLY(ck_cas)
LOCK_READERS_HOLD_IT(ck_cas)
LOCK_CALLER_EXECUTES(ck_cas)

enum {
    lock_ck_cas_flags = LOCK_CK_FLAGS | CONTEND_PROCESS_SHARED,
    lock_ck_cas_features = LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ck_cas_traits = {
    .id = {
        .name = "ck_cas",
        .title = "Concurrency Kit's spin lock by compare-and-swap",
        .reference = "Anderson, The Performance of Spin Lock Alternatives, 1990",
        .flags = lock_ck_cas_flags,
        .options = lock_ck_cas_options,
    },
    .features = lock_ck_cas_features,
    .bytes = sizeof(struct lock_ck_cas),
};

LOCK_STATIC_TRAITS(ck_cas)

#endif
