/*
 * copies.h - the strategies as the checker sees them: instrumented, at two levels.
 */
#ifndef CONTEND_BENCH_CHECK_COPIES_H
#define CONTEND_BENCH_CHECK_COPIES_H

#include "bench/base/family.h"

struct check_copy {
    const char *level; /* "o2" */
    /* By family: the entry of that index, a table of operations; NULL after the last. */
    const void *(*at[FAMILY_COUNT])(size_t index);
    /* Not checked: what each is built on cannot be instrumented. */
    const struct contend_missing *const *boxes[FAMILY_COUNT];
};

extern const struct check_copy check_copies[]; /* ended by a NULL level; the first is the default */

#endif
