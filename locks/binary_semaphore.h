/*
 * binary_semaphore.h - sem_t with the value 1, used as a lock.
 *
 * Idea: wait to enter, post to leave.  A semaphore has no owner; therefore
 *   it can do more than a lock, and checks less.
 * Invariant: value + holders = 1.
 * Progress: blocking.  A preempted holder stops everybody; waiters sleep.
 * Cost: two locked instructions a pair; 32 bytes with glibc.  Where several threads want it, it
 *   is slower than mutex.h at every length of section.
 * Breaks when: a thread posts that did not wait: two threads can then be inside,
 *   and nothing notices.
 * Use when: one thread must enter and another one leave.
 * Reference: E. W. Dijkstra, "Cooperating Sequential Processes", 1965;
 *   IEEE Std 1003.1 (sem_wait).
 */
#ifndef CONTEND_LOCKS_BINARY_SEMAPHORE_H
#define CONTEND_LOCKS_BINARY_SEMAPHORE_H

#include <semaphore.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"

struct lock_binary_semaphore {
    sem_t sem;
};

#define LOCK_OPTIONS_binary_semaphore(part) /* none */

LOCK_STATELESS_HANDLE(binary_semaphore)

static inline int lock_binary_semaphore_init(struct lock_binary_semaphore *l,
                                             const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, NULL);

    if (error)
        return error;
    return sem_init(&l->sem, 0, 1) == 0 ? 0 : -errno;
}

static inline int lock_binary_semaphore_fini(struct lock_binary_semaphore *l)
{
    int value = 0;

    sem_getvalue(&l->sem, &value);
    if (value != 1)
        return -EBUSY;
    return sem_destroy(&l->sem) == 0 ? 0 : -errno;
}

static inline int lock_binary_semaphore_acquire(struct lock_binary_semaphore *l,
                                                struct lock_binary_semaphore_handle *h)
{
    (void)h;
    while (sem_wait(&l->sem) != 0)
        ; /* EINTR: a signal handler ran; wait again */
    return 0;
}

static inline int lock_binary_semaphore_try_acquire(struct lock_binary_semaphore *l,
                                                    struct lock_binary_semaphore_handle *h)
{
    (void)h;
    return sem_trywait(&l->sem) == 0 ? 0 : -EBUSY;
}

static inline void lock_binary_semaphore_release(struct lock_binary_semaphore *l,
                                                 struct lock_binary_semaphore_handle *h)
{
    (void)h;
    sem_post(&l->sem);
}

LOCK_EXCLUSIVE_ONLY(binary_semaphore)
LOCK_READERS_HOLD_IT(binary_semaphore)
LOCK_CALLER_EXECUTES(binary_semaphore)

enum {
    lock_binary_semaphore_flags = 0,
    lock_binary_semaphore_features =
        LOCK_SLEEPS | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_binary_semaphore_traits = {
    .id = {
        .name = "binary_semaphore",
        .title = "sem_t with the value 1, used as a lock",
        .reference = "Dijkstra, Cooperating Sequential Processes, 1965",
        .flags = lock_binary_semaphore_flags,
    },
    .features = lock_binary_semaphore_features,
    .bytes = sizeof(struct lock_binary_semaphore),
};

LOCK_STATIC_TRAITS(binary_semaphore)

#endif
