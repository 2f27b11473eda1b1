/*
 * text.h - the contract of one text that is read often and replaced whole: inline, or by reference.
 *
 * A means NAME is one header, bench/serve/posts/text/HEADER.h, with `struct text_HEADER`, a
 * per-thread `struct text_HEADER_handle`, the operations below, and its traits.
 *
 * Guarantees
 *
 *  X1  read(visit, ctx) calls visit once with a text as one write made it, whole, which was the
 *      text at some instant of the call.  It is valid until visit returns.
 *  X2  write(words) replaces the text; -ENOMEM leaves it as it was.  Reads and writes are
 *      linearizable.
 *  X3  The size is fixed by init: a multiple of 8 bytes, from 8 to the traits' greatest; -ERANGE
 *      beyond.  All words of the first text are 0.
 *  X4  A thread attaches before it uses a text and detaches after; then fini may be called.
 */
#ifndef CONTEND_BENCH_SERVE_POSTS_TEXT_H
#define CONTEND_BENCH_SERVE_POSTS_TEXT_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bench/serve/means.h"
#include "locks/parts/allocator.h"

enum { TEXT_LARGEST = 4096 };

typedef void text_visit(void *ctx, const uint64_t *words, size_t count);

struct text_traits {
    struct contend_identity id;
    unsigned read, write; /* progress, enum contend_progress */
    size_t greatest;      /* bytes */
    int by_reference;     /* whether readers get the text where it lies, not a copy */
};

#define TEXT_OPERATIONS(GIVES, DOES)                                                          \
    GIVES(int, init, (void *text, size_t size), (text, size))                                 \
    DOES(fini, (void *text), (text))                                                          \
    GIVES(int, attach, (void *text, void *handle), (text, handle))                            \
    DOES(detach, (void *text, void *handle), (text, handle))                                  \
    DOES(read, (void *text, void *handle, text_visit *visit, void *ctx), (text, handle, visit, ctx)) \
    GIVES(int, write, (void *text, void *handle, const uint64_t *words), (text, handle, words))

/* The loop of benchmarks: reads `n` times, and returns the sum of the words. */
struct text_loops {
    uint64_t (*sum)(void *text, void *handle, uint64_t n);
};

/* Whether a size is one that the means takes. */
static inline int text_check(size_t size, size_t greatest)
{
    return size == 0 || size % 8 || size > greatest ? -ERANGE : 0;
}

/* The table, and the registry. */
SERVE_MEANS(text, TEXT_OPERATIONS);

#endif
