/*
 * quotient_horizon.h - raising the horizon of quotient rows, and the work that comes before.
 *
 * Idea: before the horizon goes on by a quarter, the rows must be gone that the next one could not
 *   tell, or, in maps that keep old rows, be written again as such.  They lie two quarters back, so they
 *   are due as soon as the newest quarter begins.
 *   In the second half of a quarter each thread looks at a share of the lines, with the first
 *   heartbeat of each second that it is given; one thread alone is through after half of that
 *   time.  Then the heartbeat that needs the next quarter only raises.  Where heartbeats were too
 *   few, or time goes on by more than one quarter, it looks at all lines itself, and so does every
 *   other thread that needs it: nobody is waited for.
 * Invariant (P): once `done` has all lines for the present horizon, no row is left that the next
 *   horizon could not tell, and none comes: writers write this quarter and the one before.
 *   Each share is told once, by the thread that took it, after its last look.
 * Stall bound: a writer that has read the horizon h writes a row of quarter h - 1 at worst.  The last
 *   pass to find that in time is the one for h + 3, which begins in the middle of h + 2.  When the
 *   writer read h, no time beyond h + 1 had been given (P22 has the exception), so half a quarter
 *   remains.
 *
 * Both counts name the horizon that they are for, in their high half, so that a thread that comes
 * late with a share adds nothing to the next pass.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_HORIZON_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_HORIZON_H

#include "presence_map/parts/quotient_table.h"

/*
 * Whether the horizon `next` can tell a row.  An old one it could tell for longer, but nobody asked
 * for that: it lies more than a quarter before what the map keeps.
 */
static inline bool quotient_horizon_tells(const struct quotient *q,
                                          const struct quotient_seen *seen, uint64_t next)
{
    uint64_t reach = seen->word & q->old ? q->old_reach + q->quarter
                                         : (QUOTIENT_QUARTERS - 1) * q->quarter;

    return seen->second + reach > next;
}

/*
 * If the row is so old that the horizon `next` could not tell, writes it again as an old one, or, if
 * that could not be told either, removes it.  False: another row is there, which *seen shows.
 *
 * Writing it again changes no entry but for what P13 allows: it is the linearisation point of nothing.
 */
static inline bool quotient_horizon_pass_on(struct quotient_table *t, struct presence_tally *tally,
                                            _Atomic chosen_row *place, struct quotient_seen *seen,
                                            uint64_t next)
{
    struct quotient_seen old = { quotient_old_row(&t->q, seen->word & t->q.key_mask, seen->second),
                                 seen->second };

    if (!t->q.old || !quotient_horizon_tells(&t->q, &old, next))
        return quotient_table_remove(t, tally, place, seen, PRESENCE_SWEPT);
    CONTEND_STEP("quotient: about to write a row again as an old one");
    return quotient_table_swap(t, place, seen, old.word);
}

/*
 * The same for what the place has.  False: the horizon is no longer `horizon`, and nothing was
 * judged.
 */
static inline bool quotient_horizon_forget(struct quotient_table *t, struct presence_tally *tally,
                                           _Atomic chosen_row *place, uint64_t horizon,
                                           uint64_t next)
{
    for (;;) {
        /* acquire: H1, pairs with the swaps' release: the next load is as new as the writer's. */
        chosen_row word = atomic_load_explicit(place, memory_order_acquire);
        if (!quotient_is_row(&t->q, word))
            return true;
        if (quotient_table_horizon(t) != horizon)
            return false;
        struct quotient_seen seen = { word, quotient_second(&t->q, word, horizon) };
        if (quotient_horizon_tells(&t->q, &seen, next))
            return true;
        if (word & t->q.frozen)
            contend_cpu_relax(); /* it is free soon, or will be met where it goes */
        else if (quotient_horizon_pass_on(t, tally, place, &seen, next))
            return true;
    }
}

/*
 * The i-th of the lines to which the rows of a line have been spread, or NULL: in a table that grows
 * there may be more than that one.  Rows move from one of them to a later one only.
 */
typedef struct quotient_line *(*quotient_spread)(struct quotient_table *t, uint64_t line,
                                                 uint64_t i);

static inline struct quotient_line *quotient_table_itself(struct quotient_table *t, uint64_t line,
                                                          uint64_t i)
{
    return i == 0 ? &t->lines[line] : NULL;
}

/* The same for the lines from `begin` on, up to `end`. */
static inline bool quotient_horizon_look(struct quotient_table *t, struct presence_tally *tally,
                                         uint64_t begin, uint64_t end, uint64_t horizon,
                                         uint64_t next, quotient_spread spread)
{
    bool judged = true;

    for (uint64_t line = begin; line < end && judged; line++) {
        struct quotient_line *at = spread(t, line, 0);
        for (uint64_t n = 1; at && judged; at = spread(t, line, n++))
            for (unsigned i = 0; i < t->rows && judged; i++)
                judged = quotient_horizon_forget(t, tally, &at->rows[i], horizon, next);
    }
    return judged;
}

/* ---- shares of the pass ---- */

/* What a count for this horizon has in its high half. */
static inline uint64_t quotient_pass_for(const struct quotient_table *t, uint64_t horizon)
{
    return horizon / t->q.quarter << 32;
}

/*
 * Adds at most `share` lines to a count of the pass.  *begin is what it was before, 0 if it was for
 * an earlier horizon.  How many were added: none, once it has all, or is for a later horizon.
 */
static inline uint64_t quotient_pass_add(const struct quotient_table *t, _Atomic uint64_t *count,
                                         uint64_t pass, uint64_t share, uint64_t *begin)
{
    /* relaxed: the swap decides. */
    uint64_t seen = atomic_load_explicit(count, memory_order_relaxed), more;

    do {
        uint64_t of = seen >> 32 << 32;
        *begin = of == pass ? (uint32_t)seen : 0;
        more = share < t->q.lines - *begin ? share : t->q.lines - *begin;
        if (more == 0 || (int64_t)(of - pass) > 0)
            return 0;
        /*
         * release: what was looked at comes first; pairs with the acquire in quotient_pass_is_over,
         * through all later swaps.  relaxed: the next turn goes by what is there.
         */
    } while (!atomic_compare_exchange_weak_explicit(count, &seen, pass + *begin + more,
                                                    memory_order_release, memory_order_relaxed));
    return more;
}

/* P: whether all lines were looked at for the horizon that follows this one. */
static inline bool quotient_pass_is_over(struct quotient_table *t, uint64_t horizon)
{
    /* acquire: pairs with the release in quotient_pass_add: the removals come before our raise. */
    return atomic_load_explicit(&t->pass.done, memory_order_acquire) ==
           quotient_pass_for(t, horizon) + t->q.lines;
}

/* A share, in a thread that was given `second` and has not helped with it yet.
 * Each turn back follows a swap by another thread. */
static CONTEND_RARE inline void quotient_horizon_help(struct quotient_table *t,
                                                      struct presence_tally *tally,
                                                      uint64_t second, quotient_spread spread)
{
    uint64_t horizon = quotient_table_horizon(t), pass = quotient_pass_for(t, horizon), begin;

    if (second > horizon || horizon - second >= t->q.quarter / 2)
        return;
    uint64_t share = t->q.lines / (t->q.quarter / 4) + 1;
    uint64_t taken = quotient_pass_add(t, &t->pass.claimed, pass, share, &begin);
    CONTEND_STEP("quotient: took a share, and has not looked at it yet");
    if (taken && quotient_horizon_look(t, tally, begin, begin + taken, horizon,
                                       horizon + t->q.quarter, spread))
        quotient_pass_add(t, &t->pass.done, pass, taken, &begin);
}

/* Makes the horizon reach `second`.  Lock-free: the thread that is through first raises it. */
static CONTEND_RARE inline void quotient_horizon_reach(struct quotient_table *t,
                                                       struct presence_tally *tally,
                                                       uint64_t second, quotient_spread spread)
{
    uint64_t horizon;

    while ((horizon = quotient_table_horizon(t)) < second) {
        uint64_t next = quotient_horizon(&t->q, horizon, second);
        bool judged = (next == horizon + t->q.quarter && quotient_pass_is_over(t, horizon)) ||
                      quotient_horizon_look(t, tally, 0, t->q.lines, horizon, next, spread);
        CONTEND_STEP("quotient: old rows are gone, about to raise the horizon");
        /*
         * release: H2, pairs with the acquire in quotient_table_horizon; the removals come first.
         * relaxed: the loop reads it again.
         */
        if (judged)
            atomic_compare_exchange_strong_explicit(&t->horizon, &horizon, next,
                                                    memory_order_release, memory_order_relaxed);
    }
}

#endif
