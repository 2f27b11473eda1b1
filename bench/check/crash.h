/*
 * crash.h - when code under test takes the process with it, who did it is said.
 *
 * A signal that kills, a stack that is used up, a call of exit(), or a thread that runs
 * on for five seconds of processor time without a step that the checker sees.
 */
#ifndef CONTEND_BENCH_CHECK_CRASH_H
#define CONTEND_BENCH_CHECK_CRASH_H

#include "bench/machine/linkage.h"

/* For the whole process, from now on; for programs whose signals are nobody else's. */
void crash_watch(void) CHECK_PRIVATE(crash_watch);

#endif
