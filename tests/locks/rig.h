/*
 * rig.h - a lock with what it guards, for the tests of the contract.
 */
#ifndef CONTEND_TESTS_LOCKS_RIG_H
#define CONTEND_TESTS_LOCKS_RIG_H

#include <stdatomic.h>
#include <stdlib.h>

#include "locks/lock.h"
#include "tests/support/support.h"

struct lock_rig {
    const struct lock_ops *ops;
    void *lock;
    int64_t value;           /* plain: only the lock protects it */
    _Atomic int64_t expected;
    _Atomic int inside, most; /* shared holders: now, and at most */
    _Atomic bool together;
    _Atomic int64_t elsewhere; /* calls that another thread made */
    void *dead;                /* the handle of a thread that ended holding the lock */
};

static inline void rig_up_with(struct lock_rig *r, const struct lock_ops *ops,
                        const struct lock_config *config)
{
    *r = (struct lock_rig){ .ops = ops, .lock = support_alloc(ops->size) };
    assert_int_equal(ops->init(r->lock, config), 0);
}

static inline void rig_up(struct lock_rig *r, const struct lock_ops *ops)
{
    rig_up_with(r, ops, NULL);
}

static inline void rig_down(struct lock_rig *r)
{
    assert_int_equal(r->ops->fini(r->lock), 0);
    free(r->lock);
}

static inline void *attach(const struct lock_ops *ops, void *lock)
{
    void *handle = support_alloc(ops->handle_size);

    if (ops->attach(lock, handle) != 0)
        abort();
    return handle;
}

static inline void detach(const struct lock_ops *ops, void *lock, void *handle)
{
    ops->detach(lock, handle);
    free(handle);
}

#endif
