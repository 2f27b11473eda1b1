/*
 * moving.h - rows of 64 bits, eight in a cache line, that may move: ids of 64 bits in 9.4 bytes a
 * user.
 *
 * Idea: where a user's three lines are full, a row that is at home in one of them goes to another
 *   line of its own user (presence_map/parts/quotient_moves.h).  So lines can be fuller before
 *   anybody is refused.
 * Invariant: as in wide.h.  A row has one bit more than a wide one, which says that it is being
 *   moved; it is in the upper half, so looks stay the same.
 * Progress: blocking: a thread that changes a row in motion waits for the mover.
 * Cost: 8 bytes for each place; 0.85 of the places hold users, where wide rows hold 0.62.  One
 *   insertion in fifty moves a row.  Half of the users are away from home, so a look-up reads more
 *   lines.  Walks, counts and sweeps keep moves out while they last, and stamps have a bit less.
 * Breaks when: nothing, but for what the map says.
 * Use when: ids have more than 32 bits, and memory counts more than speed.
 * Reference: A. Kirsch, M. Mitzenmacher, "The Power of One Move: Hashing Schemes for Hardware",
 *   2010.
 */
#ifndef CONTEND_PRESENCE_MAP_ROWS_MOVING_H
#define CONTEND_PRESENCE_MAP_ROWS_MOVING_H

#include "presence_map/rows/wide.h"

#define ROW_SUFFIX_moving "_moving"
#define ROW_TITLE_moving "64-bit ids in one word a user, rows that move"
#define ROW_OPTIONS_moving QUOTIENT_STRIPES_OPTION

typedef row_wide row_moving;

enum {
    row_moving_bits = row_wide_bits,
    row_moving_least_id_bits = row_wide_least_id_bits,
    row_moving_moves = 1,
    row_moving_reserves = 0,
    row_moving_least = 1,
    row_moving_fill = 85, /* per cent: see docs/presence.md */
    row_moving_home = row_wide_home,
    row_moving_stripe = row_wide_stripe
};

ROW_LOOKED_AT_AS_WIDE(row_moving)

#if CONTEND_VECTORS
static inline unsigned row_moving_free(const _Atomic row_moving *line, row_moving choices)
{
    return row_wide_free(line, choices);
}
#endif

#endif
