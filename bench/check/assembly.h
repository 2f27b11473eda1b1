/*
 * assembly.h - what the program under test does behind the checker's back.
 */
#ifndef CONTEND_BENCH_CHECK_ASSEMBLY_H
#define CONTEND_BENCH_CHECK_ASSEMBLY_H

#include <stdio.h>

#include "bench/machine/linkage.h"

/*
 * Prints a line for each function of the program, the checker's own excepted, that contains an
 * atomic instruction, a fence or a pause, or a store to a static variable and no call that announces one:
 * instrumented code has none, so it comes from inline assembly or from a file without the two flags, and the
 * checker does not see it.  Returns how many.  Needs
 * debug information; x86-64 only.
 */
unsigned assembly_hint(FILE *out) CHECK_PRIVATE(assembly_hint);

#endif
