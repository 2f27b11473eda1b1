/*
 * fiber.h - threads that only we schedule: stacks and a switch between them.
 *
 * All threads of a checked program run on one thread of the operating system, so
 * that the checker alone decides which one runs.  A hand-written switch costs a few
 * nanoseconds; swapcontext(), the fallback, makes two system calls.
 */
#ifndef CONTEND_BENCH_CHECK_FIBER_H
#define CONTEND_BENCH_CHECK_FIBER_H

#include <stddef.h>

#include "bench/machine/linkage.h"

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(FIBER_PORTABLE)
#define FIBER_HAS_SP
struct fiber {
    void *sp;
};
#else
#include <ucontext.h>
struct fiber {
    ucontext_t context;
};
#endif

/* Makes `f` begin at `entry`, which must never return, when it is first switched to. */
void fiber_prepare(struct fiber *f, void *stack, size_t size, void (*entry)(void))
    CHECK_PRIVATE(fiber_prepare);

/* Leaves `from`, to be resumed later, and resumes `to`. */
void fiber_switch(struct fiber *from, struct fiber *to) CHECK_PRIVATE(fiber_switch);

#endif
