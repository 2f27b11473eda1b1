/*
 * alive.h - a word on a terminal now and then, while a test takes long.
 */
#ifndef CONTEND_BENCH_CHECK_ALIVE_H
#define CONTEND_BENCH_CHECK_ALIVE_H

#include "bench/machine/linkage.h"

/* The test that is explored from now on; NULL: none.  The name must stay. */
void alive_begin(const char *name) CHECK_PRIVATE(alive_begin);

/* Called by an alarm, each so many seconds. */
void alive_tell(unsigned seconds) CHECK_PRIVATE(alive_tell);

#endif
