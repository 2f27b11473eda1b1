/* promise_presence.c - what presence maps promise. */
#include <stdio.h>

#include "bench/judge/promise_family.h"
#include "presence_map/presence_map.h"

static const struct presence_traits *of(const void *traits)
{
    return traits;
}

/* Joining and leaving are writes, too: a thread that stands still in one of them may hold up the others. */
static void pair(const void *traits, unsigned *write, unsigned *read)
{
    *write = promise_weaker(of(traits)->heartbeat, promise_weaker(of(traits)->insert, of(traits)->leave));
    *read = of(traits)->is_online;
}

static const char *guarantee(const void *traits, char buffer[PROMISE_WORDS])
{
    if (of(traits)->granularity_ms <= 1)
        return "exact";
    snprintf(buffer, PROMISE_WORDS, "to %g s", (double)of(traits)->granularity_ms / 1000);
    return buffer;
}

static uint64_t weakness(const void *traits)
{
    return of(traits)->granularity_ms;
}

/* A user whose time is rounded down stays online for that much longer. */
static double stale_ms(const void *traits)
{
    return (double)of(traits)->granularity_ms - 1;
}

static const char *limits(const void *traits, char buffer[PROMISE_WORDS])
{
    const struct presence_traits *t = of(traits);

    snprintf(buffer, PROMISE_WORDS, "%s%s%s", t->features & PRESENCE_GROWS ? "" : "; fixed capacity",
             t->features & PRESENCE_KEEPS_IDS ? " for the distinct ids ever seen" : "",
             t->ids == PRESENCE_IDS_32 ? ", 32-bit ids" : "");
    return buffer;
}

/* Ids must be small numbers, and they are not so by chance. */
static const char *demand(const void *traits)
{
    return of(traits)->ids == PRESENCE_IDS_DENSE ? "ids are dense" : NULL;
}

static unsigned meets(const void *traits)
{
    const struct presence_traits *t = of(traits);

    return (t->max_user >= PRESENCE_NO_USER - 16 ? NEED_IDS64 : 0u) |
           (t->ids == PRESENCE_IDS_DENSE ? 0u : NEED_SPARSE) |
           (t->features & PRESENCE_GROWS ? NEED_GROW : 0u) |
           (t->features & PRESENCE_KEEPS_IDS ? 0u : NEED_REUSE) |
           (t->features & PRESENCE_LAST_SEEN ? NEED_LAST_SEEN : 0u) |
           (t->granularity_ms <= 1 ? NEED_EXACT : 0u);
}

static unsigned owes(const void *traits)
{
    unsigned met = meets(traits);

    return (met & NEED_EXACT ? 0u : DEBT_INEXACT) |
           (met & NEED_GROW && met & NEED_REUSE ? 0u : DEBT_FIXED) |
           (met & NEED_IDS64 && met & NEED_SPARSE ? 0u : DEBT_NARROW_IDS);
}

const struct promise_family promises_presence = {
    .heading = "reads", .stronger = "'s read guarantee is stronger",
    .pair = pair, .guarantee = guarantee, .weakness = weakness, .stale_ms = stale_ms, .limits = limits, .demand = demand,
    .own_needs = NEED_IDS64 | NEED_SPARSE | NEED_GROW | NEED_REUSE | NEED_LAST_SEEN | NEED_EXACT,
    .meets = meets, .owes = owes,
};
