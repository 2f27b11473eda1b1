/*
 * flags.h - whether the program under test was compiled with the two flags of docs/checker.md.
 */
#ifndef CONTEND_BENCH_CHECK_FLAGS_H
#define CONTEND_BENCH_CHECK_FLAGS_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/machine/linkage.h"

/*
 * False after a message if one of them was given for no file at all.  If only some files of the
 * program, the checker's own excepted, were compiled without one, they are named, as far as there is
 * debug information; a library that no thread enters may be so.
 */
bool flags_given(FILE *out) CHECK_PRIVATE(flags_given);

#endif
