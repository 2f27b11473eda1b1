/*
 * paths.h - the variables that a condition names, with their members and elements: "box->letters[2]".
 *
 * Private to the explanations.  It is read as text, as the preprocessor has left it.
 */
#ifndef CONTEND_BENCH_CHECK_PATHS_H
#define CONTEND_BENCH_CHECK_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/machine/linkage.h"

struct path {
    const char *text;
    size_t length;
};

/*
 * The next one at or behind *at, which lies in `text`.  Calls of functions, fields of results and what stands in
 * literals are none; an index is one of its own.
 */
bool paths_next(const char *text, const char **at, struct path *p) CHECK_PRIVATE(paths_next);

enum { PATHS_NAME = 64 };

/* Takes the first name of the path off it; "" if none is there. */
void paths_name(struct path *p, char name[PATHS_NAME]) CHECK_PRIVATE(paths_name);

/* The bracket that closes the one here, or NULL. */
const char *paths_bracket(const char *c) CHECK_PRIVATE(paths_bracket);

#endif
