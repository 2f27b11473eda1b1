/* pick.c - the rule. */
#include "bench/judge/pick.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/judge/promise.h"
#include "bench/base/text.h"
#include "bench/judge/ratio.h"

static const struct contestant *who(const struct cell_verdict *v, unsigned i)
{
    return &v->cell->plan->contestants[v->standings[i].contestant];
}

static bool eligible(const struct cell_verdict *v, unsigned i)
{
    enum verdict word = v->standings[i].verdict;

    return word < VERDICT_NOISY && !who(v, i)->again && !who(v, i)->slowed &&
           !who(v, i)->peer &&
           !(contestant_identity(who(v, i))->flags & CONTEND_EXHIBIT);
}

/* A number that is smaller for stronger progress. */
static unsigned hindrance(const struct contestant *c)
{
    unsigned write, read;

    promise_pair(c, &write, &read);
    return (write & CONTEND_PROGRESS_CLASS) + (read & CONTEND_PROGRESS_CLASS);
}

/* Whether b is preferred to a, which is as fast; writes the reason, to follow the name. */
static bool prefer(const struct cell_verdict *v, unsigned a, unsigned b, const char **by)
{
    const struct contestant *x = who(v, a), *y = who(v, b);

    if (promise_weakness(x) != promise_weakness(y)) {
        *by = promise_stronger(x->family);
        return promise_weakness(y) < promise_weakness(x);
    }
    if (hindrance(x) != hindrance(y)) {
        *by = "'s progress is stronger";
        return hindrance(y) < hindrance(x);
    }
    double bytes_x = v->standings[a].bytes_per_item, bytes_y = v->standings[b].bytes_per_item;
    if (bytes_y < 0.95 * bytes_x || bytes_x < 0.95 * bytes_y) {
        *by = " needs less memory";
        return bytes_y < bytes_x;
    }
    *by = " is the simpler one";
    return v->standings[b].contestant < v->standings[a].contestant;
}

/* What the best is said to be: others that only some users can take may be ahead of it. */
static const char *rank_of(const struct cell_verdict *v, unsigned best)
{
    for (unsigned i = 0; i < best; i++)
        if (eligible(v, i))
            return "the fastest that asks for nothing";
    return "the fastest";
}

/*
 * `tie` is the fastest of the `ties` that cannot be told apart from the best; if there are none, of the
 * `open`, of which that is not known.
 */
static void explain(struct cell_verdict *v, unsigned best, unsigned pick, const char *by,
                    unsigned ties, unsigned open, unsigned tie)
{
    const struct contestant *c = who(v, pick);
    const struct standing *s = &v->standings[pick];
    char name[CONTESTANT_NAME], fastest[CONTESTANT_NAME], rival[CONTESTANT_NAME];
    char against[96] = "", ratio[TEXT_INTERVAL];
    char progress[PROMISE_WORDS], guarantee[PROMISE_WORDS], buffer[PROMISE_WORDS];
    const char *limits = promise_limits(c, buffer);

    contestant_name(c, name, sizeof name);
    contestant_name(who(v, best), fastest, sizeof fastest);
    contestant_name(who(v, tie), rival, sizeof rival);
    if (s->verdict != VERDICT_REFERENCE && !isnan(s->ratio.low))
        snprintf(against, sizeof against, ", %.60s times the reference",
                 text_interval(&s->ratio, ratio));
    if (ties == 0 && open > 0)
        snprintf(v->reason, sizeof v->reason,
                 "take %s%s: the highest median; %s%s may be as fast, which so few blocks do not tell%s",
                 name, against, rival, open > 1 ? " and others" : "", limits);
    else if (ties == 0)
        snprintf(v->reason, sizeof v->reason, "take %s: %s%s; %s, %s%s", name, rank_of(v, best),
                 against, promise_progress(c, progress), promise_guarantee(c, guarantee), limits);
    else if (pick == best && ties == 1)
        snprintf(v->reason, sizeof v->reason, "take %s%s: %s is as fast, but %s%s%s", name,
                 against, rival, name, by, limits);
    else if (pick == best)
        snprintf(v->reason, sizeof v->reason,
                 "take %s%s: %s and %u more are as fast, but of these %s%s%s", name, against,
                 rival, ties - 1, name, by, limits);
    else
        snprintf(v->reason, sizeof v->reason, "take %s%s: as fast as %s, and %s%s%s", name, against,
                 fastest, name, by, limits);
}

/* Adds the fastest strategy that only some users can take, if it beats the pick or may do so. */
static void add_aside(struct cell_verdict *v, uint64_t seed)
{
    for (unsigned i = 0; i < v->count; i++) {
        const struct standing *s = &v->standings[i];
        size_t used = strlen(v->reason);
        char name[CONTESTANT_NAME], ratio[TEXT_INTERVAL];
        if (!eligible(v, i) || !promise_demand(who(v, i)))
            continue;
        struct interval lead =
            verdict_ratio(v, s->contestant, v->standings[v->pick].contestant, seed);
        contestant_name(who(v, i), name, sizeof name);
        if (lead.low > v->margin)
            snprintf(v->reason + used, sizeof v->reason - used, ".  If %s: %s, %s times the pick",
                     promise_demand(who(v, i)), name, text_interval(&lead, ratio));
        else if (lead.middle > 1)
            snprintf(v->reason + used, sizeof v->reason - used,
                     ".  If %s: %s, which is not told apart from it", promise_demand(who(v, i)), name);
        return;
    }
}

static bool has_reference(const struct cell_verdict *v)
{
    for (unsigned i = 0; i < v->count; i++)
        if (v->standings[i].verdict == VERDICT_REFERENCE)
            return true;
    return false;
}

void pick_make(struct cell_verdict *v, uint64_t seed)
{
    const char *by = "", *reason = NULL;
    int best = -1;
    unsigned pick, ties = 0, open = 0, tie = 0, unclear = 0;

    for (unsigned i = 0; i < v->count && best < 0; i++)
        if (eligible(v, i) && !promise_demand(who(v, i)))
            best = (int)i;
    if (!has_reference(v))
        reason = "no pick: the reference is not in this cell, so nothing was ranked";
    else if (v->noisy)
        reason = "no pick: more than 30 % of the blocks were disturbed";
    else if (v->again_differs)
        reason = "no pick: the reference differs from itself, so nothing can be ranked";
    else if (v->coarse)
        reason = "no pick: the reference may differ from itself by more than 25 %, so nothing can be "
                 "ranked";
    else if (best < 0)
        reason = "no pick: nobody who may be picked has a rate";
    else if (v->standings[best].blocks < 3)
        reason = "no pick: too few blocks for an interval";
    if (reason) {
        snprintf(v->reason, sizeof v->reason, "%s", reason);
        return;
    }
    pick = (unsigned)best;
    for (unsigned i = (unsigned)best + 1; i < v->count; i++) {
        if (!eligible(v, i) || promise_demand(who(v, i)))
            continue;
        struct interval lead = verdict_ratio(v, v->standings[best].contestant,
                                             v->standings[i].contestant, seed);
        const char *why;
        if (!(lead.low <= v->margin))
            continue;
        if (lead.high > VERDICT_COARSEST) { /* it may as well be much slower */
            unclear = open++ ? unclear : i;
            continue;
        }
        tie = ties++ ? tie : i;
        bool better = prefer(v, pick, i, &why);
        if (better || by[0] == '\0')
            by = why;
        if (better)
            pick = i;
    }
    v->pick = (int)pick;
    explain(v, (unsigned)best, pick, by, ties, open, ties ? tie : unclear);
    add_aside(v, seed);
}
