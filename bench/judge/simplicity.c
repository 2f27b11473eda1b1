/* simplicity.c - debts from traits, and their weights. */
#include "bench/judge/simplicity.h"

#include <stdio.h>

#include "bench/judge/promise_family.h"

static const struct {
    unsigned weight;
    const char *words;
} all[DEBT_COUNT] = {
#define ROW(BIT, WEIGHT, WORDS) { WEIGHT, WORDS },
    DEBT_EACH(ROW)
#undef ROW
};

static const struct promise_family *const of_family[FAMILY_COUNT] = {
#define ROW(OBJECT) [FAMILY_##OBJECT] = &promises_##OBJECT,
    FAMILY_EACH(ROW)
#undef ROW
};

unsigned simplicity_debts(const struct contestant *c)
{
    const struct promise_family *f = of_family[c->family->index];
    unsigned flags = contestant_identity(c)->flags;
    unsigned debts = f->owes ? f->owes(contestant_traits(c)) : 0;

    debts |= c->family->needs(c->ops) ? DEBT_LIBRARY : 0;
    debts |= c->family->handle_size(c->ops) > 1 ? DEBT_STATE : 0;
    debts |= flags & CONTEND_RUNS_THREAD ? DEBT_OWN_THREAD : 0;
    debts |= flags & CONTEND_SPINS ? DEBT_SPINS : 0;
    return debts;
}

unsigned simplicity_rank(const struct contestant *c)
{
    unsigned debts = simplicity_debts(c), rank = 0;

    for (unsigned i = 0; i < DEBT_COUNT; i++)
        rank += debts & 1u << i ? all[i].weight : 0;
    return rank;
}

const char *simplicity_words(const struct contestant *c, char buffer[SIMPLICITY_WORDS])
{
    unsigned debts = simplicity_debts(c);
    int used = snprintf(buffer, SIMPLICITY_WORDS, "asks for");

    for (unsigned i = 0; i < DEBT_COUNT; i++) {
        if (!(debts & 1u << i))
            continue;
        debts &= ~(1u << i);
        used += snprintf(buffer + used, (size_t)(SIMPLICITY_WORDS - used), " %s%s", all[i].words,
                         !debts ? "" : debts & (debts - 1) ? "," : " and");
    }
    if (simplicity_debts(c) == 0)
        snprintf(buffer, SIMPLICITY_WORDS, "asks for nothing");
    return buffer;
}
