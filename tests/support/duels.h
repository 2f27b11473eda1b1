/*
 * duels.h - the rule of all duels: correct strategies hold at every step, exhibits do not.
 */
#ifndef CONTEND_TESTS_SUPPORT_DUELS_H
#define CONTEND_TESTS_SUPPORT_DUELS_H

#include <stddef.h>

#include "tests/support/park.h"
#include "tests/support/support.h"

/* One duel: two sides, and what must hold afterwards. */
struct scenario {
    const char *name;
    void (*prepare)(void *ctx);
    void (*a)(void *ctx);
    void (*b)(void *ctx);
    bool (*holds)(void *ctx);
    uint64_t capacity; /* of the map; 0 = it grows, where it can */
};

/*
 * Whether scenario s holds for the strategy `ops` with A parked at its k-th step; *parked says
 * whether there is one.
 */
typedef bool (*holds_at)(const void *ops, const struct scenario *s, unsigned k, bool *parked);

/*
 * All scenarios at all steps.  A correct strategy holds at each; an exhibit breaks at one or
 * more.
 */
void duels_run(const void *ops, const struct contend_identity *id, holds_at at,
               const struct scenario *scenarios, size_t count);

#endif
