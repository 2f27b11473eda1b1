/*
 * clht_line.h - a line of clht.h: its places, what a look at one of them tells, and its lock.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_CLHT_LINE_H
#define CONTEND_PRESENCE_MAP_PARTS_CLHT_LINE_H

#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

#define PRESENCE_CLHT_LINE 64  /* bytes: what the processor moves, not what keeps two apart */
#define PRESENCE_CLHT_PLACES 3

/* `last`: the generation above, the time below; of time 0, the place is empty. */
#define PRESENCE_CLHT_TIME PRESENCE_MAX_NOW
#define PRESENCE_CLHT_GENERATION (PRESENCE_CLHT_TIME + 1)

struct presence_clht_place {
    _Atomic uint64_t user;
    _Atomic uint64_t last;
};

struct presence_clht_line {
    _Alignas(PRESENCE_CLHT_LINE) _Atomic uint32_t locked; /* of a bucket's first line only */
    struct presence_clht_line *_Atomic next;
    struct presence_clht_place places[PRESENCE_CLHT_PLACES];
};

_Static_assert(sizeof(struct presence_clht_line) == PRESENCE_CLHT_LINE, "a bucket is a line");

static inline void presence_clht_clear(struct presence_clht_line *line)
{
    atomic_init(&line->locked, 0);
    atomic_init(&line->next, NULL);
    for (int i = 0; i < PRESENCE_CLHT_PLACES; i++) {
        atomic_init(&line->places[i].user, 0);
        atomic_init(&line->places[i].last, 0);
    }
}

static inline struct presence_clht_line *presence_clht_next(struct presence_clht_line *line)
{
    /* acquire: pairs with the release in presence_clht_add; the new line is clear. */
    return atomic_load_explicit(&line->next, memory_order_acquire);
}

/* ---- places ---- */

static inline uint64_t presence_clht_time(uint64_t last)
{
    return last & PRESENCE_CLHT_TIME;
}

static inline bool presence_clht_same(uint64_t a, uint64_t b)
{
    return (a ^ b) < PRESENCE_CLHT_GENERATION;
}

/* The same generation at another time. */
static inline uint64_t presence_clht_at(uint64_t last, uint64_t now)
{
    return (last & ~PRESENCE_CLHT_TIME) | now;
}

/* The place at another generation, with a user who was seen at `now`; 0: with nobody. */
static inline uint64_t presence_clht_next_owner(uint64_t last, uint64_t now)
{
    return presence_clht_at(last + PRESENCE_CLHT_GENERATION, now); /* the last one overflows to 0 */
}

static inline uint64_t presence_clht_load(struct presence_clht_place *p)
{
    /*
     * acquire: pairs with the release in presence_clht_put, or follows it through swaps, which
     * continue what it releases: `user` is that generation's or a later one's.
     */
    return atomic_load_explicit(&p->last, memory_order_acquire);
}

enum presence_clht_found { PRESENCE_CLHT_NO, PRESENCE_CLHT_YES, PRESENCE_CLHT_GONE };

/* Whether the place is the user's, with `last` in *last; GONE: it has changed hands meanwhile. */
static inline enum presence_clht_found presence_clht_look(struct presence_clht_place *p,
                                                          uint64_t user, uint64_t *last)
{
    uint64_t before = presence_clht_load(p);

    if (presence_clht_time(before) == 0)
        return PRESENCE_CLHT_NO;
    CONTEND_STEP("clht: looked at a time, and not yet at its user");
    /*
     * acquire: pairs with the release in presence_clht_put.  If this user belongs to a later
     * generation, the next load shows that.
     */
    if (atomic_load_explicit(&p->user, memory_order_acquire) != user)
        return PRESENCE_CLHT_NO;
    /* relaxed: the acquire before it keeps it there. */
    *last = atomic_load_explicit(&p->last, memory_order_relaxed);
    return presence_clht_same(before, *last) ? PRESENCE_CLHT_YES : PRESENCE_CLHT_GONE;
}

/* The user's place, with its `last`; NULL: the user was not there at some instant of the call. */
static inline struct presence_clht_place *presence_clht_find(struct presence_clht_line *line,
                                                             uint64_t user, uint64_t *last)
{
    for (; line; line = presence_clht_next(line))
        for (int i = 0; i < PRESENCE_CLHT_PLACES; i++) {
            enum presence_clht_found found = presence_clht_look(&line->places[i], user, last);
            if (found != PRESENCE_CLHT_NO)
                return found == PRESENCE_CLHT_YES ? &line->places[i] : NULL;
        }
    return NULL;
}

/* With the bucket's lock held: the empty place is this user's from now on. */
static inline void presence_clht_put(struct presence_clht_place *p, uint64_t user, uint64_t now)
{
    uint64_t last = presence_clht_load(p);

    /*
     * release: after the load above.  Pairs with the acquire of `user` in presence_clht_look: a
     * look-up that sees this user of the place finds no generation before the empty one.
     */
    atomic_store_explicit(&p->user, user, memory_order_release);
    CONTEND_STEP("clht: named and not yet there");
    /* release: the user comes first; pairs with the acquire in presence_clht_load. */
    atomic_store_explicit(&p->last, presence_clht_next_owner(last, now), memory_order_release);
}

/* The place with that number in the bucket, or NULL behind its last one. */
static inline struct presence_clht_place *presence_clht_numbered(struct presence_clht_line *line,
                                                                 uint64_t number)
{
    for (; line && number >= PRESENCE_CLHT_PLACES; number -= PRESENCE_CLHT_PLACES)
        line = presence_clht_next(line);
    return line ? &line->places[number] : NULL;
}

/* ---- a bucket's lock ---- */

static inline void presence_clht_lock(struct presence_clht_line *bucket)
{
    /* acquire: pairs with the release in presence_clht_unlock. */
    while (atomic_exchange_explicit(&bucket->locked, 1, memory_order_acquire))
        /* relaxed: a guess; the exchange decides. */
        while (atomic_load_explicit(&bucket->locked, memory_order_relaxed))
            contend_cpu_relax();
}

static inline void presence_clht_unlock(struct presence_clht_line *bucket)
{
    /* release: pairs with the acquire in presence_clht_lock. */
    atomic_store_explicit(&bucket->locked, 0, memory_order_release);
}

#endif
