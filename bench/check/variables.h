/*
 * variables.h - the variables of the functions that run, where memory gets its names from.
 *
 * Private to the explanations.  Nothing is found where the debugger information does not know; nor is anything
 * known of functions that the compiler does not announce, and of variables in registers.
 */
#ifndef CONTEND_BENCH_CHECK_VARIABLES_H
#define CONTEND_BENCH_CHECK_VARIABLES_H

#include "bench/check/form.h"
#include "bench/check/state.h"
#include "bench/check/types.h"

struct variables_pointer {
    Dwarf_Die target; /* what the variable points to */
    const char *name; /* the variable's */
};

/*
 * Looks in the function that the running thread is in at pc for a variable with the address of this block, whose
 * target the size of the block fits.
 */
bool variables_to(const struct block *block, const void *pc, struct variables_pointer *found)
    CHECK_PRIVATE(variables_to);

/* NAMELESS: the function is known, and none of its variables lies there that somebody has given a name. */
enum variables_found { VARIABLES_UNKNOWN, VARIABLES_NAMELESS, VARIABLES_NAMED };

/*
 * "thread1.old.next": the variable at this address of a stack, as long as its function has not returned; and how
 * `bytes` of it are shown.  0 bytes: of what begins there the largest, as "thread1.old".
 */
enum variables_found variables_name(const void *at, unsigned bytes, char *text, size_t size, struct form *form)
    CHECK_PRIVATE(variables_name);

#endif
