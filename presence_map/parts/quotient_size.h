/*
 * quotient_size.h - how many lines a map of quotient rows needs, and what stamps they leave.
 *
 * Users and fill ask for lines.  Every doubling of the lines takes a bit from the tag and leaves
 * it to the stamp, so how long an entry is to be kept asks for lines as well: a quarter of a
 * stamp's span must hold it.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_SIZE_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_SIZE_H

#include "presence_map/parts/quotient_table.h"

enum {
    QUOTIENT_MOST_BITS = 16, /* of a stamp: 18 hours, and 4.5 of retention */
    QUOTIENT_FEW_BITS = 12,  /* a small map takes lines for so many: 17 minutes of retention */
    /* And so these bytes are the least that a map takes whose ids are as wide as its rows. */
    QUOTIENT_FEW_BYTES = QUOTIENT_LINE << (QUOTIENT_FEW_BITS + QUOTIENT_CHOICE_BITS)
};

struct quotient_wish {
    uint64_t users;
    unsigned fill;       /* per cent of the places that they take */
    unsigned rows;       /* places in a line */
    unsigned id_bits;
    unsigned stamp_bits; /* at most */
    uint64_t kept_ms;    /* TTL + retain_ms */
    uint64_t seed;
};

/* How long so many bits allow an entry to be kept, in ms. */
static inline uint64_t quotient_window(unsigned stamp_bits)
{
    return (UINT64_C(1) << stamp_bits) / QUOTIENT_QUARTERS * QUOTIENT_GRANULARITY;
}

/* 0, or -ERANGE. */
static inline int quotient_size(struct quotient *q, const struct quotient_wish *w)
{
    uint64_t lines = w->users * 100 / (w->rows * w->fill) + 1;
    unsigned least = QUOTIENT_CHOICE_BITS;

    while (least < w->stamp_bits && quotient_window(least) < w->kept_ms)
        least++;
    if (quotient_window(least) < w->kept_ms)
        return -ERANGE;
    if (least < QUOTIENT_FEW_BITS)
        least = w->stamp_bits < QUOTIENT_FEW_BITS ? w->stamp_bits : QUOTIENT_FEW_BITS;
    if (lines < 2)
        lines = 2;
    while (quotient_stamp_bits(lines, w->id_bits, w->stamp_bits) < least)
        lines = UINT64_C(2) << quotient_log2(lines); /* the next power of two */
    if (lines > UINT32_MAX || quotient_log2(lines) >= w->id_bits)
        return -ERANGE;
    quotient_init(q, lines, w->id_bits, quotient_stamp_bits(lines, w->id_bits, w->stamp_bits),
                  w->seed);
    return 0;
}

#endif
