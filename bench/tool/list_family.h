/*
 * list_family.h - what `contend list` shows of each family, as in list_counter.c.
 */
#ifndef CONTEND_BENCH_TOOL_LIST_FAMILY_H
#define CONTEND_BENCH_TOOL_LIST_FAMILY_H

#include <jansson.h>

#include "bench/judge/promise.h"

enum { LIST_COLUMNS = 160 };

struct list_family {
    const char *json_key; /* "counters" */
    const char *headings; /* of the columns between memory and reference, with their blanks */
    int narrow; /* how much of the columns lines of 80 have: the first of them */
    void (*columns)(const struct contestant *c, char text[LIST_COLUMNS]);
    size_t (*bytes)(const void *ops); /* of one; of a map, for each user */
    size_t (*bytes_of_thread)(const void *ops);
    json_t *(*json)(const void *ops); /* a new object with all that the identity does not say */
    void (*page)(const void *ops);    /* prints the same, with list_page.h */
};

#define DECLARE(OBJECT) extern const struct list_family list_##OBJECT;
FAMILY_EACH(DECLARE)
#undef DECLARE

const struct list_family *list_of(const struct family *family);

/* As in the tables of a run, with a mark if an operation may call the system. */
const char *list_progress(const struct contestant *c, char buffer[PROMISE_WORDS]);
/* The same of one operation, for programs. */
json_t *list_progress_json(unsigned progress);

#endif
