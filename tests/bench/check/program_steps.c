/* program_steps.c - one step of a random program; compiled with the instrumentation. */
#include <stdatomic.h>

#include "tests/bench/check/program.h"

static _Atomic int places[PROGRAM_PLACES];
static int plain;

void program_reset(void)
{
    for (int i = 0; i < PROGRAM_PLACES; i++)
        atomic_init(&places[i], 0);
    plain = 0;
}

int program_do(const struct op *op)
{
    _Atomic int *place = &places[op->place];
    int old = op->expected;

    switch (op->kind) {
    case OP_LOAD: return atomic_load_explicit(place, op->order);
    case OP_STORE: atomic_store_explicit(place, op->value, op->order); return 0;
    case OP_EXCHANGE: return atomic_exchange_explicit(place, op->value, op->order);
    case OP_ADD: return atomic_fetch_add_explicit(place, op->value, op->order);
    case OP_CAS:
        if (op->weak)
            atomic_compare_exchange_weak_explicit(place, &old, op->value, op->order, op->failure);
        else
            atomic_compare_exchange_strong_explicit(place, &old, op->value, op->order, op->failure);
        return old;
    case OP_FENCE: atomic_thread_fence(op->order); return 0;
    case OP_READ: return plain == 1; /* of no meaning, but not idle either */
    case OP_WRITE: plain = op->value; return 0;
    }
    return 0;
}

int program_last(unsigned place)
{
    return atomic_load_explicit(&places[place], memory_order_relaxed);
}
