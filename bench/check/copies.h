/*
 * copies.h - the strategies as the checker sees them: instrumented, at two levels.
 */
#ifndef CONTEND_BENCH_CHECK_COPIES_H
#define CONTEND_BENCH_CHECK_COPIES_H

#include "counters/counter.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

struct check_copy {
    const char *level; /* "o2" */
    /* The registries; each is a pointer to its entries, which only the linker knows. */
    const struct lock_ops *const *const *locks;
    const struct counter_ops *const *const *counters;
    const struct presence_ops *const *const *maps;
    /* Not checked: what each is built on cannot be instrumented. */
    const struct contend_missing *const *lock_boxes, *const *counter_boxes, *const *map_boxes;
};

extern const struct check_copy check_copies[]; /* ended by a NULL level; the first is the default */

#endif
