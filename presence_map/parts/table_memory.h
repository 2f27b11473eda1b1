/*
 * table_memory.h - the memory of a flat table: in huge pages, or touched late, if that is wished.
 *
 * A table of megabytes that is read at random needs a translation for each page that it touches; with
 * pages of 2 MB a processor remembers them all.  The kernel is asked for them (madvise), before the
 * table is touched for the first time: it may not have them, or be set to give none, and then
 * nothing changes but where the table begins.  An allocator of the caller's is asked for memory as
 * always; what it gives should be pages of its own.
 *
 * A page lies where the thread runs that touches it first: in that processor's memory, where there
 * are several.  If init clears the table, that is one thread for all of it.  So clearing can be
 * left to the kernel: the table's whole pages are given back to it (MADV_DONTNEED), and
 * the thread that touches one first gets zeros.  For memory of the C library alone, which is private and
 * anonymous: what pages of another allocator would come back with, nobody knows.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_TABLE_MEMORY_H
#define CONTEND_PRESENCE_MAP_PARTS_TABLE_MEMORY_H

#include <stdbool.h>
#include <sys/mman.h>

#include "locks/parts/platform.h"

enum { TABLE_HUGE_PAGE = 2 << 20 };

#define TABLE_OPTIONS                                                                             \
    { "huge", 0, 0, 1, "1 asks for huge pages for the table, from 2 MB on" },                     \
    { "touch", 1, 0, 1,                                                                           \
      "0 leaves the table's pages to the threads that use them first, from 2 MB on" }

/*
 * NULL, or `size` bytes at a cache line's beginning; release them as usual.  `o` has TABLE_OPTIONS.
 * *zeros: so many bytes from the beginning are 0, and need not be cleared.
 */
static inline void *table_memory(const struct contend_allocator *allocator, size_t size,
                                 const struct contend_settings *s, const struct contend_option *o,
                                 size_t *zeros)
{
    bool huge = contend_option_value(s, o, "huge");
    bool late = !contend_option_value(s, o, "touch") && !allocator;

    *zeros = 0;
    if (!(huge || late) || size < TABLE_HUGE_PAGE)
        return contend_allocate(allocator, CONTEND_CACHE_LINE, size);
    void *table = contend_allocate(allocator, TABLE_HUGE_PAGE, size);
    /* Whole pages only: what lies behind the table may be somebody else's.  Either may fail. */
    size_t whole = size / TABLE_HUGE_PAGE * TABLE_HUGE_PAGE;
    if (table && huge)
        (void)madvise(table, whole, MADV_HUGEPAGE);
    if (table && late && madvise(table, whole, MADV_DONTNEED) == 0)
        *zeros = whole;
    return table;
}

#endif
