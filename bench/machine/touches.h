/*
 * touches.h - for the models: what a function of the C library reads and writes, as plain accesses.
 */
#ifndef CONTEND_BENCH_MACHINE_TOUCHES_H
#define CONTEND_BENCH_MACHINE_TOUCHES_H

#include <string.h>

#include "bench/machine/machine.h"

static inline void touches_read(const void *at, size_t size, const void *pc)
{
    if (size)
        machine->plain((void *)at, size, false, false, pc);
}

static inline void touches_write(void *at, size_t size, const void *pc)
{
    if (size)
        machine->plain(at, size, true, false, pc);
}

/* A text and its end, or `most` bytes if there is none among them.  Returns the length. */
static inline size_t touches_text(const char *text, size_t most, const void *pc)
{
    size_t length = strnlen(text, most);

    touches_read(text, length < most ? length + 1 : most, pc);
    return length;
}

#endif
