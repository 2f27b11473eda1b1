/*
 * operands.h - what the operands of a false assertion were: "claps == 2" with claps = 1.
 *
 * Private to the explanations.
 */
#ifndef CONTEND_BENCH_CHECK_OPERANDS_H
#define CONTEND_BENCH_CHECK_OPERANDS_H

#include <stddef.h>

#include "bench/machine/linkage.h"

enum { OPERANDS_LINE = 96 };

/* A function that has been called from the code under test. */
struct operands_frame {
    const void *pc;    /* its return address */
    const void *frame; /* its frame address: the caller's frame pointer is stored there */
};

/*
 * Writes "claps = 1, box->letter = 7" for the variables that the condition names and whose
 * values the debugger information can find; and what atomic loads on the same source line
 * returned, given as source_text() writes it into OPERANDS_LINE bytes.  Empty if there is nothing to be said.
 */
void operands_print(const char *condition, const char *line, const struct operands_frame *f,
                    char *text, size_t size) CHECK_PRIVATE(operands_print);

#endif
