/*
 * list_page.h - `contend list NAME`: one strategy whole, in lines of 80 columns.
 */
#ifndef CONTEND_BENCH_TOOL_LIST_PAGE_H
#define CONTEND_BENCH_TOOL_LIST_PAGE_H

#include <stddef.h>

#include "bench/base/entries.h"

/* Prints the page of an entry on standard output. */
void list_page(const struct entry *e);

/* For the families' parts of a page: a line, or several, with a label in front. */
__attribute__((format(printf, 2, 3)))
void list_field(const char *label, const char *format, ...);
/* Progress of an operation in words, with what it depends on. */
void list_field_progress(const char *label, unsigned progress);

/*
 * What a fork leaves usable in the child, if other threads were inside of operations then: a
 * vanished thread is one that stalls for ever, so it is what does not block.
 */
struct list_operation {
    const char *name;
    unsigned progress;
};
void list_field_fork(unsigned flags, const struct list_operation *operations, size_t count);

/* The words of the bits that are set, ", " between them; "none" where no bit is. */
struct list_word {
    unsigned bit;
    const char *word;
};
enum { LIST_WORDS = 320 };
const char *list_words(unsigned bits, const struct list_word *words, size_t count,
                       char buffer[LIST_WORDS]);

#endif
