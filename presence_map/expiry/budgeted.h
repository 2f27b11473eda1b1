/*
 * budgeted.h - a scan that lets go of the lock every few slots.
 *
 * Idea: the scan's round, which a budgeted sweep goes on with, is there for whole sweeps too.  A whole
 *   sweep looks at `budget` slots under the lock, lets others in, and goes on where the round stands by
 *   then.  This policy is composed with scan.h.
 * Invariant: scan.h's, for the one round that all sweepers share.  A whole sweep that finds the round at
 *   its beginning ends with it; another one sees the round out, and one more, for what had been examined
 *   before it came.  Only sweeps for the same time or a later one count: `drops` tells a sweep that one
 *   for an earlier time has gone on with the round, and then it looks at the whole table by itself, in
 *   one section.
 * Progress: a section of the lock is as long as the budget says, whatever the table's size, unless sweeps
 *   for different times meet.  A sweep ends although others move entries to before the cursor: each move
 *   takes it back by less than a section.
 * Cost: scan.h's, and one acquisition of the lock every `budget` slots.  A sweep that overlaps another
 *   may look at everything twice.
 * Breaks when: the lock is unfair, and the sweeper takes it again before those that wait have woken.
 * Use when: what scan.h is good for, in a table that is too large for one hold of the lock.
 * Reference: Redis, activeExpireCycle() and its time limit for a slice; H. Baker, "List Processing in Real
 *   Time on a Serial Computer", 1978 (work in bounded portions between the operations of others).
 */
#ifndef CONTEND_PRESENCE_MAP_EXPIRY_BUDGETED_H
#define CONTEND_PRESENCE_MAP_EXPIRY_BUDGETED_H

#include "presence_map/expiry/expiry.h"
#include "presence_map/expiry/scan.h"

#define EXPIRY_OPTIONS_budgeted(part)                                                         \
    { part "budget", 1024, 1, INT64_MAX, "slots that a whole sweep examines under one hold of the lock" },
#define EXPIRY_SUFFIX_budgeted "_budgeted"
#define EXPIRY_TITLE_budgeted ", swept in portions"
#define EXPIRY_WORDS_budgeted "scan in portions"
#define EXPIRY_SLOT_BYTES_budgeted 0
#define EXPIRY_TABLE_BYTES_budgeted 0

enum { expiry_budgeted_features = PRESENCE_SWEEPS_AGAIN };

struct expiry_budgeted {
    struct expiry_scan scan;
    uint64_t rounds; /* that have ended */
    uint64_t budget;
    uint64_t last_now, drops; /* the last sweep's time; how often a sweep had an earlier one */
};

static inline int expiry_budgeted_init(struct expiry_budgeted *e, const struct expiry_config *config,
                                       uint64_t slots)
{
    static const struct contend_option options[] = { EXPIRY_OPTIONS_budgeted("expiry.")
                                                     CONTEND_OPTIONS_END };

    e->rounds = e->last_now = e->drops = 0;
    e->budget = (uint64_t)contend_option_value(config->settings, options, "expiry.budget");
    return expiry_scan_init(&e->scan, config, slots);
}

static inline int expiry_budgeted_renew(struct expiry_budgeted *to,
                                        const struct expiry_budgeted *from, uint64_t slots)
{
    *to = *from;
    return expiry_scan_renew(&to->scan, &from->scan, slots);
}

EXPIRY_IGNORES_ENTRIES(budgeted)
EXPIRY_HOLDS_NOTHING(budgeted)
EXPIRY_MOVES_IN_ORDER(budgeted)

static inline void expiry_budgeted_moved(struct expiry_budgeted *e, uint64_t from, uint64_t to)
{
    expiry_scan_moved(&e->scan, from, to);
}

static inline uint64_t expiry_budgeted_section(const struct expiry_budgeted *e)
{
    return e->budget;
}

/* The rest of a whole sweep that a slower one got in the way of: all in this section. */
static inline uint64_t expiry_budgeted_alone(struct expiry_budgeted *e, const struct expiry_view *v,
                                             struct expiry_visit *visit)
{
    struct expiry_visit step = { .now = visit->now, .whole = true, .budget = UINT64_MAX,
                                 .mark = visit->place };
    uint64_t slot = expiry_scan_due(&e->scan, v, &step);

    visit->place = step.mark;
    visit->ended = step.ended;
    return slot;
}

static inline uint64_t expiry_budgeted_due(struct expiry_budgeted *e, const struct expiry_view *v,
                                           struct expiry_visit *visit)
{
    struct expiry_visit step = { .now = visit->now, .budget = visit->budget };
    bool begun = visit->whole && visit->mark != 0;

    if (visit->mark == EXPIRY_NONE)
        return expiry_budgeted_alone(e, v, visit);
    if (begun && visit->place != e->drops) {
        visit->mark = EXPIRY_NONE;
        visit->place = 0;
        return expiry_budgeted_alone(e, v, visit);
    }
    e->drops += visit->now < e->last_now;
    e->last_now = visit->now;
    visit->place = e->drops;
    if (!begun) /* the number of rounds after which it is complete */
        visit->mark = e->rounds + (e->scan.cursor == 0 ? 1 : 2);
    uint64_t slot = expiry_scan_due(&e->scan, v, &step);
    visit->budget = step.budget;
    e->rounds += step.ended;
    visit->ended = step.ended && (!visit->whole || e->rounds >= visit->mark);
    return slot;
}

#endif
