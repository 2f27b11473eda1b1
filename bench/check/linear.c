/* linear.c - depth-first search over linearisations, with a table of failures. */
#include "bench/check/linear.h"

#include <stdlib.h>

#include "bench/check/exhausted.h"

/* Configurations without a solution: which operations are done, and the state. */
struct memory {
    struct tried {
        uint64_t done;
        linear_state state;
        bool used;
    } *slots;
    size_t size, count; /* size is a power of two */
};

static size_t place(const struct memory *m, uint64_t done, linear_state state)
{
    uint64_t folded = (uint64_t)state ^ (uint64_t)(state >> 64) * UINT64_C(0x94d049bb133111eb);
    uint64_t x = (done ^ (folded * UINT64_C(0x9e3779b97f4a7c15))) * UINT64_C(0xbf58476d1ce4e5b9);
    size_t i = (size_t)(x >> 17) & (m->size - 1);

    while (m->slots[i].used && (m->slots[i].done != done || m->slots[i].state != state))
        i = (i + 1) & (m->size - 1);
    return i;
}

/* False if it was there already. */
static bool remember(struct memory *m, uint64_t done, linear_state state)
{
    size_t i = place(m, done, state);

    if (m->slots[i].used)
        return false;
    m->slots[i] = (struct tried){ done, state, true };
    if (++m->count * 2 > m->size) {
        struct memory larger = { calloc(m->size * 2, sizeof *m->slots), m->size * 2, m->count };
        if (!larger.slots)
            exhausted();
        for (size_t k = 0; k < m->size; k++)
            if (m->slots[k].used)
                larger.slots[place(&larger, m->slots[k].done, m->slots[k].state)] = m->slots[k];
        free(m->slots);
        *m = larger;
    }
    return true;
}

/* The data of one search; `before` holds a bit for each operation that must come first. */
struct problem {
    const struct linear_op *ops;
    size_t count;
    const uint64_t *before;
    linear_spec spec;
    struct memory memory;
};

static bool search(struct problem *p, uint64_t done, linear_state state)
{
    if (done == (p->count == 64 ? UINT64_MAX : ((uint64_t)1 << p->count) - 1))
        return true;
    if (!remember(&p->memory, done, state))
        return false;
    for (size_t i = 0; i < p->count; i++) {
        linear_state after = state;
        if (done >> i & 1 || p->before[i] & ~done)
            continue;
        if (p->spec(&p->ops[i], &after) && search(p, done | (uint64_t)1 << i, after))
            return true;
    }
    return false;
}

bool linear_check_order(const struct linear_op *ops, size_t count, const uint64_t *before,
                        linear_state initial, linear_spec spec)
{
    struct problem p = { ops, count, before, spec, { calloc(1024, sizeof *p.memory.slots), 1024, 0 } };

    if (count > LINEAR_MAX)
        abort();
    if (!p.memory.slots)
        exhausted();
    bool yes = search(&p, 0, initial);
    free(p.memory.slots);
    return yes;
}

void linear_by_time(const struct linear_op *ops, size_t count, uint64_t before[LINEAR_MAX])
{
    for (size_t i = 0; i < count && count <= LINEAR_MAX; i++) {
        before[i] = 0;
        for (size_t k = 0; k < count; k++)
            before[i] |= (uint64_t)(ops[k].end < ops[i].begin) << k;
    }
}

bool linear_check(const struct linear_op *ops, size_t count, linear_state initial,
                  linear_spec spec)
{
    uint64_t before[LINEAR_MAX] = { 0 };

    linear_by_time(ops, count, before);
    return linear_check_order(ops, count, before, initial, spec);
}
