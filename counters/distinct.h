/*
 * distinct.h - the contract of distinct clappers: how many readers clapped, not how often.
 *
 * A reader who claps three times is one clapper.  An object NAME is one header,
 * counters/distinct/NAME.h, with `struct distinct_NAME`, a per-thread `struct
 * distinct_NAME_handle`, the operations below as `static inline` functions
 * `distinct_NAME_insert(object, handle, reader)` and so on, and its traits.  This file says
 * what every one of them promises, and holds the table through which tests and tools call
 * them.  Valid C11 and C++17; no atomics.
 *
 * A clap counter (counters/counter.h) cannot do this: an add does not say which reader it is from.  A
 * structure that need not store the readers' ids needs far less memory than a set of them.
 *
 * Guarantees
 *
 *  U1  State: a set of readers, numbers of 64 bits; empty after init.
 *  U2  insert(reader) puts the reader into the set and returns 0; a reader who is in it
 *      already changes nothing.  It does not say whether the reader was new, which most
 *      objects cannot know.  Nobody is ever taken out.
 *  U3  count() returns how many readers the set has, as exactly as the traits say: see enum
 *      distinct_consistency.  It is never negative.
 *  U4  At rest count() depends on nothing but the set, the options and the configuration's
 *      seed: not on the order of the insertions, not on how often one was repeated, and not
 *      on the threads that made them or the merges that brought them.
 *  U5  merge(from) puts all readers of `from` into the set and returns 0; `from` stays as it
 *      is.  It is another object of the same strategy with the same readers, options and
 *      seed; one that is made otherwise is -EINVAL.  Merging is idempotent, commutative and
 *      associative.  It is no single step: beside it a count is at least intermediate.  What
 *      is inserted into `from` meanwhile may come along or not.
 *  U6  A reader beyond the configuration's number of readers is -ERANGE where the traits say
 *      DISTINCT_DENSE; others take any reader.  A call that fails returns a negative errno
 *      value and changes nothing.  No call aborts.
 *  U7  A thread attaches before it uses an object and detaches after.  The handle's storage
 *      belongs to the caller and must not move in between.  fini returns -EBUSY while a
 *      thread is attached.  A thread that ends outside of an operation and without detaching
 *      stays attached, and what it inserted counts; its handle's storage may end with it,
 *      except with CONTEND_LOOKS_INTO_HANDLES.
 *  U8  init and fini are called by one thread, while no operation is under way.  init returns
 *      -ENOMEM without memory.
 *  U9  A setting whose name is not among the traits' options makes init return -EINVAL, a
 *      value beyond the option's range -ERANGE.  Memory comes from the configuration's
 *      allocator, and is released to it.
 */
#ifndef CONTEND_COUNTERS_DISTINCT_H
#define CONTEND_COUNTERS_DISTINCT_H

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

/* What an object is made for where the configuration has a 0. */
enum { DISTINCT_DEFAULT_READERS = 65536 };

/* How an object is made.  All zero, or a NULL pointer, asks for the defaults. */
struct distinct_config {
    uint64_t readers; /* where they are dense they are numbered from 0; else a hint */
    uint64_t seed;    /* of the hash, where there is one */
    uint32_t threads; /* at most this many are attached at once; 0 = not known */
    const struct contend_allocator *allocator; /* NULL = the C library's */
    struct contend_settings settings;          /* values for the options in the traits */
};

/*
 * Copies the caller's configuration, with defaults for a NULL pointer and for zeros, and
 * checks its settings against the strategy's options.
 */
static inline int distinct_config_resolve(struct distinct_config *out,
                                          const struct distinct_config *in,
                                          const struct contend_option *options)
{
    memset(out, 0, sizeof *out);
    if (in)
        *out = *in;
    if (out->readers == 0)
        out->readers = DISTINCT_DEFAULT_READERS;
    return contend_settings_check(&out->settings, options);
}

/* What a count may return, strongest first. */
enum distinct_consistency {
    DISTINCT_LINEARIZABLE = 0, /* beside insertions, the set's size at one instant of the count */
    DISTINCT_INTERMEDIATE,     /* at least the size at its beginning, at most that at its end */
    /*
     * An estimate.  At rest it is within relative_error of the size with probability confidence;
     * and a count lies between the estimates of what had been inserted when it began, and of
     * what had been when it ended.
     */
    DISTINCT_APPROXIMATE,
    DISTINCT_UNSPECIFIED /* no promise: floors */
};

enum distinct_features {
    DISTINCT_DENSE = 1 /* takes readers below the configuration's number of them only (U6) */
};

struct distinct_traits {
    struct contend_identity id;
    unsigned insert, count, merge; /* progress, enum contend_progress */
    enum distinct_consistency counts;
    double relative_error; /* APPROXIMATE */
    double confidence;     /* APPROXIMATE, of 1 */
    unsigned features;     /* enum distinct_features */
    size_t bytes;            /* of an object for DISTINCT_DEFAULT_READERS, without threads */
    size_t bytes_per_thread; /* for each attached thread, handle included */
};

struct distinct_stats {
    size_t bytes;    /* requested from the allocator and held now; attached handles included */
    size_t attached; /* number of handles */
};

/*
 * Whether a count at rest (U3) may be `result` where the set has `size` readers.  An estimate may
 * be further off than its error now and then, but hardly three times as far; and of a few readers
 * two or three may look alike, which is more than any error in per cent.
 */
static inline int distinct_size_fits(const struct distinct_traits *t, int64_t size, int64_t result)
{
    double error = 3 * t->relative_error * (double)size;

    if (t->counts != DISTINCT_APPROXIMATE)
        return result == size;
    error = error < 3 ? 3 : error;
    return (double)result >= (double)size - error && (double)result <= (double)size + error;
}

/* The operations of a tape, one byte each. */
enum distinct_op { DISTINCT_OP_INSERT = 0, DISTINCT_OP_COUNT = 1 };

/* The loop that benchmarks call, with the operations inlined in it; see struct counter_loops. */
struct distinct_loops {
    /* Step i inserts readers[i], or counts, which is folded into *sink.  Returns how many failed. */
    size_t (*tape)(void *distinct, void *handle, const uint8_t *ops, const uint64_t *readers,
                   size_t n, uint64_t *sink);
};

/*
 * The operations.  init may fail as U8 and U9 say; attach with -ENOMEM, or with -EAGAIN if there is
 * no slot for one more thread.  From init on, traits_of gives the object's own traits.
 */
#define DISTINCT_OPERATIONS(GIVES, DOES)                                                          \
    GIVES(int, init, (void *distinct, const struct distinct_config *config), (distinct, config)) \
    GIVES(int, fini, (void *distinct), (distinct))                                                \
    DOES(traits_of, (void *distinct, struct distinct_traits *out), (distinct, out))               \
    GIVES(int, attach, (void *distinct, void *handle), (distinct, handle))                        \
    DOES(detach, (void *distinct, void *handle), (distinct, handle))                              \
    GIVES(int, insert, (void *distinct, void *handle, uint64_t reader), (distinct, handle, reader)) \
    GIVES(int64_t, count, (void *distinct, void *handle), (distinct, handle))                     \
    GIVES(int, merge, (void *distinct, void *handle, void *from), (distinct, handle, from))       \
    DOES(stats, (void *distinct, struct distinct_stats *out), (distinct, out))

/* The operations by name.  Every pointer is valid; objects and handles are of the table's sizes. */
struct distinct_ops {
    const struct distinct_traits *traits;
    const char *header;       /* where it is written: "counters/distinct/hyperloglog.h" */
    enum contend_shelf shelf; /* whether defaults show it */
    const char *needs;        /* the library beneath it, "liburcu"; or NULL */
    const char *choices;      /* what a template was composed with: "CONTEND_LOCK=mcs"; or "" */
    size_t size, align;
    size_t handle_size, handle_align;
    DISTINCT_OPERATIONS(CONTEND_POINTER_GIVES, CONTEND_POINTER_DOES)
    struct distinct_loops loops;
};

/* All of this build in teaching order, ended by NULL; and those left out, as in counter.h. */
extern CONTEND_API const struct distinct_ops *const *const contend_distinct_registry;
extern CONTEND_API const struct contend_missing *const contend_distinct_missing;

/* The entry of that name, or NULL. */
CONTEND_API const struct distinct_ops *contend_distinct_find(const char *name);

/* A strategy whose traits no option changes. */
#define DISTINCT_STATIC_TRAITS(NAME)                                                          \
    static inline void distinct_##NAME##_traits_of(struct distinct_##NAME *d,                 \
                                                   struct distinct_traits *out)               \
    {                                                                                         \
        (void)d;                                                                              \
        *out = distinct_##NAME##_traits;                                                      \
    }

#ifdef __cplusplus
}
#endif

#endif
