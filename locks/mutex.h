/*
 * mutex.h - the C library's mutex.
 *
 * Idea: pthread_mutex_t as every program has it: one compare-and-swap without
 *   contention, a futex sleep with it.  The reference that every other entry is
 *   compared with.
 * Invariant: the word says free, held, or held with sleepers; it leaves "free"
 *   only by the acquiring compare-and-swap.
 * Progress: blocking.  A preempted holder stops everybody; waiters sleep.
 * Cost: two locked instructions a pair; 40 bytes with glibc.
 * Breaks when: the section is so short that sleeping costs more than waiting.
 * Use when: in doubt.
 * Reference: U. Drepper, "Futexes Are Tricky", 2011; IEEE Std 1003.1.
 */
#ifndef CONTEND_LOCKS_MUTEX_H
#define CONTEND_LOCKS_MUTEX_H

#include <pthread.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"

struct lock_mutex {
    pthread_mutex_t mutex;
};

#define LOCK_INIT_mutex { PTHREAD_MUTEX_INITIALIZER }

#define LOCK_OPTIONS_mutex(part) /* none */

LOCK_STATELESS_HANDLE(mutex)

static inline int lock_mutex_init(struct lock_mutex *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, NULL);

    if (error)
        return error;
    return -pthread_mutex_init(&l->mutex, NULL);
}

static inline int lock_mutex_fini(struct lock_mutex *l)
{
    /* POSIX leaves destroying a held mutex undefined: one that cannot be taken is held. */
    if (pthread_mutex_trylock(&l->mutex) != 0)
        return -EBUSY;
    pthread_mutex_unlock(&l->mutex);
    return -pthread_mutex_destroy(&l->mutex);
}

static inline int lock_mutex_acquire(struct lock_mutex *l, struct lock_mutex_handle *h)
{
    (void)h;
    return -pthread_mutex_lock(&l->mutex);
}

static inline int lock_mutex_try_acquire(struct lock_mutex *l, struct lock_mutex_handle *h)
{
    (void)h;
    return -pthread_mutex_trylock(&l->mutex);
}

static inline void lock_mutex_release(struct lock_mutex *l, struct lock_mutex_handle *h)
{
    (void)h;
    pthread_mutex_unlock(&l->mutex);
}

LOCK_EXCLUSIVE_ONLY(mutex)
LOCK_READERS_HOLD_IT(mutex)
LOCK_CALLER_EXECUTES(mutex)

enum {
    lock_mutex_flags = 0,
    lock_mutex_features =
        LOCK_SLEEPS | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_mutex_traits = {
    .id = {
        .name = "mutex",
        .title = "the C library's mutex",
        .reference = "Drepper, Futexes Are Tricky, 2011",
        .flags = lock_mutex_flags,
    },
    .features = lock_mutex_features,
    .bytes = sizeof(struct lock_mutex),
};

LOCK_STATIC_TRAITS(mutex)

#endif
