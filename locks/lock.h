/*
 * lock.h - the contract of every lock.
 *
 * A lock NAME is one header, locks/NAME.h, with `struct lock_NAME`, a per-thread
 * `struct lock_NAME_handle`, the operations below as `static inline` functions
 * `lock_NAME_acquire(lock, handle)` and so on, a static initialiser
 * `LOCK_INIT_NAME` unless it takes memory, a list of options `LOCK_OPTIONS_NAME(part)`
 * whose names begin with `part`, the enumerators `lock_NAME_flags`, `lock_NAME_features`,
 * `lock_NAME_heap` and `lock_NAME_handle_heap`, and its traits.  This file says what
 * every lock promises, and holds the table through which tests and tools call the
 * locks.  Valid C11 and C++17.
 *
 * Guarantees
 *
 *  L1  Mutual exclusion: between an acquire and the matching release no other
 *      thread holds the lock, in either mode, except that several threads may
 *      hold it shared where LOCK_SHARED is declared.
 *  L2  Order: what a thread did before release happens before what the next
 *      holder does after its acquire.  A shared release orders the reads of the
 *      section before the next exclusive holder's writes.
 *  L3  A handle belongs to one thread and is used for one acquisition at a time.  It
 *      may be used with the lock that it was attached to or, with LOCK_ANY_HANDLE,
 *      with any lock of the same type and allocator.  A thread that nests two locks
 *      attaches two handles.  All handles of a lock are detached before its fini.  If a
 *      thread ends without the lock and without detaching, the others go on.  Its handle's
 *      storage may end with it, except with CONTEND_LOOKS_INTO_HANDLES; what the handle
 *      holds of the lock is not given back.
 *  L4  The thread that acquired the lock releases it, through the same handle.
 *  L5  acquire and acquire_shared return
 *        0            the caller holds the lock;
 *        -EOWNERDEAD  the caller holds the lock, and the previous holder died while
 *                     it held it: the data may be half changed.  The caller repairs
 *                     them and releases the lock as usual (LOCK_RECOVERS);
 *        -EBUSY       the lock refused the caller, who does not hold it;
 *        -ETIMEDOUT   the wait was too long, and the caller does not hold the lock
 *                     (both only with LOCK_MAY_REFUSE).
 *  L6  try_acquire and try_acquire_shared never wait for another holder.  They
 *      return the values of L5: -EBUSY if another thread holds the lock or it is being
 *      handed over.  Without LOCK_TRY or LOCK_TRY_SHARED they return -ENOTSUP.
 *  L7  With LOCK_FIFO threads enter in the order in which they queued.
 *  L8  No recursion: a holder that acquires again waits for itself.
 *  L9  init and fini are called by one thread.  fini of a held lock returns -EBUSY with
 *      LOCK_KNOWS_HOLDER; otherwise its behaviour is undefined.
 *  L10 An attach or an init that fails returns a negative errno value and keeps no
 *      resources.  init returns -EINVAL for a setting whose name is not among the
 *      traits' options, and -ERANGE for a value beyond the option's range.
 *  L11 Reading without writing to the lock: read_begin, reads of the data, read_retry.
 *      If read_retry returns 0, what was read belongs to one instant between two
 *      exclusive sections; otherwise the reader discards it and begins again.  With
 *      LOCK_OPTIMISTIC no thread waits for such a reader, so a writer may be inside
 *      at the same time: the data must be atomic objects, accessed relaxed.  Without
 *      it read_begin takes the lock shared, and read_retry releases it and returns 0.
 *      read_begin returns the values of acquire_shared; read_retry is called only
 *      after 0 or -EOWNERDEAD.
 *      try_upgrade may stand in the place of read_retry, with LOCK_OPTIMISTIC.  It takes the
 *      lock as try_acquire does, if read_retry would return 0 at that instant, so that what
 *      was read still holds in the section; otherwise it returns -EBUSY, and the reader begins
 *      again.  Without LOCK_OPTIMISTIC it returns -ENOTSUP, and read_retry is still due.
 *  L12 execute(fn, ctx) calls fn(ctx) in an exclusive section of its own, and
 *      returns when that section has ended.  With LOCK_DELEGATES another thread may
 *      make the call: fn must not depend on the thread, nor use any handle.  execute
 *      returns the values of acquire; after -EBUSY or -ETIMEDOUT fn was not called
 *      and will not be.
 *  L13 A lock with CONTEND_RUNS_THREAD owns a thread from init to fini.
 */
#ifndef CONTEND_LOCKS_LOCK_H
#define CONTEND_LOCKS_LOCK_H

#include <errno.h>
#include <stddef.h>

#include "locks/parts/allocator.h"
#include "locks/parts/operations.h"
#include "locks/parts/options.h"
#include "locks/parts/traits.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a lock is made.  All zero, or a NULL pointer, asks for the defaults. */
struct lock_config {
    uint32_t threads;                          /* the most threads that use it; 0 = not known */
    const struct contend_allocator *allocator; /* NULL = the C library's */
    struct contend_settings settings;          /* values for the options in the traits */
};

enum lock_features {
    LOCK_FIFO = 1,          /* threads enter in the order in which they queued */
    LOCK_SLEEPS = 2,        /* waiting threads give up the processor */
    LOCK_SHARED = 4,        /* acquire_shared really lets several readers in */
    LOCK_TRY = 8,           /* try_acquire is implemented */
    LOCK_KNOWS_HOLDER = 16, /* fini returns -EBUSY for a held lock */
    LOCK_TRY_SHARED = 32,   /* try_acquire_shared is implemented */
    LOCK_ANY_HANDLE = 64,   /* a handle may be used with any lock of its type */
    LOCK_RECOVERS = 128,    /* acquire returns -EOWNERDEAD if a holder's thread has ended */
    LOCK_MAY_REFUSE = 256,  /* acquire may return -EBUSY or -ETIMEDOUT */
    LOCK_OPTIMISTIC = 512,  /* nobody waits for readers between read_begin and read_retry */
    LOCK_DELEGATES = 1024   /* another thread may make the call of execute */
};

struct lock_traits {
    struct contend_identity id;
    unsigned features; /* enum lock_features */
    size_t bytes;      /* per lock, its heap included, handles not */
    size_t handle_heap; /* heap of each attached handle, whose own size is in the table */
};

/* Some work: a chain of `steps` dependent steps of about a nanosecond.  Use the result. */
static inline uint64_t lock_work(uint64_t x, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++)
        x = x * UINT64_C(6364136223846793005) + 1;
    return x;
}

/* What the sections of a benchmark do. */
struct lock_sections {
    uint64_t *guarded; /* a counter, which only the lock protects */
    unsigned inside;   /* steps of lock_work() with the lock held */
    unsigned outside;  /* steps of lock_work() after each section */
};

/* The loops that benchmarks call, with the operations inlined in them. */
struct lock_loops {
    /* Acquires and releases n times; every section is a compiler barrier. */
    void (*pair)(void *lock, void *handle, size_t n);
    /* n sections, each of which adds 1 to *guarded.  Returns the result of the work. */
    uint64_t (*sections)(void *lock, void *handle, size_t n, const struct lock_sections *s);
    /*
     * n sections: exclusive ones, as above, where `step` is 1, and shared ones where it is 0.
     * A shared one lies between read_begin and read_retry, and reads *guarded at both ends; *torn
     * grows by the number of those in which it changed, because another thread wrote meanwhile.
     */
    uint64_t (*mixed)(void *lock, void *handle, const int8_t *step, size_t n,
                      const struct lock_sections *s, size_t *torn);
    /* The same as sections(), with execute: another thread may do the work inside. */
    uint64_t (*executed)(void *lock, void *handle, size_t n, const struct lock_sections *s);
};

/*
 * The operations.  traits_of gives a lock's own traits, which its options may have changed,
 * from init on.
 */
#define LOCK_OPERATIONS(GIVES, DOES)                                                          \
    GIVES(int, init, (void *lock, const struct lock_config *config), (lock, config))          \
    GIVES(int, fini, (void *lock), (lock))                                                    \
    DOES(traits_of, (void *lock, struct lock_traits *out), (lock, out))                       \
    GIVES(int, attach, (void *lock, void *handle), (lock, handle))                            \
    DOES(detach, (void *lock, void *handle), (lock, handle))                                  \
    GIVES(int, acquire, (void *lock, void *handle), (lock, handle))                           \
    GIVES(int, try_acquire, (void *lock, void *handle), (lock, handle))                       \
    DOES(release, (void *lock, void *handle), (lock, handle))                                 \
    GIVES(int, acquire_shared, (void *lock, void *handle), (lock, handle))                    \
    GIVES(int, try_acquire_shared, (void *lock, void *handle), (lock, handle))                \
    DOES(release_shared, (void *lock, void *handle), (lock, handle))                          \
    GIVES(int, read_begin, (void *lock, void *handle, uint64_t *version),                     \
          (lock, handle, version))                                                            \
    GIVES(int, read_retry, (void *lock, void *handle, uint64_t version),                      \
          (lock, handle, version))                                                            \
    GIVES(int, try_upgrade, (void *lock, void *handle, uint64_t version),                     \
          (lock, handle, version))                                                            \
    GIVES(int, execute, (void *lock, void *handle, void (*fn)(void *ctx), void *ctx),         \
          (lock, handle, fn, ctx))

/*
 * The operations by name.  Every pointer is valid; `lock` and `handle` are of the table's
 * sizes, and aligned as it says: contend_alloc(ops->handle_align, ops->handle_size), not malloc().
 */
struct lock_ops {
    const struct lock_traits *traits;
    const char *header;       /* where it is written: "locks/mcs.h" */
    enum contend_shelf shelf; /* whether defaults show it */
    const char *needs;        /* the library beneath it, "liburcu"; or NULL */
    const char *choices;      /* what a template was composed with: "CONTEND_LOCK=mcs"; or "" */
    size_t size, align;
    size_t handle_size, handle_align;
    LOCK_OPERATIONS(CONTEND_POINTER_GIVES, CONTEND_POINTER_DOES)
    struct lock_loops loops;
};

/*
 * All locks of this build in teaching order, ended by NULL; and those left out, ended by a NULL
 * name.  Pointers, not arrays: a program would copy an array of the size that it was linked with,
 * and lose the end of a longer list in a newer library.
 */
extern CONTEND_API const struct lock_ops *const *const contend_lock_registry;
extern CONTEND_API const struct contend_missing *const contend_lock_missing;

/* The entry of that name, or NULL. */
CONTEND_API const struct lock_ops *contend_lock_find(const char *name);

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

/* Whether an acquire that returned `answer` has taken the lock (L5). */
static inline int lock_is_held(int answer)
{
    return answer == 0 || answer == -EOWNERDEAD;
}

/* The options of a lock that has any, from the list LOCK_OPTIONS_NAME. */
#define LOCK_OPTIONS_LIST(NAME)                                                               \
    static const struct contend_option lock_##NAME##_options[] = {                            \
        LOCK_OPTIONS_##NAME("") CONTEND_OPTIONS_END                                           \
    };

/* A lock without per-thread state: an empty handle, and nothing to do for it. */
#define LOCK_STATELESS_HANDLE(NAME)                                                           \
    struct lock_##NAME##_handle {                                                             \
        char unused; /* ISO C has no empty struct */                                          \
    };                                                                                        \
    static inline int lock_##NAME##_attach(struct lock_##NAME *l,                             \
                                           struct lock_##NAME##_handle *h)                    \
    {                                                                                         \
        (void)l;                                                                              \
        h->unused = 0;                                                                        \
        return 0;                                                                             \
    }                                                                                         \
    static inline void lock_##NAME##_detach(struct lock_##NAME *l,                            \
                                            struct lock_##NAME##_handle *h)                   \
    {                                                                                         \
        (void)l, (void)h;                                                                     \
    }

/* A lock without a shared mode: readers enter one at a time. */
#define LOCK_EXCLUSIVE_ONLY(NAME)                                                             \
    static inline int lock_##NAME##_acquire_shared(struct lock_##NAME *l,                     \
                                                   struct lock_##NAME##_handle *h)            \
    {                                                                                         \
        return lock_##NAME##_acquire(l, h);                                                   \
    }                                                                                         \
    static inline int lock_##NAME##_try_acquire_shared(struct lock_##NAME *l,                 \
                                                       struct lock_##NAME##_handle *h)        \
    {                                                                                         \
        return lock_##NAME##_try_acquire(l, h);                                               \
    }                                                                                         \
    static inline void lock_##NAME##_release_shared(struct lock_##NAME *l,                    \
                                                    struct lock_##NAME##_handle *h)           \
    {                                                                                         \
        lock_##NAME##_release(l, h);                                                          \
    }

/* A lock without optimistic readers: readers hold it shared (L11). */
#define LOCK_READERS_HOLD_IT(NAME)                                                            \
    static inline int lock_##NAME##_read_begin(struct lock_##NAME *l,                         \
                                               struct lock_##NAME##_handle *h,                \
                                               uint64_t *version)                             \
    {                                                                                         \
        *version = 0;                                                                         \
        return lock_##NAME##_acquire_shared(l, h);                                            \
    }                                                                                         \
    static inline int lock_##NAME##_read_retry(struct lock_##NAME *l,                         \
                                               struct lock_##NAME##_handle *h,                \
                                               uint64_t version)                              \
    {                                                                                         \
        (void)version;                                                                        \
        lock_##NAME##_release_shared(l, h);                                                   \
        return 0;                                                                             \
    }                                                                                         \
    static inline int lock_##NAME##_try_upgrade(struct lock_##NAME *l,                        \
                                                struct lock_##NAME##_handle *h,               \
                                                uint64_t version)                             \
    {                                                                                         \
        (void)l, (void)h, (void)version;                                                      \
        return -ENOTSUP;                                                                      \
    }

/* A lock that delegates nothing: execute is acquire, the call, release (L12). */
#define LOCK_CALLER_EXECUTES(NAME)                                                            \
    static inline int lock_##NAME##_execute(struct lock_##NAME *l,                            \
                                            struct lock_##NAME##_handle *h,                   \
                                            void (*fn)(void *ctx), void *ctx)                 \
    {                                                                                         \
        int answer = lock_##NAME##_acquire(l, h);                                             \
                                                                                              \
        if (lock_is_held(answer)) {                                                           \
            fn(ctx);                                                                          \
            lock_##NAME##_release(l, h);                                                      \
        }                                                                                     \
        return answer;                                                                        \
    }

/*
 * What a lock with default options takes from the allocator, for itself and for each handle, as
 * constants: templates add them to their own traits.
 */
#define LOCK_NO_HEAP(NAME) enum { lock_##NAME##_heap = 0, lock_##NAME##_handle_heap = 0 };

/* A lock that takes no memory, and whose traits no option changes. */
#define LOCK_STATIC_TRAITS(NAME)                                                              \
    LOCK_NO_HEAP(NAME)                                                                        \
    static inline void lock_##NAME##_traits_of(struct lock_##NAME *l,                         \
                                               struct lock_traits *out)                       \
    {                                                                                         \
        (void)l;                                                                              \
        *out = lock_##NAME##_traits;                                                          \
    }

#ifdef __cplusplus
}
#endif

#endif
