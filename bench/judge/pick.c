/* pick.c - the rule. */
#include "bench/judge/pick.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/judge/promise.h"
#include "bench/base/text.h"
#include "bench/judge/ratio.h"
#include "bench/judge/simplicity.h"

enum { RANK = 64 };

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

/* Whether b is preferred to a, which is as fast; writes the reason, to follow the name. */
static bool prefer(const struct cell_verdict *v, unsigned a, unsigned b, const char **by)
{
    const struct contestant *x = who(v, a), *y = who(v, b);

    if (simplicity_rank(x) != simplicity_rank(y)) {
        *by = " is simpler";
        return simplicity_rank(y) < simplicity_rank(x);
    }
    if (promise_weakness(x) != promise_weakness(y)) {
        *by = promise_stronger(x->family);
        return promise_weakness(y) < promise_weakness(x);
    }
    if (promise_hindrance(x) != promise_hindrance(y)) {
        *by = "'s progress is stronger";
        return promise_hindrance(y) < promise_hindrance(x);
    }
    double bytes_x = v->standings[a].bytes_per_item, bytes_y = v->standings[b].bytes_per_item;
    if (bytes_y < 0.95 * bytes_x || bytes_x < 0.95 * bytes_y) {
        *by = " needs less memory";
        return bytes_y < bytes_x;
    }
    *by = " comes first in the list of strategies";
    return v->standings[b].contestant < v->standings[a].contestant;
}

/* What the best is said to be: one that only some users can take may be ahead of it. */
static const char *rank_of(const struct cell_verdict *v, unsigned best, char words[RANK])
{
    snprintf(words, RANK, "the fastest");
    for (unsigned i = 0; i < best; i++)
        if (eligible(v, i) && promise_demand(who(v, i))) {
            snprintf(words, RANK, "the fastest unless %s", promise_demand(who(v, i)));
            break;
        }
    return words;
}

/* "ttas", "ttas and clh", "ttas, clh and mcs": the standings of that set but one. */
static const char *names_of(const struct cell_verdict *v, const bool *set, unsigned except, char *buffer,
                            size_t size)
{
    char name[CONTESTANT_NAME];
    unsigned left = 0, said = 0;
    size_t n = 0;

    buffer[0] = '\0';
    for (unsigned i = 0; i < v->count; i++)
        left += set[i] && i != except;
    for (unsigned i = 0; i < v->count && n + CONTESTANT_NAME + 8 < size; i++) {
        if (!set[i] || i == except)
            continue;
        const char *between = said == 0 ? "" : said + 1 == left ? " and " : ", ";
        n += (size_t)snprintf(buffer + n, size - n, "%s%s", between,
                              contestant_name(who(v, i), name, sizeof name));
        said++;
    }
    return buffer;
}

/* Those that cannot be told apart from the best, itself included; and those of which not even that is known. */
struct company {
    bool *as_fast, *open;
    unsigned ties, opens;
};

static void explain(struct cell_verdict *v, unsigned best, unsigned pick, const char *by,
                    const struct company *with)
{
    const struct contestant *c = who(v, pick);
    const struct standing *s = &v->standings[pick];
    char name[CONTESTANT_NAME], against[96] = "", ratio[TEXT_INTERVAL], others[400];
    char progress[PROMISE_WORDS], guarantee[PROMISE_WORDS], buffer[PROMISE_WORDS], rank[RANK];
    const char *limits = promise_limits(c, buffer);

    contestant_name(c, name, sizeof name);
    if (s->verdict != VERDICT_REFERENCE && !isnan(s->ratio.low))
        snprintf(against, sizeof against, ", %.60s times the reference",
                 text_interval(&s->ratio, ratio));
    if (with->ties > 0)
        snprintf(v->reason, sizeof v->reason, "%s%s: %s %s as fast, and %s%s%s", name, against,
                 names_of(v, with->as_fast, pick, others, sizeof others), with->ties > 1 ? "are" : "is",
                 name, by, limits);
    else if (with->opens > 0)
        snprintf(v->reason, sizeof v->reason,
                 "%s%s: the highest median; %s may be as fast, which so few blocks do not tell%s",
                 name, against, names_of(v, with->open, pick, others, sizeof others), limits);
    else
        snprintf(v->reason, sizeof v->reason, "%s is %s%s; %s, %s%s", name, rank_of(v, best, rank), against,
                 promise_progress(c, progress), promise_guarantee(c, guarantee), limits);
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

/* Why nothing is picked here; NULL if something is.  `best` is the fastest that anybody can take, or -1. */
static const char *reason_for_none(const struct cell_verdict *v, int best)
{
    if (!has_reference(v))
        return "no pick: the reference is not in this cell, so nothing was ranked";
    if (v->noisy)
        return "no pick: more than 30 % of the blocks were disturbed";
    if (v->again_differs)
        return "no pick: the reference differs from itself, so nothing can be ranked";
    if (v->coarse)
        return "no pick: the reference may differ from itself by more than 25 %, so nothing can be "
               "ranked";
    if (best < 0)
        return "no pick: nobody who may be picked has a rate";
    if (v->standings[best].blocks < 3)
        return "no pick: too few blocks for an interval";
    return NULL;
}

/* Among those that are as fast as the best, the one that is preferred. */
static unsigned choose(struct cell_verdict *v, unsigned best, uint64_t seed, struct company *with,
                       const char **by)
{
    unsigned pick = best;

    with->as_fast[best] = true;
    for (unsigned i = best + 1; i < v->count; i++) {
        if (!eligible(v, i) || promise_demand(who(v, i)))
            continue;
        struct interval lead = verdict_ratio(v, v->standings[best].contestant,
                                             v->standings[i].contestant, seed);
        const char *why;
        if (!(lead.low <= v->margin))
            continue;
        if (lead.high > VERDICT_COARSEST) { /* it may as well be much slower */
            with->open[i] = true;
            with->opens++;
            continue;
        }
        with->as_fast[i] = true;
        with->ties++;
        bool better = prefer(v, pick, i, &why);
        if (better || (*by)[0] == '\0')
            *by = why;
        if (better)
            pick = i;
    }
    return pick;
}

void pick_make(struct cell_verdict *v, uint64_t seed)
{
    struct company with = { calloc(v->count + 1, sizeof(bool)), calloc(v->count + 1, sizeof(bool)), 0, 0 };
    const char *by = "", *reason;
    int best = -1;

    for (unsigned i = 0; i < v->count && best < 0; i++)
        if (eligible(v, i) && !promise_demand(who(v, i)))
            best = (int)i;
    reason = with.as_fast && with.open ? reason_for_none(v, best) : "no pick: no memory for one";
    if (reason) {
        snprintf(v->reason, sizeof v->reason, "%s", reason);
    } else {
        unsigned pick = choose(v, (unsigned)best, seed, &with, &by);
        v->pick = (int)pick;
        explain(v, (unsigned)best, pick, by, &with);
        add_aside(v, seed);
    }
    free(with.as_fast);
    free(with.open);
}
