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
#include "presence_map/expiry/links.h"

#define EXPIRY_OPTIONS_fifo(part)                                                             \
    { part "budget", 1024, 1, INT64_MAX, "entries that a whole sweep takes under one hold of the lock" },
#define EXPIRY_SUFFIX_fifo "_fifo"
#define EXPIRY_TITLE_fifo ", swept by a list in the order of heartbeats"
#define EXPIRY_WORDS_fifo "list in the order of heartbeats"
#define EXPIRY_SLOT_BYTES_fifo sizeof(struct expiry_link)
#define EXPIRY_TABLE_BYTES_fifo 0

enum { expiry_fifo_features = PRESENCE_SWEEPS_AGAIN };

struct expiry_fifo {
    struct expiry_links links; /* one list, the oldest first */
    uint64_t kept_ms, budget;
};

static inline int expiry_fifo_init(struct expiry_fifo *e, const struct expiry_config *config,
                                   uint64_t slots)
{
    static const struct contend_option options[] = { EXPIRY_OPTIONS_fifo("expiry.")
                                                     CONTEND_OPTIONS_END };

    e->kept_ms = config->kept_ms;
    e->budget = (uint64_t)contend_option_value(config->settings, options, "expiry.budget");
    return expiry_links_make(&e->links, slots, 1, config->allocator);
}

static inline int expiry_fifo_renew(struct expiry_fifo *to, const struct expiry_fifo *from,
                                    uint64_t slots)
{
    *to = *from;
    return expiry_links_make(&to->links, slots, 1, from->links.allocator);
}

EXPIRY_HOLDS_LINKS(fifo)

/* From the oldest to the newest, so that the new list grows at its end. */
static inline uint64_t expiry_fifo_after(const struct expiry_fifo *e, uint64_t slot)
{
    uint32_t end = expiry_links_end(&e->links, 0);
    uint32_t next = e->links.link[slot == EXPIRY_NONE ? end : slot].after;

    return next == end ? EXPIRY_NONE : next;
}

/* After the newest entry that is not later: heartbeats come nearly in the order of their times. */
static inline void expiry_fifo_filled(struct expiry_fifo *e, const struct expiry_view *v,
                                      uint64_t slot)
{
    uint64_t stamp = v->stamp(v->table, slot);
    uint32_t end = expiry_links_end(&e->links, 0), older = e->links.link[end].before;

    while (older != end && v->stamp(v->table, older) > stamp)
        older = e->links.link[older].before;
    expiry_links_put(&e->links, slot, older);
}

static inline void expiry_fifo_refreshed(struct expiry_fifo *e, const struct expiry_view *v,
                                         uint64_t slot)
{
    if (e->links.link[slot].after == expiry_links_end(&e->links, 0))
        return; /* it is the newest */
    expiry_links_take(&e->links, slot);
    expiry_fifo_filled(e, v, slot);
}

/* How much of a whole sweep is done in one section of the lock. */
static inline uint64_t expiry_fifo_section(const struct expiry_fifo *e)
{
    return e->budget;
}

static inline uint64_t expiry_fifo_due(struct expiry_fifo *e, const struct expiry_view *v,
                                       struct expiry_visit *visit)
{
    uint32_t oldest = expiry_links_first(&e->links, 0);

    visit->ended = oldest == expiry_links_end(&e->links, 0);
    if (visit->ended || visit->budget == 0)
        return EXPIRY_NONE;
    visit->budget--;
    visit->ended = !expiry_is_due(v->stamp(v->table, oldest), visit->now, e->kept_ms);
    return visit->ended ? EXPIRY_NONE : oldest;
}

#endif
