/* distinct_history.c - see distinct_history.h. */
#include "bench/check/distinct_history.h"

static struct distinct_rules rules;

/* What an operation puts into the set. */
static unsigned brings(const struct linear_op *op)
{
    return op->kind == 'i' ? 1u << op->argument : op->kind == 'm' ? (unsigned)DISTINCT_MERGED : 0u;
}

static bool specification(const struct linear_op *op, linear_state *state)
{
    *state |= brings(op);
    return op->kind != 'c' || op->result == rules.size_of((unsigned)*state);
}

static bool explained(void)
{
    uint64_t before[LINEAR_MAX];

    if (!rules.weak)
        return linear_check(history.ops, history.count, 0, specification);
    for (size_t i = 0; i < history.count; i++)
        before[i] = history.places[i].before;
    return linear_check_order(history.ops, history.count, before, 0, specification);
}

static bool lies_between(const struct linear_op *count)
{
    unsigned least = 0, greatest = 0;

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        least |= op->end < count->begin ? brings(op) : 0;
        greatest |= op->begin < count->end ? brings(op) : 0;
    }
    return count->result >= rules.size_of(least) && count->result <= rules.size_of(greatest);
}

static bool has_merge(void)
{
    for (size_t i = 0; i < history.count; i++)
        if (history.ops[i].kind == 'm')
            return true;
    return false;
}

bool distinct_history_possible(const struct distinct_rules *declared)
{
    rules = *declared;
    if (rules.counts == DISTINCT_LINEARIZABLE && !has_merge())
        return explained();
    if (rules.weak || rules.counts == DISTINCT_UNSPECIFIED)
        return true;
    for (size_t i = 0; i < history.count; i++)
        if (history.ops[i].kind == 'c' && !lies_between(&history.ops[i]))
            return false;
    return true;
}
