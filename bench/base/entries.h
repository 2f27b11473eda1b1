/*
 * entries.h - the entries of all three registries in one row, by room and name.
 */
#ifndef CONTEND_BENCH_BASE_ENTRIES_H
#define CONTEND_BENCH_BASE_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

#include "locks/parts/traits.h"

enum { ENTRY_NAME = 96 }; /* bytes for a name with its room */

/* What locks/parts/chosen.h takes if nothing is defined. */
#define ENTRY_DEFAULT_LOCK "mutex"

/* One bit for each room, so that several make a set. */
enum entry_rooms { ROOM_LOCKS = 1, ROOM_COUNTERS = 2, ROOM_MAPS = 4, ROOM_ALL = 7 };

struct entry {
    enum entry_rooms in;
    const char *room; /* "locks", "counters", "presence_map" */
    const struct contend_identity *id;
    const char *header; /* "counters/locked.h" */
};

/* The index-th entry; false after the last. */
bool entry_at(size_t index, struct entry *out);

/* "counters/mutex", written to `buffer` of ENTRY_NAME bytes. */
const char *entry_name(const struct entry *e, char *buffer);

/* Whether `text`, "mutex" or "counters/mutex", means the strategy of that name in that room. */
bool entry_means(const char *text, enum entry_rooms room, const char *name);

/*
 * Whether any of the rooms has an entry that `text` means.  0, or -EINVAL after saying
 * why not: what it is instead and `so` (", and --object=counter leaves those out"),
 * that this build lacks it, or which name comes nearest.
 */
int entry_check(const char *text, unsigned rooms, const char *so);

struct entry_missing {
    enum entry_rooms in;
    const char *name, *why;
};

/* The index-th strategy that this build left out; false after the last. */
bool entry_missing_at(size_t index, struct entry_missing *out);

#endif
