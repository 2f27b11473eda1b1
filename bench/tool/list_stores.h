/* list_stores.h - the datastores in `contend list`, in a section of their own. */
#ifndef CONTEND_BENCH_TOOL_LIST_STORES_H
#define CONTEND_BENCH_TOOL_LIST_STORES_H

#include <jansson.h>

/* Each with its system and what it is; or why it cannot be used here. */
void list_print_stores(void);
/* The same and more, as an array; NULL without memory. */
json_t *list_stores_json(void);

#endif
