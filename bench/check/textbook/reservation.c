/* reservation.c - C. Purcell and T. Harris, "Non-blocking Hashtables with Open Addressing", 2005: one key, two places, reserved with a nonce. */
#include "bench/check/textbook/textbook.h"

/*
 * A key may be in either place, and must not be in both.  An insertion reserves a place, then looks at the
 * other one, and makes its reservation the row if it finds nothing there.  The earlier of two reservations
 * counts: a later one is removed, and its thread helps the earlier one.  The nonce tells a reservation
 * from the next one in the same place: a thread that has looked around for the one must not complete the other.
 * presence_map/parts/quotient_reservations.h does this with the places of three cache lines.
 */
enum { PLACES = 2, THREADS = 3, NONCES = 2 * THREADS, NOWHERE = PLACES };
enum { FREE = 0, ROW = 1, RESERVED = 2, ANOTHER = 3, KIND = 3 }; /* ANOTHER: another key has the place */
enum { OWNED = 1 << 8 };

static _Atomic unsigned places[PLACES];
static _Atomic unsigned states[NONCES]; /* of each nonce: whether a thread owns it, and how many help with it */

struct held { /* a reservation: one's own, or one that is helped */
    unsigned place, word;
    bool helps;
};

static unsigned take(void)
{
    for (unsigned i = 0;; i = (i + 1) % NONCES) {
        unsigned unused = 0;
        if (CAS(states[i], &unused, OWNED, sc, rlx))
            return i;
    }
}

/* Another nonce, if a thread helps with a reservation that had this one. */
static unsigned renewed(unsigned nonce)
{
    if (LD(states[nonce], sc) == OWNED)
        return nonce;
    SUB(states[nonce], OWNED, rel);
    return take();
}

static struct held reserve(unsigned *nonce)
{
    *nonce = renewed(*nonce);
    for (unsigned i = 0; i < PLACES; i++) {
        struct held own = { i, RESERVED | *nonce << 2, false };
        unsigned seen = FREE;
        if (CAS(places[i], &seen, own.word, sc, sc))
            return own;
    }
    return (struct held){ NOWHERE, 0, false };
}

/* Whether the reservation was still there; it is held no longer. */
static bool end(struct held *h, unsigned wanted)
{
    unsigned seen = h->word;
    bool was_there = h->place != NOWHERE && CAS(places[h->place], &seen, wanted, sc, sc);

    if (h->helps)
        SUB(states[h->word >> 2], 1, rel);
    *h = (struct held){ NOWHERE, 0, false };
    return was_there;
}

static struct held help(unsigned place, unsigned word)
{
    ADD(states[word >> 2], 1, sc);
    if (LD(places[place], sc) == word)
        return (struct held){ place, word, true };
    SUB(states[word >> 2], 1, rel);
    return (struct held){ NOWHERE, 0, false };
}

static void insert(unsigned *nonce)
{
    struct held held = reserve(nonce);

    for (unsigned i = 0; i < PLACES;) {
        unsigned seen = i == held.place ? FREE : LD(places[i], sc);
        bool reserved = (seen & KIND) == RESERVED;
        if (seen == ROW) {
            end(&held, FREE);
            return;
        }
        if (reserved && i > held.place) {
            CAS(places[i], &seen, FREE, sc, sc); /* and once more: it may have become a row */
        } else if (reserved) {
            end(&held, FREE);
            held = help(i, seen);
            i = 0;
        } else if (++i == PLACES && !end(&held, ROW)) {
            held = reserve(nonce);
            i = 0;
        }
    }
}

static void leave(void)
{
    for (unsigned i = 0; i < PLACES; i++) {
        unsigned seen = ROW;
        CAS(places[i], &seen, FREE, rel, acq);
    }
}

/* Another key takes the first place, or gives it back. */
static void other_key(unsigned from, unsigned to)
{
    CAS(places[0], &from, to, ar, acq);
}

static void setup(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < PLACES; i++)
        atomic_init(&places[i], FREE);
    for (unsigned i = 0; i < NONCES; i++)
        atomic_init(&states[i], i < THREADS ? OWNED : 0);
}

static void comes(void *unused)
{
    (void)unused;
    unsigned nonce = 0;
    insert(&nonce);
}

static void comes_and_goes(void *unused)
{
    (void)unused;
    unsigned nonce = 1;
    insert(&nonce);
    leave();
    other_key(FREE, ANOTHER);
    insert(&nonce);
    other_key(ANOTHER, FREE);
    insert(&nonce);
}

static void comes_too(void *unused)
{
    (void)unused;
    unsigned nonce = 2;
    insert(&nonce);
}

static void finally(void *unused)
{
    (void)unused;
    unsigned first = LD(places[0], rlx), second = LD(places[1], rlx);
    check_that((first == ROW && second == FREE) || (first == FREE && second == ROW));
}

const struct check_test textbook = { .name = "reservation", .setup = setup,
                                     .threads = { comes, comes_and_goes, comes_too }, .finally = finally };
