/*
 * pthread_spin.h - the C library's spin lock.
 *
 * Idea: what POSIX offers to a program that wants to spin: a word that is swapped until it
 *   was free.
 * Invariant: as ttas.h's, which is the same algorithm with a wait that can be set.
 * Progress: blocking.  A preempted holder leaves the others spinning, and nothing bounds how
 *   often one waiter may lose.
 * Cost: one locked instruction and a store a pair, and two calls into the library; 4 bytes.
 * Breaks when: threads outnumber processors.  No option helps: it neither yields nor sleeps,
 *   and whether it backs off is the library's affair.
 * Use when: a program may rely on POSIX only.
 * Reference: IEEE Std 1003.1 (pthread_spin_lock); T. Anderson, "The Performance of Spin Lock
 *   Alternatives for Shared-Memory Multiprocessors", 1990.
 */
#ifndef CONTEND_LOCKS_PTHREAD_SPIN_H
#define CONTEND_LOCKS_PTHREAD_SPIN_H

#include <pthread.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"

struct lock_pthread_spin {
    pthread_spinlock_t spin;
};

#define LOCK_OPTIONS_pthread_spin(part) /* none */

LOCK_STATELESS_HANDLE(pthread_spin)

static inline int lock_pthread_spin_init(struct lock_pthread_spin *l,
                                         const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, NULL);

    if (error)
        return error;
    return -pthread_spin_init(&l->spin, PTHREAD_PROCESS_SHARED);
}

static inline int lock_pthread_spin_fini(struct lock_pthread_spin *l)
{
    /* POSIX leaves destroying a held one undefined: one that cannot be taken is held. */
    if (pthread_spin_trylock(&l->spin) != 0)
        return -EBUSY;
    pthread_spin_unlock(&l->spin);
    return -pthread_spin_destroy(&l->spin);
}

static inline int lock_pthread_spin_acquire(struct lock_pthread_spin *l,
                                            struct lock_pthread_spin_handle *h)
{
    (void)h;
    return -pthread_spin_lock(&l->spin);
}

static inline int lock_pthread_spin_try_acquire(struct lock_pthread_spin *l,
                                                struct lock_pthread_spin_handle *h)
{
    (void)h;
    return -pthread_spin_trylock(&l->spin);
}

static inline void lock_pthread_spin_release(struct lock_pthread_spin *l,
                                             struct lock_pthread_spin_handle *h)
{
    (void)h;
    pthread_spin_unlock(&l->spin);
}

LOCK_EXCLUSIVE_ONLY(pthread_spin)
LOCK_READERS_HOLD_IT(pthread_spin)
LOCK_CALLER_EXECUTES(pthread_spin)

enum {
    lock_pthread_spin_flags = CONTEND_SPINS | CONTEND_PROCESS_SHARED,
    lock_pthread_spin_features =
        LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_pthread_spin_traits = {
    .id = {
        .name = "pthread_spin",
        .title = "the C library's spin lock",
        .reference = "Anderson, The Performance of Spin Lock Alternatives, 1990",
        .flags = lock_pthread_spin_flags,
    },
    .features = lock_pthread_spin_features,
    .bytes = sizeof(struct lock_pthread_spin),
};

LOCK_STATIC_TRAITS(pthread_spin)

#endif
