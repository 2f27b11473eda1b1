/*
 * quotient_table.h - lines of quotient rows: looking, swapping and inserting.
 *
 * What presence_map/quotient.h is made of; its head has the invariant and the memory orders, and
 * (H1) and (H2) below are the ones that it names.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_TABLE_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_TABLE_H

#include "locks/parts/platform.h"
#include "locks/parts/vector.h"
#include "presence_map/parts/quota.h"
#include "presence_map/parts/quotient_rows.h"
#include "presence_map/parts/table_memory.h"
#include "presence_map/parts/tally.h"
#include "presence_map/presence_map.h"

enum {
    QUOTIENT_LINE = CONTEND_VECTOR_WORDS * sizeof(uint64_t), /* what one vector look sees */
    QUOTIENT_ROWS = QUOTIENT_LINE / sizeof(chosen_row),
    QUOTIENT_GRANULARITY = 1000, /* ms: a stamp counts seconds */
    QUOTIENT_PATIENCE = 64       /* looks at a row that is being moved, before the processor goes */
};

struct quotient_line {
    _Alignas(QUOTIENT_LINE) _Atomic chosen_row rows[QUOTIENT_ROWS];
};

/* How far threads are with the work that comes before the next raise: quotient_horizon.h. */
struct quotient_pass {
    CONTEND_ALIGNED _Atomic uint64_t claimed; /* lines that some thread looks at, or has */
    _Atomic uint64_t done;                    /* lines that have been looked at */
};

/* How old an entry may be, as the map was configured. */
struct quotient_ages {
    uint64_t ttl_ms, kept_ms; /* the latter: TTL + retain_ms */
    uint64_t slack;           /* seconds that a stamp leaves out: a power of two less 1 */
};

/* Read by every operation; only the horizon changes, four times in the span of a stamp. */
struct quotient_table {
    CONTEND_ALIGNED struct quotient q;
    struct quotient_ages ages;
    struct quotient_line *lines;
    _Atomic uint64_t horizon; /* the last second of the newest quarter */
    unsigned rows; /* places used in a line */
    unsigned home; /* rows of a line before its users are put into the emptiest of their three */
    CONTEND_ALIGNED struct presence_quota quota;
    struct quotient_pass pass;
};

static inline void quotient_table_clear(struct quotient_line *lines, uint64_t count)
{
    for (uint64_t line = 0; line < count; line++)
        for (unsigned i = 0; i < QUOTIENT_ROWS; i++)
            atomic_init(&lines[line].rows[i], 0);
}

/* The horizon begins as the earliest one for which a quarter begins at `origin`, in seconds. */
static inline int quotient_table_init(struct quotient_table *t, uint64_t origin, uint64_t capacity,
                                      const struct contend_settings *s,
                                      const struct contend_option *o,
                                      const struct contend_allocator *allocator)
{
    size_t zeros;

    t->lines = table_memory(allocator, t->q.lines * sizeof *t->lines, s, o, &zeros);
    if (!t->lines)
        return -ENOMEM;
    zeros /= sizeof *t->lines;
    quotient_table_clear(t->lines + zeros, t->q.lines - zeros);
    atomic_init(&t->horizon, (origin + t->q.quarter - 1) % t->q.quarter);
    atomic_init(&t->pass.claimed, 0);
    atomic_init(&t->pass.done, 0);
    presence_quota_init(&t->quota, capacity);
    return 0;
}

static inline void quotient_table_fini(struct quotient_table *t,
                                       const struct contend_allocator *allocator)
{
    contend_release(allocator, t->lines, t->q.lines * sizeof *t->lines);
}

/* ---- time ---- */

/* P13: an entry is at most `limit` ms old at `now` if its second is at least this one. */
static inline uint64_t quotient_oldest(const struct quotient_ages *a, uint64_t now, uint64_t limit)
{
    return now > limit ? (now - limit) / QUOTIENT_GRANULARITY & ~a->slack : 0;
}

/* What a thread's last `now` came to: calls often have the same one. */
struct quotient_clock {
    uint64_t now;            /* valid, or 0 */
    uint64_t second, oldest; /* its second, and the first one that is still online */
    uint64_t stamp;          /* the second without the slack: what a heartbeat writes */
};

/* 0, or -EINVAL. */
static inline int quotient_clock_set(struct quotient_clock *c, uint64_t now,
                                     const struct quotient_ages *a)
{
    if (now == c->now && now != 0)
        return 0;
    if (!presence_valid_now(now))
        return -EINVAL;
    uint64_t second = now / QUOTIENT_GRANULARITY;
    *c = (struct quotient_clock){ now, second, quotient_oldest(a, now, a->ttl_ms),
                                  second & ~a->slack };
    return 0;
}

/* ---- rows ---- */

static inline uint64_t quotient_table_horizon(struct quotient_table *t)
{
    /* acquire: H2, pairs with the release in quotient_horizon_reach. */
    return atomic_load_explicit(&t->horizon, memory_order_acquire);
}

/* A row as it was read, and its second. */
struct quotient_seen {
    chosen_row word;
    uint64_t second;
};

/*
 * Reads a place.  If the horizon has moved by more than a quarter meanwhile, it reads once
 * more: only a call that passes the stall bound can find the same again.
 */
static inline struct quotient_seen quotient_table_see(struct quotient_table *t,
                                                      _Atomic chosen_row *place)
{
    struct quotient_seen seen;
    uint64_t before = quotient_table_horizon(t), after = before;

    for (int turn = 0; turn < 2; turn++, before = after) {
        /* acquire: H1, pairs with the release of every swap of a row. */
        seen.word = atomic_load_explicit(place, memory_order_acquire);
        after = quotient_table_horizon(t);
        if (after == before || after - before <= t->q.quarter)
            break;
    }
    seen.second = quotient_second(&t->q, seen.word, after);
    return seen;
}

/*
 * What a place has when its row is not being moved.  Waits for a mover: for a copy to one other
 * line.  Where rows never move nobody calls it.
 */
static CONTEND_RARE inline struct quotient_seen quotient_table_settled(struct quotient_table *t,
                                                                       _Atomic chosen_row *place)
{
    struct quotient_seen seen = quotient_table_see(t, place);

    for (unsigned turn = 1; seen.word & t->q.frozen; turn++) {
        if (turn % QUOTIENT_PATIENCE == 0)
            contend_yield();
        else
            contend_cpu_relax();
        seen = quotient_table_see(t, place);
    }
    return seen;
}

/*
 * Replaces the row that was seen.  If another one is there instead, shows that one in *seen and
 * returns false.
 */
static inline bool quotient_table_swap(struct quotient_table *t, _Atomic chosen_row *place,
                                       struct quotient_seen *seen, chosen_row wanted)
{
    chosen_row word = seen->word;

    /* release: H1, pairs with the acquire in quotient_table_see.  relaxed: it is read once more. */
    if (atomic_compare_exchange_strong_explicit(place, &word, wanted, memory_order_release,
                                                memory_order_relaxed))
        return true;
    *seen = quotient_table_see(t, place);
    return false;
}

/* Frees the place of the row that was seen, and counts that; false as above. */
static inline bool quotient_table_remove(struct quotient_table *t, struct presence_tally *tally,
                                         _Atomic chosen_row *place, struct quotient_seen *seen,
                                         enum presence_event event)
{
    presence_quota_count_out(&t->quota);
    CONTEND_STEP("quotient: judged, about to free the place");
    if (!quotient_table_swap(t, place, seen, 0)) {
        presence_quota_count_in(&t->quota);
        return false;
    }
    presence_tally_count(tally, event);
    return true;
}

/* ---- a user's row ---- */

struct quotient_found {
    _Atomic chosen_row *place;
    uint64_t key; /* what the row equals but for its stamp */
    struct quotient_seen seen;
};

static inline bool quotient_table_is_theirs(const struct quotient_table *t,
                                            const struct quotient_found *f)
{
    return (f->seen.word & t->q.key_mask) == f->key;
}

/*
 * A bit for each place of the line that may have a row with the key: a hint.  The vector form may
 * name another user's row, and names the user's own if that is there during the whole look.
 */
static inline unsigned quotient_table_hint(const struct quotient_table *t,
                                           struct quotient_line *line, uint64_t key)
{
#if CONTEND_VECTORS
    return chosen_row_equal(line->rows, (chosen_row)t->q.key_mask, (chosen_row)key);
#else
    for (unsigned i = 0; i < t->rows; i++)
        /* relaxed: the place is read again. */
        if ((atomic_load_explicit(&line->rows[i], memory_order_relaxed) & t->q.key_mask) == key)
            return 1u << i;
    return 0;
#endif
}

/* The place of the lowest bit that is set; some is. */
static inline _Atomic chosen_row *quotient_table_first(struct quotient_line *line, unsigned bits)
{
    return &line->rows[__builtin_ctz(bits)];
}

/* The line of a hash, in a table that never grows: it has one shape. */
static inline struct quotient_line *quotient_table_line(const struct quotient_table *t,
                                                        uint64_t shape, uint64_t p)
{
    (void)shape;
    return &t->lines[quotient_line(&t->q, p)];
}

/*
 * Looks for the user in one line.  A row that is gone when it is read after the hint was removed
 * during the call, so there was an instant without one; or it was moved, where rows do.
 */
static inline bool quotient_table_find_in(struct quotient_table *t, struct quotient_line *line,
                                          uint64_t p, unsigned choice, struct quotient_found *f)
{
    f->key = quotient_key(&t->q, p, choice);
    for (unsigned hint = quotient_table_hint(t, line, f->key); hint; hint &= hint - 1) {
        f->place = quotient_table_first(line, hint);
        f->seen = quotient_table_see(t, f->place);
        if (quotient_table_is_theirs(t, f))
            return true;
    }
    return false;
}

/* Where a row is or may go, and its key; no place: nowhere. */
struct quotient_spot {
    _Atomic chosen_row *place;
    uint64_t key;
};

/*
 * The lines after the home.  Not inlined, and its answer fits into registers, so that a look-up
 * that ends at home is short and stores nothing.
 */
static __attribute__((noinline)) struct quotient_spot
quotient_table_find_away(struct quotient_table *t, uint64_t p)
{
    struct quotient_found f;

    for (unsigned choice = 2; choice <= QUOTIENT_CHOICES; choice++) {
        p = quotient_step(&t->q, p);
        if (quotient_table_find_in(t, quotient_table_line(t, 0, p), p, choice, &f))
            return (struct quotient_spot){ f.place, f.key };
    }
    return (struct quotient_spot){ NULL, 0 };
}

/* Looks for the user whose hash is p. */
static inline bool quotient_table_find(struct quotient_table *t, uint64_t p,
                                       struct quotient_found *f)
{
    if (quotient_table_find_in(t, quotient_table_line(t, 0, p), p, 1, f))
        return true;
    if (chosen_row_moves)
        /* acquire: a thread that saw no row at home sees where it went; pairs with a move's step 3. */
        atomic_thread_fence(memory_order_acquire);
    struct quotient_spot spot = quotient_table_find_away(t, p);
    if (!spot.place)
        return false;
    f->place = spot.place;
    f->key = spot.key;
    f->seen = quotient_table_see(t, f->place);
    return quotient_table_is_theirs(t, f); /* if not, it was removed meanwhile, as above */
}

/* Begins to fetch the home of a user who is looked for soon; `beats`: to change the row. */
static inline void quotient_table_fetch(const struct quotient_line *line, bool beats)
{
    if (beats)
        contend_fetch_to_write(line);
    else
        contend_fetch(line);
}

/* How many places of the line are taken; *free is one that is not, or NULL. */
static inline unsigned quotient_table_taken(const struct quotient_table *t,
                                            struct quotient_line *line, _Atomic chosen_row **free)
{
    unsigned taken = 0;

    *free = NULL;
    for (unsigned i = 0; i < t->rows; i++)
        /* relaxed: a hint; the insertion's swap finds out. */
        if (atomic_load_explicit(&line->rows[i], memory_order_relaxed) != 0)
            taken++;
        else if (!*free)
            *free = &line->rows[i];
    return taken;
}

/* Where the rows of a hash are to go, in a table of that shape. */
typedef struct quotient_line *(*quotient_line_of)(const struct quotient_table *t, uint64_t shape,
                                                  uint64_t p);

/* The home while it has fewer than `home` rows, otherwise the emptiest of the user's lines. */
static inline struct quotient_spot quotient_table_choose(const struct quotient_table *t,
                                                         uint64_t shape, uint64_t p,
                                                         quotient_line_of line_of)
{
    struct quotient_spot best = { NULL, 0 };
    unsigned least = t->rows;

    for (unsigned choice = 1; choice <= QUOTIENT_CHOICES; choice++) {
        _Atomic chosen_row *free;
        unsigned taken = quotient_table_taken(t, line_of(t, shape, p), &free);
        if (taken < least) {
            least = taken;
            best = (struct quotient_spot){ free, quotient_key(&t->q, p, choice) };
        }
        if (choice == 1 && taken < t->home)
            break;
        p = quotient_step(&t->q, p);
    }
    return best;
}

/*
 * Makes a row for a user who has none, in a thread that holds the user's stripe: 0, -ENOSPC if the
 * user's lines are full, or -ERANGE if the second is so old that its stamp cannot be told.
 */
static inline int quotient_table_put(struct quotient_table *t, uint64_t shape, uint64_t p,
                                     uint64_t second, quotient_line_of line_of)
{
    for (;;) {
        struct quotient_spot chosen = quotient_table_choose(t, shape, p, line_of);
        chosen_row empty = 0;
        if (!chosen.place)
            return -ENOSPC;
        uint64_t horizon = quotient_table_horizon(t);
        if (!quotient_is_kept(&t->q, second, horizon))
            return -ERANGE;
        CONTEND_STEP("quotient: insertion, about to take a place");
        /*
         * release: H1, pairs with the acquire in quotient_table_see.  relaxed: another user took
         * the place, and this one chooses again.
         */
        if (atomic_compare_exchange_strong_explicit(chosen.place, &empty,
                                                    quotient_row(&t->q, chosen.key, second,
                                                                 horizon),
                                                    memory_order_release, memory_order_relaxed))
            return 0;
    }
}

#endif
