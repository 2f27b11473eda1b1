/*
 * early.h - blocks that were made before the first execution: each execution finds them as they were.
 */
#ifndef CONTEND_BENCH_CHECK_EARLY_H
#define CONTEND_BENCH_CHECK_EARLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/machine/linkage.h"

struct early_block {
    uintptr_t start;
    size_t size;
    const void *made;
    bool freed; /* by an execution whose test keeps statics */
};

/* Whether this program is one of a user's own, whose constructors run in one thread: early_open.c. */
extern const bool early_is_open CHECK_PRIVATE(early_is_open);

/* From now on no block is early.  Called before the first execution; later calls do nothing. */
void early_close(void) CHECK_PRIVATE(early_close);

/* The n-th of them by address, or NULL; and how many bytes at the beginning of the heap are theirs. */
struct early_block *early_block(unsigned n) CHECK_PRIVATE(early_block);
size_t early_used(void) CHECK_PRIVATE(early_used);

/* The end of an execution: they hold what they held before; or what they hold now is what they hold from now on. */
void early_put_back(void) CHECK_PRIVATE(early_put_back);
void early_keep(void) CHECK_PRIVATE(early_keep);

/* Whether the C library may have made this block before the first execution: it must stay for the next one. */
bool early_may_be(const void *foreign) CHECK_PRIVATE(early_may_be);

#endif
