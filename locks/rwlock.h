/*
 * rwlock.h - the C library's read-write lock.
 *
 * Idea: many readers or one writer.
 * Invariant: never a writer together with anybody else.
 * Progress: blocking.  glibc prefers readers: a steady stream of them can keep a
 *   writer out for ever.
 * Cost: readers write the lock's line too: two locked instructions a pair and
 *   one line that moves between all of them; 56 bytes with glibc.
 * Breaks when: all sections are exclusive, of whatever length, or shared and short: then
 *   the readers' counter is the bottleneck.  A plain mutex is faster in both cases.
 * Use when: readers hold the lock long and writers are few.
 * Reference: P. Courtois, F. Heymans and D. Parnas, "Concurrent Control with
 *   Readers and Writers", 1971; IEEE Std 1003.1 (pthread_rwlock_t).
 */
#ifndef CONTEND_LOCKS_RWLOCK_H
#define CONTEND_LOCKS_RWLOCK_H

#include <pthread.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"

struct lock_rwlock {
    pthread_rwlock_t rwlock;
};

#define LOCK_INIT_rwlock { PTHREAD_RWLOCK_INITIALIZER }

#define LOCK_OPTIONS_rwlock(part) /* none */

LOCK_STATELESS_HANDLE(rwlock)

static inline int lock_rwlock_init(struct lock_rwlock *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, NULL);

    if (error)
        return error;
    return -pthread_rwlock_init(&l->rwlock, NULL);
}

static inline int lock_rwlock_fini(struct lock_rwlock *l)
{
    /* glibc's destroy does not look: a lock that cannot be taken is held. */
    if (pthread_rwlock_trywrlock(&l->rwlock) != 0)
        return -EBUSY;
    pthread_rwlock_unlock(&l->rwlock);
    return -pthread_rwlock_destroy(&l->rwlock);
}

static inline int lock_rwlock_acquire(struct lock_rwlock *l, struct lock_rwlock_handle *h)
{
    (void)h;
    return -pthread_rwlock_wrlock(&l->rwlock);
}

static inline int lock_rwlock_try_acquire(struct lock_rwlock *l, struct lock_rwlock_handle *h)
{
    (void)h;
    return -pthread_rwlock_trywrlock(&l->rwlock);
}

static inline void lock_rwlock_release(struct lock_rwlock *l, struct lock_rwlock_handle *h)
{
    (void)h;
    pthread_rwlock_unlock(&l->rwlock);
}

static inline int lock_rwlock_acquire_shared(struct lock_rwlock *l, struct lock_rwlock_handle *h)
{
    (void)h;
    while (pthread_rwlock_rdlock(&l->rwlock) == EAGAIN)
        contend_cpu_relax(); /* too many readers for its counter: wait for one to leave */
    return 0;
}

static inline int lock_rwlock_try_acquire_shared(struct lock_rwlock *l,
                                                 struct lock_rwlock_handle *h)
{
    (void)h;
    int error = pthread_rwlock_tryrdlock(&l->rwlock);

    return error == EAGAIN ? -EBUSY : -error; /* EAGAIN: too many readers for its counter */
}

static inline void lock_rwlock_release_shared(struct lock_rwlock *l, struct lock_rwlock_handle *h)
{
    lock_rwlock_release(l, h);
}

LOCK_READERS_HOLD_IT(rwlock)
LOCK_CALLER_EXECUTES(rwlock)

enum {
    lock_rwlock_flags = 0,
    lock_rwlock_features =
        LOCK_SLEEPS | LOCK_SHARED | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_rwlock_traits = {
    .id = {
        .name = "rwlock",
        .title = "the C library's read-write lock",
        .reference = "Courtois, Heymans and Parnas, Concurrent Control with Readers, 1971",
        .flags = lock_rwlock_flags,
    },
    .features = lock_rwlock_features,
    .bytes = sizeof(struct lock_rwlock),
};

LOCK_STATIC_TRAITS(rwlock)

#endif
