/*
 * wakeup.h - what a step touches, and sequences of steps that are still to be tried.
 *
 * To reverse a race the search must run, from the node before its first step, the steps that do not
 * have to come after that, and then the second.  Chosen freely, another thread could run in between
 * for which all that follows has been seen.  So a node keeps such sequences: an ordered tree, as a list
 * of its branches (P. Abdulla et al., "Optimal Dynamic Partial Order Reduction", 2014: wake-up trees).
 */
#ifndef CONTEND_BENCH_CHECK_WAKEUP_H
#define CONTEND_BENCH_CHECK_WAKEUP_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/machine/linkage.h"

enum { FOOT_PLACES = 8 };

/* What a step touches. */
struct foot {
    struct {
        uintptr_t base;
        uint8_t reads, writes; /* a bit for each byte */
    } places[FOOT_PLACES];
    uint8_t count;
    bool all; /* or there are too many places */
    bool begins, ends;
};

void foot_add(struct foot *f, uintptr_t base, uint8_t reads, uint8_t writes) CHECK_PRIVATE(foot_add);

/* A step with a choice of a value in it touches now this, now that. */
void foot_unite(struct foot *into, const struct foot *more) CHECK_PRIVATE(foot_unite);
bool foot_depend(const struct foot *a, const struct foot *b) CHECK_PRIVATE(foot_depend);

/* One step of a sequence that is looked at. */
struct wakeup_look {
    unsigned thread;
    const struct foot *foot;
};

/* Whether thread t may come first in v, with this foot if it is not in v: it then changes nothing for the rest. */
bool wakeup_may_begin(const struct wakeup_look *v, unsigned count, unsigned t, const struct foot *foot)
    CHECK_PRIVATE(wakeup_may_begin);

struct wakeup {
    struct wakeup *next; /* the branch to the right */
    unsigned from, length; /* steps before `from` have been made */
    struct wakeup_step {
        uint8_t thread;
        struct foot foot;
    } steps[];
};

/* Adds v to the tree, unless a branch of it leads to what v leads to.  v is used up. */
void wakeup_insert(struct wakeup **tree, struct wakeup_look *v, unsigned count)
    CHECK_PRIVATE(wakeup_insert);

/* The part of the tree that begins with t, without that step; it is taken out. */
struct wakeup *wakeup_take(struct wakeup **tree, unsigned t) CHECK_PRIVATE(wakeup_take);

/* A copy of the tree, whose steps touch what was seen, or anything. */
struct wakeup *wakeup_copy(const struct wakeup *tree, bool as_seen) CHECK_PRIVATE(wakeup_copy);
void wakeup_drop(struct wakeup **tree) CHECK_PRIVATE(wakeup_drop);

static inline const struct wakeup_step *wakeup_head(const struct wakeup *branch)
{
    return &branch->steps[branch->from];
}

#endif
