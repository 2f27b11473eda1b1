/*
 * adaptive_mutex.h - the C library's mutex that learns how long to spin.
 *
 * Idea: a thread that finds the mutex held tries again for a while before it sleeps, and
 *   the mutex keeps a running average of how many tries it took.  The next waiter tries for
 *   twice that long, plus ten.
 * Invariant: as mutex.h's.  The average is a guess and no more: it is read and written
 *   without a lock, and a wrong one costs time only.
 * Progress: blocking.  A preempted holder stops everybody; waiters spin a little, then sleep.
 * Cost: two locked instructions a pair, as mutex.h; 40 bytes with glibc.
 * Breaks when: threads outnumber processors: the tries are wasted, at most a hundred each
 *   time unless a tunable of glibc says otherwise.  Without glibc it is an ordinary mutex.
 * Use when: sections are short and contended, and threads do not outnumber processors.
 * Reference: A. Karlin, K. Li, M. Manasse and S. Owicki, "Empirical Studies of Competitive
 *   Spinning for a Shared-Memory Multiprocessor", 1991; glibc, nptl/pthread_mutex_lock.c
 *   (PTHREAD_MUTEX_ADAPTIVE_NP).
 */
#ifndef CONTEND_LOCKS_ADAPTIVE_MUTEX_H
#define CONTEND_LOCKS_ADAPTIVE_MUTEX_H

#include <pthread.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"

struct lock_adaptive_mutex {
    pthread_mutex_t mutex;
};

#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
#define LOCK_INIT_adaptive_mutex { PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP }
#define LOCK_ADAPTIVE_MUTEX_TYPE PTHREAD_MUTEX_ADAPTIVE_NP
#else
#define LOCK_INIT_adaptive_mutex { PTHREAD_MUTEX_INITIALIZER }
#define LOCK_ADAPTIVE_MUTEX_TYPE PTHREAD_MUTEX_DEFAULT
#endif

#define LOCK_OPTIONS_adaptive_mutex(part) /* none */

LOCK_STATELESS_HANDLE(adaptive_mutex)

static inline int lock_adaptive_mutex_init(struct lock_adaptive_mutex *l,
                                           const struct lock_config *config)
{
    pthread_mutexattr_t attributes;
    struct lock_config c;
    int error = lock_config_resolve(&c, config, NULL);

    if (error)
        return error;
    error = pthread_mutexattr_init(&attributes);
    if (error)
        return -error;
    error = pthread_mutexattr_settype(&attributes, LOCK_ADAPTIVE_MUTEX_TYPE);
    if (error == 0)
        error = pthread_mutex_init(&l->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return -error;
}

static inline int lock_adaptive_mutex_fini(struct lock_adaptive_mutex *l)
{
    /* POSIX leaves destroying a held mutex undefined: one that cannot be taken is held. */
    if (pthread_mutex_trylock(&l->mutex) != 0)
        return -EBUSY;
    pthread_mutex_unlock(&l->mutex);
    return -pthread_mutex_destroy(&l->mutex);
}

static inline int lock_adaptive_mutex_acquire(struct lock_adaptive_mutex *l,
                                              struct lock_adaptive_mutex_handle *h)
{
    (void)h;
    return -pthread_mutex_lock(&l->mutex);
}

static inline int lock_adaptive_mutex_try_acquire(struct lock_adaptive_mutex *l,
                                                  struct lock_adaptive_mutex_handle *h)
{
    (void)h;
    return -pthread_mutex_trylock(&l->mutex);
}

static inline void lock_adaptive_mutex_release(struct lock_adaptive_mutex *l,
                                               struct lock_adaptive_mutex_handle *h)
{
    (void)h;
    pthread_mutex_unlock(&l->mutex);
}

LOCK_EXCLUSIVE_ONLY(adaptive_mutex)
LOCK_READERS_HOLD_IT(adaptive_mutex)
LOCK_CALLER_EXECUTES(adaptive_mutex)

enum {
    lock_adaptive_mutex_flags = 0,
    lock_adaptive_mutex_features =
        LOCK_SLEEPS | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_adaptive_mutex_traits = {
    .id = {
        .name = "adaptive_mutex",
        .title = "the C library's mutex that learns how long to spin",
        .reference = "Karlin et al., Empirical Studies of Competitive Spinning, 1991",
        .flags = lock_adaptive_mutex_flags,
    },
    .features = lock_adaptive_mutex_features,
    .bytes = sizeof(struct lock_adaptive_mutex),
};

LOCK_STATIC_TRAITS(adaptive_mutex)

#endif
