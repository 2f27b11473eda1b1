/* linear.c - depth-first search over linearisations, with a memory. */
#include "tests/linear.h"

#include <stdlib.h>

/* Configurations that lead nowhere: which operations are done, and the state. */
struct memory {
    struct tried {
        uint64_t done;
        int64_t state;
        bool used;
    } *slots;
    size_t size, count; /* size is a power of two */
};

static size_t place(const struct memory *m, uint64_t done, int64_t state)
{
    uint64_t x = (done ^ ((uint64_t)state * UINT64_C(0x9e3779b97f4a7c15))) *
                 UINT64_C(0xbf58476d1ce4e5b9);
    size_t i = (size_t)(x >> 17) & (m->size - 1);

    while (m->slots[i].used && (m->slots[i].done != done || m->slots[i].state != state))
        i = (i + 1) & (m->size - 1);
    return i;
}

/* False if it was there already. */
static bool remember(struct memory *m, uint64_t done, int64_t state)
{
    size_t i = place(m, done, state);

    if (m->slots[i].used)
        return false;
    m->slots[i] = (struct tried){ done, state, true };
    if (++m->count * 2 > m->size) {
        struct memory larger = { calloc(m->size * 2, sizeof *m->slots), m->size * 2, m->count };
        if (!larger.slots)
            abort();
        for (size_t k = 0; k < m->size; k++)
            if (m->slots[k].used)
                larger.slots[place(&larger, m->slots[k].done, m->slots[k].state)] = m->slots[k];
        free(m->slots);
        *m = larger;
    }
    return true;
}

static bool search(const struct linear_op *ops, size_t count, uint64_t done, int64_t state,
                   linear_spec spec, struct memory *m)
{
    uint64_t first_end = UINT64_MAX;

    if (done == (count == 64 ? UINT64_MAX : ((uint64_t)1 << count) - 1))
        return true;
    if (!remember(m, done, state))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!(done >> i & 1) && ops[i].end < first_end)
            first_end = ops[i].end;
    /* Next may be whoever began before any other pending one had ended. */
    for (size_t i = 0; i < count; i++) {
        int64_t after = state;
        if (done >> i & 1 || ops[i].begin > first_end)
            continue;
        if (spec(&ops[i], &after) && search(ops, count, done | (uint64_t)1 << i, after, spec, m))
            return true;
    }
    return false;
}

bool linear_check(const struct linear_op *ops, size_t count, int64_t initial, linear_spec spec)
{
    struct memory m = { calloc(1024, sizeof *m.slots), 1024, 0 };

    if (!m.slots || count > LINEAR_MAX)
        abort();
    bool yes = search(ops, count, 0, initial, spec, &m);
    free(m.slots);
    return yes;
}
