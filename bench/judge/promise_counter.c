/* promise_counter.c - what counters promise. */
#include "bench/judge/promise_counter.h"

#include <math.h>

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

/* How late a clap may be counted, by the worst of the three promises. */
static double stale_ms(const void *traits)
{
    const struct counter_promise promises[] = { of(traits)->unit, of(traits)->batch, of(traits)->undo };
    double worst = 0;

    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
        const struct counter_promise *p = &promises[i];
        if (p->kind == COUNTER_EVENTUAL)
            worst = fmax(worst, p->staleness_ns ? (double)p->staleness_ns / 1e6 : INFINITY);
        else if (p->kind > COUNTER_EVENTUAL)
            worst = INFINITY;
    }
    return worst;
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
    .pair = pair, .guarantee = guarantee, .weakness = weakness, .stale_ms = stale_ms,
    .own_needs = NEED_EXACT, .meets = meets, .owes = owes,
};
