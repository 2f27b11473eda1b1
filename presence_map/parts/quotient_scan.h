/*
 * quotient_scan.h - counting and sweeping lines of quotient rows, a line at a time.
 *
 * What a vector says about a line is a hint (locks/parts/vector.h).  A count takes it as it is,
 * if the horizon did not change meanwhile: of a row that does not change, it is exact.  A sweep
 * looks at each row again that it would remove.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_SCAN_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_SCAN_H

#include "presence_map/parts/quotient_table.h"

enum { QUOTIENT_ALL = (1u << QUOTIENT_ROWS) - 1 }; /* a bit for each place of a line */

#if CONTEND_VECTORS
/* A bit for each place of the line that has no row. */
static inline unsigned quotient_scan_free(const struct quotient_table *t,
                                          const struct quotient_line *line)
{
    return chosen_row_free(line->rows, (chosen_row)quotient_choices(&t->q));
}
#endif

#if CONTEND_VECTORS
/* A bit for each place of the line whose stamp, counted in seconds or in units, is before `oldest`. */
static inline unsigned quotient_scan_behind(const struct quotient_table *t,
                                            const struct quotient_line *line, uint64_t horizon,
                                            uint64_t oldest)
{
    if (oldest > horizon)
        return QUOTIENT_ALL;
    if (horizon - oldest >= t->q.stamp_mask)
        return 0;
    return chosen_row_behind(line->rows, (uint32_t)horizon, t->q.stamp_shift,
                             (uint32_t)t->q.stamp_mask, (uint32_t)(horizon - oldest));
}

/* The same for what the places have, where an old row is before its unit's `oldest_old`. */
static inline unsigned quotient_scan_before(const struct quotient_table *t,
                                            const struct quotient_line *line, uint64_t horizon,
                                            uint64_t oldest, uint64_t oldest_old)
{
    unsigned before = quotient_scan_behind(t, line, horizon, oldest);

    if (!t->q.old)
        return before;
    /* Whose highest bit, a number of one bit, lies more than 0 behind 0. */
    unsigned old = chosen_row_behind(line->rows, 0, chosen_row_bits - 1, 1, 0), k = t->q.old_shift;
    return (before & ~old) | (quotient_scan_behind(t, line, horizon >> k, oldest_old >> k) & old);
}
#endif

/*
 * A bit for each place of the line whose row is of `oldest` or later.  Exact, except that a row
 * that changes during the look counts as one of the two.
 */
static inline unsigned quotient_scan_young(struct quotient_table *t, struct quotient_line *line,
                                            uint64_t oldest)
{
    unsigned bits = 0;

#if CONTEND_VECTORS
    uint64_t horizon = quotient_table_horizon(t), unit = UINT64_C(1) << t->q.old_shift;

    bits = quotient_scan_before(t, line, horizon, oldest, oldest + unit - 1);
    bits = ~(bits | quotient_scan_free(t, line)) & QUOTIENT_ALL;
    /*
     * The fence makes acquire loads of what the look saw; it pairs with the swaps' release (H1).
     * So a row of a newer quarter than `horizon` shows in the second load.
     */
    atomic_thread_fence(memory_order_acquire);
    if (quotient_table_horizon(t) == horizon)
        return bits;
    bits = 0;
#endif
    for (unsigned i = 0; i < t->rows; i++) {
        struct quotient_seen seen = quotient_table_see(t, &line->rows[i]);
        bits |= (unsigned)(quotient_is_row(&t->q, seen.word) && seen.second >= oldest) << i;
    }
    return bits;
}

/*
 * A bit for each place of the line whose row a sweep may remove that keeps what is of `oldest` or
 * later: all that are so during the look, and some that are not.
 */
static inline unsigned quotient_scan_old(struct quotient_table *t, struct quotient_line *line,
                                          uint64_t oldest)
{
#if CONTEND_VECTORS
    uint64_t horizon = quotient_table_horizon(t);

    return quotient_scan_before(t, line, horizon, oldest, oldest) &
           (quotient_scan_free(t, line) ^ QUOTIENT_ALL);
#else
    (void)line, (void)oldest;
    return (1u << t->rows) - 1;
#endif
}

/* How many rows so many lines have, at a quiescent point. */
static inline uint64_t quotient_scan_entries(const struct quotient_table *t,
                                             const struct quotient_line *lines, uint64_t count)
{
    uint64_t entries = 0;

    for (uint64_t line = 0; line < count; line++)
        for (unsigned i = 0; i < QUOTIENT_ROWS; i++)
            /* relaxed: exact at quiescent points. */
            entries += quotient_is_row(&t->q, atomic_load_explicit(&lines[line].rows[i],
                                                                   memory_order_relaxed));
    return entries;
}

/* Calls fn for the rows of a line that are of `oldest` or later, until it returns something.
 * `first`: the number that says what the rows leave out. */
static inline int quotient_scan_visit(struct quotient_table *t, struct quotient_line *line,
                                      uint64_t first, uint64_t oldest, presence_visit fn, void *ctx)
{
    unsigned young = quotient_scan_young(t, line, oldest);
    uint64_t begin = young ? quotient_line_begin(&t->q, first) : 0;
    int stop = 0;

    for (; young && stop == 0; young &= young - 1) {
        struct quotient_seen seen = quotient_table_see(t, quotient_table_first(line, young));
        if (quotient_is_row(&t->q, seen.word) && seen.second >= oldest)
            stop = fn(ctx, quotient_user(&t->q, begin, seen.word),
                      seen.second * QUOTIENT_GRANULARITY);
    }
    return stop;
}

/* How many rows are of `oldest` or later. */
static inline int64_t quotient_scan_count(struct quotient_table *t, uint64_t oldest)
{
    int64_t count = 0;

    for (uint64_t line = 0; line < t->q.lines; line++)
        count += chosen_row_count(quotient_scan_young(t, &t->lines[line], oldest));
    return count;
}

/* Removes the row if its entry was last seen before `oldest`; says whether it did. */
static inline bool quotient_scan_expire(struct quotient_table *t, struct presence_tally *tally,
                                        _Atomic chosen_row *place, uint64_t oldest)
{
    struct quotient_seen seen = quotient_table_see(t, place);

    while (quotient_is_row(&t->q, seen.word) &&
           seen.second < quotient_oldest_row(&t->q, seen.word, oldest))
        if (seen.word & t->q.frozen)
            seen = quotient_table_settled(t, place);
        else if (quotient_table_remove(t, tally, place, &seen, PRESENCE_SWEPT))
            return true;
    return false;
}

/* The places that this sweep examines: all, or the next `budget` that no other sweep took. */
static inline void quotient_scan_take(struct quotient_table *t, _Atomic uint64_t *cursor,
                                      uint64_t budget, uint64_t *begin, uint64_t *end)
{
    uint64_t places = t->q.lines * t->rows, after;

    *begin = 0;
    *end = places;
    if (budget == UINT64_MAX)
        return;
    /* relaxed: the cursor divides the work among sweepers and protects nothing. */
    *begin = atomic_load_explicit(cursor, memory_order_relaxed);
    do {
        *end = budget < places - *begin ? *begin + budget : places;
        after = *end == places ? 0 : *end;
        /* relaxed: as above. */
    } while (!atomic_compare_exchange_weak_explicit(cursor, begin, after, memory_order_relaxed,
                                                    memory_order_relaxed));
}

/* The line of that number. */
typedef struct quotient_line *(*quotient_line_at)(struct quotient_table *t, uint64_t number);

static inline struct quotient_line *quotient_table_numbered(struct quotient_table *t,
                                                            uint64_t number)
{
    return &t->lines[number];
}

/* Removes the rows before `oldest` from the places `begin` up to `end`; says how many. */
static inline int64_t quotient_scan_sweep(struct quotient_table *t, struct presence_tally *tally,
                                          uint64_t begin, uint64_t end, uint64_t oldest,
                                          quotient_line_at line_at)
{
    uint64_t number = begin / t->rows, row = begin % t->rows;
    int64_t removed = 0;

    for (uint64_t at = begin; at < end; number++, row = 0) {
        struct quotient_line *line = line_at(t, number);
        uint64_t past = end - at < t->rows - row ? row + (end - at) : t->rows;
        unsigned old = quotient_scan_old(t, line, oldest) & ((1u << past) - 1);
        for (old = old >> row << row; old; old &= old - 1)
            removed += quotient_scan_expire(t, tally, quotient_table_first(line, old), oldest);
        at += past - row;
    }
    return removed;
}

#endif
