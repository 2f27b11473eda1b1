/*
 * sampling.h - a few entries chosen at random, and more only while many of them are stale.
 *
 * Idea: a sweep looks at 20 entries at random and removes those that are due.  If more than a tenth were,
 *   it looks at 20 others, up to a number of loops.  So it needs no order and no memory, and works only as
 *   hard as there is something to find.
 * Invariant: none.  Which entries are left is chance; that none is removed early is not.
 * Progress: one section of the lock for a sweep, of at most samples times loops entries, and no more
 *   slots than its budget.
 * Cost: nothing at a heartbeat.  Each sample is a miss of the cache; one that falls on free slots looks at
 *   the next ones, 16 at most.
 * Breaks when: memory must come back, or last_seen be gone, by a certain time: a sweep may leave any entry
 *   (PRESENCE_SWEEP_MAY_MISS).  A tenth is where it stops for certain, not what it leaves: by chance a loop
 *   of 20 has two stale ones or fewer long before, every other loop at 13 %, one in 28 at 30 %.  If sweeps
 *   are rare beside departures, the stale share rises until as many are found as expire, to a third or
 *   more.  An emptied table is slow to sweep clean: most samples find nothing.
 *   Nothing here bounds a share of time, as Redis does: no map reads a clock.  What bounds a call is the
 *   caller's budget, and what bounds the share is how often the caller comes by.
 * Use when: a share of stale entries is harmless, and memory for an order is not to be had.
 * Reference: S. Sanfilippo, Redis, activeExpireCycle(): 20 keys a loop, repeated above 10 % stale, within a
 *   share of the processor's time, which is left to the caller here.
 */
#ifndef CONTEND_PRESENCE_MAP_EXPIRY_SAMPLING_H
#define CONTEND_PRESENCE_MAP_EXPIRY_SAMPLING_H

#include "presence_map/expiry/expiry.h"

#define EXPIRY_OPTIONS_sampling(part)                                                         \
    { part "samples", 20, 1, 4096, "entries that are looked at in a loop" },                  \
    { part "stale", 10, 0, 100, "percent of them that were due, above which another loop follows" }, \
    { part "loops", 256, 1, 1048576, "most loops of a sweep" },
#define EXPIRY_SUFFIX_sampling "_sampling"
#define EXPIRY_TITLE_sampling ", swept by sampling"
#define EXPIRY_WORDS_sampling "samples at random"
#define EXPIRY_SLOT_BYTES_sampling 0
#define EXPIRY_TABLE_BYTES_sampling 0

enum {
    expiry_sampling_features = PRESENCE_SWEEP_MAY_MISS,
    EXPIRY_SAMPLING_RUN = 16 /* slots that a sample looks at for an entry */
};

struct expiry_sampling {
    uint64_t kept_ms;
    uint64_t samples, stale, most; /* a loop's, the percentage, and a round's */
    uint64_t taken, found;         /* samples of this round, and those of this loop that were due */
    uint64_t random;
};

static inline int expiry_sampling_init(struct expiry_sampling *e, const struct expiry_config *config,
                                       uint64_t slots)
{
    static const struct contend_option options[] = { EXPIRY_OPTIONS_sampling("expiry.")
                                                     CONTEND_OPTIONS_END };
    const struct contend_settings *s = config->settings;
    uint64_t samples = (uint64_t)contend_option_value(s, options, "expiry.samples");

    (void)slots;
    *e = (struct expiry_sampling){
        .kept_ms = config->kept_ms,
        .samples = samples,
        .stale = (uint64_t)contend_option_value(s, options, "expiry.stale"),
        .most = samples * (uint64_t)contend_option_value(s, options, "expiry.loops"),
        .random = config->seed | 1,
    };
    return 0;
}

static inline int expiry_sampling_renew(struct expiry_sampling *to,
                                        const struct expiry_sampling *from, uint64_t slots)
{
    (void)slots;
    *to = *from;
    return 0;
}

EXPIRY_IGNORES_ENTRIES(sampling)
EXPIRY_IGNORES_MOVES(sampling)
EXPIRY_HOLDS_NOTHING(sampling)
EXPIRY_MOVES_IN_ORDER(sampling)

static inline uint64_t expiry_sampling_section(const struct expiry_sampling *e)
{
    (void)e;
    return UINT64_MAX;
}

/* G. Marsaglia's xorshift, with a multiplication (S. Vigna, 2016). */
static inline uint64_t expiry_sampling_random(struct expiry_sampling *e)
{
    e->random ^= e->random >> 12;
    e->random ^= e->random << 25;
    e->random ^= e->random >> 27;
    return e->random * UINT64_C(0x2545f4914f6cdd1d);
}

/* Whether the round is over: few of the last loop were due, or there were loops enough. */
static inline bool expiry_sampling_is_over(struct expiry_sampling *e)
{
    if (e->taken == 0 || e->taken % e->samples != 0)
        return false;
    if (e->found * 100 > e->samples * e->stale && e->taken < e->most) {
        e->found = 0;
        return false;
    }
    e->taken = e->found = 0;
    return true;
}

/* A slot with an entry, or one without if there is none near a place that chance chose. */
static inline uint64_t expiry_sampling_choose(struct expiry_sampling *e, const struct expiry_view *v,
                                              struct expiry_visit *visit)
{
    uint64_t slot = expiry_sampling_random(e) % v->slots;

    visit->budget--;
    for (unsigned i = 1; i < EXPIRY_SAMPLING_RUN && visit->budget > 0; i++) {
        if (v->stamp(v->table, slot) != 0)
            break;
        slot = slot + 1 == v->slots ? 0 : slot + 1;
        visit->budget--;
    }
    return slot;
}

static inline uint64_t expiry_sampling_due(struct expiry_sampling *e, const struct expiry_view *v,
                                           struct expiry_visit *visit)
{
    while (visit->budget > 0) {
        visit->ended = expiry_sampling_is_over(e);
        if (visit->ended)
            return EXPIRY_NONE;
        uint64_t slot = expiry_sampling_choose(e, v, visit);
        uint64_t stamp = v->stamp(v->table, slot);
        e->taken++;
        if (stamp == 0 || !expiry_is_due(stamp, visit->now, e->kept_ms))
            continue;
        e->found++;
        return slot;
    }
    return EXPIRY_NONE;
}

#endif
