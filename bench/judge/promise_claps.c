/* promise_claps.c - what bounded claps promise. */
#include "bench/judge/promise_claps.h"

#include <stdio.h>

#include "bench/judge/promise_family.h"

const char *promise_claps_consistency(enum claps_consistency kind)
{
    static const char *const words[] = { "linearizable", "quiescent", "unspecified" };

    return words[kind];
}

static const struct claps_traits *of(const void *traits)
{
    return traits;
}

static void pair(const void *traits, unsigned *write, unsigned *read)
{
    *write = promise_weaker(of(traits)->clap, of(traits)->unclap);
    *read = of(traits)->total;
}

/* Grants and totals: "linearizable", or "lin/qui" where they differ. */
static const char *guarantee(const void *traits, char buffer[PROMISE_WORDS])
{
    const struct claps_traits *t = of(traits);

    if (t->grants == t->totals)
        return promise_claps_consistency(t->grants);
    snprintf(buffer, PROMISE_WORDS, "%.3s/%.3s", promise_claps_consistency(t->grants),
             promise_claps_consistency(t->totals));
    return buffer;
}

/* A wrong grant is worse than a wrong total, which is right again at rest. */
static uint64_t weakness(const void *traits)
{
    return 4 * (uint64_t)of(traits)->grants + (uint64_t)of(traits)->totals;
}

static const char *limits(const void *traits, char buffer[PROMISE_WORDS])
{
    buffer[0] = '\0';
    if (of(traits)->max_readers < UINT32_MAX)
        snprintf(buffer, PROMISE_WORDS, "; up to %llu readers",
                 (unsigned long long)of(traits)->max_readers);
    return buffer;
}

static unsigned meets(const void *traits)
{
    return weakness(traits) == 0 ? NEED_EXACT : 0u; /* all have a place for each numbered reader */
}

static unsigned owes(const void *traits)
{
    return meets(traits) & NEED_EXACT ? 0u : DEBT_INEXACT;
}

const struct promise_family promises_claps = {
    .heading = "grants/totals", .stronger = "'s guarantee is stronger",
    .pair = pair, .guarantee = guarantee, .weakness = weakness, .limits = limits,
    .own_needs = NEED_EXACT | NEED_SPARSE | NEED_IDS64, .meets = meets, .owes = owes,
};
