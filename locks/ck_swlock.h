/*
 * ck_swlock.h - Concurrency Kit's lock for one writer and many readers in one word.
 *
 * Idea: the upper bit says that the writer is there, the rest counts readers.  A reader's one
 *   fetch-and-add counts it and shows the bit at once, so it needs no second look; and a
 *   writer never competes with another one, because there is only one.  Where several
 *   threads write, as here, a spin lock in front makes them one.
 * Invariant: a thread that holds the spin lock is the writer; it is inside when it has set
 *   the bit and then found no reader counted.  A reader that counted itself under the bit
 *   takes itself back and waits.
 * Progress: blocking.  The bit keeps new readers out, so writers come before readers.
 * Cost: two locked instructions a pair for readers on one line, three for writers; 8 bytes.
 * Breaks when: readers are many and short, as every count in one word.  And when threads
 *   outnumber processors.
 * Use when: a single thread writes; then the spin lock is never contended.
 * Reference: J. Sridhar and S. Al Bahra, Concurrency Kit (BSD licence), ck_swlock.h, 2014.
 */
#ifndef CONTEND_LOCKS_CK_SWLOCK_H
#define CONTEND_LOCKS_CK_SWLOCK_H

#include <ck_spinlock.h>
#include <ck_swlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_swlock {
    ck_swlock_t lock;
    ck_spinlock_fas_t writers; /* makes all that write one writer */
};

#define LOCK_INIT_ck_swlock { CK_SWLOCK_INITIALIZER, CK_SPINLOCK_FAS_INITIALIZER }

#define LOCK_OPTIONS_ck_swlock(part) /* none */

LOCK_STATELESS_HANDLE(ck_swlock)

LOCK_CK_INIT(ck_swlock, NULL, ck_swlock_init(&l->lock); ck_spinlock_fas_init(&l->writers))
LOCK_CK_FINI(ck_swlock, ck_swlock_locked(&l->lock) || ck_spinlock_fas_locked(&l->writers))

LOCK_CK_TAKES(ck_swlock, acquire, ck_spinlock_fas_lock(&l->writers);
              ck_swlock_write_lock(&l->lock))
LOCK_CK_DOES(ck_swlock, release, ck_swlock_write_unlock(&l->lock);
             ck_spinlock_fas_unlock(&l->writers))

static inline int lock_ck_swlock_try_acquire(struct lock_ck_swlock *l,
                                             struct lock_ck_swlock_handle *h)
{
    (void)h;
    if (!ck_spinlock_fas_trylock(&l->writers))
        return -EBUSY;
    if (ck_swlock_write_trylock(&l->lock))
        return 0;
    ck_spinlock_fas_unlock(&l->writers);
    return -EBUSY;
}

LOCK_CK_TAKES(ck_swlock, acquire_shared, ck_swlock_read_lock(&l->lock))
LOCK_CK_TRIES(ck_swlock, try_acquire_shared, ck_swlock_read_trylock(&l->lock))
LOCK_CK_DOES(ck_swlock, release_shared, ck_swlock_read_unlock(&l->lock))

LOCK_READERS_HOLD_IT(ck_swlock)
LOCK_CALLER_EXECUTES(ck_swlock)

enum {
    lock_ck_swlock_flags = LOCK_CK_FLAGS | CONTEND_PROCESS_SHARED,
    lock_ck_swlock_features =
        LOCK_SHARED | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ck_swlock_traits = {
    .id = {
        .name = "ck_swlock",
        .title = "Concurrency Kit's lock for one writer and many readers in one word",
        .reference = "Sridhar and Al Bahra, Concurrency Kit, ck_swlock.h, 2014",
        .flags = lock_ck_swlock_flags,
    },
    .features = lock_ck_swlock_features,
    .bytes = sizeof(struct lock_ck_swlock),
};

LOCK_STATIC_TRAITS(ck_swlock)

#endif
