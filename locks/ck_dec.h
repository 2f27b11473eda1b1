/*
 * ck_dec.h - Concurrency Kit's spin lock by decrement.
 *
 * Idea: the word is 1 when the lock is free.  To enter is to decrement it, and the thread
 *   whose decrement gave 0 is inside; the processor's zero flag is the answer, and no value
 *   has to come back.  Those who come later make it negative; the holder stores a 1 whatever
 *   is there.  Linux's spin locks on x86 were of this kind before they had tickets.
 * Invariant: the word is 1 when nobody is inside; only the decrement from 1 to 0 enters.
 * Progress: blocking.  A preempted holder leaves the others spinning.
 * Cost: one locked instruction a pair; 8 bytes, half of them for the option.
 * Breaks when: 2^32 decrements are made while the lock is held: they come round to 0 again.
 *   Only threads that saw a 1 decrement, so it would take as many threads.  And when threads
 *   outnumber processors.
 * Use when: the comparison with ck_fas.h is the question.
 * Reference: L. Torvalds and others, Linux 2.6, include/asm-i386/spinlock.h, 2003;
 *   Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_DEC_H
#define CONTEND_LOCKS_CK_DEC_H

#include <ck_spinlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_dec {
    ck_spinlock_dec_t lock;
    unsigned backoff; /* constant after init */
};

#define LOCK_INIT_ck_dec { CK_SPINLOCK_DEC_INITIALIZER, 0 }

#define LOCK_OPTIONS_ck_dec(part) \
    { part "backoff", 0, 0, 1, "1: a waiter pauses twice as long each time, up to a million turns" },

LOCK_OPTIONS_LIST(ck_dec)

LOCK_STATELESS_HANDLE(ck_dec)

LOCK_CK_INIT(ck_dec, lock_ck_dec_options, ck_spinlock_dec_init(&l->lock);
             l->backoff = (unsigned)contend_option_value(&c.settings, lock_ck_dec_options,
                                                         "backoff"))
LOCK_CK_FINI(ck_dec, ck_spinlock_dec_locked(&l->lock))

LOCK_CK_TAKES(ck_dec, acquire, if (l->backoff) ck_spinlock_dec_lock_eb(&l->lock);
              else ck_spinlock_dec_lock(&l->lock))
LOCK_CK_TRIES(ck_dec, try_acquire, ck_spinlock_dec_trylock(&l->lock))
LOCK_CK_DOES(ck_dec, release, ck_spinlock_dec_unlock(&l->lock))

LOCK_EXCLUSIVE_ONLY(ck_dec)
LOCK_READERS_HOLD_IT(ck_dec)
LOCK_CALLER_EXECUTES(ck_dec)

enum {
    lock_ck_dec_flags = LOCK_CK_FLAGS | CONTEND_PROCESS_SHARED,
    lock_ck_dec_features = LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ck_dec_traits = {
    .id = {
        .name = "ck_dec",
        .title = "Concurrency Kit's spin lock by decrement",
        .reference = "Torvalds and others, Linux 2.6, asm-i386/spinlock.h, 2003",
        .flags = lock_ck_dec_flags,
        .options = lock_ck_dec_options,
    },
    .features = lock_ck_dec_features,
    .bytes = sizeof(struct lock_ck_dec),
};

LOCK_STATIC_TRAITS(ck_dec)

#endif
