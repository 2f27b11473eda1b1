/* promise_counter.c - what counters promise. */
#include "bench/judge/promise_counter.h"

#include "bench/judge/promise_family.h"

const char *promise_consistency(enum counter_consistency kind)
{
    static const char *const words[] = { "linearizable", "intermediate", "quiescent",
                                         "eventual",     "approximate",  "unspecified" };

    return words[kind];
}

static const struct counter_traits *traits(const void *ops)
{
    return ((const struct counter_ops *)ops)->traits;
}

static void pair(const void *ops, unsigned *write, unsigned *read)
{
    *write = traits(ops)->add;
    *read = traits(ops)->read;
}

/* All counter workloads clap by one. */
static const char *guarantee(const void *ops, char buffer[PROMISE_WORDS])
{
    (void)buffer;
    return promise_consistency(traits(ops)->unit.kind);
}

static uint64_t weakness(const void *ops)
{
    return traits(ops)->unit.kind; /* the enumeration begins with the strongest */
}

const struct promise_family promises_counter = {
    .heading = "reads", .stronger = "'s read guarantee is stronger",
    .pair = pair, .guarantee = guarantee, .weakness = weakness,
};
