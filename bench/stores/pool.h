/*
 * pool.h - N connections for T threads.
 *
 * What is expensive is to make a connection every time; what is limited is how many a server takes.
 * A pool has both: its connections stay, and admission is a semaphore whose value is the number of
 * those that are free.  A thread that is admitted takes the connection that was given back last (LIFO):
 * it is warm in the caches of both sides, and those at the bottom are the ones that could be closed.
 *
 * Four ways of admission.  Three wait, for at most `wait_ms`, and differ in who wakes whom; the last
 * one refuses at once, so that a caller can do something else than queue behind a slow store.
 */
#ifndef CONTEND_BENCH_STORES_POOL_H
#define CONTEND_BENCH_STORES_POOL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>

#include "locks/mutex.h"

enum pool_admission {
    POOL_SEMAPHORE = 0, /* sem_t, as locks/binary_semaphore.h with a value of N */
    POOL_FUTEX,         /* the same as one word and two system calls, as in locks/futex.h */
    POOL_CONDITION,     /* a mutex and a condition variable */
    POOL_FAIL_FAST,     /* no wait: -EAGAIN */
    POOL_ADMISSIONS
};

enum { POOL_LARGEST = 256 };

struct pool {
    enum pool_admission admission;
    uint32_t wait_ms;
    struct lock_mutex guard;   /* of the stack, except with POOL_CONDITION */
    unsigned count;            /* guarded: connections on the stack */
    void *items[POOL_LARGEST]; /* guarded; the last one is taken first */
    sem_t permits;             /* POOL_SEMAPHORE and POOL_FAIL_FAST */
    _Atomic uint32_t word;     /* POOL_FUTEX: permits */
    _Atomic uint32_t sleepers; /* POOL_FUTEX: threads that may sleep on the word */
    pthread_mutex_t mutex;     /* POOL_CONDITION: guards the stack */
    pthread_cond_t free;
    _Atomic uint64_t waits, refusals; /* how often nothing was free at once, and not in time either */
};

/* Without items; they are given to it like any other.  0 or a negative errno value. */
int pool_init(struct pool *p, enum pool_admission admission, uint32_t wait_ms);
/* All items must have been given back. */
void pool_fini(struct pool *p);

/* Takes an item: 0, or -EAGAIN if none was free in time.  Any thread may call it. */
int pool_take(struct pool *p, void **item);
void pool_give(struct pool *p, void *item);

/*
 * How many connections are in use on average (J. D. C. Little, "A Proof for the Queuing Formula
 * L = lambda W", 1961), at so many operations a second of `held_s` each.
 */
static inline double pool_in_use(double per_s, double held_s)
{
    return per_s * held_s;
}

#endif
