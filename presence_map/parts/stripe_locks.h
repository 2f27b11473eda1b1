/*
 * stripe_locks.h - mutexes among which a hash chooses, each on cache lines of its own.
 *
 * For operations that are rare, may sleep and need exclusion by user: a user's stripe never
 * changes, and two users meet at one by chance only.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_STRIPE_LOCKS_H
#define CONTEND_PRESENCE_MAP_PARTS_STRIPE_LOCKS_H

#include <pthread.h>

#include "locks/parts/platform.h"

struct stripe_lock {
    CONTEND_ALIGNED pthread_mutex_t mutex;
};

/* Never changes after init. */
struct stripe_locks {
    struct stripe_lock *locks;
    uint64_t count; /* a power of two */
    const struct contend_allocator *allocator;
};

static inline size_t stripe_locks_bytes(const struct stripe_locks *s)
{
    return s->count * sizeof *s->locks;
}

/* Destroys the first `made` and frees them all. */
static inline void stripe_locks_release(struct stripe_locks *s, uint64_t made)
{
    while (made > 0)
        pthread_mutex_destroy(&s->locks[--made].mutex);
    contend_release(s->allocator, s->locks, stripe_locks_bytes(s));
}

/* `count` is rounded up to a power of two.  0, -ENOMEM, or why a mutex cannot be made. */
static inline int stripe_locks_init(struct stripe_locks *s, uint64_t count,
                                    const struct contend_allocator *allocator)
{
    int error = 0;

    s->count = contend_round_up_pow2(count);
    s->allocator = allocator;
    s->locks = contend_allocate(allocator, CONTEND_CACHE_LINE, stripe_locks_bytes(s));
    if (!s->locks)
        return -ENOMEM;
    for (uint64_t i = 0; i < s->count && error == 0; i++) {
        error = -pthread_mutex_init(&s->locks[i].mutex, NULL);
        if (error)
            stripe_locks_release(s, i);
    }
    return error;
}

/* Nobody holds one. */
static inline void stripe_locks_fini(struct stripe_locks *s)
{
    stripe_locks_release(s, s->count);
}

static inline pthread_mutex_t *stripe_locks_of(struct stripe_locks *s, uint64_t hash)
{
    return &s->locks[hash & (s->count - 1)].mutex;
}

#endif
