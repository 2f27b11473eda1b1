/*
 * ck.h - what the locks of Concurrency Kit have in common.
 *
 * The library's locks are used as they are: each header names the calls, and these lines make
 * functions of the contract from them.  `l` is the lock and `h` the handle in a call, `c` the
 * resolved configuration in an init.  The checker sees nothing of the library's assembly.
 *
 * The library orders memory with fences of its own (ck_pr_fence_lock() and so on), which are
 * empty on x86-64, where every load acquires and every store releases.  The locks spin and
 * never yield.
 */
#ifndef CONTEND_LOCKS_PARTS_CK_H
#define CONTEND_LOCKS_PARTS_CK_H

#include "locks/parts/platform.h"

/* What all of them are: ThreadSanitizer cannot follow assembly. */
#define LOCK_CK_FLAGS (CONTEND_SPINS | CONTEND_TSAN_UNSOUND)

/* MAKE makes the lock; OPTIONS is its list, or NULL. */
#define LOCK_CK_INIT(NAME, OPTIONS, MAKE)                                                     \
    static inline int lock_##NAME##_init(struct lock_##NAME *l,                               \
                                         const struct lock_config *config)                    \
    {                                                                                         \
        struct lock_config c;                                                                 \
        int error = lock_config_resolve(&c, config, OPTIONS);                                 \
                                                                                              \
        if (error)                                                                            \
            return error;                                                                     \
        MAKE;                                                                                 \
        return 0;                                                                             \
    }

/* Nothing to give back; HELD says whether the lock is held. */
#define LOCK_CK_FINI(NAME, HELD)                                                              \
    static inline int lock_##NAME##_fini(struct lock_##NAME *l)                               \
    {                                                                                         \
        return (HELD) ? -EBUSY : 0;                                                           \
    }

/* An operation that waits until it has the lock. */
#define LOCK_CK_TAKES(NAME, operation, CALL)                                                  \
    static inline int lock_##NAME##_##operation(struct lock_##NAME *l,                        \
                                                struct lock_##NAME##_handle *h)               \
    {                                                                                         \
        (void)l, (void)h;                                                                     \
        CALL;                                                                                 \
        return 0;                                                                             \
    }

/* An operation that takes the lock if CALL says true. */
#define LOCK_CK_TRIES(NAME, operation, CALL)                                                  \
    static inline int lock_##NAME##_##operation(struct lock_##NAME *l,                        \
                                                struct lock_##NAME##_handle *h)               \
    {                                                                                         \
        (void)l, (void)h;                                                                     \
        return (CALL) ? 0 : -EBUSY;                                                           \
    }

/* An operation that the library does not have. */
#define LOCK_CK_LACKS(NAME, operation)                                                        \
    static inline int lock_##NAME##_##operation(struct lock_##NAME *l,                        \
                                                struct lock_##NAME##_handle *h)               \
    {                                                                                         \
        (void)l, (void)h;                                                                     \
        return -ENOTSUP;                                                                      \
    }

/* An operation without an answer. */
#define LOCK_CK_DOES(NAME, operation, CALL)                                                   \
    static inline void lock_##NAME##_##operation(struct lock_##NAME *l,                       \
                                                 struct lock_##NAME##_handle *h)              \
    {                                                                                         \
        (void)l, (void)h;                                                                     \
        CALL;                                                                                 \
    }

#endif
