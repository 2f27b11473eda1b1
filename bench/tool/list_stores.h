/* list_stores.h - the datastores in `contend list`, in a section of their own. */
#ifndef CONTEND_BENCH_TOOL_LIST_STORES_H
#define CONTEND_BENCH_TOOL_LIST_STORES_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Each with its system, and why it cannot be used here; with lines that may be longer than 80 columns
 * also what it is.
 */
void list_print_stores(bool wide);
/* The same and more, as an array; NULL without memory. */
json_t *list_stores_json(void);

#endif
