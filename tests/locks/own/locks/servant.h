/*
 * servant.h - a lock that says that it delegates, and counts what it was asked to execute.
 *
 * For one thread: it makes the calls itself.
 */
#ifndef CONTEND_TESTS_LOCKS_OWN_SERVANT_H
#define CONTEND_TESTS_LOCKS_OWN_SERVANT_H

#include "locks/lock.h"
#include "locks/parts/platform.h"

struct lock_servant {
    int executed, acquired;
};

#define LOCK_OPTIONS_servant(part) /* none */

LOCK_STATELESS_HANDLE(servant)

static inline int lock_servant_init(struct lock_servant *l, const struct lock_config *config)
{
    (void)config;
    l->executed = l->acquired = 0;
    return 0;
}

static inline int lock_servant_fini(struct lock_servant *l)
{
    (void)l;
    return 0;
}

static inline int lock_servant_acquire(struct lock_servant *l, struct lock_servant_handle *h)
{
    (void)h;
    l->acquired++;
    return 0;
}

static inline int lock_servant_try_acquire(struct lock_servant *l, struct lock_servant_handle *h)
{
    (void)l, (void)h;
    return -ENOTSUP;
}

static inline void lock_servant_release(struct lock_servant *l, struct lock_servant_handle *h)
{
    (void)l, (void)h;
}

static inline int lock_servant_execute(struct lock_servant *l, struct lock_servant_handle *h,
                                       void (*fn)(void *ctx), void *ctx)
{
    (void)h;
    l->executed++;
    fn(ctx);
    return 0;
}

LOCK_EXCLUSIVE_ONLY(servant)
LOCK_READERS_HOLD_IT(servant)

enum {
    lock_servant_flags = 0,
    lock_servant_features = LOCK_ANY_HANDLE | LOCK_DELEGATES,
};

static const struct lock_traits lock_servant_traits = { .bytes = sizeof(struct lock_servant) };

LOCK_STATIC_TRAITS(servant)

#endif
