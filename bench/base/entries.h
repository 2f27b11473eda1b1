/*
 * entries.h - the entries of all families in one row, and what a text on a command
 * line may mean by them.
 */
#ifndef CONTEND_BENCH_BASE_ENTRIES_H
#define CONTEND_BENCH_BASE_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/base/family.h"

enum { ENTRY_NAME = 96 }; /* bytes for a name with its folder */

struct entry {
    const struct family *family;
    const void *ops;
    const struct contend_identity *id;
    const char *header; /* "counters/locked.h" */
};

/* The index-th entry; false after the last. */
bool entry_at(size_t index, struct entry *out);

/* "counters/mutex", written to `buffer` of ENTRY_NAME bytes. */
const char *entry_name(const struct entry *e, char *buffer);

/* Whether `text`, "mutex" or "counters/mutex", means the strategy of that name in that family. */
bool entry_means(const char *text, const struct family *family, const char *name);

/*
 * Whether any of the families (a set of family_bit()) has an entry that `text` means.  0,
 * or -EINVAL after saying why not: what it is instead and `so` (", which --object=counter
 * leaves out"), that this build lacks it, or which name comes nearest.
 */
int entry_check(const char *text, unsigned set, const char *so);

#endif
