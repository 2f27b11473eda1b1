/*
 * locals.h - thread-local variables: each thread of an execution has its own, at their first
 * values.
 *
 * All fibers run on one thread of the operating system, and thread-local variables are found
 * through its thread pointer.  So a fiber borrows the thread pointer of a thread that sleeps
 * for ever: the C library has set up everything behind it, and two fibers' variables have
 * two addresses, which may be passed on as in any program.
 *
 * libstdc++ has such variables too: what std::call_once() is to call, and the exceptions that
 * are being handled.  So a program with it always borrows.  Its reference counts are then atomic as
 * well, which they are not in a process that has never started a thread.
 */
#ifndef CONTEND_BENCH_CHECK_LOCALS_H
#define CONTEND_BENCH_CHECK_LOCALS_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/machine/linkage.h"

/* Gives the variables of thread t, which is about to begin, their first values. */
void locals_begin(unsigned t) CHECK_PRIVATE(locals_begin);

/* From here on thread-local variables are those of thread t. */
void locals_become(unsigned t) CHECK_PRIVATE(locals_become);

/* From here on they are those of the thread that explores. */
void locals_return(void) CHECK_PRIVATE(locals_return);

/* Whose variable lies there, and where among those of its thread; false: it is none. */
bool locals_find(const void *at, unsigned *thread, size_t *offset) CHECK_PRIVATE(locals_find);

#endif
