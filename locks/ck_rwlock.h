/*
 * ck_rwlock.h - Concurrency Kit's read-write lock: a count of readers and a writer's flag.
 *
 * Idea: two words.  A writer raises the flag and waits until the count is 0; a reader counts
 *   itself, looks at the flag, and takes itself back if it is up.  A raised flag keeps new
 *   readers out, so writers come before readers.
 * Invariant: a thread that reads is in the count; a writer has found the count at 0 after it
 *   had raised the flag, and a reader the flag down after it had counted itself, so that
 *   one of two that meet has seen the other.
 * Progress: blocking.  A writer waits for every reader inside, readers for writers: they starve
 *   while writers follow each other without a gap.
 * Cost: two locked instructions a pair for readers, on a line that all of them write; one for
 *   a writer; 8 bytes.
 * Breaks when: readers are many and short: the count's line moves at each of them.  And when
 *   threads outnumber processors.
 * Use when: sections of readers are long, and writes must not wait.
 * Reference: S. Al Bahra, Concurrency Kit (BSD licence), ck_rwlock.h, 2011.
 */
#ifndef CONTEND_LOCKS_CK_RWLOCK_H
#define CONTEND_LOCKS_CK_RWLOCK_H

#include <ck_rwlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_rwlock {
    ck_rwlock_t lock;
};

#define LOCK_INIT_ck_rwlock { CK_RWLOCK_INITIALIZER }

#define LOCK_OPTIONS_ck_rwlock(part) /* none */

LOCK_STATELESS_HANDLE(ck_rwlock)

LOCK_CK_INIT(ck_rwlock, NULL, ck_rwlock_init(&l->lock))
LOCK_CK_FINI(ck_rwlock, ck_rwlock_locked(&l->lock))

LOCK_CK_TAKES(ck_rwlock, acquire, ck_rwlock_write_lock(&l->lock))
LOCK_CK_TRIES(ck_rwlock, try_acquire, ck_rwlock_write_trylock(&l->lock))
LOCK_CK_DOES(ck_rwlock, release, ck_rwlock_write_unlock(&l->lock))

LOCK_CK_TAKES(ck_rwlock, acquire_shared, ck_rwlock_read_lock(&l->lock))
LOCK_CK_TRIES(ck_rwlock, try_acquire_shared, ck_rwlock_read_trylock(&l->lock))
LOCK_CK_DOES(ck_rwlock, release_shared, ck_rwlock_read_unlock(&l->lock))

LOCK_READERS_HOLD_IT(ck_rwlock)
LOCK_CALLER_EXECUTES(ck_rwlock)

enum {
    lock_ck_rwlock_flags = LOCK_CK_FLAGS | CONTEND_PROCESS_SHARED,
    lock_ck_rwlock_features =
        LOCK_SHARED | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ck_rwlock_traits = {
    .id = {
        .name = "ck_rwlock",
        .title = "Concurrency Kit's read-write lock: a count of readers and a writer's flag",
        .reference = "Al Bahra, Concurrency Kit, ck_rwlock.h, 2011",
        .flags = lock_ck_rwlock_flags,
    },
    .features = lock_ck_rwlock_features,
    .bytes = sizeof(struct lock_ck_rwlock),
};

LOCK_STATIC_TRAITS(ck_rwlock)

#endif
