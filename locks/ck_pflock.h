/*
 * ck_pflock.h - Concurrency Kit's phase-fair read-write lock.
 *
 * Idea: reading and writing phases take turns: a reader waits for at most one
 *   writer, a writer for the readers before it.  Nobody starves.
 * Invariant: as proved by the authors; the code is the library's, used as is.
 * Progress: blocking.  Everybody spins; a preempted holder stops everybody.
 * Cost: two locked instructions a shared pair, four an exclusive one; 16 bytes.
 * Breaks when: threads outnumber processors.  There is no try.
 * Use when: readers and writers share short sections and both have deadlines.
 * Reference: B. Brandenburg and J. Anderson, "Spin-Based Reader-Writer
 *   Synchronization for Multiprocessor Real-Time Systems", 2010; Concurrency
 *   Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_PFLOCK_H
#define CONTEND_LOCKS_CK_PFLOCK_H

#include <ck_pflock.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"

struct lock_ck_pflock {
    ck_pflock_t pf;
};

#define LOCK_INIT_ck_pflock { CK_PFLOCK_INITIALIZER }

#define LOCK_OPTIONS_ck_pflock(part) /* none */

LOCK_STATELESS_HANDLE(ck_pflock)

static inline int lock_ck_pflock_init(struct lock_ck_pflock *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, NULL);

    if (error)
        return error;
    ck_pflock_init(&l->pf);
    return 0;
}

static inline int lock_ck_pflock_fini(struct lock_ck_pflock *l)
{
    (void)l;
    return 0;
}

static inline int lock_ck_pflock_acquire(struct lock_ck_pflock *l,
                                          struct lock_ck_pflock_handle *h)
{
    (void)h;
    ck_pflock_write_lock(&l->pf);
    return 0;
}

static inline int lock_ck_pflock_try_acquire(struct lock_ck_pflock *l,
                                             struct lock_ck_pflock_handle *h)
{
    (void)l;
    (void)h;
    return -ENOTSUP;
}

static inline void lock_ck_pflock_release(struct lock_ck_pflock *l,
                                          struct lock_ck_pflock_handle *h)
{
    (void)h;
    ck_pflock_write_unlock(&l->pf);
}

static inline int lock_ck_pflock_acquire_shared(struct lock_ck_pflock *l,
                                                 struct lock_ck_pflock_handle *h)
{
    (void)h;
    ck_pflock_read_lock(&l->pf);
    return 0;
}

static inline int lock_ck_pflock_try_acquire_shared(struct lock_ck_pflock *l,
                                                    struct lock_ck_pflock_handle *h)
{
    (void)l;
    (void)h;
    return -ENOTSUP;
}

static inline void lock_ck_pflock_release_shared(struct lock_ck_pflock *l,
                                                 struct lock_ck_pflock_handle *h)
{
    (void)h;
    ck_pflock_read_unlock(&l->pf);
}

LOCK_READERS_HOLD_IT(ck_pflock)
LOCK_CALLER_EXECUTES(ck_pflock)

enum {
    lock_ck_pflock_flags = CONTEND_SPINS | CONTEND_TSAN_UNSOUND,
    /* Not LOCK_FIFO: the phases take turns, but within a phase nobody queues. */
    lock_ck_pflock_features = LOCK_SHARED | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ck_pflock_traits = {
    .id = {
        .name = "ck_pflock",
        .title = "Concurrency Kit's phase-fair read-write lock",
        .reference = "Brandenburg and Anderson, Spin-Based Reader-Writer Synchronization, 2010",
        .flags = lock_ck_pflock_flags,
    },
    .features = lock_ck_pflock_features,
    .bytes = sizeof(struct lock_ck_pflock),
};

LOCK_STATIC_TRAITS(ck_pflock)

#endif
