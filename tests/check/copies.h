/*
 * copies.h - the strategies as the checker sees them: instrumented, at two levels.
 */
#ifndef CONTEND_TESTS_CHECK_COPIES_H
#define CONTEND_TESTS_CHECK_COPIES_H

#include "counters/counter.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

struct check_copy {
    const char *level; /* "o2" */
    const struct lock_ops *const *locks;
    const struct counter_ops *const *counters;
    const struct presence_ops *const *maps;
    /* Not checked: what each is built on cannot be instrumented. */
    const struct contend_missing *lock_boxes, *counter_boxes, *map_boxes;
};

extern const struct check_copy check_copies[]; /* ended by a NULL level; the first is the default */

#endif
