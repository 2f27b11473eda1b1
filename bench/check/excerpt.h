/*
 * excerpt.h - the lines of the source around a step, for pages.
 *
 * Private to the explanations.
 */
#ifndef CONTEND_BENCH_CHECK_EXCERPT_H
#define CONTEND_BENCH_CHECK_EXCERPT_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/machine/linkage.h"

enum { EXCERPT_AROUND = 4 }; /* lines before and after the one that is meant */

/*
 * Calls put for each line around `line` of the file, and says which one is meant.  False if
 * the file cannot be read, or has no such line: nothing is put then.
 */
bool excerpt(const char *path, unsigned line,
             void (*put)(unsigned number, const char *text, bool meant, FILE *out), FILE *out)
    CHECK_PRIVATE(excerpt);

#endif
