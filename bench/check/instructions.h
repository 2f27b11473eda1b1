/*
 * instructions.h - where the instructions of x86-64 begin and end, and which of them write to memory.
 *
 * As far as compilers and inline assembly use them; it decodes no more than it takes to tell that.
 */
#ifndef CONTEND_BENCH_CHECK_INSTRUCTIONS_H
#define CONTEND_BENCH_CHECK_INSTRUCTIONS_H

#include <stdbool.h>

#include "bench/machine/linkage.h"

struct instruction {
    unsigned length;       /* in bytes; 0: not known */
    bool swaps;            /* xchg with memory, which is atomic */
    bool stores;           /* a plain mov to a variable outside of the stack and of the heap, at a fixed address */
    const void *calls;     /* what it calls, if that is at a fixed address */
    bool calls_elsewhere;  /* by a pointer, or jumps there */
};

struct instruction instruction_at(const unsigned char *at, const unsigned char *end) CHECK_PRIVATE(instruction_at);

#endif
