/*
 * sides.h - a handle for each thread of the service, in one piece of memory.
 */
#ifndef CONTEND_BENCH_SERVE_SIDES_H
#define CONTEND_BENCH_SERVE_SIDES_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "locks/parts/platform.h"

struct sides {
    char *memory;
    size_t stride;
};

/* Memory for `count` handles, each on cache lines of its own.  0, or -ENOMEM. */
static inline int sides_make(struct sides *s, size_t count, size_t align, size_t size)
{
    size_t line = align > CONTEND_CACHE_LINE ? align : CONTEND_CACHE_LINE;

    s->stride = (size + line - 1) / line * line;
    s->memory = contend_alloc(line, s->stride * count);
    if (!s->memory)
        return -ENOMEM;
    memset(s->memory, 0, s->stride * count);
    return 0;
}

static inline void *sides_at(const struct sides *s, size_t side)
{
    return s->memory + side * s->stride;
}

static inline void sides_end(struct sides *s)
{
    free(s->memory);
    s->memory = NULL;
}

#endif
