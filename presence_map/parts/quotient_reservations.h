/*
 * quotient_reservations.h - insertions of quotient rows that wait for nobody.
 *
 * Words.  A place holds 0, a row, or a reservation.  A reservation has its user's tag as a row has, 0
 *   as its choice, which no row has, and instead of a stamp the choice by which the user would lie here
 *   and a nonce (quotient_nonces.h).  Look-ups compare the choice, so they pass over it.
 * Spots.  The places of a user's three lines, in the order of choices and places, are numbered: all
 *   threads go through them in this order, and the reservation at the first spot is the one that counts.
 * Steps of an insertion:
 *     1. a free place: 0 -> the reservation, by compare-and-swap.
 *     2. Contest: it looks at every spot.  If the user has a row, or a reservation at an earlier spot,
 *        its own becomes 0, and it goes on with the row, or with the other reservation as if that were
 *        its own: it helps.  A reservation of the user at a later spot is made 0.
 *     3. the reservation -> the row with this heartbeat's second.  If it is gone, begin at 1.
 *   All threads that hold a reservation may end it so; the one whose swap succeeds has inserted, and
 *   the others find a row.
 * Invariant (R): a user has at most one row.
 *   Proof.  Let two reservations of a user, a and b, both become rows, a before b, and a's row
 *   still be there then.  Each place was taken by reservation and row without a gap from the
 *   reservation on.  Let A and B be the threads that made them rows.  Each of them looked at the other's spot
 *   while its own reservation was in its place: before that it found or made it, and since it is the very
 *   same word at the end (N), it was there all the time.  If B looked at a's spot after a was reserved, it
 *   found a row, or a at an earlier spot, and did not go on to step 3; or it found a at a later one,
 *   and made it 0, or met the row when that failed.  Otherwise b was reserved before a, since B looked while b
 *   was there.  Then A, which looked after a was reserved, found b, and the same holds for it.
 *   The nonce carries the weight: if a word that looks like b may come back into b's place, B may
 *   have looked before it came, and a may be reserved and become a row in between
 *   (bench/check/textbook/reservation.c has that, step by step).
 * Progress: lock-free.  Suppose that from some instant on no call ends, although threads take steps.  Then no
 *   row of their users appears or goes, and a reservation at the first spot is never removed, because only
 *   one at an earlier spot, or a row, is a reason to.  If there ever is one, every thread comes to help it,
 *   and the first that is through ends it, so its call ends.  So there is none, and then the same is
 *   true of the second spot, and so on.  Then nobody holds a reservation or makes one; but step 1 fails
 *   only if another insertion has made one, or all places are taken, which ends the call.
 * A stalled thread holds up nobody.  Its reservation takes a place until its user is inserted.
 *
 * Memory order.  The proof goes by one order of the reservations and of the looks of the contest: of two threads
 * that reserve and then look at each other's spot one must see the other (store buffering).  So these
 * are seq_cst, and so is every swap of a reservation.  A row that is removed by quotient_table_swap is
 * not in that order, and need not be: a thread that sees its place free acquires the removal.
 * Where a vector looks first (x86-64), a place that it does not name is not read again.  That is sound
 * there: a row and a reservation of a user have the same lower half, which is what it compares; a thread
 * that holds a reservation has made a locked instruction since, which no later load passes, a vector's as
 * little as any other; and a thread that holds none completes nothing after the look.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_RESERVATIONS_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_RESERVATIONS_H

#include "presence_map/parts/quotient_beat.h"
#include "presence_map/parts/quotient_nonces.h"
#include "presence_map/parts/quotient_table.h"

/* ---- words ---- */

/* What a reservation equals but for its nonce: a row's key, with the choice on top of the stamp. */
static inline uint64_t quotient_reserved_key(const struct quotient *q, uint64_t key)
{
    return (key & q->tag_mask) | (key & quotient_choices(q)) << (chosen_row_bits - q->stamp_shift);
}

/* The bits that a reservation has for its nonce: the stamp without the choice. */
static inline uint64_t quotient_reserved_nonces(const struct quotient *q)
{
    return q->stamp_mask >> QUOTIENT_CHOICE_BITS;
}

static inline uint32_t quotient_reserved_nonce(const struct quotient *q, uint64_t word)
{
    return (uint32_t)(word >> q->stamp_shift & quotient_reserved_nonces(q));
}

static inline bool quotient_is_reservation(const struct quotient *q, uint64_t word,
                                           uint64_t reserved_key)
{
    return (word & ~(quotient_reserved_nonces(q) << q->stamp_shift)) == reserved_key;
}

/* ---- a reservation that a thread holds: its own, or one that it helps ---- */

struct quotient_reservation {
    _Atomic chosen_row *place; /* NULL: it holds none */
    chosen_row word;
    unsigned spot;
    uint64_t key;  /* of the row that it is to become */
    bool is_other; /* somebody else made it: we are counted at its nonce */
};

/* Later than every spot, so that each reservation is at an earlier one. */
#define QUOTIENT_UNRESERVED ((struct quotient_reservation){ .place = NULL, .spot = UINT32_MAX })

/* seq_cst: see the head; the loads in quotient_reservation_contest, and in _adopt. */
static inline chosen_row quotient_reserved_load(_Atomic chosen_row *place)
{
    return atomic_load_explicit(place, memory_order_seq_cst);
}

/* seq_cst: see the head; and H1 for a row. */
static inline bool quotient_reserved_swap(_Atomic chosen_row *place, chosen_row *word,
                                          chosen_row wanted)
{
    return atomic_compare_exchange_strong_explicit(place, word, wanted, memory_order_seq_cst,
                                                   memory_order_seq_cst);
}

/* A bit for each place of the line that may have a row with the key, or a reservation for one. */
static inline unsigned quotient_reserved_hint(const struct quotient_table *t,
                                              struct quotient_line *line, uint64_t key)
{
#if CONTEND_VECTORS
    atomic_signal_fence(memory_order_seq_cst); /* the look stays after the swap before it */
    return chosen_row_equal(line->rows, (chosen_row)t->q.tag_mask, (chosen_row)key);
#else
    (void)line, (void)key;
    return (1u << t->rows) - 1;
#endif
}

/* Makes the reservation that is held `wanted`, a row or 0, and holds it no longer.  Whether it was there. */
static inline bool quotient_reservation_end(struct quotient_nonces *n, const struct quotient *q,
                                            struct quotient_reservation *r, chosen_row wanted)
{
    chosen_row word = r->word;
    bool was_there = quotient_reserved_swap(r->place, &word, wanted);

    if (r->is_other)
        quotient_nonces_stop_helping(n, quotient_reserved_nonce(q, r->word));
    *r = QUOTIENT_UNRESERVED;
    return was_there;
}

/* Step 1.  False: there is no free place, and none is held; it may also find its place taken. */
static inline bool quotient_reservation_make(struct quotient_table *t, struct quotient_nonces *n,
                                             uint32_t *nonce, uint64_t p,
                                             struct quotient_reservation *r)
{
    struct quotient_spot chosen = quotient_table_choose(t, 0, p, quotient_table_line);
    chosen_row empty = 0;

    if (!chosen.place)
        return false;
    quotient_nonces_renew(n, nonce);
    uint64_t reserved = quotient_reserved_key(&t->q, chosen.key);
    uint64_t choice = reserved >> (chosen_row_bits - QUOTIENT_CHOICE_BITS);
    uintptr_t index = (uintptr_t)chosen.place % sizeof(struct quotient_line) / sizeof(chosen_row);
    *r = (struct quotient_reservation){
        .place = chosen.place,
        .word = (chosen_row)(reserved | (uint64_t)*nonce << t->q.stamp_shift),
        .spot = (unsigned)((choice - 1) * t->rows + index),
        .key = chosen.key,
    };
    CONTEND_STEP("quotient: insertion, about to reserve a place");
    if (!quotient_reserved_swap(r->place, &empty, r->word))
        *r = QUOTIENT_UNRESERVED;
    return true;
}

/* Holds a reservation that was found, unless it is gone by now. */
static inline void quotient_reservation_adopt(struct quotient_nonces *n, const struct quotient *q,
                                              struct quotient_reservation *r)
{
    uint32_t nonce = quotient_reserved_nonce(q, r->word);

    quotient_nonces_help(n, nonce);
    if (quotient_reserved_load(r->place) == r->word)
        return;
    quotient_nonces_stop_helping(n, nonce);
    *r = QUOTIENT_UNRESERVED;
}

enum quotient_rival { QUOTIENT_NO_RIVAL, QUOTIENT_ROW_THERE, QUOTIENT_RESERVED_BEFORE };

/*
 * Step 2: looks at all spots, and makes reservations 0 that are later than the one that is held.
 * *first: the reservation at an earlier spot, if there is one.
 */
static inline enum quotient_rival quotient_reservation_contest(struct quotient_table *t, uint64_t p,
                                                               unsigned held,
                                                               struct quotient_reservation *first)
{
    for (unsigned choice = 1; choice <= QUOTIENT_CHOICES; choice++) {
        struct quotient_line *line = quotient_table_line(t, 0, p);
        uint64_t key = quotient_key(&t->q, p, choice);
        uint64_t reserved = quotient_reserved_key(&t->q, key);
        for (unsigned left = quotient_reserved_hint(t, line, key); left; left &= left - 1) {
            unsigned i = (unsigned)__builtin_ctz(left), spot = (choice - 1) * t->rows + i;
            chosen_row word = quotient_reserved_load(&line->rows[i]);
            /* Until it is no reservation of this user: it may have become a row. */
            while (spot > held && quotient_is_reservation(&t->q, word, reserved))
                if (quotient_reserved_swap(&line->rows[i], &word, 0))
                    word = 0;
            if ((word & t->q.key_mask) == key)
                return QUOTIENT_ROW_THERE;
            if (spot < held && quotient_is_reservation(&t->q, word, reserved)) {
                *first = (struct quotient_reservation){ &line->rows[i], word, spot, key, true };
                return QUOTIENT_RESERVED_BEFORE;
            }
        }
        p = quotient_step(&t->q, p);
    }
    return QUOTIENT_NO_RIVAL;
}

/* Step 3: whether the reservation became the row; -ERANGE as quotient_table_put. */
static inline int quotient_reservation_commit(struct quotient_table *t, struct quotient_nonces *n,
                                              struct quotient_reservation *r, uint64_t second)
{
    uint64_t horizon = quotient_table_horizon(t);
    bool kept = quotient_is_kept(&t->q, second, horizon);
    chosen_row row = kept ? quotient_row(&t->q, r->key, second, horizon) : 0;

    CONTEND_STEP("quotient: nobody else there, about to make the reservation a row");
    bool ours = quotient_reservation_end(n, &t->q, r, row);
    return kept ? ours : -ERANGE;
}

/*
 * Makes a row for a user who seemed to have none: 0, -EAGAIN if there is one, -ENOSPC or -ERANGE as
 * quotient_table_put.  *nonce is the thread's.
 */
static inline int quotient_reservation_put(struct quotient_table *t, struct quotient_nonces *n,
                                           uint32_t *nonce, uint64_t p, uint64_t second)
{
    struct quotient_reservation held = QUOTIENT_UNRESERVED, first;

    quotient_reservation_make(t, n, nonce, p, &held);
    for (;;) {
        enum quotient_rival rival = quotient_reservation_contest(t, p, held.spot, &first);
        if (rival == QUOTIENT_NO_RIVAL) {
            if (held.place) {
                int made = quotient_reservation_commit(t, n, &held, second);
                if (made)
                    return made < 0 ? made : 0;
            }
            if (!quotient_reservation_make(t, n, nonce, p, &held))
                return -ENOSPC;
            continue;
        }
        if (held.place)
            quotient_reservation_end(n, &t->q, &held, 0);
        if (rival == QUOTIENT_ROW_THERE)
            return -EAGAIN;
        held = first;
        quotient_reservation_adopt(n, &t->q, &held);
    }
}

/* A heartbeat of a user who seemed to have no row, as quotient_insert, without its lock. */
static inline int quotient_reservation_insert(struct quotient_table *t,
                                              struct presence_tally *tally,
                                              struct quotient_nonces *n, uint32_t *nonce,
                                              uint64_t p, uint64_t second)
{
    struct quotient_found f;
    uint64_t came;

    while (!presence_quota_has_room(&t->quota, &came)) {
        if (quotient_table_find(t, p, &f))
            return -EAGAIN;
        if (presence_quota_is_full(&t->quota, came))
            return -ENOSPC;
    }
    return quotient_inserted(t, tally, quotient_reservation_put(t, n, nonce, p, second));
}

#endif
