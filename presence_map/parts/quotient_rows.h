/*
 * quotient_rows.h - a user and a second in one word: rows that leave out what their line
 * already says.
 *
 * Quotient.  An id of b bits is hashed by a bijection: p = mix(id), of b bits as well.  The line
 *   is floor(p x L / 2^b), for any number of lines L.  The p of one line are an interval of at
 *   most 2^b / 2^B values, where B is floor(log2 L), so the lowest b - B bits of p, the tag,
 *   tell them apart: line and tag together are the id, nothing is lost, and two users are never
 *   taken for each other.
 * Row.  From the high bits to the low ones: the stamp, the choice, the tag.
 *     stamp    S bits, seconds modulo 2^S; in maps that keep old rows there is one more bit before
 *              them, which says that they are not seconds but an old row's units
 *     frozen   1 bit, in maps whose rows move (quotient_growth.h); in others there is none
 *     choice   2 bits: 1 to 3 say by which of its hashes the user lies in this line; 0 is in no
 *              row, so that the word 0 is a free place, and others are for quotient_reservations.h
 *     tag      b - B bits, where p has them: a row is compared with p as it is
 *   A row of w bits (presence_map/rows/) holds it if S + 2 <= B + w - b, or S + 3 with the bit.  With ids as wide
 *   as rows and 2^17 lines, a million places of 8 bytes, a stamp has 15 bits; with 2^15 lines 13.
 * Three lines.  p, step(p) and step(step(p)), all bijections, are a user's three hashes.
 * Back to the id.  Line i begins at p = ceil(i x 2^b / L).  With 2^b = L x whole + rest this is
 *   i x whole + ceil(i x rest / L): one division a line.  The tag says how far behind that p
 *   lies; then the steps and the mixer are undone.
 *
 * Time.  Seconds fall into quarters of 2^(S-2).  The map stores a horizon: the last second of
 *   the newest quarter that any heartbeat was given.  Rows lie at most two quarters before the
 *   horizon's own; a stamp stands for the latest second up to the horizon that equals it
 *   modulo 2^S.  A reader whose horizon is one quarter older or newer than the row still
 *   decodes it rightly: four quarters can be told apart, and rows fill three.
 * Old rows.  What lies too far back for seconds may be kept in units of 2^k seconds: a pass before the
 *   horizon is raised writes it again (quotient_horizon.h), and a heartbeat that comes so late writes it
 *   so at once.  S bits of units reach 2^k times as far as S bits of seconds.  Half of that, less a
 *   quarter and a unit, is how long entries may be kept: the horizon may be a quarter ahead of time,
 *   and the row up to a unit behind its entry.  The other half, four quarters at least, is more than
 *   may pass until an old row is removed.  It lies two quarters behind the horizon, and a quarter
 *   holds the TTL: so it is not online, but to a caller whose clock is as far behind.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_ROWS_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "locks/parts/hash.h"
#include "presence_map/rows/chosen.h"

enum {
    QUOTIENT_CHOICES = 3,
    QUOTIENT_CHOICE_BITS = 2,
    QUOTIENT_SALT = 1657141, /* any; with this one the checker's smallest maps move rows */
    QUOTIENT_QUARTERS = 4 /* of the span of a stamp; a power of two */
};

/* How long entries may be kept, in seconds; see above. */
static inline uint64_t quotient_seconds_kept(uint64_t quarter, unsigned old_shift)
{
    return old_shift ? (2 * quarter << old_shift) - quarter - (UINT64_C(1) << old_shift) : quarter;
}

/* Never changes after init. */
struct quotient {
    uint64_t multiplier;
    uint64_t id_mask;     /* 2^b - 1: of ids, and of p */
    uint64_t line_scale;  /* lines x 2^(64-b): its product with p has the line in its high half */
    uint64_t tag_mask;    /* of p and of a row */
    uint64_t choice;      /* the first choice in a row; twice that is the second */
    uint64_t frozen;      /* the bit of a row that is being moved; 0 if rows never move */
    uint64_t key_mask;    /* of a row: the choice and the tag */
    uint64_t stamp_mask;  /* of seconds, and of units: 2^S - 1 */
    uint64_t quarter;     /* seconds: 2^(S-2) */
    uint64_t old;         /* the bit of an old row; 0: none is kept */
    uint64_t old_reach;   /* half of the seconds that an old row's units tell apart */
    unsigned old_shift;   /* the unit of an old row is 2^old_shift seconds */
    unsigned stamp_shift; /* where the stamp begins in a row of w bits: w - S */
    uint64_t lines;
    uint64_t inverse;     /* inverse x multiplier = 1 modulo 2^64 */
    uint64_t salt;        /* of ids, by exclusive or, in maps that grow; otherwise 0 */
    uint64_t whole, rest; /* 2^b = lines x whole + rest */
};

static inline unsigned quotient_log2(uint64_t n)
{
    unsigned log = 0;

    while (n >>= 1)
        log++;
    return log;
}

/* The number whose product with the odd n is 1 modulo 2^64.  Each turn doubles the right bits. */
static inline uint64_t quotient_inverse(uint64_t n)
{
    uint64_t inverse = n; /* right in 3 bits: an odd square is 1 modulo 8 */

    for (int turn = 0; turn < 5; turn++)
        inverse *= 2 - n * inverse;
    return inverse;
}

/*
 * With a seed the multiplier is odd and secret, which makes it hard to choose ids that meet;
 * without one it is 2^w over the golden ratio.
 */
static inline uint64_t quotient_multiplier(uint64_t seed)
{
    return seed ? presence_hash(seed, 0) | 1 : UINT64_C(0x9e3779b97f4a7c15) >> (64 - chosen_row_bits);
}

/* The bits that this many lines leave for a stamp and for saying that it is old, at most `most`; or 0. */
static inline unsigned quotient_stamp_bits(uint64_t lines, unsigned id_bits, unsigned most,
                                           bool moves)
{
    unsigned left = quotient_log2(lines) + chosen_row_bits - id_bits;
    unsigned others = QUOTIENT_CHOICE_BITS + (unsigned)moves;

    if (left <= others)
        return 0;
    left -= others;
    return left < most ? left : most;
}

/* The bits of a row's choice, one of which is set. */
static inline uint64_t quotient_choices(const struct quotient *q)
{
    return QUOTIENT_CHOICES * q->choice;
}

/*
 * lines: 2 to 2^32; stamp_bits: 3 at least, and as quotient_stamp_bits() says at most.  `moves`:
 * rows may move, so they have a bit that says so.  `old_shift`: see above; 0: old rows are not kept.
 */
static inline void quotient_init(struct quotient *q, uint64_t lines, unsigned id_bits,
                                 unsigned stamp_bits, uint64_t seed, bool moves,
                                 unsigned old_shift)
{
    q->multiplier = quotient_multiplier(seed);
    q->id_mask = UINT64_MAX >> (64 - id_bits);
    q->line_scale = lines << (64 - id_bits);
    q->tag_mask = q->id_mask >> quotient_log2(lines);
    q->stamp_mask = (UINT64_C(1) << (stamp_bits - (old_shift > 0))) - 1;
    q->quarter = (q->stamp_mask + 1) / QUOTIENT_QUARTERS;
    q->old = old_shift ? UINT64_C(1) << (chosen_row_bits - 1) : 0;
    q->old_reach = old_shift ? (q->stamp_mask + 1) / 2 << old_shift : 0;
    q->old_shift = old_shift;
    q->stamp_shift = chosen_row_bits - stamp_bits;
    q->frozen = (uint64_t)moves << (q->stamp_shift - 1);
    q->choice = UINT64_C(1) << (q->stamp_shift - (unsigned)moves - QUOTIENT_CHOICE_BITS);
    q->key_mask = quotient_choices(q) | q->tag_mask;
    q->lines = lines;
    q->inverse = quotient_inverse(q->multiplier);
    q->salt = moves ? presence_hash(seed, QUOTIENT_SALT) & q->id_mask : 0;
    q->whole = (q->id_mask - lines + 1) / lines + 1; /* the dividend is 2^b - lines */
    q->rest = (q->id_mask - lines + 1) % lines;
}

/* ---- ids ---- */

/*
 * Exclusive or with the own high half is its own inverse, and adds no bit above the highest.  Half
 * of a row: at least half of an id, so nothing is folded twice.
 */
static inline uint64_t quotient_fold(uint64_t x)
{
    return x ^ x >> chosen_row_bits / 2;
}

#define QUOTIENT_STEP UINT64_C(0x58796b2343b9a68b) /* odd, half of its bits set */
#define QUOTIENT_UNSTEP UINT64_C(0x8da5799ded8d1123) /* its inverse, which a walk needs for each row */

/* If this has no size, the second constant is not quotient_inverse() of the first. */
typedef char quotient_unstep_undoes_a_step[QUOTIENT_STEP * QUOTIENT_UNSTEP == 1 ? 1 : -1];

/* p for the next choice. */
static inline uint64_t quotient_step(const struct quotient *q, uint64_t p)
{
    return quotient_fold(p) * QUOTIENT_STEP & q->id_mask;
}

static inline uint64_t quotient_unstep(const struct quotient *q, uint64_t p)
{
    return quotient_fold(p * QUOTIENT_UNSTEP & q->id_mask);
}

/*
 * p of a user, for the first choice.  One multiplication alone lays ids at regular distances out as
 * regularly: with about one distance in ten, hundreds or thousands of users find their lines full.
 */
static inline uint64_t quotient_mix(const struct quotient *q, uint64_t user)
{
    return quotient_step(q, quotient_fold(user) * q->multiplier & q->id_mask);
}

/*
 * The same in a map that grows.  Without salt user 0 would have the hash 0 whatever the seed, be at the
 * first place and never move.
 */
static inline uint64_t quotient_mix_salted(const struct quotient *q, uint64_t user)
{
    return quotient_mix(q, user ^ q->salt);
}

static inline uint64_t quotient_unmix(const struct quotient *q, uint64_t p)
{
    return quotient_fold(quotient_unstep(q, p) * q->inverse & q->id_mask);
}

__extension__ typedef unsigned __int128 quotient_wide;

static inline uint64_t quotient_line(const struct quotient *q, uint64_t p)
{
    return (uint64_t)(((quotient_wide)p * q->line_scale) >> 64);
}

/* What a row of this user by this choice equals under key_mask.  Never 0. */
static inline uint64_t quotient_key(const struct quotient *q, uint64_t p, unsigned choice)
{
    return (p & q->tag_mask) | choice * q->choice;
}

/* Whether the place with this word has a row: where insertions reserve places, it need not. */
static inline bool quotient_is_row(const struct quotient *q, uint64_t word)
{
    return chosen_row_reserves ? (word & quotient_choices(q)) != 0 : word != 0;
}

/* The least p of the line. */
static inline uint64_t quotient_line_begin(const struct quotient *q, uint64_t line)
{
    /* line x rest does not overflow: both are less than 2^32. */
    return line * q->whole + (line * q->rest + q->lines - 1) / q->lines;
}

/* The p of a row that is not free, by its own choice.  `begin` is its line's. */
static inline uint64_t quotient_hash(const struct quotient *q, uint64_t begin, uint64_t row)
{
    return begin + ((row - begin) & q->tag_mask);
}

/* The user of such a row. */
static inline uint64_t quotient_user(const struct quotient *q, uint64_t begin, uint64_t row)
{
    uint64_t p = quotient_hash(q, begin, row), one = q->choice;

    for (uint64_t choice = row & quotient_choices(q); choice > one; choice -= one)
        p = quotient_unstep(q, p);
    return quotient_unmix(q, p) ^ q->salt;
}

/* ---- time ---- */

/* Whether a row may say this second as it is: its quarter is the newest or the one before. */
static inline bool quotient_is_recent(const struct quotient *q, uint64_t second, uint64_t horizon)
{
    return second + 2 * q->quarter > horizon;
}

/* Whether a heartbeat of this second leaves a row, if only an old one. */
static inline bool quotient_is_kept(const struct quotient *q, uint64_t second, uint64_t horizon)
{
    return quotient_is_recent(q, second, horizon) || second + q->old_reach > horizon;
}

static inline chosen_row quotient_old_row(const struct quotient *q, uint64_t key, uint64_t second)
{
    return (chosen_row)(q->old | key | (second >> q->old_shift & q->stamp_mask) << q->stamp_shift);
}

/* The row of a second that is kept. */
static inline chosen_row quotient_row(const struct quotient *q, uint64_t key, uint64_t second,
                                      uint64_t horizon)
{
    if (!quotient_is_recent(q, second, horizon))
        return quotient_old_row(q, key, second);
    return (chosen_row)(key | (second & q->stamp_mask) << q->stamp_shift);
}

/* The first second of an old row's unit. */
static CONTEND_RARE inline uint64_t quotient_old_second(const struct quotient *q, uint64_t row,
                                                        uint64_t horizon)
{
    horizon >>= q->old_shift;
    return (horizon - ((horizon - (row >> q->stamp_shift)) & q->stamp_mask)) << q->old_shift;
}

/*
 * The second of a row, for a reader whose horizon is at most a quarter from the row's; of an old
 * row the first one of its unit.
 */
static inline uint64_t quotient_second(const struct quotient *q, uint64_t row, uint64_t horizon)
{
    if (row & q->old)
        return quotient_old_second(q, row, horizon);
    return horizon - ((horizon - (row >> q->stamp_shift)) & q->stamp_mask);
}

/* What a row's second must be at least, if entries from `oldest` on are kept: an old row may stand for
 * the last second of its unit. */
static inline uint64_t quotient_oldest_row(const struct quotient *q, uint64_t row, uint64_t oldest)
{
    return row & q->old ? oldest >> q->old_shift << q->old_shift : oldest;
}

/* The horizon that a map needs whose newest second is this one, a whole number of quarters on. */
static inline uint64_t quotient_horizon(const struct quotient *q, uint64_t horizon, uint64_t second)
{
    return horizon + (second - horizon + q->quarter - 1) / q->quarter * q->quarter;
}

#endif
