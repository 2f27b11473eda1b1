/* counter_history.c - see counter_history.h. */
#include "bench/check/counter_history.h"

static struct counter_rules rules;
static enum reading { EXACTLY, AT_MOST, AT_LEAST, ANYHOW } reads;

static bool is_add(const struct linear_op *op)
{
    return op->kind == 'a' || op->kind == 'g';
}

/* ---- classes that an order explains ---- */

static bool sum_fits(int64_t result, int64_t sum)
{
    return reads == EXACTLY   ? result == sum
           : reads == AT_MOST ? result <= sum
                              : reads == ANYHOW || result >= sum;
}

static bool specification(const struct linear_op *op, linear_state *state)
{
    int64_t sum = (int64_t)*state, after = sum + op->argument;

    if (op->kind == 'r')
        return sum_fits(op->result, sum);
    if (!is_add(op))
        return true;
    if (after < rules.min || after > rules.max)
        return op->result == -EOVERFLOW;
    if (rules.refuses_early && op->result == -EOVERFLOW)
        return true;
    if (op->kind == 'g' ? !sum_fits(op->result, after) : op->result != 0)
        return false;
    *state = after;
    return true;
}

static bool explained(enum reading how)
{
    uint64_t before[LINEAR_MAX];

    reads = how;
    for (size_t i = 0; i < history.count; i++)
        before[i] = history.places[i].before;
    if (rules.weak)
        return linear_check_order(history.ops, history.count, before, 0, specification);
    return linear_check(history.ops, history.count, 0, specification);
}

/* ---- classes of single operations ---- */

/* The sums that an operation may meet: all adds that had ended, and any that overlap. */
struct bounds {
    int64_t least, greatest;
};

static struct bounds bounds_of(const struct linear_op *met)
{
    struct bounds b = { 0, 0 };

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        if (!is_add(op) || op == met || op->begin > met->end)
            continue;
        if (op->end >= met->begin) {
            /* An add that fails may be visible for a while as well. */
            *(op->argument < 0 ? &b.least : &b.greatest) += op->argument;
        } else if (op->result != -EOVERFLOW) {
            b.least += op->argument;
            b.greatest += op->argument;
        }
    }
    return b;
}

/* When this thread last announced that it holds nothing back, before the read began; or 0. */
static uint64_t settled(unsigned thread, const struct linear_op *read)
{
    uint64_t at = 0;

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        if ((op->kind == 'q' || op->kind == 'd') && history.places[i].thread == thread &&
            op->end < read->begin && op->begin > at)
            at = op->begin;
    }
    return at;
}

/* What all threads together may hold back from this read. */
static int64_t held_back(const struct linear_op *read)
{
    enum { THREADS = 8 };
    int64_t added[THREADS] = { 0 }, held = 0;

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        unsigned thread = history.places[i].thread % THREADS;
        if (is_add(op) && op->end < read->begin && op->end > settled(thread, read))
            added[thread] += op->argument < 0 ? -op->argument : op->argument;
    }
    for (unsigned t = 0; t < THREADS; t++)
        held += added[t] < rules.promise->error ? added[t] : rules.promise->error;
    return held;
}

static int64_t magnitude(int64_t least, int64_t greatest)
{
    return greatest > -least ? greatest : -least;
}

static bool read_possible(const struct linear_op *read)
{
    const struct counter_promise *p = rules.promise;
    struct bounds b = bounds_of(read);
    double error = 0;

    if (p->kind == COUNTER_EVENTUAL)
        error = (double)held_back(read);
    else if (p->kind == COUNTER_APPROXIMATE)
        error = p->relative_error * (double)magnitude(b.least, b.greatest);
    return (double)read->result >= (double)b.least - error &&
           (double)read->result <= (double)b.greatest + error;
}

/* A refusal too early still needs a sum from which the add would have overflowed. */
static bool refusal_possible(const struct linear_op *add)
{
    struct bounds b = bounds_of(add);

    return b.least + add->argument < rules.min || b.greatest + add->argument > rules.max;
}

static bool possible_alone(const struct linear_op *op)
{
    if (op->kind == 'r')
        return read_possible(op);
    return !rules.refuses_early || op->result != -EOVERFLOW || refusal_possible(op);
}

static bool reads_keep_to_the_bounds(void)
{
    for (size_t i = 0; i < history.count; i++)
        if (history.ops[i].kind == 'r' && (history.ops[i].result < rules.min ||
                                           history.ops[i].result > rules.max))
            return false;
    return true;
}

bool counter_history_possible(const struct counter_rules *declared)
{
    rules = *declared;
    if (rules.promise->kind != COUNTER_UNSPECIFIED && !reads_keep_to_the_bounds())
        return false;
    if (rules.promise->kind > COUNTER_INTERMEDIATE && rules.promise->kind < COUNTER_UNSPECIFIED &&
        !explained(ANYHOW))
        return false;
    if (rules.weak && rules.promise->kind != COUNTER_LINEARIZABLE)
        return true;
    switch (rules.promise->kind) {
    case COUNTER_LINEARIZABLE:
    case COUNTER_UNSPECIFIED: return explained(EXACTLY);
    case COUNTER_INTERMEDIATE: return explained(AT_MOST) && explained(AT_LEAST);
    case COUNTER_APPROXIMATE:
        if (rules.promise->confidence < 1)
            return true;
        break;
    default: break;
    }
    for (size_t i = 0; i < history.count; i++)
        if (!possible_alone(&history.ops[i]))
            return false;
    return true;
}

bool counter_sum_possible(const struct counter_promise *p, int64_t sum, int64_t result)
{
    double error = 0;

    if (p->kind == COUNTER_APPROXIMATE && p->confidence < 1)
        return true;
    if (p->kind == COUNTER_APPROXIMATE)
        error = p->relative_error * (double)(sum < 0 ? -sum : sum);
    return (double)result >= (double)sum - error && (double)result <= (double)sum + error;
}
