/*
 * claps.h - the contract of bounded claps: what each reader gave, and never more than 50.
 *
 * A reader may give a post at most 50 claps, and may take them back; a post may be
 * deleted.  An object NAME is one header, counters/claps/NAME.h, with `struct
 * claps_NAME`, a per-thread `struct claps_NAME_handle`, the operations below as
 * `static inline` functions `claps_NAME_clap(object, handle, post, reader, n)` and so on,
 * and its traits.  This file says what every one of them promises, and holds the table
 * through which tests and tools call them.  Valid C11 and C++17; no atomics.
 *
 * Two facts must stay true together: what each reader has given, and what the post has
 * received.  They lie in two words, and no instruction changes both.
 *
 * Guarantees
 *
 *  B1  State: for each post, whether it is there, and for each reader how many claps the
 *      reader has given to it; after init all posts are there and all claps are 0.
 *      0 <= given <= CLAPS_LIMIT at every instant.
 *  B2  clap(post, reader, n) grants min(n, CLAPS_LIMIT - given) claps, adds them to what
 *      the reader has given, and returns how many they are.
 *  B3  unclap(post, reader, n) takes min(n, given) claps back and returns how many.
 *  B4  given(post, reader) returns what the reader has given.
 *  B5  total(post) returns the sum of what the post's readers have given.  It is never
 *      negative, not even in passing.
 *  B6  remove(post) deletes the post with its claps, for ever, and returns the total that
 *      it had.  Every later operation on the post returns -ENOENT, a second remove too.
 *  B7  How exact the answers are beside other operations on the same post is declared in
 *      the traits, for grants (B2, B3, B4) and for totals (B5, and what remove returns):
 *      see enum claps_consistency.  Posts are independent of each other.
 *  B8  Conservation: while no operation on a post is under way, its total equals the sum of
 *      what its readers have given, and that equals all claps granted less all taken back.
 *  B9  A post or a reader that the configuration does not provide for is -ERANGE.  A call
 *      that fails returns a negative errno value and changes nothing.  No call aborts,
 *      unless the flag CONTEND_LIB_ABORTS says that a library does.
 *  B10 A thread attaches before it uses an object and detaches after.  The handle's storage
 *      belongs to the caller and must not move in between.  A thread may be attached to
 *      several objects.  Any thread may act for any reader.  fini returns -EBUSY while a
 *      thread is attached.  A thread that ends outside of an operation and without
 *      detaching stays attached, and what it did counts; its handle's storage may end
 *      with it, except with CONTEND_LOOKS_INTO_HANDLES.
 *  B11 init and fini are called by one thread, while no operation is under way.  init
 *      returns -ERANGE for more readers than the traits' max_readers, and -ENOMEM.
 *  B12 A setting whose name is not among the traits' options makes init return -EINVAL, a
 *      value beyond the option's range -ERANGE.  Memory comes from the configuration's
 *      allocator, and is released to it.
 *  B13 If the object's lock refuses or times out (LOCK_MAY_REFUSE), clap, unclap and remove
 *      return the lock's answer; given and total try again until they get the lock.
 *  B14 With CONTEND_REMOTE every call may return -EIO, -ETIMEDOUT, -EAGAIN and -ENOSPC.  After
 *      the first two it is unknown whether a clap, an unclap or a remove took effect.
 */
#ifndef CONTEND_COUNTERS_CLAPS_H
#define CONTEND_COUNTERS_CLAPS_H

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

/* The most claps that a reader gives to a post. */
enum { CLAPS_LIMIT = 50 };

/* What an object is made for where the configuration has a 0. */
enum { CLAPS_DEFAULT_POSTS = 4, CLAPS_DEFAULT_READERS = 256 };

/* How an object is made.  All zero, or a NULL pointer, asks for the defaults. */
struct claps_config {
    uint64_t posts;   /* they are numbered from 0 */
    uint64_t readers; /* likewise */
    uint32_t threads; /* at most this many are attached at once; 0 = not known */
    const struct contend_allocator *allocator; /* NULL = the C library's */
    struct contend_settings settings;          /* values for the options in the traits */
};

/*
 * Copies the caller's configuration, with defaults for a NULL pointer and for zeros, and
 * checks its settings against the strategy's options.
 */
static inline int claps_config_resolve(struct claps_config *out, const struct claps_config *in,
                                       const struct contend_option *options)
{
    memset(out, 0, sizeof *out);
    if (in)
        *out = *in;
    if (out->posts == 0)
        out->posts = CLAPS_DEFAULT_POSTS;
    if (out->readers == 0)
        out->readers = CLAPS_DEFAULT_READERS;
    return contend_settings_check(&out->settings, options);
}

/* How many of n claps a reader is granted who has given so many, and how many of n are taken back. */
static inline unsigned claps_granted(unsigned given, unsigned n)
{
    return n < CLAPS_LIMIT - given ? n : CLAPS_LIMIT - given;
}

static inline unsigned claps_returned(unsigned given, unsigned n)
{
    return n < given ? n : given;
}

/* How exact an answer is, strongest first. */
enum claps_consistency {
    /*
     * One order of all operations on the post explains the answers (Herlihy and Wing, 1990).
     * Where totals are weaker, it is the order of all others, and of remove apart from the
     * number that it returns.
     */
    CLAPS_LINEARIZABLE = 0,
    /*
     * Exact if nothing overlaps that changes the same reader's claps (a grant) or the same
     * post's (a total).  Else what is right for some of what overlaps, each taken whole, in
     * part or not at all, and with as much as it asked for.
     */
    CLAPS_QUIESCENT,
    CLAPS_UNSPECIFIED /* no promise: exhibits and floors */
};

enum claps_features {
    CLAPS_COSTS_N = 1 /* clap(n) and unclap(n) cost n steps, not one */
};

struct claps_traits {
    struct contend_identity id;
    unsigned clap, unclap, given, total, remove; /* progress, enum contend_progress */
    enum claps_consistency grants, totals;
    unsigned features;       /* enum claps_features */
    uint64_t max_readers;    /* of one object */
    size_t bytes;            /* without posts and threads */
    size_t bytes_per_post;   /* and for each of its readers: */
    size_t bytes_per_reader; /* whether the reader has clapped or not */
    size_t bytes_per_thread; /* for each attached thread, handle included */
};

struct claps_stats {
    size_t bytes;    /* requested from the allocator and held now; attached handles included */
    size_t retired;  /* of these: waiting for a grace period */
    size_t attached; /* number of handles */
};

/* The operations of a tape, one byte each. */
enum claps_op { CLAPS_OP_CLAP = 0, CLAPS_OP_TOTAL = 1, CLAPS_OP_UNCLAP = 2 };

/* What the operations of a tape came to. */
struct claps_outcome {
    uint64_t granted, returned; /* claps */
    uint64_t failed;            /* operations that returned an error */
    uint64_t sink;              /* what the totals were, so that they cannot be optimised away */
};

/* The loop that benchmarks call, with the operations inlined in it; see struct counter_loops. */
struct claps_loops {
    /* Step i does ops[i] for the post and, if it is no total, one clap of readers[i]. */
    void (*tape)(void *claps, void *handle, uint64_t post, const uint8_t *ops,
                 const uint64_t *readers, size_t n, struct claps_outcome *out);
};

/*
 * The operations.  init may fail as B11 and B12 say; attach with -ENOMEM, or with -EAGAIN if
 * there is no slot for one more thread; clap, unclap and remove with -ENOMEM where their
 * progress is CONTEND_MODULO_MALLOC.  From init on, traits_of gives the object's own traits.
 */
#define CLAPS_OPERATIONS(GIVES, DOES)                                                         \
    GIVES(int, init, (void *claps, const struct claps_config *config), (claps, config))       \
    GIVES(int, fini, (void *claps), (claps))                                                  \
    DOES(traits_of, (void *claps, struct claps_traits *out), (claps, out))                    \
    GIVES(int, attach, (void *claps, void *handle), (claps, handle))                          \
    DOES(detach, (void *claps, void *handle), (claps, handle))                                \
    GIVES(int, clap, (void *claps, void *handle, uint64_t post, uint64_t reader, unsigned n), \
          (claps, handle, post, reader, n))                                                   \
    GIVES(int, unclap,                                                                        \
          (void *claps, void *handle, uint64_t post, uint64_t reader, unsigned n),            \
          (claps, handle, post, reader, n))                                                   \
    GIVES(int, given, (void *claps, void *handle, uint64_t post, uint64_t reader),            \
          (claps, handle, post, reader))                                                      \
    GIVES(int64_t, total, (void *claps, void *handle, uint64_t post), (claps, handle, post))  \
    GIVES(int64_t, remove, (void *claps, void *handle, uint64_t post), (claps, handle, post)) \
    DOES(stats, (void *claps, struct claps_stats *out), (claps, out))

/* The operations by name.  Every pointer is valid; objects and handles are of the table's sizes. */
struct claps_ops {
    const struct claps_traits *traits;
    const char *header;       /* where it is written: "counters/claps/locked.h" */
    enum contend_shelf shelf; /* whether defaults show it */
    const char *needs;        /* the library beneath it, "liburcu"; or NULL */
    const char *choices;      /* what a template was composed with: "CONTEND_LOCK=mcs"; or "" */
    size_t size, align;
    size_t handle_size, handle_align;
    CLAPS_OPERATIONS(CONTEND_POINTER_GIVES, CONTEND_POINTER_DOES)
    struct claps_loops loops;
};

/* All of this build in teaching order, ended by NULL; and those left out, as in counter.h. */
extern CONTEND_API const struct claps_ops *const *const contend_claps_registry;
extern CONTEND_API const struct contend_missing *const contend_claps_missing;

/* The entry of that name, or NULL. */
CONTEND_API const struct claps_ops *contend_claps_find(const char *name);

/* A strategy whose traits no option changes. */
#define CLAPS_STATIC_TRAITS(NAME)                                                             \
    static inline void claps_##NAME##_traits_of(struct claps_##NAME *c,                       \
                                                struct claps_traits *out)                     \
    {                                                                                         \
        (void)c;                                                                              \
        *out = claps_##NAME##_traits;                                                         \
    }

#ifdef __cplusplus
}
#endif

#endif
