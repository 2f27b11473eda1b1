/*
 * quotient_growth_scan.h - walking and sweeping lines of quotient rows that grow.
 *
 * A walk goes by first lines, and sees with each all lines to which its rows were spread.  It holds the
 * mover's lock meanwhile, so that each row is in one place: who is moved is met once, and nobody is
 * missed.  A sweep takes no lock.  It goes by addresses, and rows move to greater ones only: who
 * follows the end, which growth moves on, meets them all.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_GROWTH_SCAN_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_GROWTH_SCAN_H

#include "presence_map/parts/quotient_growth.h"
#include "presence_map/parts/quotient_scan.h"

enum { QUOTIENT_WALK_LINES = 64 }; /* first lines that are seen with the lock held once */

/*
 * Calls each(t, ctx, line, first) for all lines, until it returns something.  Always inlined, with `each`
 * in it: most first lines have been spread to few others, so a call for each would cost as much as
 * the look.
 */
static inline __attribute__((always_inline)) int
quotient_growth_all(struct quotient_growth *g, void *ctx,
                    int (*each)(struct quotient_table *t, void *ctx, struct quotient_line *line,
                                uint64_t first))
{
    struct quotient_table *t = &g->table;
    uint64_t first = 0;
    int stop = 0;

    while (first < t->q.lines && stop == 0) {
        pthread_mutex_lock(&g->lock);
        uint64_t lines = quotient_growth_lines(g); /* none is added while we have the lock */
        for (int turn = 0; turn < QUOTIENT_WALK_LINES && first < t->q.lines; turn++, first++) {
            stop = each(t, ctx, &t->lines[first], first);
            for (uint64_t i = 1; stop == 0; i++) {
                uint64_t address = quotient_growth_spread_to(t, first, i);
                if (address >= lines)
                    break;
                stop = each(t, ctx, quotient_growth_at(t, address), first);
            }
        }
        pthread_mutex_unlock(&g->lock);
    }
    return stop;
}

/* What the functions below are given. */
struct quotient_walk {
    uint64_t oldest; /* the first second that is online */
    int64_t count;
    presence_visit fn;
    void *ctx;
};

static inline int quotient_walk_show(struct quotient_table *t, void *ctx,
                                     struct quotient_line *line, uint64_t first)
{
    const struct quotient_walk *w = ctx;

    return quotient_scan_visit(t, line, first, w->oldest, w->fn, w->ctx);
}

static inline int quotient_walk_count(struct quotient_table *t, void *ctx,
                                      struct quotient_line *line, uint64_t first)
{
    struct quotient_walk *w = ctx;

    (void)first;
    w->count += chosen_row_count(quotient_scan_young(t, line, w->oldest));
    return 0;
}

static inline int quotient_walk_entries(struct quotient_table *t, void *ctx,
                                        struct quotient_line *line, uint64_t first)
{
    struct quotient_walk *w = ctx;

    (void)first;
    w->count += (int64_t)quotient_scan_entries(t, line, 1);
    return 0;
}

/*
 * The places of a slice of a round: from *begin to below what is returned.  The cursor stays at the end
 * until a sweep has seen that no line was added meanwhile.
 */
static inline uint64_t quotient_growth_take(struct quotient_growth *g, _Atomic uint64_t *cursor,
                                            uint64_t budget, uint64_t *begin)
{
    uint64_t places = quotient_growth_lines(g) * g->table.rows, end;

    /* relaxed, here and below: the cursor divides the work among sweepers and protects nothing. */
    *begin = atomic_load_explicit(cursor, memory_order_relaxed);
    do {
        end = *begin > places || budget > places - *begin ? places : *begin + budget;
    } while (!atomic_compare_exchange_weak_explicit(cursor, begin, end, memory_order_relaxed,
                                                    memory_order_relaxed));
    return end;
}

/* Removes the rows before `oldest` among the next `budget` places, or all; says how many. */
static inline int64_t quotient_growth_sweep(struct quotient_growth *g, _Atomic uint64_t *cursor,
                                            struct presence_tally *tally, uint64_t oldest,
                                            uint64_t budget, bool *complete)
{
    bool whole = budget == UINT64_MAX;
    uint64_t begin = 0, end;
    int64_t removed = 0;

    do {
        end = whole ? quotient_growth_lines(g) * g->table.rows
                    : quotient_growth_take(g, cursor, budget, &begin);
        removed += quotient_scan_sweep(&g->table, tally, begin, end, oldest, quotient_growth_at);
        begin = end;
        *complete = end == quotient_growth_lines(g) * g->table.rows;
    } while (whole && !*complete);
    if (!whole && *complete)
        /* relaxed, both: as above; another sweep may have begun the next round. */
        atomic_compare_exchange_strong_explicit(cursor, &end, 0, memory_order_relaxed,
                                                memory_order_relaxed);
    return removed;
}

#endif
