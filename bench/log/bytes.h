/*
 * bytes.h - a stretch of a text, and bytes that grow.
 */
#ifndef CONTEND_BENCH_LOG_BYTES_H
#define CONTEND_BENCH_LOG_BYTES_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct span {
    const char *text; /* not a string */
    size_t length;
};

struct bytes {
    char *at; /* a zero follows them */
    size_t used, capacity;
};

/* 0 or -ENOMEM: they are as they were then. */
static inline int bytes_add(struct bytes *b, const char *text, size_t length)
{
    if (b->used + length >= b->capacity) {
        size_t capacity = 2 * (b->used + length) + 64;
        char *grown = (char *)realloc(b->at, capacity); /* C++ reads it, too */
        if (!grown)
            return -ENOMEM;
        b->at = grown;
        b->capacity = capacity;
    }
    if (length)
        memcpy(b->at + b->used, text, length);
    b->used += length;
    b->at[b->used] = '\0';
    return 0;
}

#endif
