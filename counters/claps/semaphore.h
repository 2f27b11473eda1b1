/*
 * semaphore.h - fifty permits for each reader and post.
 *
 * Idea: a clap takes a permit and leaves a claim, an undo takes the claim and leaves the permit.
 *   Both are semaphores, used without ever blocking: what none is left of is not granted.  No
 *   line compares anything with 50.
 * Invariant: the permits and the claims of a reader are never more than 50 together, since
 *   one is taken before the other is left; what is missing is in some thread's hands.  The
 *   total counts each clap from before its claim is left until after the claim is taken, so it
 *   is at least the sum of the claims, and never negative.
 * Linearisation points: of each single clap at the taking of its permit, of each undo at the
 *   taking of its claim; clap(n) and unclap(n) are n of them.
 * Progress: lock-free: glibc's post and trywait are compare-and-swap loops.
 * Read guarantee: grants quiescent: a clap beside an undo of the same reader may be refused
 *   the permit that the undo is about to leave.  Totals quiescent.
 * Cost: for each of n claps two calls with a locked instruction each, and an addition on the
 *   post's line.  64 bytes for each reader and post, two semaphores, clapped or not.
 * Breaks when: readers are many (memory), or n is large (steps), or a refusal must mean that
 *   50 have been given.
 * Use when: a thread must wait for a permit.  As a bound that refuses, it shows what the bound
 *   is made of.
 * Reference: E. W. Dijkstra, "Cooperating Sequential Processes", 1965.
 */
#ifndef CONTEND_COUNTERS_CLAPS_SEMAPHORE_H
#define CONTEND_COUNTERS_CLAPS_SEMAPHORE_H

#include <semaphore.h>
#include <stdbool.h>

#include "counters/claps/parts/ledger.h"

struct claps_semaphore_reader {
    sem_t permits; /* claps that the reader may still give */
    sem_t claims;  /* claps that the reader has given, and may take back */
};

/* The post's word: the total in the upper bits, so that additions never reach the lowest one. */
#define CLAPS_SEMAPHORE_GONE UINT64_C(1)
#define CLAPS_SEMAPHORE_ONE UINT64_C(2)

struct claps_semaphore {
    struct claps_ledger ledger;
    _Atomic uint64_t *posts;
    struct claps_semaphore_reader *readers; /* of each post */
};

CLAPS_EMPTY_HANDLE(semaphore)

/* Gives back what init has made: so many readers' semaphores. */
static inline int claps_semaphore_free(struct claps_semaphore *c, size_t made)
{
    int error = 0;

    for (size_t i = 0; i < made; i++)
        if (sem_destroy(&c->readers[i].permits) != 0 || sem_destroy(&c->readers[i].claims) != 0)
            error = -errno;
    claps_ledger_release(&c->ledger, c->readers,
                         claps_ledger_places(&c->ledger, sizeof *c->readers), sizeof *c->readers);
    claps_ledger_release(&c->ledger, c->posts, c->ledger.posts, sizeof *c->posts);
    return error;
}

static inline int claps_semaphore_init(struct claps_semaphore *c, const struct claps_config *config)
{
    struct claps_config mine;
    int error = claps_config_resolve(&mine, config, NULL);
    size_t made = 0;

    if (error)
        return error;
    claps_ledger_init(&c->ledger, &mine);
    size_t places = claps_ledger_places(&c->ledger, sizeof *c->readers);
    c->readers = claps_ledger_array(&c->ledger, places, sizeof *c->readers);
    c->posts = claps_ledger_array(&c->ledger, c->ledger.posts, sizeof *c->posts);
    error = c->readers && c->posts ? 0 : -ENOMEM;
    for (; !error && made < places; made++)
        if (sem_init(&c->readers[made].permits, 0, CLAPS_LIMIT) != 0 ||
            sem_init(&c->readers[made].claims, 0, 0) != 0)
            error = -errno;
    for (uint64_t post = 0; !error && post < c->ledger.posts; post++)
        atomic_init(&c->posts[post], 0);
    if (error)
        claps_semaphore_free(c, made);
    return error;
}

static inline int claps_semaphore_fini(struct claps_semaphore *c)
{
    if (counter_attached_count(&c->ledger.attached))
        return -EBUSY;
    return claps_semaphore_free(c, claps_ledger_places(&c->ledger, sizeof *c->readers));
}

/* 0, and where the two are; or -ERANGE. */
static inline int claps_semaphore_find(struct claps_semaphore *c, uint64_t post, uint64_t reader,
                                       struct claps_semaphore_reader **found)
{
    int error = claps_ledger_check(&c->ledger, post, reader);

    if (error == 0)
        *found = &c->readers[claps_ledger_place(&c->ledger, post, reader)];
    return error;
}

static inline bool claps_semaphore_is_gone(_Atomic uint64_t *post)
{
    /* acquire: what the remover did before comes before; pairs with the release of its bit. */
    return atomic_load_explicit(post, memory_order_acquire) & CLAPS_SEMAPHORE_GONE;
}

static inline int claps_semaphore_clap(struct claps_semaphore *c, struct claps_semaphore_handle *h,
                                       uint64_t post, uint64_t reader, unsigned n)
{
    struct claps_semaphore_reader *r;
    int granted = 0, error = claps_semaphore_find(c, post, reader, &r);

    (void)h;
    if (error)
        return error;
    if (claps_semaphore_is_gone(&c->posts[post]))
        return -ENOENT;
    while ((unsigned)granted < n && sem_trywait(&r->permits) == 0) {
        CONTEND_STEP("semaphore: a permit taken, not yet in the total");
        /*
         * acquire, for GONE: pairs with the release of the remover's bit.  A deleted post's permits
         * and total are of no use to anybody, so nothing is given back.
         */
        if (atomic_fetch_add_explicit(&c->posts[post], CLAPS_SEMAPHORE_ONE, memory_order_acquire) &
            CLAPS_SEMAPHORE_GONE)
            return -ENOENT;
        CONTEND_STEP("semaphore: in the total, no claim left");
        sem_post(&r->claims);
        granted++;
    }
    return granted;
}

static inline int claps_semaphore_unclap(struct claps_semaphore *c,
                                         struct claps_semaphore_handle *h, uint64_t post,
                                         uint64_t reader, unsigned n)
{
    struct claps_semaphore_reader *r;
    int returned = 0, error = claps_semaphore_find(c, post, reader, &r);

    (void)h;
    if (error)
        return error;
    if (claps_semaphore_is_gone(&c->posts[post]))
        return -ENOENT;
    while ((unsigned)returned < n && sem_trywait(&r->claims) == 0) {
        CONTEND_STEP("semaphore: a claim taken, still in the total");
        /* relaxed: a total alone, and the clap is in it: its claim was left after it was added. */
        atomic_fetch_sub_explicit(&c->posts[post], CLAPS_SEMAPHORE_ONE, memory_order_relaxed);
        sem_post(&r->permits);
        returned++;
    }
    return returned;
}

static inline int claps_semaphore_given(struct claps_semaphore *c, struct claps_semaphore_handle *h,
                                        uint64_t post, uint64_t reader)
{
    struct claps_semaphore_reader *r;
    int given = 0, error = claps_semaphore_find(c, post, reader, &r);

    (void)h;
    if (error)
        return error;
    sem_getvalue(&r->claims, &given);
    return claps_semaphore_is_gone(&c->posts[post]) ? -ENOENT : given;
}

static inline int64_t claps_semaphore_total(struct claps_semaphore *c,
                                            struct claps_semaphore_handle *h, uint64_t post)
{
    int error = claps_ledger_check(&c->ledger, post, 0);

    (void)h;
    if (error)
        return error;
    /* acquire: as in claps_semaphore_is_gone; pairs with the same release. */
    uint64_t word = atomic_load_explicit(&c->posts[post], memory_order_acquire);
    return word & CLAPS_SEMAPHORE_GONE ? -ENOENT : (int64_t)(word / CLAPS_SEMAPHORE_ONE);
}

static inline int64_t claps_semaphore_remove(struct claps_semaphore *c,
                                             struct claps_semaphore_handle *h, uint64_t post)
{
    int error = claps_ledger_check(&c->ledger, post, 0);

    (void)h;
    if (error)
        return error;
    /*
     * release: pairs with the acquire in claps_semaphore_is_gone.  acquire: of two removers the
     * second comes after what the first knew; pairs with its release.
     */
    uint64_t word = atomic_fetch_or_explicit(&c->posts[post], CLAPS_SEMAPHORE_GONE,
                                             memory_order_acq_rel);
    return word & CLAPS_SEMAPHORE_GONE ? -ENOENT : (int64_t)(word / CLAPS_SEMAPHORE_ONE);
}

CLAPS_LEDGER_STATS(semaphore, c->ledger.posts * sizeof *c->posts +
                                  claps_ledger_places(&c->ledger, 1) * sizeof *c->readers)

static const struct claps_traits claps_semaphore_traits = {
    .id = {
        .name = "semaphore",
        .title = "fifty permits for each reader and post",
        .reference = "Dijkstra, Cooperating Sequential Processes, 1965",
    },
    .clap = CONTEND_LOCK_FREE,
    .unclap = CONTEND_LOCK_FREE,
    .given = CONTEND_WAIT_FREE,
    .total = CONTEND_WAIT_FREE,
    .remove = CONTEND_WAIT_FREE,
    .grants = CLAPS_QUIESCENT,
    .totals = CLAPS_QUIESCENT,
    .features = CLAPS_COSTS_N,
    .max_readers = UINT64_MAX,
    .bytes = sizeof(struct claps_semaphore),
    .bytes_per_post = sizeof(uint64_t),
    .bytes_per_reader = sizeof(struct claps_semaphore_reader),
    .bytes_per_thread = sizeof(struct claps_semaphore_handle),
};

CLAPS_STATIC_TRAITS(semaphore)

#endif
