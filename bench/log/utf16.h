/*
 * utf16.h - UTF-16 that begins with a byte order mark becomes UTF-8, block by block.
 */
#ifndef CONTEND_BENCH_LOG_UTF16_H
#define CONTEND_BENCH_LOG_UTF16_H

#include <stddef.h>
#include <stdint.h>

struct utf16 {
    enum { UTF16_NONE, UTF16_LITTLE, UTF16_BIG } order; /* NONE: the text is something else */
    unsigned char half; /* the first byte of a unit whose second has not come */
    size_t halves;      /* 0 or 1 */
    uint32_t high;      /* the first unit of a pair; 0 = none */
    char *out;
    size_t capacity;
};

/* Looks for the mark at the beginning of a text. */
void utf16_begin(struct utf16 *u, const char *text, size_t length);
void utf16_free(struct utf16 *u);

/* Puts UTF-8 in the place of the block; what is no character becomes U+FFFD.  0 or -ENOMEM. */
int utf16_convert(struct utf16 *u, const char **block, size_t *length);

#endif
