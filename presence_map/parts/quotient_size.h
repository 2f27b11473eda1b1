/*
 * quotient_size.h - how many lines a map of quotient rows needs, and what stamps they leave.
 *
 * Users and fill ask for lines.  Every doubling of the lines takes a bit from the tag and leaves
 * it to the stamp, so how long an entry is to be kept asks for lines as well: a quarter of a
 * stamp's span must hold it, or, in a map that keeps old rows, the TTL.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_SIZE_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_SIZE_H

#include "presence_map/parts/defaults.h"
#include "presence_map/parts/quotient_table.h"

enum {
    QUOTIENT_MOST_BITS = 16, /* of a stamp: 18 hours, and 4.5 of retention */
    QUOTIENT_FEW_BITS = 12,  /* a small map takes lines for so many: 17 minutes of retention */
    /* And so these bytes are the least that a map takes whose ids are as wide as its rows. */
    QUOTIENT_FEW_BYTES = QUOTIENT_LINE << (QUOTIENT_FEW_BITS + QUOTIENT_CHOICE_BITS)
};

/* The options that say what a map's rows are like. */
#define QUOTIENT_OPTIONS(HOME)                                                                    \
    { "home", HOME, 1, QUOTIENT_ROWS,                                                             \
      "rows of a line before its users are put into the emptiest of their three" },               \
    { "rows", QUOTIENT_ROWS, chosen_row_least, QUOTIENT_ROWS, "places used in a line" },          \
    { "id_bits", chosen_row_bits, chosen_row_least_id_bits, chosen_row_bits,                      \
      "users are less than two to that power; fewer let a map be smaller" },                      \
    { "stamp_bits", QUOTIENT_MOST_BITS, 8, QUOTIENT_MOST_BITS,                                    \
      "of a stamp, at most; a quarter of its span must hold ttl_ms + retain_ms" },               \
    { "old", 0, 0, 12,                                                                            \
      "keeps longer what a quarter does not hold, to the 2^old s; 0: does not" },                 \
    { "slack", 0, 0, 10,                                                                          \
      "heartbeats within the same 2^slack s write once, and expire so much later" }

struct quotient_wish {
    uint64_t users;
    unsigned fill;       /* per cent of the places that they take */
    unsigned rows;       /* places in a line */
    unsigned id_bits;
    unsigned stamp_bits; /* at most */
    unsigned old_shift;  /* an old row's unit is 2^old_shift seconds; 0: there are none */
    uint64_t online_ms;  /* TTL, and the slack */
    uint64_t kept_ms;    /* TTL + retain_ms, and the slack */
    uint64_t seed;
    bool grows;          /* in parts, for which rows move */
    bool moves;          /* rows move, to free a place for another */
};

enum {
    QUOTIENT_PARTS = 64,       /* of the first lines, where each part has at most ... */
    QUOTIENT_PART_MOST = 1024, /* ... so many; a power of two */
    QUOTIENT_PART_LEAST = 16   /* at least, unless there are fewer */
};

/* log2 of the lines by which a map grows at a time. */
static inline unsigned quotient_part_shift(uint64_t lines)
{
    uint64_t part = lines / QUOTIENT_PARTS;

    part = part < QUOTIENT_PART_LEAST ? QUOTIENT_PART_LEAST : part;
    part = part > QUOTIENT_PART_MOST ? QUOTIENT_PART_MOST : part;
    return quotient_log2(part < lines ? part : lines);
}

/* Whether so many bits of a stamp, one of which says that it is old, let entries be kept as wished. */
static inline bool quotient_stamps_hold(const struct quotient_wish *w, unsigned stamp_bits)
{
    uint64_t quarter = (UINT64_C(1) << (stamp_bits - (w->old_shift > 0))) / QUOTIENT_QUARTERS;

    return quarter * QUOTIENT_GRANULARITY >= w->online_ms &&
           quotient_seconds_kept(quarter, w->old_shift) * QUOTIENT_GRANULARITY >= w->kept_ms;
}

/* 0, or -ERANGE. */
static inline int quotient_size(struct quotient *q, const struct quotient_wish *w)
{
    uint64_t lines = w->users * 100 / (w->rows * w->fill) + 1;
    unsigned least = QUOTIENT_CHOICE_BITS + (w->old_shift > 0);
    bool moves = w->grows || w->moves;

    while (least < w->stamp_bits && !quotient_stamps_hold(w, least))
        least++;
    if (!quotient_stamps_hold(w, least))
        return -ERANGE;
    unsigned few = QUOTIENT_FEW_BITS - (unsigned)moves; /* the bit of rows that move costs no lines */
    if (least < few)
        least = w->stamp_bits < few ? w->stamp_bits : few;
    if (lines < 2)
        lines = 2;
    while (quotient_stamp_bits(lines, w->id_bits, w->stamp_bits, moves) < least)
        lines = UINT64_C(2) << quotient_log2(lines); /* the next power of two */
    uint64_t behind = w->grows ? (UINT64_C(1) << quotient_part_shift(lines)) - 1 : 0;
    lines = (lines + behind) & ~behind;
    if (lines > UINT32_MAX || quotient_log2(lines) >= w->id_bits)
        return -ERANGE;
    quotient_init(q, lines, w->id_bits,
                  quotient_stamp_bits(lines, w->id_bits, w->stamp_bits, moves), w->seed,
                  moves, w->old_shift);
    return 0;
}

/*
 * Reads what a map of quotient rows is to be like, and decides on lines and stamps; the wish says
 * already whether rows move.  *max_user: the greatest id.  0 or -ERANGE.
 */
static inline int quotient_measure(struct quotient_table *t, struct quotient_wish *w,
                                   const struct presence_config *c,
                                   const struct contend_settings *s,
                                   const struct contend_option *o, uint64_t *max_user)
{
    uint64_t slack = (UINT64_C(1) << contend_option_value(s, o, "slack")) - 1;

    w->users = c->capacity ? c->capacity : c->expected;
    w->fill = (unsigned)contend_option_value(s, o, "fill");
    w->rows = (unsigned)contend_option_value(s, o, "rows");
    w->id_bits = (unsigned)contend_option_value(s, o, "id_bits");
    w->stamp_bits = (unsigned)contend_option_value(s, o, "stamp_bits");
    w->old_shift = (unsigned)contend_option_value(s, o, "old");
    w->online_ms = c->ttl_ms + slack * QUOTIENT_GRANULARITY;
    w->kept_ms = presence_kept_ms(c, slack * QUOTIENT_GRANULARITY + 1);
    w->seed = c->hash_seed;
    t->ages = (struct quotient_ages){ c->ttl_ms, presence_kept_ms(c, 1), slack };
    t->rows = w->rows;
    t->home = (unsigned)contend_option_value(s, o, "home");
    if (t->home > w->rows)
        t->home = w->rows; /* a home that is full is no place for anybody */
    int error = quotient_size(&t->q, w);
    if (error == 0)
        *max_user = t->q.id_mask < PRESENCE_NO_USER ? t->q.id_mask : PRESENCE_NO_USER - 1;
    return error;
}

/* What a map keeps to, which depends on its lines and options. */
static inline void quotient_traits(const struct quotient_table *t, uint64_t max_user,
                                   struct presence_traits *out)
{
    out->max_user = max_user;
    out->granularity_ms = (t->ages.slack + 1) * QUOTIENT_GRANULARITY;
    out->granularity_old_ms = t->q.old ? (uint64_t)QUOTIENT_GRANULARITY << t->q.old_shift : 0;
    uint64_t kept = quotient_seconds_kept(t->q.quarter, t->q.old_shift);
    out->max_retain = (kept - t->ages.slack) * QUOTIENT_GRANULARITY;
    out->stall_bound_ms = t->q.quarter * QUOTIENT_GRANULARITY / 2;
}

#endif
