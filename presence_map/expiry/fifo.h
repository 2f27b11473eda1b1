/*
 * fifo.h - a list in the order of heartbeats, which is the order of expiry.
 *
 * Idea: all entries live equally long, so the one whose heartbeat is the oldest expires first.  A list
 *   through the slots keeps that order: a heartbeat moves its entry to the newest end, and a sweep takes
 *   entries from the oldest end until it meets one that is not due.
 * Invariant: each entry is in the list once, and stamps never fall from the oldest end to the newest.
 *   Hence if the oldest entry is not due, none is.
 * Progress: a whole sweep makes sections of at most `budget` entries, and lets go of the lock between.
 * Cost: 8 bytes a slot.  A heartbeat unlinks and links: up to four more lines, of which two belong to
 *   neighbours in the list and are rarely in the cache.  A sweep looks at what it removes, and at one
 *   entry more.
 * Breaks when: heartbeats are as frequent as look-ups: each pays for a list whose order only matters at
 *   the oldest end (the wheels do nothing at a heartbeat).  Times from threads whose clocks differ much:
 *   an earlier time has to find its place, from the newest end on, one entry after the other.
 * Use when: sweeps are frequent and should cost nothing if nobody has expired, and a table has at most
 *   2^32 slots.
 * Reference: constant-time lists for timers with one duration: G. Varghese and A. Lauck, "Hashed and
 *   Hierarchical Timing Wheels", SOSP 1987, scheme 2; J. Yang, Y. Yue, R. Vinayak, "Segcache", NSDI 2021
 *   (objects of one TTL expire in the order of their creation).
 */
#ifndef CONTEND_PRESENCE_MAP_EXPIRY_FIFO_H
#define CONTEND_PRESENCE_MAP_EXPIRY_FIFO_H

#include "presence_map/expiry/expiry.h"

#define EXPIRY_OPTIONS_fifo(part)                                                             \
    { part "budget", 1024, 1, INT64_MAX, "entries that a whole sweep takes under one hold of the lock" },
#define EXPIRY_SUFFIX_fifo "_fifo"
#define EXPIRY_TITLE_fifo ", swept by a list in the order of heartbeats"
#define EXPIRY_WORDS_fifo "list in the order of heartbeats"
#define EXPIRY_SLOT_BYTES_fifo sizeof(struct expiry_fifo_link)

enum { expiry_fifo_features = 0 };

/* By number of slot; `slots` itself is the list's end, both the oldest and the newest one. */
struct expiry_fifo_link {
    uint32_t older, newer;
};

struct expiry_fifo {
    struct expiry_fifo_link *links; /* one for each slot, and the end's */
    uint64_t slots, kept_ms, budget;
    const struct contend_allocator *allocator;
};

/* Makes the links of an empty list.  0 or -ENOMEM, also for more slots than a link can name. */
static inline int expiry_fifo_make(struct expiry_fifo *e, uint64_t slots)
{
    e->slots = slots;
    e->links = slots < UINT32_MAX ? contend_allocate(e->allocator, CONTEND_CACHE_LINE,
                                                     (slots + 1) * sizeof *e->links)
                                  : NULL;
    if (!e->links)
        return -ENOMEM;
    e->links[slots] = (struct expiry_fifo_link){ (uint32_t)slots, (uint32_t)slots };
    return 0;
}

static inline int expiry_fifo_init(struct expiry_fifo *e, const struct expiry_config *config,
                                   uint64_t slots)
{
    static const struct contend_option options[] = { EXPIRY_OPTIONS_fifo("expiry.")
                                                     CONTEND_OPTIONS_END };

    e->kept_ms = config->kept_ms;
    e->allocator = config->allocator;
    e->budget = (uint64_t)contend_option_value(config->settings, options, "expiry.budget");
    return expiry_fifo_make(e, slots);
}

static inline int expiry_fifo_renew(struct expiry_fifo *to, const struct expiry_fifo *from,
                                    uint64_t slots)
{
    *to = *from;
    return expiry_fifo_make(to, slots);
}

static inline size_t expiry_fifo_bytes(const struct expiry_fifo *e)
{
    return (e->slots + 1) * sizeof *e->links;
}

static inline void expiry_fifo_fini(struct expiry_fifo *e)
{
    contend_release(e->allocator, e->links, expiry_fifo_bytes(e));
}

/* From the oldest to the newest, so that the new list grows at its end. */
static inline uint64_t expiry_fifo_after(const struct expiry_fifo *e, uint64_t slot)
{
    uint32_t next = e->links[slot == EXPIRY_NONE ? e->slots : slot].newer;

    return next == e->slots ? EXPIRY_NONE : next;
}

static inline void expiry_fifo_freed(struct expiry_fifo *e, uint64_t slot)
{
    struct expiry_fifo_link link = e->links[slot];

    e->links[link.older].newer = link.newer;
    e->links[link.newer].older = link.older;
}

/* Behind the newest entry that is not later: heartbeats come nearly in the order of their times. */
static inline void expiry_fifo_filled(struct expiry_fifo *e, const struct expiry_view *v,
                                      uint64_t slot)
{
    uint64_t stamp = v->stamp(v->table, slot);
    uint32_t end = (uint32_t)e->slots, older = e->links[end].older;

    while (older != end && v->stamp(v->table, older) > stamp)
        older = e->links[older].older;
    uint32_t newer = e->links[older].newer;
    e->links[slot] = (struct expiry_fifo_link){ older, newer };
    e->links[older].newer = (uint32_t)slot;
    e->links[newer].older = (uint32_t)slot;
}

static inline void expiry_fifo_refreshed(struct expiry_fifo *e, const struct expiry_view *v,
                                         uint64_t slot)
{
    if (e->links[slot].newer == e->slots)
        return; /* it is the newest */
    expiry_fifo_freed(e, slot);
    expiry_fifo_filled(e, v, slot);
}

static inline void expiry_fifo_moved(struct expiry_fifo *e, uint64_t from, uint64_t to)
{
    struct expiry_fifo_link link = e->links[from];

    e->links[to] = link;
    e->links[link.older].newer = (uint32_t)to;
    e->links[link.newer].older = (uint32_t)to;
}

/* How much of a whole sweep is done in one section of the lock. */
static inline uint64_t expiry_fifo_section(const struct expiry_fifo *e)
{
    return e->budget;
}

static inline uint64_t expiry_fifo_due(struct expiry_fifo *e, const struct expiry_view *v,
                                       struct expiry_visit *visit)
{
    uint64_t oldest = e->links[e->slots].newer;

    visit->ended = oldest == e->slots;
    if (visit->ended || visit->budget == 0)
        return EXPIRY_NONE;
    visit->budget--;
    visit->ended = !expiry_is_due(v->stamp(v->table, oldest), visit->now, e->kept_ms);
    return visit->ended ? EXPIRY_NONE : oldest;
}

#endif
