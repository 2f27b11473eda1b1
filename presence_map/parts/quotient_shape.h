/*
 * quotient_shape.h - where quotient rows are, in lines that grow by a part at a time.
 *
 * Addresses.  There are L first lines.  A hash names one of them, and a fraction: how far into that
 *   line's interval it lies.  At level l the first l bits of the fraction tell 2^l lines apart where
 *   there was one: numbered in the order of hashes, these are the *natural* lines.  When natural line
 *   n of level l is split, the rows whose next bit is 0 stay, and the others go to a new line, at
 *   address L x 2^l + n.  Natural lines are split in order, so new lines are appended, and no line
 *   ever changes its address.  A line keeps its rows' first line, so tags do not change either.
 * Shape.  One word says the level, how many natural lines have been split, and whether the next
 *   part of them is being split.  It only rises.
 * Invariant: a user's row by a choice is at the address that the shape gives its hash, or, if that is
 *   in the part that is being split, at the one that it had before.  Only the holder of `lock` moves
 *   rows, each to the same place of the new line: it is frozen where it is (F), then put there,
 *   frozen, then cleared here, then unfrozen there.  A frozen word is the user's row for
 *   each thread that reads, and no other thread changes it.  A natural line gets no row by insertion
 *   from the instant at which its part begins to be split until its rows have been moved: so a new line has
 *   a place for each of them, and none is forgotten.  An insertion goes by a shape that it finds under
 *   its stripe of the insert lock; the thread that starts a part passes through all stripes, one at a time,
 *   between the new shape and the first move: so no insertion can still be using the previous shape.
 * Not there: a look-up goes by one shape, and looks into the old line before the new one.  If the
 *   shape is still the same afterwards, a row that was there all the time was seen: it has the
 *   address of the shape, or was seen in the old line, or was cleared there before the look, and
 *   then it was in the new one.
 *
 * Memory order.  The shape is released when the part's lines are there and acquired before they are
 * looked for (G1).  The word that clears the old place is a release, after the one in the new place,
 * and what sees the old place without the row acquires it before it looks at the new one (G2).  By
 * G2 and G1 it also sees a shape at least as new as the mover's.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_SHAPE_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_SHAPE_H

#include <pthread.h>

#include "presence_map/parts/quotient_size.h"
#include "presence_map/parts/quotient_table.h"
#include "presence_map/parts/stripe_locks.h"

/* Where parts are; one that was outgrown stays, since a look-up may still go by it. */
struct quotient_parts {
    struct quotient_parts *older;
    uint64_t capacity;
    struct quotient_line *at[];
};

struct quotient_growth {
    struct quotient_table table; /* first: see quotient_growth_of; its lines are the first ones */
    CONTEND_ALIGNED _Atomic uint64_t shape;
    struct quotient_parts *_Atomic parts;
    unsigned shift; /* log2 of the lines of a part */
    unsigned load;  /* per cent of the places: when more are taken, it grows */
    unsigned pace;  /* lines that an insertion splits, while a part is being split */
    bool fixed;     /* a capacity was asked for */
    int64_t batch;  /* users that a thread counts for itself before it tells */
    struct stripe_locks stripes;
    const struct contend_allocator *allocator;
    CONTEND_ALIGNED pthread_mutex_t lock; /* of those who move rows, and of who must see none move */
    uint64_t next;                        /* natural lines before this one need no look */
    _Atomic uint64_t bytes;
    _Atomic uint64_t moved[QUOTIENT_PART_MOST / 64]; /* of the part that is being split */
    CONTEND_ALIGNED _Atomic int64_t users;
};

static inline struct quotient_growth *quotient_growth_of(struct quotient_table *t)
{
    return (struct quotient_growth *)(void *)t;
}

/* ---- addresses ---- */

/* Natural lines before `begin` are split, those before `end` are or are being split. */
struct quotient_shape {
    unsigned level;
    uint64_t begin, end;
};

enum { QUOTIENT_LEVEL = 48 }; /* where the level begins in the word; the lowest bit: splitting */

static inline uint64_t quotient_growth_word(struct quotient_growth *g)
{
    /* acquire: G1, pairs with the release in quotient_growth_reshape. */
    return atomic_load_explicit(&g->shape, memory_order_acquire);
}

static inline struct quotient_shape quotient_growth_shape(const struct quotient_growth *g,
                                                          uint64_t word)
{
    uint64_t begin = (word & ((UINT64_C(1) << QUOTIENT_LEVEL) - 1)) >> 1;

    return (struct quotient_shape){ (unsigned)(word >> QUOTIENT_LEVEL), begin,
                                    begin + ((word & 1) << g->shift) };
}

/* The natural line of a hash at a level. */
static inline uint64_t quotient_growth_natural(const struct quotient_growth *g, uint64_t p,
                                               unsigned level)
{
    quotient_wide product = (quotient_wide)p * g->table.q.line_scale;

    return (uint64_t)(product >> 64) << level | ((uint64_t)product >> 1) >> (63 - level);
}

/* The address of a natural line: the last bit of its fraction that is set says when it was made. */
static inline uint64_t quotient_growth_address(const struct quotient_growth *g, uint64_t natural,
                                               unsigned level)
{
    unsigned zeros = (unsigned)__builtin_ctzll(natural | UINT64_C(1) << level);

    if (zeros == level)
        return natural >> level;
    return (g->table.q.lines << (level - zeros - 1)) + (natural >> (zeros + 1));
}

/* How many lines there are. */
static inline uint64_t quotient_growth_lines(struct quotient_growth *g)
{
    struct quotient_shape s = quotient_growth_shape(g, quotient_growth_word(g));

    return (g->table.q.lines << s.level) + s.end;
}

/* The line at an address that the shape gave. */
static inline struct quotient_line *quotient_growth_at(struct quotient_table *t, uint64_t address)
{
    struct quotient_growth *g = quotient_growth_of(t);
    /* acquire: pairs with the release in quotient_growth_widen. */
    struct quotient_parts *parts = atomic_load_explicit(&g->parts, memory_order_acquire);

    return &parts->at[address >> g->shift][address & ((UINT64_C(1) << g->shift) - 1)];
}

/* Where a hash belongs: the new line, if its part is being split. */
static inline struct quotient_line *quotient_growth_line(struct quotient_growth *g,
                                                         struct quotient_shape s, uint64_t p)
{
    uint64_t natural = quotient_growth_natural(g, p, s.level);

    if (natural < s.end) {
        s.level++;
        natural = quotient_growth_natural(g, p, s.level);
    }
    return quotient_growth_at(&g->table, quotient_growth_address(g, natural, s.level));
}

/* The same, by the word of a shape. */
static inline struct quotient_line *quotient_growth_line_of(const struct quotient_table *t,
                                                            uint64_t shape, uint64_t p)
{
    struct quotient_growth *g = quotient_growth_of((struct quotient_table *)(uintptr_t)t);

    return quotient_growth_line(g, quotient_growth_shape(g, shape), p);
}

/* The address of the i-th of the lines to which a first line is spread, once there are so many. */
static inline uint64_t quotient_growth_spread_to(const struct quotient_table *t, uint64_t line,
                                                 uint64_t i)
{
    uint64_t times = i ? UINT64_C(1) << quotient_log2(i) : 0;

    return i ? (t->q.lines + line) * times + i - times : line;
}

/* The i-th of the lines to which a first line has been spread, in order of their making, or NULL. */
static inline struct quotient_line *quotient_growth_spread(struct quotient_table *t, uint64_t line,
                                                           uint64_t i)
{
    uint64_t address = quotient_growth_spread_to(t, line, i);

    return address < quotient_growth_lines(quotient_growth_of(t)) ? quotient_growth_at(t, address)
                                                                  : NULL;
}

/* ---- looking ---- */

/* Whether the hash's line is in the part that is being split. */
static inline bool quotient_growth_splits(const struct quotient_growth *g, struct quotient_shape s,
                                          uint64_t p)
{
    uint64_t natural = s.begin < s.end ? quotient_growth_natural(g, p, s.level) : s.end;

    return natural >= s.begin && natural < s.end;
}

/* Looks where the row was before, then where it goes. */
static inline bool quotient_growth_look(struct quotient_growth *g, struct quotient_shape s,
                                        uint64_t p, unsigned choice, struct quotient_found *f)
{
    struct quotient_line *now = quotient_growth_line(g, s, p);

    if (quotient_growth_splits(g, s, p)) {
        s.end = s.begin;
        struct quotient_line *old = quotient_growth_line(g, s, p);
        if (old != now && quotient_table_find_in(&g->table, old, p, choice, f))
            return true;
        CONTEND_STEP("quotient: not in the old line, about to look at the new one");
        /* acquire: G2, pairs with the release that clears, in quotient_growth_move. */
        atomic_thread_fence(memory_order_acquire);
    }
    return quotient_table_find_in(&g->table, now, p, choice, f);
}

/* By all choices, but for the first one if that was seen.  Not inlined, as in quotient_table.h. */
static __attribute__((noinline)) struct quotient_spot
quotient_growth_find_away(struct quotient_growth *g, struct quotient_shape s, uint64_t p,
                          bool home)
{
    struct quotient_found f;

    for (unsigned choice = 1; choice <= QUOTIENT_CHOICES; choice++) {
        if ((choice > 1 || home) && quotient_growth_look(g, s, p, choice, &f))
            return (struct quotient_spot){ f.place, f.key };
        p = quotient_step(&g->table.q, p);
    }
    return (struct quotient_spot){ NULL, 0 };
}

/* Looks for the user whose hash is p. */
static inline bool quotient_growth_find(struct quotient_table *t, uint64_t p,
                                        struct quotient_found *f)
{
    struct quotient_growth *g = quotient_growth_of(t);

    for (;;) {
        uint64_t word = quotient_growth_word(g);
        struct quotient_shape s = quotient_growth_shape(g, word);
        bool splits = quotient_growth_splits(g, s, p);
        if (!splits && quotient_table_find_in(t, quotient_growth_line(g, s, p), p, 1, f))
            return true;
        struct quotient_spot spot = quotient_growth_find_away(g, s, p, splits);
        if (spot.place) {
            f->place = spot.place;
            f->key = spot.key;
            f->seen = quotient_table_see(t, f->place);
            if (quotient_table_is_theirs(t, f))
                return true;
            continue; /* removed or moved meanwhile */
        }
        CONTEND_STEP("quotient: nobody there, about to ask whether rows have moved");
        /* acquire: G2, pairs with the release that cleared what we have seen empty. */
        atomic_thread_fence(memory_order_acquire);
        /* relaxed: ordered by the fence. */
        if (atomic_load_explicit(&g->shape, memory_order_relaxed) == word)
            return false;
    }
}

#endif
