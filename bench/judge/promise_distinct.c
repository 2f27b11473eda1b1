/* promise_distinct.c - what counters of distinct clappers promise. */
#include "bench/judge/promise_distinct.h"

#include <stdio.h>

#include "bench/judge/promise_family.h"

const char *promise_distinct_consistency(enum distinct_consistency kind)
{
    static const char *const words[] = { "linearizable", "intermediate", "approximate",
                                         "unspecified" };

    return words[kind];
}

static const struct distinct_traits *of(const void *traits)
{
    return traits;
}

static void pair(const void *traits, unsigned *write, unsigned *read)
{
    *write = of(traits)->insert;
    *read = of(traits)->count;
}

static const char *guarantee(const void *traits, char buffer[PROMISE_WORDS])
{
    const struct distinct_traits *t = of(traits);

    if (t->counts != DISTINCT_APPROXIMATE)
        return promise_distinct_consistency(t->counts);
    snprintf(buffer, PROMISE_WORDS, "to %.2g %%", 100 * t->relative_error);
    return buffer;
}

static uint64_t weakness(const void *traits)
{
    return of(traits)->counts;
}

static const char *limits(const void *traits, char buffer[PROMISE_WORDS])
{
    (void)buffer;
    return of(traits)->features & DISTINCT_DENSE ? "; numbered readers" : "";
}

static const char *demand(const void *traits)
{
    return of(traits)->features & DISTINCT_DENSE ? "readers are numbered" : NULL;
}

static unsigned meets(const void *traits)
{
    return (of(traits)->counts == DISTINCT_LINEARIZABLE ? NEED_EXACT : 0u) |
           (of(traits)->features & DISTINCT_DENSE ? 0u : NEED_SPARSE | NEED_IDS64);
}

static unsigned owes(const void *traits)
{
    return (of(traits)->counts > DISTINCT_INTERMEDIATE ? DEBT_INEXACT : 0u) |
           (meets(traits) & NEED_IDS64 ? 0u : DEBT_NARROW_IDS);
}

const struct promise_family promises_distinct = {
    .heading = "counts", .stronger = "'s counts are more exact",
    .pair = pair, .guarantee = guarantee, .weakness = weakness, .limits = limits, .demand = demand,
    .own_needs = NEED_EXACT | NEED_SPARSE | NEED_IDS64, .meets = meets, .owes = owes,
};
