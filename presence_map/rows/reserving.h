/*
 * reserving.h - rows of 64 bits, eight in a cache line, that are inserted without a lock.
 *
 * Idea: an insertion reserves a free place, looks at all other places of its user, and only then
 *   makes the reservation a row (presence_map/parts/quotient_reservations.h has the protocol and
 *   its proof).  A reservation is a word that no row is: its choice is 0.  The choice that it is for
 *   and a nonce stand where a row has its stamp, so rows need no bit more than wide ones.
 * Invariant: as in wide.h, but the upper half of a place that has no row is 0 or a reservation's.
 * Progress: lock-free.
 * Cost: as wide.h.  A place that an insertion under way has reserved counts as taken.
 * Breaks when: half as many threads are attached as there are nonces, 1,024 or a quarter of the
 *   stamps: the next one gets -EAGAIN.  A thread that dies inside an insertion leaves a place
 *   reserved until its user comes again.
 * Use when: an insertion must not wait for a thread that has lost its processor.
 * Reference: C. Purcell, T. Harris, "Non-blocking Hashtables with Open Addressing", 2005.
 */
#ifndef CONTEND_PRESENCE_MAP_ROWS_RESERVING_H
#define CONTEND_PRESENCE_MAP_ROWS_RESERVING_H

#include "presence_map/rows/wide.h"

#define ROW_SUFFIX_reserving "_reserving"
#define ROW_TITLE_reserving "64-bit ids in one word a user, inserted without a lock"
#define ROW_OPTIONS_reserving

typedef row_wide row_reserving;

enum {
    row_reserving_bits = row_wide_bits,
    row_reserving_least_id_bits = row_wide_least_id_bits,
    row_reserving_moves = 0,
    row_reserving_reserves = 1,
    row_reserving_least = row_wide_least,
    row_reserving_fill = row_wide_fill,
    row_reserving_home = row_wide_home,
    row_reserving_stripe = row_wide_stripe
};

ROW_LOOKED_AT_AS_WIDE(row_reserving)

#if CONTEND_VECTORS
static inline unsigned row_reserving_free(const _Atomic row_reserving *line, row_reserving choices)
{
    return contend_line_without(line, (uint32_t)(choices >> 32));
}
#endif

#endif
