/*
 * foreign.h - blocks that the C library has made for itself and the code under test gives back to it.
 */
#ifndef CONTEND_BENCH_CHECK_FOREIGN_H
#define CONTEND_BENCH_CHECK_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/machine/linkage.h"

/* Of what is to be freed: it is not the checker's, and neither a variable on a stack nor a static one. */
bool foreign_is(const void *at) CHECK_PRIVATE(foreign_is);

void foreign_release(void *at) CHECK_PRIVATE(foreign_release);
void *foreign_reallocate(void *at, size_t size) CHECK_PRIVATE(foreign_reallocate); /* or NULL */

#endif
