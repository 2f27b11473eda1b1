/*
 * check_textbook.h - `contend check textbook/NAME`: the algorithms of the literature that are
 * compiled into the tool, and their mutants.
 */
#ifndef CONTEND_BENCH_TOOL_CHECK_TEXTBOOK_H
#define CONTEND_BENCH_TOOL_CHECK_TEXTBOOK_H

#include "bench/tool/check_request.h"

#define TEXTBOOK "textbook/"

/* Whether a name, or a replay string, is about a textbook program. */
bool textbook_means(const char *name);

/*
 * Whether all names are textbook programs of this build, and have the mutant that is asked for.
 * 0, or -EINVAL after a message.
 */
int textbook_require(const struct check_request *request);

/* Checks the programs that the request names, or replays.  The exit status. */
int textbook_check(const struct check_request *request);

/* Prints every program and mutant with a sentence about it. */
void textbook_list(void);

#endif
