/*
 * chosen.h - one name for the width of the rows that a map of quotients is composed with.
 *
 * A map is written once against `chosen_row`, `chosen_row_equal` and so on.  Define CONTEND_ROW as
 * the name of a width before including the map; the default is `wide`.  As with locks
 * (locks/parts/chosen.h), a translation unit composes with one width, and files include this one
 * before their own guard, so that a second map with another width does not compile.
 */
#include "locks/parts/traits.h"

#ifndef CONTEND_ROW
#define CONTEND_ROW wide
#endif

#include CONTEND_STRING(presence_map/rows/CONTEND_ROW.h)

/* If this conflicts, the unit has included maps with rows of different kinds. */
typedef char contend_the_only_row_chosen_in_this_unit[CONTEND_JOIN3(row_, CONTEND_ROW, _bits) +
                                                      CONTEND_JOIN3(row_, CONTEND_ROW, _moves) +
                                                      2 * CONTEND_JOIN3(row_, CONTEND_ROW, _reserves)];

#ifndef CONTEND_PRESENCE_MAP_ROWS_CHOSEN_H
#define CONTEND_PRESENCE_MAP_ROWS_CHOSEN_H

/* "", or "_narrow", which entries' names end in; and what a row holds, for titles. */
#define CHOSEN_ROW_SUFFIX CONTEND_JOIN3(ROW_SUFFIX_, CONTEND_ROW, )
#define CHOSEN_ROW_TITLE CONTEND_JOIN3(ROW_TITLE_, CONTEND_ROW, )
/* The options of its insertions. */
#define CHOSEN_ROW_OPTIONS CONTEND_JOIN3(ROW_OPTIONS_, CONTEND_ROW, )

#define chosen_row CONTEND_JOIN3(row_, CONTEND_ROW, )
#define CHOSEN_ROW(end) CONTEND_JOIN3(row_, CONTEND_ROW, _##end)

#define chosen_row_bits CHOSEN_ROW(bits)
#define chosen_row_least_id_bits CHOSEN_ROW(least_id_bits)
#define chosen_row_moves CHOSEN_ROW(moves)
#define chosen_row_reserves CHOSEN_ROW(reserves)
#define chosen_row_least CHOSEN_ROW(least)
#define chosen_row_fill CHOSEN_ROW(fill)
#define chosen_row_home CHOSEN_ROW(home)
#define chosen_row_stripe CHOSEN_ROW(stripe)
#define chosen_row_equal CHOSEN_ROW(equal)
#define chosen_row_behind CHOSEN_ROW(behind)
#define chosen_row_free CHOSEN_ROW(free)
#define chosen_row_count CHOSEN_ROW(count)

#endif
