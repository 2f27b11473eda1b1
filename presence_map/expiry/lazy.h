/*
 * lazy.h - nothing is ever swept.
 *
 * Idea: expiry is decided by every reader, so no answer needs a sweep.  A user who comes back finds the
 *   old entry and uses it; one who does not leaves it there.  It shows what all others are paid for.
 * Invariant: none.
 * Progress: a sweep takes the lock and gives it back.
 * Cost: nothing, but for the memory of every user who ever came and did not leave.
 * Breaks when: users do not come back: the map only grows, a fixed capacity fills up with the expired,
 *   and walks read them all.
 * Use when: the users are few and always the same.
 * Reference: memcached, lazy expiration; Redis, expireIfNeeded() (both look at an entry only when it is
 *   asked for, and have another way beside it).
 */
#ifndef CONTEND_PRESENCE_MAP_EXPIRY_LAZY_H
#define CONTEND_PRESENCE_MAP_EXPIRY_LAZY_H

#include "presence_map/expiry/expiry.h"

#define EXPIRY_OPTIONS_lazy(part) /* none */
#define EXPIRY_SUFFIX_lazy "_lazy"
#define EXPIRY_TITLE_lazy ", never swept"
#define EXPIRY_WORDS_lazy "nothing that frees"
#define EXPIRY_SLOT_BYTES_lazy 0
#define EXPIRY_TABLE_BYTES_lazy 0

enum { expiry_lazy_features = PRESENCE_SWEEP_MAY_MISS };

struct expiry_lazy {
    char nothing;
};

static inline int expiry_lazy_init(struct expiry_lazy *e, const struct expiry_config *config,
                                   uint64_t slots)
{
    (void)config, (void)slots;
    e->nothing = 0;
    return 0;
}

static inline int expiry_lazy_renew(struct expiry_lazy *to, const struct expiry_lazy *from,
                                    uint64_t slots)
{
    (void)slots;
    *to = *from;
    return 0;
}

EXPIRY_IGNORES_ENTRIES(lazy)
EXPIRY_IGNORES_MOVES(lazy)
EXPIRY_HOLDS_NOTHING(lazy)
EXPIRY_MOVES_IN_ORDER(lazy)

static inline uint64_t expiry_lazy_section(const struct expiry_lazy *e)
{
    (void)e;
    return UINT64_MAX;
}

static inline uint64_t expiry_lazy_due(struct expiry_lazy *e, const struct expiry_view *v,
                                       struct expiry_visit *visit)
{
    (void)e, (void)v;
    visit->ended = true;
    return EXPIRY_NONE;
}

#endif
