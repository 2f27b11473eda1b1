/*
 * robust_mutex.h - the C library's mutex that outlives its holder, in any process.
 *
 * Idea: the kernel knows which robust mutexes a thread holds (it registered a list of them),
 *   and marks them when the thread ends, however it ends.  The next one to acquire is told
 *   so, and may repair what the dead one left.
 * Invariant: the word holds the owner's thread number, so that it can be told from a dead
 *   one's; the list of what a thread holds lives in that thread's own memory.
 * Progress: blocking, but a dead holder stops nobody.  A preempted one does; waiters sleep.
 * Cost: slower than mutex.h at every length of section, by a fifth where they are empty: two
 *   locked instructions a pair, and about as many stores again, which put the mutex on the
 *   thread's list and take it off; 40 bytes with glibc.
 * Breaks when: the data cannot be repaired.  Nobody then knows what the dead holder had done
 *   already, so a section should be written for it: a copy that is published last, a log.
 *   A program that is killed as a whole takes unshared memory with it, and needs none of
 *   this.
 * Use when: processes share memory, and one of them may crash or be killed.
 * Reference: I. Molnar and U. Drepper, "Robust Futexes", 2006 (Linux documentation); IEEE
 *   Std 1003.1 (pthread_mutexattr_setrobust).
 */
#ifndef CONTEND_LOCKS_ROBUST_MUTEX_H
#define CONTEND_LOCKS_ROBUST_MUTEX_H

#include <pthread.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"

struct lock_robust_mutex {
    pthread_mutex_t mutex;
};

#define LOCK_OPTIONS_robust_mutex(part) /* none */

LOCK_STATELESS_HANDLE(robust_mutex)

static inline int lock_robust_mutex_init(struct lock_robust_mutex *l,
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
    error = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    if (error == 0)
        error = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (error == 0)
        error = pthread_mutex_init(&l->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return -error;
}

/*
 * What a call for the mutex has answered.  A dead holder's mutex is ours, but would be lost
 * for ever if we released it as it is.  So it is declared consistent at once; if we die
 * before the data are, the next holder is told again.
 */
static inline int lock_robust_mutex_answer(struct lock_robust_mutex *l, int error)
{
    if (error == EOWNERDEAD)
        pthread_mutex_consistent(&l->mutex);
    return -error;
}

static inline int lock_robust_mutex_acquire(struct lock_robust_mutex *l,
                                            struct lock_robust_mutex_handle *h)
{
    (void)h;
    return lock_robust_mutex_answer(l, pthread_mutex_lock(&l->mutex));
}

static inline int lock_robust_mutex_try_acquire(struct lock_robust_mutex *l,
                                                struct lock_robust_mutex_handle *h)
{
    (void)h;
    return lock_robust_mutex_answer(l, pthread_mutex_trylock(&l->mutex));
}

static inline void lock_robust_mutex_release(struct lock_robust_mutex *l,
                                             struct lock_robust_mutex_handle *h)
{
    (void)h;
    pthread_mutex_unlock(&l->mutex);
}

static inline int lock_robust_mutex_fini(struct lock_robust_mutex *l)
{
    /* A dead holder does not count: its mutex can be taken. */
    if (!lock_is_held(lock_robust_mutex_answer(l, pthread_mutex_trylock(&l->mutex))))
        return -EBUSY;
    pthread_mutex_unlock(&l->mutex);
    return -pthread_mutex_destroy(&l->mutex);
}

LOCK_EXCLUSIVE_ONLY(robust_mutex)
LOCK_READERS_HOLD_IT(robust_mutex)
LOCK_CALLER_EXECUTES(robust_mutex)

enum {
    lock_robust_mutex_flags = CONTEND_PROCESS_SHARED,
    lock_robust_mutex_features = LOCK_SLEEPS | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER |
                                 LOCK_ANY_HANDLE | LOCK_RECOVERS,
};

static const struct lock_traits lock_robust_mutex_traits = {
    .id = {
        .name = "robust_mutex",
        .title = "the C library's mutex that outlives its holder, in any process",
        .reference = "Molnar and Drepper, Robust Futexes, 2006",
        .flags = lock_robust_mutex_flags,
    },
    .features = lock_robust_mutex_features,
    .bytes = sizeof(struct lock_robust_mutex),
};

LOCK_STATIC_TRAITS(robust_mutex)

#endif
