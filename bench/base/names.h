/*
 * names.h - strings become dense numbers, in the order of their first appearance.
 *
 * Built on uthash, with entries cut from large chunks.  A name costs 61 bytes and
 * its length, rounded up to 8, then 8 to 16 bytes in the index and a few bytes of
 * buckets: ten million addresses of 15 characters take about 1 GB, and about 1 us
 * each to come in.
 */
#ifndef CONTEND_BENCH_BASE_NAMES_H
#define CONTEND_BENCH_BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define NAMES_NONE UINT32_MAX /* never the number of a name */

struct names_entry;

struct names {
    struct names_entry *table;  /* uthash's head */
    struct names_entry **index; /* by number */
    uint32_t count, limit;      /* at most `limit` names */
    size_t capacity;            /* of the index */
    char *chunk;                /* the one being filled; each begins with the one before */
    size_t chunk_used, chunk_size;
};

void names_init(struct names *names); /* limit = 2^32 - 2 */
void names_free(struct names *names);

/* The number of the name, a new one if needed.  -ENOMEM; -EOVERFLOW at the limit. */
int names_intern(struct names *names, const char *text, size_t length, uint32_t *number);

/* Takes back the youngest name, as if it had never come. */
void names_forget_last(struct names *names);

/* The number, or NAMES_NONE. */
uint32_t names_find(const struct names *names, const char *text, size_t length);

/* The name as it was given; a zero byte follows it (there may be more inside). */
const char *names_text(const struct names *names, uint32_t number, size_t *length);

#endif
