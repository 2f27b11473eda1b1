/*
 * check_page.h - `contend check --page=FILE`: keeps a failure as a page to teach from.
 */
#ifndef CONTEND_BENCH_TOOL_CHECK_PAGE_H
#define CONTEND_BENCH_TOOL_CHECK_PAGE_H

#include <stdbool.h>

#include "tests/check/suite.h"

/* Whether a page can be put there, as far as that can be told now; if not, it is printed why. */
bool check_page_possible(const char *path);

/* Writes the page, all of it or none; false after it has printed why not. */
bool check_page_write(const char *path, const struct suite_failure *failure);

#endif
