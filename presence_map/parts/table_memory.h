/*
 * table_memory.h - the memory of a flat table, in huge pages if that is wished.
 *
 * A table of megabytes that is read at random needs a translation for each page that it touches; with
 * pages of 2 MB a processor remembers them all.  The kernel is asked for them (madvise), before the
 * table is touched for the first time: it may not have them, or be set to give none, and then
 * nothing changes but where the table begins.  An allocator of the caller's is asked for memory as
 * always; what it gives should be pages of its own.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_TABLE_MEMORY_H
#define CONTEND_PRESENCE_MAP_PARTS_TABLE_MEMORY_H

#include <stdbool.h>
#include <sys/mman.h>

#include "locks/parts/platform.h"

enum { TABLE_HUGE_PAGE = 2 << 20 };

#define TABLE_HUGE_OPTION \
    { "huge", 0, 0, 1, "1 asks for huge pages for the table, from 2 MB on" }

/* NULL, or `size` bytes at a cache line's beginning; release them as usual. */
static inline void *table_memory(const struct contend_allocator *allocator, size_t size, bool huge)
{
    if (!huge || size < TABLE_HUGE_PAGE)
        return contend_allocate(allocator, CONTEND_CACHE_LINE, size);
    void *table = contend_allocate(allocator, TABLE_HUGE_PAGE, size);
    if (table)
        /* Whole pages only: what lies behind the table may be somebody else's.  May fail. */
        (void)madvise(table, size / TABLE_HUGE_PAGE * TABLE_HUGE_PAGE, MADV_HUGEPAGE);
    return table;
}

#endif
