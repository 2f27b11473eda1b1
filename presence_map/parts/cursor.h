/*
 * cursor.h - a round of sweeps over places with numbers, divided among its sweepers.
 *
 * For maps without locks, whose places never move.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_CURSOR_H
#define CONTEND_PRESENCE_MAP_PARTS_CURSOR_H

#include "locks/parts/platform.h"

/*
 * The places that one sweep examines, from *begin to below *end: with a budget of UINT64_MAX all
 * `count`, otherwise the next `budget` that no other sweep has taken.
 */
static inline void presence_cursor_take(_Atomic uint64_t *cursor, uint64_t count, uint64_t budget,
                                        uint64_t *begin, uint64_t *end)
{
    uint64_t after;

    *begin = 0;
    *end = count;
    if (budget == UINT64_MAX)
        return;
    /* relaxed, here and below: the cursor divides the work among sweepers and protects nothing. */
    *begin = atomic_load_explicit(cursor, memory_order_relaxed);
    do {
        *end = budget < count - *begin ? *begin + budget : count;
        after = *end == count ? 0 : *end;
    } while (!atomic_compare_exchange_weak_explicit(cursor, begin, after, memory_order_relaxed,
                                                    memory_order_relaxed));
}

#endif
