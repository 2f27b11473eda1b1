/*
 * narrow.h - rows of 32 bits, sixteen in a cache line: ids of 32 bits in 5 bytes a user.
 *
 * Idea: with 2^15 lines, 419,000 users, a line says 15 bits of an id of 32; what is left, a choice
 *   and a stamp of 13 bits are 32 bits again.  Sixteen rows even out better than eight, so
 *   the lines can be fuller as well.
 * Invariant: a row has no bit that means nothing, so a look compares under the mask of tag and
 *   choice: it is exact.  A free place is 0, and no row is, because its choice is not.
 * Progress: wait-free.
 * Cost: 4 bytes for each place; with three lines a user 0.81 of the places hold users, because a
 *   line of sixteen is full less often than one of eight.  Twice as many users share a line, and
 *   with it its transfers between processors.
 * Breaks when: ids have more than 32 bits.  A map of few users takes a megabyte all the same, for
 *   its stamps' sake, unless the option id_bits says that its ids are smaller.
 * Use when: ids are of 32 bits, and memory counts, or what fits into the cache.
 * Reference: D. E. Knuth, "The Art of Computer Programming", volume 3, exercise 6.4-13.
 */
#ifndef CONTEND_PRESENCE_MAP_ROWS_NARROW_H
#define CONTEND_PRESENCE_MAP_ROWS_NARROW_H

#include <stdint.h>

#include "locks/parts/vector.h"

#define ROW_SUFFIX_narrow "_narrow"
#define ROW_TITLE_narrow "32-bit ids in half a word a user"
#define ROW_OPTIONS_narrow QUOTIENT_STRIPES_OPTION

typedef uint32_t row_narrow;

enum {
    row_narrow_bits = 32,
    row_narrow_least_id_bits = 16,
    row_narrow_moves = 0,
    row_narrow_reserves = 0,
    row_narrow_least = 2,
    row_narrow_fill = 81, /* per cent: see docs/presence.md */
    row_narrow_home = 14,
    row_narrow_stripe = 8 /* as in wide.h; an id has not many bits */
};

#if CONTEND_VECTORS
static inline unsigned row_narrow_equal(const _Atomic row_narrow *line, row_narrow mask,
                                        row_narrow key)
{
    return contend_small_line_equal(line, mask, key);
}

/* As row_wide_behind. */
static inline unsigned row_narrow_behind(const _Atomic row_narrow *line, uint32_t base,
                                         unsigned shift, uint32_t mask, uint32_t most)
{
    return contend_small_line_behind(line, base, (int)shift, mask, most);
}

static inline unsigned row_narrow_free(const _Atomic row_narrow *line, row_narrow choices)
{
    (void)choices; /* as in wide.h */
    return contend_small_line_equal(line, UINT32_MAX, 0);
}
#endif

/* How many of a line's bits are set. */
static inline unsigned row_narrow_count(unsigned bits)
{
    return contend_count_bits(bits & 0xff) + contend_count_bits(bits >> 8);
}

#endif
