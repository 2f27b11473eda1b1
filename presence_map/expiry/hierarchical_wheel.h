/*
 * hierarchical_wheel.h - timing wheels of coarser and coarser ticks, which empty into each other.
 *
 * Idea: nine wheels of 64 lists.  A tick of the first is a millisecond, and a tick of each further one is
 *   a turn of the one before, so that together they cover every time there is.  An entry is filed by its
 *   deadline in the finest wheel whose present turn reaches it; when time comes to its list, it is filed
 *   again in a finer one, until it is due.  A word with a bit for each list finds the next one that has
 *   entries at once.  Heartbeats leave their entry where it is: it is filed anew when it is found.
 * Invariant: `at` is a time that sweeps have come to.  An entry in list i of wheel w has a deadline at or
 *   beyond the time at which that list begins; this time is not before `at`, and it agrees with `at` in
 *   every digit (to the base 64) above w.  What would be filed before `at` goes to the list `behind`, of
 *   which those that were judged and are not due lie in `aside` until a sweep with a later time comes.
 * Progress: a whole sweep makes sections of at most `budget` entries, and lets go of the lock between.
 * Cost: nothing at a heartbeat of a user who is there.  8 bytes a slot, 4.6 KB a table.  An entry is moved
 *   at most nine times on its way to its deadline, two or three times where it is kept for half a minute.
 *   After any pause a sweep meets only lists that have entries.
 * Breaks when: time comes to a coarse list: all its entries are filed again at once, which can be most of
 *   the table.  Tables are small and many: the lists' ends are then most of the memory.
 * Use when: entries are kept for times that one wheel does not cover, or sweeps come at each millisecond.
 * Reference: G. Varghese and A. Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 7.
 */
#ifndef CONTEND_PRESENCE_MAP_EXPIRY_HIERARCHICAL_WHEEL_H
#define CONTEND_PRESENCE_MAP_EXPIRY_HIERARCHICAL_WHEEL_H

#include <string.h>

#include "presence_map/expiry/expiry.h"
#include "presence_map/expiry/links.h"

enum {
    EXPIRY_WHEELS = 9,      /* a deadline has up to 50 bits */
    EXPIRY_WHEEL_DIGIT = 6, /* bits of a time that one wheel stands for */
    EXPIRY_WHEEL_LISTS = 1 << EXPIRY_WHEEL_DIGIT,
    EXPIRY_BEHIND = EXPIRY_WHEELS * EXPIRY_WHEEL_LISTS, /* the lists after those of the wheels */
    EXPIRY_ASIDE,
    EXPIRY_ALL_LISTS
};

#define EXPIRY_OPTIONS_hierarchical_wheel(part)                                               \
    { part "budget", 1024, 1, INT64_MAX, "entries that a whole sweep takes under one hold of the lock" },
#define EXPIRY_SUFFIX_hierarchical_wheel "_hierarchical_wheel"
#define EXPIRY_TITLE_hierarchical_wheel ", swept by hierarchical timing wheels"
#define EXPIRY_WORDS_hierarchical_wheel "hierarchical timing wheels"
#define EXPIRY_SLOT_BYTES_hierarchical_wheel sizeof(struct expiry_link)
#define EXPIRY_TABLE_BYTES_hierarchical_wheel (EXPIRY_ALL_LISTS * sizeof(struct expiry_link))

enum { expiry_hierarchical_wheel_features = PRESENCE_SWEEPS_AGAIN };

struct expiry_hierarchical_wheel {
    struct expiry_links links;
    uint64_t kept_ms, budget;
    uint64_t at;
    uint64_t judged_at; /* the earliest time at which those aside were judged */
    uint64_t filled_lists[EXPIRY_WHEELS]; /* a bit for each list that may have entries */
};

static inline int expiry_hierarchical_wheel_make(struct expiry_hierarchical_wheel *e, uint64_t slots,
                                                 const struct contend_allocator *allocator)
{
    e->judged_at = UINT64_MAX;
    memset(e->filled_lists, 0, sizeof e->filled_lists);
    return expiry_links_make(&e->links, slots, EXPIRY_ALL_LISTS, allocator);
}

static inline int expiry_hierarchical_wheel_init(struct expiry_hierarchical_wheel *e,
                                                 const struct expiry_config *config, uint64_t slots)
{
    static const struct contend_option options[] = { EXPIRY_OPTIONS_hierarchical_wheel("expiry.")
                                                     CONTEND_OPTIONS_END };

    e->at = 0;
    e->kept_ms = config->kept_ms;
    e->budget = (uint64_t)contend_option_value(config->settings, options, "expiry.budget");
    return expiry_hierarchical_wheel_make(e, slots, config->allocator);
}

static inline int expiry_hierarchical_wheel_renew(struct expiry_hierarchical_wheel *to,
                                                  const struct expiry_hierarchical_wheel *from,
                                                  uint64_t slots)
{
    *to = *from;
    return expiry_hierarchical_wheel_make(to, slots, from->links.allocator);
}

EXPIRY_HOLDS_LINKS(hierarchical_wheel)
EXPIRY_MOVES_IN_ORDER(hierarchical_wheel)

/* Files the entry of a slot, which is in no list, by the first time at which it is due. */
static inline void expiry_hierarchical_wheel_file(struct expiry_hierarchical_wheel *e, uint64_t slot,
                                                  uint64_t stamp)
{
    /* What is kept for longer than time lasts is never asked for. */
    uint64_t deadline = e->kept_ms < PRESENCE_MAX_NOW ? stamp + e->kept_ms + 1 : 0;
    uint32_t wheel = 0;

    if (deadline < e->at) {
        expiry_links_append(&e->links, slot, EXPIRY_BEHIND);
        return;
    }
    while ((deadline ^ e->at) >> (wheel + 1) * EXPIRY_WHEEL_DIGIT != 0)
        wheel++;
    uint32_t list = (uint32_t)(deadline >> wheel * EXPIRY_WHEEL_DIGIT) & (EXPIRY_WHEEL_LISTS - 1);
    e->filled_lists[wheel] |= UINT64_C(1) << list;
    expiry_links_append(&e->links, slot, wheel * EXPIRY_WHEEL_LISTS + list);
}

static inline void expiry_hierarchical_wheel_filled(struct expiry_hierarchical_wheel *e,
                                                    const struct expiry_view *v, uint64_t slot)
{
    expiry_hierarchical_wheel_file(e, slot, v->stamp(v->table, slot));
}

/* A later deadline: found out when time comes to the old one. */
static inline void expiry_hierarchical_wheel_refreshed(struct expiry_hierarchical_wheel *e,
                                                       const struct expiry_view *v, uint64_t slot)
{
    (void)e, (void)v, (void)slot;
}

static inline uint64_t expiry_hierarchical_wheel_section(const struct expiry_hierarchical_wheel *e)
{
    return e->budget;
}

/* The first list of a wheel that has entries, or EXPIRY_WHEEL_LISTS. */
static inline uint32_t expiry_hierarchical_wheel_first(struct expiry_hierarchical_wheel *e,
                                                       uint32_t wheel)
{
    while (e->filled_lists[wheel]) {
        uint32_t list = (uint32_t)__builtin_ctzll(e->filled_lists[wheel]);
        if (!expiry_links_is_empty(&e->links, wheel * EXPIRY_WHEEL_LISTS + list))
            return list;
        e->filled_lists[wheel] &= e->filled_lists[wheel] - 1; /* its entries have gone */
    }
    return EXPIRY_WHEEL_LISTS;
}

/*
 * The list of the earliest time that has entries, and that time; EXPIRY_NONE if there is none.  A finer
 * wheel's is not always earlier: a coarser list that has begun may still be on its way into it.
 */
static inline uint64_t expiry_hierarchical_wheel_next(struct expiry_hierarchical_wheel *e,
                                                      uint64_t *begins)
{
    uint64_t next = EXPIRY_NONE;

    for (uint32_t wheel = 0; wheel < EXPIRY_WHEELS; wheel++) {
        uint32_t shift = wheel * EXPIRY_WHEEL_DIGIT;
        uint32_t list = expiry_hierarchical_wheel_first(e, wheel);
        uint64_t turn = e->at >> (shift + EXPIRY_WHEEL_DIGIT) << (shift + EXPIRY_WHEEL_DIGIT);
        uint64_t here = turn | (uint64_t)list << shift;
        if (list != EXPIRY_WHEEL_LISTS && (next == EXPIRY_NONE || here < *begins)) {
            *begins = here;
            next = wheel * EXPIRY_WHEEL_LISTS + list;
        }
    }
    return next;
}

/* Judges those behind: a due one, or EXPIRY_NONE when none is left or the budget is spent. */
static inline uint64_t expiry_hierarchical_wheel_look_behind(struct expiry_hierarchical_wheel *e,
                                                             const struct expiry_view *v,
                                                             struct expiry_visit *visit)
{
    if (e->judged_at < visit->now) {
        expiry_links_splice(&e->links, EXPIRY_ASIDE, EXPIRY_BEHIND);
        e->judged_at = UINT64_MAX;
    }
    while (visit->budget > 0 && !expiry_links_is_empty(&e->links, EXPIRY_BEHIND)) {
        uint32_t slot = expiry_links_first(&e->links, EXPIRY_BEHIND);
        uint64_t stamp = v->stamp(v->table, slot);
        visit->budget--;
        if (expiry_is_due(stamp, visit->now, e->kept_ms))
            return slot;
        expiry_links_take(&e->links, slot);
        if (stamp + e->kept_ms + 1 >= e->at) { /* a heartbeat has come since */
            expiry_hierarchical_wheel_file(e, slot, stamp);
            continue;
        }
        expiry_links_append(&e->links, slot, EXPIRY_ASIDE);
        e->judged_at = visit->now < e->judged_at ? visit->now : e->judged_at;
    }
    return EXPIRY_NONE;
}

static inline uint64_t expiry_hierarchical_wheel_due(struct expiry_hierarchical_wheel *e,
                                                     const struct expiry_view *v,
                                                     struct expiry_visit *visit)
{
    uint64_t list, begins = 0;

    visit->ended = e->kept_ms >= PRESENCE_MAX_NOW; /* no age reaches it */
    if (visit->ended)
        return EXPIRY_NONE;
    uint64_t slot = expiry_hierarchical_wheel_look_behind(e, v, visit);
    if (slot != EXPIRY_NONE)
        return slot;
    while (visit->budget > 0) {
        list = expiry_hierarchical_wheel_next(e, &begins);
        visit->ended = list == EXPIRY_NONE || begins > visit->now;
        if (visit->ended)
            return EXPIRY_NONE;
        if (begins > e->at)
            e->at = begins;
        slot = expiry_links_first(&e->links, list);
        uint64_t stamp = v->stamp(v->table, slot);
        visit->budget--;
        if (expiry_is_due(stamp, visit->now, e->kept_ms))
            return slot;
        expiry_links_take(&e->links, slot);
        expiry_hierarchical_wheel_file(e, slot, stamp);
    }
    return EXPIRY_NONE;
}

#endif
