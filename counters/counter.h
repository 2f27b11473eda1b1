/*
 * counter.h - the contract of every clap counter.
 *
 * A counter NAME is one header, counters/NAME.h, with `struct counter_NAME`, a
 * per-thread `struct counter_NAME_handle`, the operations below as
 * `static inline` functions `counter_NAME_add(counter, handle, n)` and so on,
 * and its traits.  This file says what every counter promises and how its traits
 * say that it promises less.  It also holds the table through which tests and
 * tools call the counters.  Valid C11 and C++17; no atomics.
 *
 * Guarantees
 *
 *  C1  State: one signed sum, 0 after init.  The caller keeps the true sum
 *      within +-COUNTER_LIMIT, or within the traits' [min, max] if narrower.
 *  C2  add(n) changes the sum by n and returns 0.  If the sum would leave
 *      [min, max], and only then, add returns -EOVERFLOW and changes nothing: there
 *      is one order of all adds in which each of these answers is right, whatever
 *      reads promise.  With COUNTER_REFUSES_EARLY adds that overlap may keep one
 *      another out as well; an APPROXIMATE counter goes by its estimate.  n may be
 *      negative (an undo) or 0.  add never returns the sum: that would impose one
 *      total order and exclude every striped design.
 *  C3  read() returns a sum.  Which one depends on the strategy and on the mix of
 *      operations: see enum counter_consistency and the traits' three promises.
 *      It is never outside of [min, max].
 *  C4  Conservation: when every thread has detached, or while none is inside an
 *      operation and all operations happened before the read, read() returns the
 *      sum of all adds, those of threads that have exited included.  EVENTUAL
 *      strategies may need a call of quiescent() by each thread first;
 *      APPROXIMATE ones stay within their error.
 *  C5  add_get(n) adds n and stores the new sum in *sum.  It returns 0, -ENOTSUP
 *      without COUNTER_ADD_GET, or -EOVERFLOW as in C2.
 *  C6  A thread attaches before it uses a counter and detaches after.  The handle's
 *      storage belongs to the caller and must not move in between.  One thread may
 *      be attached to many counters, with one handle for each.  detach loses
 *      nothing.  fini returns -EBUSY while a thread is attached.  A thread that ends
 *      outside of an operation and without detaching stays attached: its adds count, and
 *      fini returns -EBUSY for ever.  Its handle's storage may end with it, except with
 *      CONTEND_LOOKS_INTO_HANDLES.
 *  C7  init and fini are called by one thread, while no operation is under way.
 *  C8  A call that fails returns a negative errno value and changes nothing.
 *      No call aborts, unless the flag CONTEND_LIB_ABORTS says that a library does.
 *  C9  quiescent, offline and online are announcements that some strategies need.
 *      Everywhere else they do nothing, so callers may always make them.
 *  C10 A setting whose name is not among the traits' options makes init return
 *      -EINVAL, a value beyond the option's range -ERANGE.  Memory comes from the
 *      configuration's allocator, and is released to it.
 *  C11 If the counter's lock refuses or times out (LOCK_MAY_REFUSE), add and add_get
 *      return the lock's answer; a read tries again until it gets the lock.
 *  C12 With CONTEND_RUNS_THREAD a counter owns a thread from init to fini; no other
 *      call starts or ends one.
 *  C13 With CONTEND_REMOTE add, add_get and attach may return -EIO, -ETIMEDOUT, -EAGAIN and
 *      -ENOSPC, the first two of which leave it unknown whether the call took effect.  A read
 *      that gets no answer returns COUNTER_UNREADABLE.
 */
#ifndef CONTEND_COUNTERS_COUNTER_H
#define CONTEND_COUNTERS_COUNTER_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "locks/parts/allocator.h"
#include "locks/parts/operations.h"
#include "locks/parts/options.h"
#include "locks/parts/traits.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The sum's bounds: half of what int64_t holds, so that no add within them can overflow it. */
#define COUNTER_LIMIT ((int64_t)1 << 62)

/* No sum: what a read returns if the store behind a counter does not answer (C13). */
#define COUNTER_UNREADABLE INT64_MIN

/*
 * a + b modulo 2^64, for parts of a sum.  The sum keeps within its bounds, but its
 * parts need not: one thread may add for ever what another one takes away.  The
 * sum of the parts is right even if a part has wrapped around.
 */
static inline int64_t counter_join(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* How a counter is made.  All zero, or a NULL pointer, asks for the defaults. */
struct counter_config {
    uint32_t threads; /* at most this many are attached at once; 0 = not known */
    uint64_t seed;    /* for randomised designs */
    const struct contend_allocator *allocator; /* NULL = the C library's */
    struct contend_settings settings;          /* values for the options in the traits */
};

/*
 * Copies the caller's configuration, with defaults for a NULL pointer, and checks its
 * settings against the strategy's options.
 */
static inline int counter_config_resolve(struct counter_config *out,
                                         const struct counter_config *in,
                                         const struct contend_option *options)
{
    memset(out, 0, sizeof *out);
    if (in)
        *out = *in;
    return contend_settings_check(&out->settings, options);
}

/*
 * What a read may return, strongest first.  "Between" means: between two sums
 * that the linearised history passed through during the read.
 */
enum counter_consistency {
    COUNTER_LINEARIZABLE = 0, /* the sum at one instant of the read (Herlihy and Wing, 1990) */
    COUNTER_INTERMEDIATE,     /* between the least and the greatest sum during the read
                                 (Rinberg and Keidar, Intermediate Value Linearizability, 2020) */
    COUNTER_QUIESCENT,        /* exact when no add overlaps the read; otherwise any partial sum */
    COUNTER_EVENTUAL,         /* wrong by at most `error`, for at most `staleness_ns` */
    COUNTER_APPROXIMATE,      /* within relative_error with probability confidence */
    COUNTER_UNSPECIFIED       /* no promise: exhibits and floors */
};

struct counter_promise {
    enum counter_consistency kind;
    int64_t error;         /* EVENTUAL: claps per attached thread */
    uint64_t staleness_ns; /* EVENTUAL: 0 = until quiescent() or detach */
    double relative_error; /* APPROXIMATE */
    double confidence;     /* APPROXIMATE, of 1 */
};

/*
 * Whether a read at rest (C4) may return `result` where the adds make `sum`.  An APPROXIMATE one
 * may be further off than its error now and then, but hardly three times as far.
 */
static inline int counter_sum_fits(const struct counter_promise *p, int64_t sum, int64_t result)
{
    double error = 3 * p->relative_error * (double)sum;

    if (p->kind != COUNTER_APPROXIMATE)
        return result == sum;
    error = error < 0 ? -error : error;
    return (double)result >= (double)sum - error && (double)result <= (double)sum + error;
}

enum counter_features {
    COUNTER_ADD_GET = 1,      /* add_get is implemented */
    COUNTER_STATIC_INIT = 2,  /* COUNTER_INIT_NAME exists */
    COUNTER_COSTS_ABS_N = 4,  /* add(n) costs |n| steps, not one */
    COUNTER_NEEDS_QUIESCENT = 8, /* reads lag until threads announce quiescent states */
    COUNTER_PLAIN_ADD = 16,   /* add is loads and stores: no atomic instruction, and no call */
    COUNTER_GROWS = 32,       /* takes more than `bytes` once threads have added side by side */
    COUNTER_REFUSES_EARLY = 64, /* beside other adds one may be refused that fits (C2) */
    COUNTER_RACES = 128         /* an exhibit with a data race: ThreadSanitizer must see it */
};

struct counter_traits {
    struct contend_identity id;
    unsigned add, read;                         /* progress, enum contend_progress */
    struct counter_promise unit, batch, undo;   /* adds of +1; of n > 0; of either sign */
    unsigned features;                          /* enum counter_features */
    int64_t min, max;                           /* the sums that it can hold */
    size_t bytes;                               /* for each counter, without threads */
    size_t bytes_per_thread;                    /* for each attached thread, handle included */
    size_t bytes_per_cpu;                       /* for each processor that the machine may have */
};

struct counter_stats {
    size_t bytes;    /* requested from the allocator and held now; attached handles included */
    size_t attached; /* number of handles */
};

/* The operations of a tape over many counters: an array of bytes, beside an array of posts. */
enum counter_op { COUNTER_OP_CLAP = 0, COUNTER_OP_READ = 1 };

/*
 * The loops that benchmarks call: the operation is inlined in them, so that one
 * indirect call is paid for a thousand operations.  Every turn ends in a
 * compiler barrier.
 */
struct counter_loops {
    /* Calls add(1) n times.  Returns how many of them failed. */
    size_t (*add)(void *counter, void *handle, size_t n);
    /*
     * For each step tape[i]: add(tape[i]), or, if it is 0, a read that is folded into *sink.
     * Returns how many adds failed.
     */
    size_t (*mixed)(void *counter, void *handle, const int8_t *tape, size_t n, uint64_t *sink);
    /*
     * The same over many counters: `counters` is an array of objects of `size` bytes, `handles` an
     * array of as many handles of `handle_size` bytes.  Each step claps for its post, or reads it.
     */
    size_t (*posts)(void *counters, void *handles, const uint8_t *ops, const uint64_t *posts,
                    size_t n, uint64_t *sink);
    /* One clap for each of n posts.  Returns how many failed. */
    size_t (*claps)(void *counters, void *handles, const uint64_t *posts, size_t n);
};

/*
 * The operations.  init may fail with -ENOMEM or as C10 says; attach with -ENOMEM, or with
 * -EAGAIN if there is no slot for one more thread.  From init on, traits_of gives the counter's
 * own traits, which its options may have changed.
 */
#define COUNTER_OPERATIONS(GIVES, DOES)                                                       \
    GIVES(int, init, (void *counter, const struct counter_config *config), (counter, config)) \
    GIVES(int, fini, (void *counter), (counter))                                              \
    DOES(traits_of, (void *counter, struct counter_traits *out), (counter, out))              \
    GIVES(int, attach, (void *counter, void *handle), (counter, handle))                      \
    DOES(detach, (void *counter, void *handle), (counter, handle))                            \
    GIVES(int, add, (void *counter, void *handle, int64_t n), (counter, handle, n))           \
    GIVES(int64_t, read, (void *counter, void *handle), (counter, handle))                    \
    GIVES(int, add_get, (void *counter, void *handle, int64_t n, int64_t *sum),               \
          (counter, handle, n, sum))                                                          \
    DOES(quiescent, (void *counter, void *handle), (counter, handle))                         \
    DOES(offline, (void *counter, void *handle), (counter, handle))                           \
    DOES(online, (void *counter, void *handle), (counter, handle))                            \
    DOES(stats, (void *counter, struct counter_stats *out), (counter, out))

/*
 * The operations by name.  Every pointer is valid; objects and handles are of the table's
 * sizes, and aligned as it says: contend_alloc(ops->handle_align, ops->handle_size), not malloc().
 */
struct counter_ops {
    const struct counter_traits *traits;
    const char *header;       /* where it is written: "counters/locked.h" */
    enum contend_shelf shelf; /* whether defaults show it */
    const char *needs;        /* the library beneath it, "liburcu"; or NULL */
    const char *choices;      /* what a template was composed with: "CONTEND_LOCK=mcs"; or "" */
    size_t size, align;
    size_t handle_size, handle_align;
    COUNTER_OPERATIONS(CONTEND_POINTER_GIVES, CONTEND_POINTER_DOES)
    struct counter_loops loops;
};

/*
 * All counters of this build in teaching order, ended by NULL; and those left out, ended by a NULL
 * name.  Pointers, not arrays: a program would copy an array of the size that it was linked with,
 * and lose the end of a longer list in a newer library.
 */
extern CONTEND_API const struct counter_ops *const *const contend_counter_registry;
extern CONTEND_API const struct contend_missing *const contend_counter_missing;

/* The entry of that name, or NULL. */
CONTEND_API const struct counter_ops *contend_counter_find(const char *name);

/* A strategy whose add cannot know the new sum. */
#define COUNTER_NO_ADD_GET(NAME)                                                              \
    static inline int counter_##NAME##_add_get(struct counter_##NAME *c,                      \
                                               struct counter_##NAME##_handle *h, int64_t n,  \
                                               int64_t *sum)                                  \
    {                                                                                         \
        (void)c, (void)h, (void)n, (void)sum;                                                 \
        return -ENOTSUP;                                                                      \
    }

/* A strategy whose traits no option changes. */
#define COUNTER_STATIC_TRAITS(NAME)                                                           \
    static inline void counter_##NAME##_traits_of(struct counter_##NAME *c,                   \
                                                  struct counter_traits *out)                 \
    {                                                                                         \
        (void)c;                                                                              \
        *out = counter_##NAME##_traits;                                                       \
    }

/* A strategy that needs no announcements (C9). */
#define COUNTER_NO_QUIESCENCE(NAME)                                                           \
    static inline void counter_##NAME##_quiescent(struct counter_##NAME *c,                   \
                                                  struct counter_##NAME##_handle *h)          \
    {                                                                                         \
        (void)c, (void)h;                                                                     \
    }                                                                                         \
    static inline void counter_##NAME##_offline(struct counter_##NAME *c,                     \
                                                struct counter_##NAME##_handle *h)            \
    {                                                                                         \
        (void)c, (void)h;                                                                     \
    }                                                                                         \
    static inline void counter_##NAME##_online(struct counter_##NAME *c,                      \
                                               struct counter_##NAME##_handle *h)             \
    {                                                                                         \
        (void)c, (void)h;                                                                     \
    }

#ifdef __cplusplus
}
#endif

#endif
