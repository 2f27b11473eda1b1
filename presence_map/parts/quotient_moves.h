/*
 * quotient_moves.h - freeing a place for a row: another one goes to another line of its own user.
 *
 * Idea: an insertion whose three lines are full looks in them for a row that is at home there, and
 *   whose user's second or third line has a free place.  That row moves, and the insertion takes
 *   the place.  A row moves once at most, from its home outwards.
 * Invariant (M): a user's row is in one place, except while it is moved.  Then it is at home, or in
 *   its new place, or in both, frozen in each; a look-up that goes to the home first and away afterwards
 *   finds it.  A frozen row is changed by its mover alone.
 * Steps of a move, in a thread that holds the lock of moves:
 *     1. home: the row -> the same, frozen, by compare-and-swap: it names the stamp that is copied.
 *        If the row was refreshed or removed meanwhile, the next one is tried.
 *     2. away: 0 -> the copy, frozen, by compare-and-swap.  If the place was taken, step 1 is undone.
 *     3. home: 0.
 *     4. away: the copy, no longer frozen.
 * Linearisation: a move is none.  Look-ups find the same stamp in both places, and go from home
 *   outwards: a row that is gone from home was put away before (step 3 releases, the look-up's
 *   fence acquires).  Refresh and leave wait while the row that they found is frozen, and then
 *   look for it again.  So they act on the one place that there is.
 * What goes by lines would meet a row twice that moves from behind it to before it, or miss one that
 *   moves the other way.  So walks, counts and sweeps hold the lock of moves while they last.  Between two
 *   sweeps with a budget no row moves from before the cursor to behind it.
 * What comes before a raise of the horizon (quotient_horizon.h) goes by lines as well, and holds nothing.
 *   A move is to it as a heartbeat that writes the row's second in the new line: only rows are
 *   moved that a heartbeat might write, and the stall bound is the same.
 * Order of the locks: the user's stripe, then the lock of moves.  A mover waits for nobody.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_MOVES_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_MOVES_H

#include <pthread.h>

#include "presence_map/parts/quotient_table.h"

/* Nobody else makes or ends a move in between; where rows never move nothing happens. */
static inline void quotient_moves_stop(pthread_mutex_t *moving)
{
    if (chosen_row_moves)
        pthread_mutex_lock(moving);
}

static inline void quotient_moves_go_on(pthread_mutex_t *moving)
{
    if (chosen_row_moves)
        pthread_mutex_unlock(moving);
}

/* A row that may move, at home in `line`. */
struct quotient_mover {
    _Atomic chosen_row *place;
    struct quotient_seen seen;
};

/* Moves the row to the free place `to`, where its user's key is `key`, unless either has changed. */
static inline void quotient_moves_move(struct quotient_table *t, struct quotient_mover *row,
                                       _Atomic chosen_row *to, uint64_t key)
{
    chosen_row frozen = (chosen_row)t->q.frozen, empty = 0;
    chosen_row copy = (chosen_row)((row->seen.word & ~t->q.key_mask) | key);

    if (!quotient_table_swap(t, row->place, &row->seen, row->seen.word | frozen))
        return;
    /* release: H1, pairs with the acquire in quotient_table_see.  relaxed: the move is undone. */
    bool fits = atomic_compare_exchange_strong_explicit(to, &empty, copy | frozen,
                                                        memory_order_release, memory_order_relaxed);
    /*
     * release: who misses the row at home sees the copy; pairs with the fence in quotient_table_find.
     * A store: a frozen row is ours.
     */
    atomic_store_explicit(row->place, fits ? 0 : row->seen.word, memory_order_release);
    if (fits)
        /* release: H1, as above; and a writer here sees that the row is gone from home. */
        atomic_store_explicit(to, copy, memory_order_release);
}

/* Whether a round of sweeps in portions would miss a row that goes from one line to the other. */
static inline bool quotient_moves_back(const struct quotient_table *t, uint64_t from, uint64_t to,
                                       uint64_t cursor)
{
    return to * t->rows < cursor && (from + 1) * t->rows > cursor;
}

/*
 * Whether the row of this place, in `line`, went to another line of its user, or another thread has
 * changed it, or taken the place there: either way it is worth trying again.
 */
static inline bool quotient_moves_out(struct quotient_table *t, uint64_t line,
                                      _Atomic chosen_row *place, uint64_t cursor)
{
    struct quotient_mover row = { place, quotient_table_see(t, place) };

    if (row.seen.word == 0)
        return true; /* it has become free */
    bool may_write = row.seen.word & t->q.old ||
                     quotient_is_recent(&t->q, row.seen.second, quotient_table_horizon(t));
    if ((row.seen.word & quotient_choices(&t->q)) != t->q.choice || !may_write)
        return false;
    uint64_t p = quotient_hash(&t->q, quotient_line_begin(&t->q, line), row.seen.word);
    for (unsigned choice = 2; choice <= QUOTIENT_CHOICES; choice++) {
        _Atomic chosen_row *free;
        p = quotient_step(&t->q, p);
        uint64_t to = quotient_line(&t->q, p);
        quotient_table_taken(t, &t->lines[to], &free);
        if (free && !quotient_moves_back(t, line, to, cursor)) {
            quotient_moves_move(t, &row, free, quotient_key(&t->q, p, choice));
            return true;
        }
    }
    return false;
}

/* The same for the rows in the lines of the user whose hash is p, one after the other. */
static inline bool quotient_moves_any(struct quotient_table *t, uint64_t p, uint64_t cursor)
{
    for (unsigned choice = 1; choice <= QUOTIENT_CHOICES; choice++) {
        uint64_t line = quotient_line(&t->q, p);
        for (unsigned i = 0; i < t->rows; i++)
            if (quotient_moves_out(t, line, &t->lines[line].rows[i], cursor))
                return true;
        p = quotient_step(&t->q, p);
    }
    return false;
}

/* quotient_table_put() for a user whose lines are full: it frees a place, if another row can move. */
static CONTEND_RARE inline int quotient_moves_put(struct quotient_table *t,
                                                  pthread_mutex_t *moving,
                                                  _Atomic uint64_t *cursor, uint64_t p,
                                                  uint64_t second)
{
    quotient_moves_stop(moving);
    /* relaxed: sweeps change it under this very lock. */
    uint64_t at = atomic_load_explicit(cursor, memory_order_relaxed);
    int result = quotient_table_put(t, 0, p, second, quotient_table_line);
    while (result == -ENOSPC && quotient_moves_any(t, p, at))
        result = quotient_table_put(t, 0, p, second, quotient_table_line);
    quotient_moves_go_on(moving);
    return result;
}

#endif
