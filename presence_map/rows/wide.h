/*
 * wide.h - rows of 64 bits, eight in a cache line: ids of 64 bits.
 *
 * Idea: the row of a full id and of a stamp is one word that every processor swaps at once.
 * Invariant: the lower half of a row is all tag, or tag and zeros, because an id has 48 bits at
 *   least, and a stamp and the choice 18 at most.  So a look compares lower halves, and no
 *   mask: it names another user's row once in 2^32 times.  The upper half has the choice, so it is
 *   0 in a free place only.
 * Progress: wait-free.
 * Cost: 8 bytes for each place; with three lines a user 0.62 of the places hold users.
 * Breaks when: nothing, but for what the map says.
 * Use when: ids have more than 32 bits.
 * Reference: D. E. Knuth, "The Art of Computer Programming", volume 3, exercise 6.4-13.
 */
#ifndef CONTEND_PRESENCE_MAP_ROWS_WIDE_H
#define CONTEND_PRESENCE_MAP_ROWS_WIDE_H

#include <stdint.h>

#include "locks/parts/vector.h"

#define ROW_SUFFIX_wide ""
#define ROW_TITLE_wide "64-bit ids in one word a user"
#define ROW_OPTIONS_wide QUOTIENT_STRIPES_OPTION

typedef uint64_t row_wide;

enum {
    row_wide_bits = 64,
    row_wide_least_id_bits = 48,
    row_wide_moves = 0, /* 1: rows may move to another of their user's lines */
    row_wide_reserves = 0, /* 1: insertions reserve places, and take no lock */
    row_wide_least = 2, /* places that a line may have */
    row_wide_fill = 62, /* per cent: see docs/presence.md */
    row_wide_home = 7,
    row_wide_stripe = 40 /* from here on, bits of a hash that are well mixed: for the lock's stripe */
};

#if CONTEND_VECTORS
static inline unsigned row_wide_equal(const _Atomic row_wide *line, row_wide mask, row_wide key)
{
    (void)mask;
    return contend_line_equal(line, (uint32_t)key);
}

/* Whose stamp, which begins at bit `shift`, lies more than `most` behind `base`. */
static inline unsigned row_wide_behind(const _Atomic row_wide *line, uint32_t base, unsigned shift,
                                       uint32_t mask, uint32_t most)
{
    return contend_line_behind(line, base, (int)shift - 32, mask, most);
}

static inline unsigned row_wide_free(const _Atomic row_wide *line, row_wide choices)
{
    (void)choices; /* a place without a row is 0 */
    return contend_line_without(line, UINT32_MAX);
}
#endif

/* How many of a line's bits are set. */
static inline unsigned row_wide_count(unsigned bits)
{
    return contend_count_bits(bits);
}

/* For other kinds of 64 bits: the looks that are the same. */
#if CONTEND_VECTORS
#define ROW_LOOKED_AT_AS_WIDE(ROW)                                                            \
    static inline unsigned ROW##_equal(const _Atomic ROW *line, ROW mask, ROW key)            \
    {                                                                                         \
        return row_wide_equal(line, mask, key);                                               \
    }                                                                                         \
    static inline unsigned ROW##_behind(const _Atomic ROW *line, uint32_t base,               \
                                        unsigned shift, uint32_t mask, uint32_t most)         \
    {                                                                                         \
        return row_wide_behind(line, base, shift, mask, most);                                \
    }                                                                                         \
    ROW_COUNTED_AS_WIDE(ROW)
#else
#define ROW_LOOKED_AT_AS_WIDE(ROW) ROW_COUNTED_AS_WIDE(ROW)
#endif
#define ROW_COUNTED_AS_WIDE(ROW)                                                              \
    static inline unsigned ROW##_count(unsigned bits)                                         \
    {                                                                                         \
        return row_wide_count(bits);                                                          \
    }

#endif
