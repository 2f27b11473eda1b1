/*
 * check_then_write.h - looks whether one more is allowed, and then adds one more.
 *
 * Idea: what one writes above a store with atomic increments: read what the reader has given,
 *   compare with the bound, increment.  Every single access is atomic, so no clap is lost and
 *   no tool reports a race; the check is still of a value that is gone when the increment
 *   comes.  It ships as an exhibit: the tests must see it break, and the checker explains how.
 * Invariant: none survives two threads that act for one reader: a second tab, a retried
 *   request, a double click.
 * Linearisation points: none.
 * Progress: wait-free, and wrong.
 * Read guarantee: none.  The incident that was published, in its steps:
 *     contend check --scenario='c049/c01+c01' counters/claps/check_then_write
 *   two requests find 49, both add one, and the reader has given 51;
 *     contend check --scenario='c01/u01,t+u01' counters/claps/check_then_write
 *   two requests find 1, both take it back, and the total is shown as -1.
 * Cost: as cas.h, without what makes it right.
 * Breaks when: two requests of one reader overlap.
 * Use when: never.
 * Reference: M. Bishop and M. Dilger, "Checking for Race Conditions in File Accesses", 1996
 *   (time of check to time of use).
 */
#ifndef CONTEND_COUNTERS_CLAPS_CHECK_THEN_WRITE_H
#define CONTEND_COUNTERS_CLAPS_CHECK_THEN_WRITE_H

#include <stdbool.h>

#include "counters/claps/parts/ledger.h"

struct claps_check_then_write_post {
    _Atomic int64_t total;
    _Atomic bool gone;
};

struct claps_check_then_write {
    struct claps_ledger ledger;
    struct claps_check_then_write_post *posts;
    _Atomic int64_t *given; /* by each reader to each post; signed, so that it shows what happens */
};

CLAPS_EMPTY_HANDLE(check_then_write)

static inline void claps_check_then_write_free(struct claps_check_then_write *c)
{
    claps_ledger_release(&c->ledger, c->given, claps_ledger_places(&c->ledger, sizeof *c->given),
                         sizeof *c->given);
    claps_ledger_release(&c->ledger, c->posts, c->ledger.posts, sizeof *c->posts);
}

static inline int claps_check_then_write_init(struct claps_check_then_write *c,
                                              const struct claps_config *config)
{
    struct claps_config mine;
    int error = claps_config_resolve(&mine, config, NULL);

    if (error)
        return error;
    claps_ledger_init(&c->ledger, &mine);
    size_t places = claps_ledger_places(&c->ledger, sizeof *c->given);
    c->given = claps_ledger_array(&c->ledger, places, sizeof *c->given);
    c->posts = claps_ledger_array(&c->ledger, c->ledger.posts, sizeof *c->posts);
    if (!c->given || !c->posts) {
        claps_check_then_write_free(c);
        return -ENOMEM;
    }
    for (size_t i = 0; i < places; i++)
        atomic_init(&c->given[i], 0);
    for (uint64_t post = 0; post < c->ledger.posts; post++) {
        atomic_init(&c->posts[post].total, 0);
        atomic_init(&c->posts[post].gone, false);
    }
    return 0;
}

static inline int claps_check_then_write_fini(struct claps_check_then_write *c)
{
    if (counter_attached_count(&c->ledger.attached))
        return -EBUSY;
    claps_check_then_write_free(c);
    return 0;
}

/* -ENOENT once the post is deleted.  seq_cst, here and below: stronger orders would not help. */
static inline int claps_check_then_write_check(struct claps_check_then_write *c, uint64_t post,
                                               uint64_t reader)
{
    int error = claps_ledger_check(&c->ledger, post, reader);

    if (error)
        return error;
    return atomic_load_explicit(&c->posts[post].gone, memory_order_seq_cst) ? -ENOENT : 0;
}

static inline int claps_check_then_write_given(struct claps_check_then_write *c,
                                               struct claps_check_then_write_handle *h,
                                               uint64_t post, uint64_t reader)
{
    int error = claps_check_then_write_check(c, post, reader);

    (void)h;
    if (error)
        return error;
    /* seq_cst: as above. */
    return (int)atomic_load_explicit(&c->given[claps_ledger_place(&c->ledger, post, reader)],
                                     memory_order_seq_cst);
}

/* Adds to both, each in one step. */
static inline void claps_check_then_write_add(struct claps_check_then_write *c, uint64_t post,
                                              uint64_t reader, int n)
{
    /* seq_cst, both: as above. */
    atomic_fetch_add_explicit(&c->given[claps_ledger_place(&c->ledger, post, reader)], n,
                              memory_order_seq_cst);
    atomic_fetch_add_explicit(&c->posts[post].total, n, memory_order_seq_cst);
}

static inline int claps_check_then_write_clap(struct claps_check_then_write *c,
                                              struct claps_check_then_write_handle *h,
                                              uint64_t post, uint64_t reader, unsigned n)
{
    int given = claps_check_then_write_given(c, h, post, reader);

    if (given < 0)
        return given;
    if (given >= CLAPS_LIMIT)
        return 0;
    int granted = (int)claps_granted((unsigned)given, n);
    CONTEND_STEP("check_then_write: checked, not yet written");
    claps_check_then_write_add(c, post, reader, granted);
    return granted;
}

static inline int claps_check_then_write_unclap(struct claps_check_then_write *c,
                                                struct claps_check_then_write_handle *h,
                                                uint64_t post, uint64_t reader, unsigned n)
{
    int given = claps_check_then_write_given(c, h, post, reader);

    if (given <= 0)
        return given;
    int returned = (int)claps_returned((unsigned)given, n);
    CONTEND_STEP("check_then_write: checked, not yet taken back");
    claps_check_then_write_add(c, post, reader, -returned);
    return returned;
}

static inline int64_t claps_check_then_write_total(struct claps_check_then_write *c,
                                                   struct claps_check_then_write_handle *h,
                                                   uint64_t post)
{
    int error = claps_check_then_write_check(c, post, 0);

    (void)h;
    /* seq_cst: as above. */
    return error ? error : atomic_load_explicit(&c->posts[post].total, memory_order_seq_cst);
}

static inline int64_t claps_check_then_write_remove(struct claps_check_then_write *c,
                                                    struct claps_check_then_write_handle *h,
                                                    uint64_t post)
{
    int error = claps_ledger_check(&c->ledger, post, 0);

    (void)h;
    if (error)
        return error;
    /* seq_cst, both: as above. */
    if (atomic_exchange_explicit(&c->posts[post].gone, true, memory_order_seq_cst))
        return -ENOENT;
    return atomic_load_explicit(&c->posts[post].total, memory_order_seq_cst);
}

CLAPS_LEDGER_STATS(check_then_write, c->ledger.posts * sizeof *c->posts +
                                         claps_ledger_places(&c->ledger, 1) * sizeof *c->given)

static const struct claps_traits claps_check_then_write_traits = {
    .id = {
        .name = "check_then_write",
        .title = "checks the bound, then adds: passes 50, and drives totals below 0",
        .reference = "Bishop and Dilger, Checking for Race Conditions in File Accesses, 1996",
        .flags = CONTEND_EXHIBIT,
    },
    .clap = CONTEND_WAIT_FREE,
    .unclap = CONTEND_WAIT_FREE,
    .given = CONTEND_WAIT_FREE,
    .total = CONTEND_WAIT_FREE,
    .remove = CONTEND_WAIT_FREE,
    .grants = CLAPS_UNSPECIFIED,
    .totals = CLAPS_UNSPECIFIED,
    .max_readers = UINT64_MAX,
    .bytes = sizeof(struct claps_check_then_write),
    .bytes_per_post = sizeof(struct claps_check_then_write_post),
    .bytes_per_reader = sizeof(int64_t),
    .bytes_per_thread = sizeof(struct claps_check_then_write_handle),
};

CLAPS_STATIC_TRAITS(check_then_write)

#endif
