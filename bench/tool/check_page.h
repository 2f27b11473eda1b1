/*
 * check_page.h - `contend check --page=FILE`: keeps a failure as a page to teach from.
 */
#ifndef CONTEND_BENCH_TOOL_CHECK_PAGE_H
#define CONTEND_BENCH_TOOL_CHECK_PAGE_H

#include "bench/check/suite.h"

/* Writes the page, all of it or none.  Returns 0, or an error after a message. */
int check_page_write(const char *path, struct suite_failure *failure);

#endif
