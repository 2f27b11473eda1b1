/*
 * scan.h - every slot is looked at: the "cron job".
 *
 * Idea: nothing is noted at heartbeats.  A sweep looks at every slot's stamp, in the order of memory.
 *   A budgeted sweep goes on where the last one stopped.
 * Invariant: in a budgeted round every entry that was there when the round began has been examined, or
 *   lies at the cursor or beyond it.  A move that would carry an entry from beyond the cursor to before
 *   it takes the cursor along.
 * Progress: one section of the lock for a whole sweep, however large the table is.
 * Cost: nothing at a heartbeat, and no memory.  A sweep reads the whole table, expired entries or not:
 *   at memory speed, but each reading costs the same if nobody has expired.
 * Breaks when: the table is large and a whole sweep holds the lock from end to end: everybody waits.
 *   Then give each call a budget, or take budgeted.h.
 * Use when: sweeps are rare beside heartbeats, or a pause of the table's size does not matter.
 * Reference: G. Varghese and A. Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 1
 *   (each timer is looked at in each tick).
 */
#ifndef CONTEND_PRESENCE_MAP_EXPIRY_SCAN_H
#define CONTEND_PRESENCE_MAP_EXPIRY_SCAN_H

#include "presence_map/expiry/expiry.h"

#define EXPIRY_OPTIONS_scan(part) /* none */
#define EXPIRY_SUFFIX_scan ""
#define EXPIRY_TITLE_scan ""
#define EXPIRY_WORDS_scan "full or budgeted scan"
#define EXPIRY_SLOT_BYTES_scan 0
#define EXPIRY_TABLE_BYTES_scan 0

enum { expiry_scan_features = 0 };

struct expiry_scan {
    uint64_t kept_ms;
    uint64_t cursor; /* the slot where the next budgeted sweep begins */
};

static inline int expiry_scan_init(struct expiry_scan *e, const struct expiry_config *config,
                                   uint64_t slots)
{
    (void)slots;
    *e = (struct expiry_scan){ .kept_ms = config->kept_ms };
    return 0;
}

/* All entries get new places: a round of sweeps starts again. */
static inline int expiry_scan_renew(struct expiry_scan *to, const struct expiry_scan *from,
                                    uint64_t slots)
{
    (void)slots;
    *to = (struct expiry_scan){ .kept_ms = from->kept_ms };
    return 0;
}

EXPIRY_IGNORES_ENTRIES(scan)
EXPIRY_HOLDS_NOTHING(scan)
EXPIRY_MOVES_IN_ORDER(scan)

static inline void expiry_scan_moved(struct expiry_scan *e, uint64_t from, uint64_t to)
{
    if (to < e->cursor && e->cursor <= from)
        e->cursor = to;
}

/* How much of a whole sweep is done in one section of the lock. */
static inline uint64_t expiry_scan_section(const struct expiry_scan *e)
{
    (void)e;
    return UINT64_MAX;
}

/*
 * After a removal the same slot is examined again, since a follower may have moved in.  Followers
 * that have not been examined move at most back to it, so none is missed.
 */
static inline uint64_t expiry_scan_due(struct expiry_scan *e, const struct expiry_view *v,
                                       struct expiry_visit *visit)
{
    uint64_t *cursor = visit->whole ? &visit->mark : &e->cursor, at = *cursor;
    uint64_t left = visit->budget;
    bool found = false;

    while (!found && at < v->slots && left > 0) {
        uint64_t stamp = v->stamp(v->table, at);
        left--;
        found = stamp != 0 && expiry_is_due(stamp, visit->now, e->kept_ms);
        at += !found;
    }
    visit->budget = left;
    *cursor = at;
    if (found)
        return at;
    visit->ended = at == v->slots;
    if (visit->ended)
        *cursor = 0;
    return EXPIRY_NONE;
}

#endif
