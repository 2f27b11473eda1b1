/*
 * entries.h - the entries of all three registries in one row, by room and name.
 */
#ifndef CONTEND_BENCH_TOOL_ENTRIES_H
#define CONTEND_BENCH_TOOL_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

#include "locks/traits.h"

enum { ENTRY_NAME = 96 }; /* bytes for a name with its room */

/* What locks/chosen.h takes if nothing is defined. */
#define ENTRY_DEFAULT_LOCK "mutex"

struct entry {
    const char *room; /* "locks", "counters", "presence_map" */
    const struct contend_identity *id;
    const char *header; /* "counters/locked.h" */
};

/* The index-th entry; false after the last. */
bool entry_at(size_t index, struct entry *out);

/* "counters/mutex", written to `buffer` of ENTRY_NAME bytes. */
const char *entry_name(const struct entry *e, char *buffer);

struct entry_missing {
    const char *room, *name, *why;
};

/* The index-th strategy that this build left out; false after the last. */
bool entry_missing_at(size_t index, struct entry_missing *out);

#endif
