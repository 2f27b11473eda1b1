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

/* Exact: each read, whatever is added meanwhile. */
static unsigned meets(const void *traits)
{
    const struct counter_traits *t = of(traits);
    bool exact = t->unit.kind == COUNTER_LINEARIZABLE && t->batch.kind == COUNTER_LINEARIZABLE &&
                 t->undo.kind == COUNTER_LINEARIZABLE;

    return exact ? NEED_EXACT : 0u;
}

static unsigned owes(const void *traits)
{
    const struct counter_traits *t = of(traits);

    return (meets(traits) ? 0u : DEBT_INEXACT) |
           (t->features & COUNTER_NEEDS_QUIESCENT ? DEBT_ANNOUNCES : 0u);
}

const struct promise_family promises_counter = {
    .heading = "reads", .stronger = "'s read guarantee is stronger",
    .pair = pair, .guarantee = guarantee, .weakness = weakness,
    .own_needs = NEED_EXACT, .meets = meets, .owes = owes,
};
