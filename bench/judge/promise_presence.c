/* promise_presence.c - what presence maps promise. */
#include <stdio.h>

#include "bench/judge/promise_family.h"
#include "presence_map/presence_map.h"

static const struct presence_traits *traits(const void *ops)
{
    return ((const struct presence_ops *)ops)->traits;
}

static void pair(const void *ops, unsigned *write, unsigned *read)
{
    *write = traits(ops)->heartbeat;
    *read = traits(ops)->is_online;
}

static const char *guarantee(const void *ops, char buffer[PROMISE_WORDS])
{
    if (traits(ops)->granularity_ms <= 1)
        return "exact";
    snprintf(buffer, PROMISE_WORDS, "to %g s", (double)traits(ops)->granularity_ms / 1000);
    return buffer;
}

static uint64_t weakness(const void *ops)
{
    return traits(ops)->granularity_ms;
}

static const char *limits(const void *ops, char buffer[PROMISE_WORDS])
{
    const struct presence_traits *t = traits(ops);

    snprintf(buffer, PROMISE_WORDS, "%s%s%s", t->features & PRESENCE_GROWS ? "" : "; fixed capacity",
             t->features & PRESENCE_KEEPS_IDS ? " for the distinct ids ever seen" : "",
             t->max_user == UINT32_MAX - 1 ? ", 32-bit ids" : "");
    return buffer;
}

/* Ids must be small numbers, which nobody's are by chance. */
static const char *demand(const void *ops)
{
    return traits(ops)->features & PRESENCE_DENSE_IDS ? "ids are dense" : NULL;
}

const struct promise_family promises_presence = {
    .heading = "reads", .stronger = "'s read guarantee is stronger",
    .pair = pair, .guarantee = guarantee, .weakness = weakness, .limits = limits, .demand = demand,
};
