/* claps_history.c - see claps_history.h. */
#include "bench/check/claps_history.h"

#include "bench/check/scenario.h"

static struct claps_rules rules;
static bool exact_totals; /* whether the order has to explain them */

static bool is_change(const struct linear_op *op)
{
    return op->kind == 'c' || op->kind == 'u';
}

static bool is_total(const struct linear_op *op)
{
    return op->kind == 't' || op->kind == 'd';
}

/* ---- one order for all ---- */

/* The state: six bits for what each reader has given, and above them whether the post is gone. */
enum { BITS = 6, MASK = (1 << BITS) - 1 };
#define GONE ((int64_t)1 << BITS * SCENARIO_USERS)

static unsigned given_in(linear_state state, unsigned reader)
{
    return (unsigned)(state >> BITS * reader) & MASK;
}

static int64_t sum_of(linear_state state)
{
    int64_t sum = 0;

    for (unsigned reader = 0; reader < SCENARIO_USERS; reader++)
        sum += given_in(state, reader);
    return sum;
}

static bool specification(const struct linear_op *op, linear_state *state)
{
    unsigned reader = claps_argument_reader(op), n = claps_argument_n(op);
    unsigned given = given_in(*state, reader);
    int64_t moved;

    if (*state & GONE)
        return op->result == -ENOENT;
    switch (op->kind) {
    case 'c':
        moved = claps_granted(given, n);
        *state += moved << BITS * reader;
        return op->result == moved;
    case 'u':
        moved = claps_returned(given, n);
        *state -= moved << BITS * reader;
        return op->result == moved;
    case 'g':
        return op->result == given;
    default:
        if (exact_totals ? op->result != sum_of(*state) : op->result < 0)
            return false;
        if (op->kind == 'd')
            *state |= GONE;
        return true;
    }
}

static bool explained(void)
{
    uint64_t before[LINEAR_MAX];

    exact_totals = rules.totals != CLAPS_QUIESCENT;
    for (size_t i = 0; i < history.count; i++)
        before[i] = history.places[i].before;
    if (rules.weak)
        return linear_check_order(history.ops, history.count, before, 0, specification);
    return linear_check(history.ops, history.count, 0, specification);
}

/* ---- each operation for itself ---- */

struct bounds {
    int64_t least, greatest;
};

/* What `met` may find given: by its own reader, or by all. */
static struct bounds bounds_of(const struct linear_op *met, bool all_readers)
{
    struct bounds b = { 0, 0 };

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        int64_t most = claps_argument_n(op) < CLAPS_LIMIT ? claps_argument_n(op) : CLAPS_LIMIT;
        int64_t got = op->result < 0 ? 0 : op->result;

        if (!is_change(op) || op == met || op->begin > met->end)
            continue;
        if (!all_readers && claps_argument_reader(op) != claps_argument_reader(met))
            continue;
        if (op->end < met->begin) {
            b.least += op->kind == 'c' ? got : -got;
            b.greatest += op->kind == 'c' ? got : -got;
        } else {
            *(op->kind == 'c' ? &b.greatest : &b.least) += op->kind == 'c' ? most : -most;
        }
    }
    b.least = b.least < 0 ? 0 : b.least;
    if (!all_readers && b.greatest > CLAPS_LIMIT)
        b.greatest = CLAPS_LIMIT;
    return b;
}

/* Whether a remove that succeeded had ended before, or may have taken effect before `met` ended. */
static bool removed(const struct linear_op *met, bool surely)
{
    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        if (op != met && op->kind == 'd' && op->result >= 0 &&
            (surely ? op->end < met->begin : op->begin < met->end))
            return true;
    }
    return false;
}

static bool number_possible(const struct linear_op *op)
{
    struct bounds b = bounds_of(op, is_total(op));
    unsigned n = claps_argument_n(op), least = (unsigned)b.least, greatest = (unsigned)b.greatest;

    if (op->kind == 'c')
        return op->result >= claps_granted(greatest, n) && op->result <= claps_granted(least, n);
    if (op->kind == 'u')
        return op->result >= claps_returned(least, n) && op->result <= claps_returned(greatest, n);
    return op->result >= b.least && op->result <= b.greatest;
}

static bool possible_alone(const struct linear_op *op)
{
    if (op->result == -ENOENT)
        return removed(op, false);
    if (removed(op, true) || (op->kind == 'd' && removed(op, false) && op->result >= 0))
        return false;
    return op->result >= 0 && number_possible(op);
}

bool claps_history_possible(const struct claps_rules *declared)
{
    bool each_grant, each_total;

    rules = *declared;
    each_grant = rules.grants == CLAPS_QUIESCENT;
    each_total = rules.totals == CLAPS_QUIESCENT;
    if (!each_grant && !explained())
        return false;
    for (size_t i = 0; i < history.count && !rules.weak; i++)
        if ((is_total(&history.ops[i]) ? each_total : each_grant) &&
            !possible_alone(&history.ops[i]))
            return false;
    return true;
}
