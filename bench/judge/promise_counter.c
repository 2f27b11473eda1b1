/* promise_counter.c - what counters promise. */
#include "bench/judge/promise_counter.h"

#include "bench/judge/promise_family.h"

const char *promise_consistency(enum counter_consistency kind)
{
    static const char *const words[] = { "linearizable", "intermediate", "quiescent",
                                         "eventual",     "approximate",  "unspecified" };

    return words[kind];
}

static const struct counter_traits *of(const void *traits)
{
    return traits;
}

static void pair(const void *traits, unsigned *write, unsigned *read)
{
    *write = of(traits)->add;
    *read = of(traits)->read;
}

/* All counter workloads clap by one. */
static const char *guarantee(const void *traits, char buffer[PROMISE_WORDS])
{
    (void)buffer;
    return promise_consistency(of(traits)->unit.kind);
}

static uint64_t weakness(const void *traits)
{
    return of(traits)->unit.kind; /* the enumeration begins with the strongest */
}

const struct promise_family promises_counter = {
    .heading = "reads", .stronger = "'s read guarantee is stronger",
    .pair = pair, .guarantee = guarantee, .weakness = weakness,
};
