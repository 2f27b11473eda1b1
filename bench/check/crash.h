/*
 * crash.h - names the thread and its last step when code under test ends the process.
 *
 * The causes: a deadly signal, a stack overflow, a call of exit(), or a thread that runs
 * for five seconds of processor time without a step that the checker sees.
 */
#ifndef CONTEND_BENCH_CHECK_CRASH_H
#define CONTEND_BENCH_CHECK_CRASH_H

#include "bench/machine/linkage.h"

/* Installs signal handlers for the whole process, for the rest of its life. */
void crash_watch(void) CHECK_PRIVATE(crash_watch);

#endif
