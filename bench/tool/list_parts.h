/*
 * list_parts.h - the pages of what a strategy is composed with.
 */
#ifndef CONTEND_BENCH_TOOL_LIST_PARTS_H
#define CONTEND_BENCH_TOOL_LIST_PARTS_H

#include "bench/base/entries.h"

/*
 * Prints the head of each header that the template's choices name, an expiry policy or a scheme of
 * reclamation.  Those that are strategies of their own, as locks, have a page of their own and are
 * left out.  Nothing for a strategy that is no template; a message where the headers are missing.
 */
void list_parts(const struct entry *e);

#endif
