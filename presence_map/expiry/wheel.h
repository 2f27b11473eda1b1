/*
 * wheel.h - a hashed timing wheel, turned only by sweeps.
 *
 * Idea: a ring of lists, one for each tick of time, and the hand that says how far sweeps have come.  An
 *   entry is filed once, under the tick in which it expires if no heartbeat comes.  Heartbeats leave it
 *   there: when the hand comes to its list, the entry's stamp says whether it is due, or is filed anew
 *   under the tick that it has earned since.
 * Invariant: an entry that is due by the end of tick t is in the hand's list, or aside, or in a list
 *   that the hand meets at t or before.  Stamps only rise, so an entry that is filed is filed early,
 *   never late.  What would be filed behind the hand, or behind the tick that the present lap makes for,
 *   goes to the hand's list.
 *   Aside lie the entries of the hand's list that were judged and are not due; they come back before the
 *   hand goes on, and when a sweep with a later time looks at the same tick.
 *   After a lap, a visit to each list, every entry lies at or beyond the earliest time of the lap's
 *   sweeps: the hand may go there at once, however long nobody swept.
 * Progress: a whole sweep makes sections of at most `budget` entries, and lets go of the lock between.
 * Cost: nothing at a heartbeat of a user who is there.  8 bytes a slot, 8 for each tick and table.  Each
 *   entry is looked at about once in the time that the wheel takes for a turn; a sweep also looks at the
 *   entries of the tick that it ends in, whose time is not over.
 * Breaks when: a turn is much shorter than entries are kept: each is looked at in each turn.  Many users
 *   came online in the same tick: they lie in one list.
 * Use when: sweeps are frequent, and heartbeats far more frequent.
 * Reference: G. Varghese and A. Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 6;
 *   timers that are only moved when they are found: the timers of TCP's keep-alive in many kernels.
 */
#ifndef CONTEND_PRESENCE_MAP_EXPIRY_WHEEL_H
#define CONTEND_PRESENCE_MAP_EXPIRY_WHEEL_H

#include "presence_map/expiry/expiry.h"
#include "presence_map/expiry/links.h"

#define EXPIRY_WHEEL_TICKS 256

#define EXPIRY_OPTIONS_wheel(part)                                                            \
    { part "slots", EXPIRY_WHEEL_TICKS, 1, 65536,                                             \
      "ticks in a turn of the wheel, rounded up to a power of two" },                         \
    { part "tick", 0, 0, 86400000,                                                            \
      "ms, rounded up to a power of two; 0 = a turn takes as long as entries are kept" },     \
    { part "budget", 1024, 1, INT64_MAX, "entries that a whole sweep takes under one hold of the lock" },
#define EXPIRY_SUFFIX_wheel "_wheel"
#define EXPIRY_TITLE_wheel ", swept by a hashed timing wheel"
#define EXPIRY_WORDS_wheel "hashed timing wheel"
#define EXPIRY_SLOT_BYTES_wheel sizeof(struct expiry_link)
#define EXPIRY_TABLE_BYTES_wheel (EXPIRY_WHEEL_TICKS * sizeof(struct expiry_link))

enum { expiry_wheel_features = PRESENCE_SWEEPS_AGAIN };

struct expiry_wheel {
    struct expiry_links links; /* a list for each tick of a turn, and the one aside */
    uint64_t kept_ms, budget;
    uint32_t shift;     /* of a time, to its tick */
    uint32_t ticks;     /* in a turn, a power of two */
    uint64_t hand;      /* the tick whose list sweeps are at */
    uint64_t judged_at; /* the earliest time at which those aside were judged */
    uint64_t lap_end;   /* the tick at which each list has been visited since the lap began */
    uint64_t lap_tick;  /* the earliest tick that a sweep of this lap was for */
};

/* The smallest shift for which 2^shift is at least n. */
static inline uint32_t expiry_wheel_shift(uint64_t n)
{
    uint32_t shift = 0;

    while (shift < 63 && (UINT64_C(1) << shift) < n)
        shift++;
    return shift;
}

static inline uint64_t expiry_wheel_aside(const struct expiry_wheel *e)
{
    return e->ticks;
}

static inline int expiry_wheel_make(struct expiry_wheel *e, uint64_t slots,
                                    const struct contend_allocator *allocator)
{
    e->judged_at = UINT64_MAX;
    return expiry_links_make(&e->links, slots, e->ticks + 1, allocator);
}

static inline int expiry_wheel_init(struct expiry_wheel *e, const struct expiry_config *config,
                                    uint64_t slots)
{
    static const struct contend_option options[] = { EXPIRY_OPTIONS_wheel("expiry.")
                                                     CONTEND_OPTIONS_END };
    const struct contend_settings *s = config->settings;
    uint64_t ticks = (uint64_t)contend_option_value(s, options, "expiry.slots");
    uint64_t tick = (uint64_t)contend_option_value(s, options, "expiry.tick");

    *e = (struct expiry_wheel){
        .kept_ms = config->kept_ms,
        .budget = (uint64_t)contend_option_value(s, options, "expiry.budget"),
        .ticks = (uint32_t)contend_round_up_pow2(ticks),
    };
    /* Times have 48 bits: what is kept longer is kept for ever. */
    uint64_t kept = e->kept_ms < PRESENCE_MAX_NOW ? e->kept_ms : PRESENCE_MAX_NOW;
    e->shift = expiry_wheel_shift(tick ? tick : kept / e->ticks + 1);
    e->lap_end = e->ticks;
    return expiry_wheel_make(e, slots, config->allocator);
}

static inline int expiry_wheel_renew(struct expiry_wheel *to, const struct expiry_wheel *from,
                                     uint64_t slots)
{
    *to = *from;
    return expiry_wheel_make(to, slots, from->links.allocator);
}

EXPIRY_HOLDS_LINKS(wheel)
EXPIRY_MOVES_IN_ORDER(wheel)

/* The tick in which an entry with this stamp becomes due. */
static inline uint64_t expiry_wheel_tick(const struct expiry_wheel *e, uint64_t stamp)
{
    return e->kept_ms < PRESENCE_MAX_NOW ? (stamp + e->kept_ms + 1) >> e->shift : 0;
}

static inline void expiry_wheel_file(struct expiry_wheel *e, uint64_t slot, uint64_t tick)
{
    if (tick < e->hand || tick < e->lap_tick)
        tick = e->hand;
    expiry_links_append(&e->links, slot, tick & (e->ticks - 1));
}

static inline void expiry_wheel_filled(struct expiry_wheel *e, const struct expiry_view *v,
                                       uint64_t slot)
{
    expiry_wheel_file(e, slot, expiry_wheel_tick(e, v->stamp(v->table, slot)));
}

/* A later deadline: found out when the hand comes to the old one. */
static inline void expiry_wheel_refreshed(struct expiry_wheel *e, const struct expiry_view *v,
                                          uint64_t slot)
{
    (void)e, (void)v, (void)slot;
}

/* How much of a whole sweep is done in one section of the lock. */
static inline uint64_t expiry_wheel_section(const struct expiry_wheel *e)
{
    return e->budget;
}

/* Those aside are judged again, or belong to later turns: back to the hand's list. */
static inline void expiry_wheel_put_back(struct expiry_wheel *e)
{
    expiry_links_splice(&e->links, expiry_wheel_aside(e), e->hand & (e->ticks - 1));
    e->judged_at = UINT64_MAX;
}

/* The hand's list has been visited, and its tick is over. */
static inline void expiry_wheel_go_on(struct expiry_wheel *e, uint64_t tick)
{
    expiry_wheel_put_back(e);
    e->hand++;
    if (e->hand < e->lap_end)
        return;
    if (e->hand < e->lap_tick)
        e->hand = e->lap_tick;
    e->lap_end = e->hand + e->ticks;
    e->lap_tick = tick;
}

/* An entry of the hand's list that is not due: to its own list, or aside. */
static inline void expiry_wheel_pass(struct expiry_wheel *e, uint64_t slot, uint64_t stamp,
                                     uint64_t now)
{
    uint64_t tick = expiry_wheel_tick(e, stamp), here = e->hand & (e->ticks - 1);

    expiry_links_take(&e->links, slot);
    if (tick > e->hand && (tick & (e->ticks - 1)) != here) {
        expiry_wheel_file(e, slot, tick);
        return;
    }
    expiry_links_append(&e->links, slot, expiry_wheel_aside(e));
    e->judged_at = now < e->judged_at ? now : e->judged_at;
}

static inline uint64_t expiry_wheel_due(struct expiry_wheel *e, const struct expiry_view *v,
                                        struct expiry_visit *visit)
{
    uint64_t tick = visit->now >> e->shift;

    visit->ended = e->kept_ms >= PRESENCE_MAX_NOW; /* no age reaches it */
    if (visit->ended)
        return EXPIRY_NONE;
    if (tick < e->lap_tick)
        e->lap_tick = tick;
    /* Those aside that may be due by now are of the hand's tick; others are of a later turn. */
    if (e->judged_at < visit->now && e->judged_at >> e->shift <= e->hand)
        expiry_wheel_put_back(e);
    for (;;) {
        uint64_t list = e->hand & (e->ticks - 1);
        while (!expiry_links_is_empty(&e->links, list)) {
            if (visit->budget == 0)
                return EXPIRY_NONE;
            visit->budget--;
            uint32_t slot = expiry_links_first(&e->links, list);
            uint64_t stamp = v->stamp(v->table, slot);
            if (expiry_is_due(stamp, visit->now, e->kept_ms))
                return slot;
            expiry_wheel_pass(e, slot, stamp, visit->now);
        }
        if (tick <= e->hand) {
            visit->ended = true;
            return EXPIRY_NONE;
        }
        expiry_wheel_go_on(e, tick);
    }
}

#endif
