/*
 * ck_fas.h - Concurrency Kit's spin lock: swap first, then look until it is free.
 *
 * Idea: fetch-and-store.  The swap is tried before the first look, so a free lock costs
 *   one instruction and no load before it; a waiter then reads until the word is free.
 *   The library takes this lock where a program asks for just a spin lock.
 * Invariant: `value` is 1 exactly while a thread is inside; only the swap that found a 0
 *   has made it so.
 * Progress: blocking.  A preempted holder leaves the others spinning.
 * Cost: one locked instruction a pair; 8 bytes, half of them for the option.
 * Breaks when: threads outnumber processors.  backoff=1 swaps at each turn, between pauses
 *   that grow to milliseconds: a waiter may sleep through many free moments.
 * Use when: a baseline is wanted that others have measured too; else ttas.h.
 * Reference: T. Anderson, "The Performance of Spin Lock Alternatives", 1990; Concurrency
 *   Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_FAS_H
#define CONTEND_LOCKS_CK_FAS_H

#include <ck_spinlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_fas {
    ck_spinlock_fas_t lock;
    unsigned backoff; /* constant after init */
};

#define LOCK_INIT_ck_fas { CK_SPINLOCK_FAS_INITIALIZER, 0 }

#define LOCK_OPTIONS_ck_fas(part) \
    { part "backoff", 0, 0, 1, "1: a waiter pauses twice as long each time, up to a million turns" },

LOCK_OPTIONS_LIST(ck_fas)

LOCK_STATELESS_HANDLE(ck_fas)

LOCK_CK_INIT(ck_fas, lock_ck_fas_options, ck_spinlock_fas_init(&l->lock);
             l->backoff = (unsigned)contend_option_value(&c.settings, lock_ck_fas_options,
                                                         "backoff"))
LOCK_CK_FINI(ck_fas, ck_spinlock_fas_locked(&l->lock))

LOCK_CK_TAKES(ck_fas, acquire, if (l->backoff) ck_spinlock_fas_lock_eb(&l->lock);
              else ck_spinlock_fas_lock(&l->lock))
LOCK_CK_TRIES(ck_fas, try_acquire, ck_spinlock_fas_trylock(&l->lock))
LOCK_CK_DOES(ck_fas, release, ck_spinlock_fas_unlock(&l->lock))

LOCK_EXCLUSIVE_ONLY(ck_fas)
LOCK_READERS_HOLD_IT(ck_fas)
LOCK_CALLER_EXECUTES(ck_fas)

enum {
    lock_ck_fas_flags = LOCK_CK_FLAGS | CONTEND_PROCESS_SHARED,
    lock_ck_fas_features = LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ck_fas_traits = {
    .id = {
        .name = "ck_fas",
        .title = "Concurrency Kit's spin lock: a swap, and looks until it is free",
        .reference = "Anderson, The Performance of Spin Lock Alternatives, 1990",
        .flags = lock_ck_fas_flags,
        .options = lock_ck_fas_options,
    },
    .features = lock_ck_fas_features,
    .bytes = sizeof(struct lock_ck_fas),
};

LOCK_STATIC_TRAITS(ck_fas)

#endif
