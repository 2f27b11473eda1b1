/*
 * crash.h - names the thread and its last step when code under test ends the process.
 *
 * The causes: a deadly signal, a stack overflow, a call of exit() in a library, or a thread that
 * runs for five seconds of processor time without a step that the checker sees.
 */
#ifndef CONTEND_BENCH_CHECK_CRASH_H
#define CONTEND_BENCH_CHECK_CRASH_H

#include "bench/machine/linkage.h"

/* Installs signal handlers for the whole process, for the rest of its life. */
void crash_watch(void) CHECK_PRIVATE(crash_watch);

/* Of code under test that raises a signal which nobody handles: the verdict, and the end of the execution. */
void crash_raised(int signal_number, const void *pc) CHECK_PRIVATE(crash_raised) __attribute__((noreturn));

#endif
