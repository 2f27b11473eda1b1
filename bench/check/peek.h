/*
 * peek.h - reads memory that a pointer of the checked program leads to, and that may not be there.
 *
 * Private to the explanations.
 */
#ifndef CONTEND_BENCH_CHECK_PEEK_H
#define CONTEND_BENCH_CHECK_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/machine/linkage.h"

/* Copies `size` bytes; false if one of them cannot be read. */
bool peek(uintptr_t at, void *to, size_t size) CHECK_PRIVATE(peek);

/*
 * Writes the characters there as a literal, "\"two\"": up to their end, `most` of them, or as many as say enough.
 * False if they are no text.
 */
bool peek_text(uintptr_t at, size_t most, char *text, size_t size) CHECK_PRIVATE(peek_text);

#endif
