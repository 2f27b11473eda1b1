/*
 * lock.h - the contract of every lock.
 *
 * A lock NAME is one header, locks/NAME.h, with `struct lock_NAME`, a per-thread
 * `struct lock_NAME_handle`, the operations below as `static inline` functions
 * `lock_NAME_acquire(lock, handle)` and so on, a static initialiser
 * `LOCK_INIT_NAME`, a list of options `LOCK_OPTIONS_NAME(part)` whose names begin
 * with `part`, the enumerators `lock_NAME_flags` and `lock_NAME_features`, and its
 * traits.  This file holds what they all promise and the table through
 * which tests and tools call them.  Valid C11 and C++17.
 *
 * Guarantees
 *
 *  L1  Mutual exclusion: between an acquire and the matching release no other
 *      thread holds the lock, in either mode, except that several threads may
 *      hold it shared where LOCK_SHARED is declared.
 *  L2  Order: what a thread did before release happens before what the next
 *      holder does after its acquire.  A shared release orders the reads of the
 *      section before the next exclusive holder's writes.
 *  L3  A handle belongs to one thread and serves one acquisition at a time, of
 *      any lock of its kind.  A thread that nests two locks attaches two handles.
 *  L4  The thread that acquired releases, through the same handle.
 *  L5  try_acquire never waits for another holder: 0, or -EBUSY, or -ENOTSUP where
 *      LOCK_TRY is not declared.  It may fail while the lock is being handed over.
 *  L6  LOCK_FIFO: threads enter in the order in which they queued.
 *  L7  No recursion: a holder that acquires again waits for itself.
 *  L8  init and fini are for one thread; fini of a held lock is -EBUSY where the
 *      lock can tell (LOCK_KNOWS_HOLDER) and undefined elsewhere.
 *  L9  An attach or an init that fails returns a negative errno value and holds
 *      nothing.  init: -EINVAL for a setting whose name is not among the traits'
 *      options, -ERANGE for a value beyond the option's range.
 */
#ifndef CONTEND_LOCKS_LOCK_H
#define CONTEND_LOCKS_LOCK_H

#include <errno.h>
#include <stddef.h>

#include "locks/parts/allocator.h"
#include "locks/parts/options.h"
#include "locks/parts/traits.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a lock is made.  All zero, or a NULL pointer, asks for the defaults. */
struct lock_config {
    uint32_t threads;                          /* at most so many use it; 0 = not known */
    const struct contend_allocator *allocator; /* NULL = the C library's */
    struct contend_settings settings;          /* values for the options in the traits */
};

enum lock_features {
    LOCK_FIFO = 1,         /* first come, first served */
    LOCK_SLEEPS = 2,       /* waiters give the processor up */
    LOCK_SHARED = 4,       /* acquire_shared really lets several readers in */
    LOCK_TRY = 8,          /* try_acquire is implemented */
    LOCK_KNOWS_HOLDER = 16 /* fini answers -EBUSY for a held lock */
};

struct lock_traits {
    struct contend_identity id;
    unsigned features; /* enum lock_features */
    size_t bytes;      /* per lock; a handle's size is in the table */
};

/* Some work: a chain of so many dependent steps, about a nanosecond each.  Use the result. */
static inline uint64_t lock_work(uint64_t x, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++)
        x = x * UINT64_C(6364136223846793005) + 1;
    return x;
}

/* What the sections of a benchmark do. */
struct lock_sections {
    uint64_t *guarded; /* a plain counter, which only the lock protects */
    unsigned inside;   /* steps of lock_work() with the lock held ... */
    unsigned outside;  /* ... and after each section */
};

/* The loops that benchmarks call, with the operations inlined in them. */
struct lock_loops {
    /* n times acquire and release; every section is a compiler barrier. */
    void (*pair)(void *lock, void *handle, size_t n);
    /* n sections, each of which adds 1 to what is guarded.  Returns what the work came to. */
    uint64_t (*sections)(void *lock, void *handle, size_t n, const struct lock_sections *s);
    /*
     * n shared sections, which read it.  *torn grows by those in which it changed meanwhile:
     * somebody wrote at the same time.
     */
    uint64_t (*shared_sections)(void *lock, void *handle, size_t n, const struct lock_sections *s,
                                size_t *torn);
};

/* The operations by name.  Every pointer is valid; `lock` and `handle` are of the table's sizes. */
struct lock_ops {
    const struct lock_traits *traits;
    const char *header; /* where it is written: "locks/mcs.h" */
    size_t size, align;
    size_t handle_size, handle_align;

    int (*init)(void *lock, const struct lock_config *config); /* -EINVAL, -ERANGE, -ENOMEM */
    int (*fini)(void *lock);
    int (*attach)(void *handle);
    void (*detach)(void *handle);

    void (*acquire)(void *lock, void *handle);
    int (*try_acquire)(void *lock, void *handle);
    void (*release)(void *lock, void *handle);
    void (*acquire_shared)(void *lock, void *handle);
    void (*release_shared)(void *lock, void *handle);

    struct lock_loops loops;
};

/*
 * All locks of this build in teaching order, ended by NULL; and those left out, ended by a NULL
 * name.  Pointers, not arrays: a program would copy an array of the size that it was linked with,
 * and lose the end of a longer list in a newer library.
 */
extern CONTEND_API const struct lock_ops *const *const lock_registry;
extern CONTEND_API const struct contend_missing *const lock_missing;

/* The entry of that name, or NULL. */
CONTEND_API const struct lock_ops *lock_find(const char *name);

/*
 * Copies the caller's configuration, with defaults for a NULL pointer, and checks its
 * settings against the lock's options.
 */
static inline int lock_config_resolve(struct lock_config *out, const struct lock_config *in,
                                      const struct contend_option *options)
{
    memset(out, 0, sizeof *out);
    if (in)
        *out = *in;
    return contend_settings_check(&out->settings, options);
}

/* The options of a lock that has any, from the list LOCK_OPTIONS_NAME. */
#define LOCK_OPTIONS_LIST(NAME)                                                 \
    static const struct contend_option lock_##NAME##_options[] = {              \
        LOCK_OPTIONS_##NAME("") CONTEND_OPTIONS_END                             \
    };

/* A lock without per-thread state: an empty handle, and nothing to do for it. */
#define LOCK_STATELESS_HANDLE(NAME)                                             \
    struct lock_##NAME##_handle {                                               \
        char unused; /* ISO C has no empty struct */                            \
    };                                                                          \
    static inline int lock_##NAME##_attach(struct lock_##NAME##_handle *h)      \
    {                                                                           \
        h->unused = 0;                                                          \
        return 0;                                                               \
    }                                                                           \
    static inline void lock_##NAME##_detach(struct lock_##NAME##_handle *h)     \
    {                                                                           \
        (void)h;                                                                \
    }

/* A lock without a shared mode: readers enter one at a time. */
#define LOCK_EXCLUSIVE_ONLY(NAME)                                                            \
    static inline void lock_##NAME##_acquire_shared(struct lock_##NAME *l,                   \
                                                    struct lock_##NAME##_handle *h)          \
    {                                                                                        \
        lock_##NAME##_acquire(l, h);                                                         \
    }                                                                                        \
    static inline void lock_##NAME##_release_shared(struct lock_##NAME *l,                   \
                                                    struct lock_##NAME##_handle *h)          \
    {                                                                                        \
        lock_##NAME##_release(l, h);                                                         \
    }

#ifdef __cplusplus
}
#endif

#endif
