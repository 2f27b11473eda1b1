/* snapshot.c - Y. Afek et al., "Atomic Snapshots of Shared Memory", 1993: a sum of two cells, collected twice. */
#include "bench/check/textbook/textbook.h"

/*
 * One thread claps in its cell, another one takes back in its own, and only what was clapped before: the
 * sum is never negative.  A cell is written by its owner alone: how often in the high half, what it adds
 * up to in the low one.  Two collections that are equal saw the cells at one instant.
 */
enum { CELLS = 2 };

static _Atomic uint64_t cells[CELLS];

static int64_t value(uint64_t cell)
{
    return (int32_t)(uint32_t)cell;
}

static void change(unsigned own, int by)
{
    uint64_t old = LD(cells[own], rlx);

    ST(cells[own], ((old >> 32) + 1) << 32 | (uint32_t)(value(old) + by), rel);
}

static int64_t sum(void)
{
    uint64_t first[CELLS], again[CELLS];

    for (;;) {
        for (int i = 0; i < CELLS; i++)
            first[i] = LD(cells[i], acq);
        for (int i = 0; i < CELLS; i++)
            again[i] = LD(cells[i], acq);
        if (first[0] == again[0] && first[1] == again[1])
            return value(first[0]) + value(first[1]);
        check_cpu_relax();
    }
}

static void setup(void *unused)
{
    (void)unused;
    for (int i = 0; i < CELLS; i++)
        atomic_init(&cells[i], 0);
}

static void claps(void *unused)
{
    (void)unused;
    change(0, 1);
}

static void takes_back(void *unused)
{
    (void)unused;
    if (value(LD(cells[0], acq)) == 1)
        change(1, -1);
}

static void reads(void *unused)
{
    (void)unused;
    int64_t read = sum();
    check_that(read >= 0);
    check_that(read <= 1);
}

const struct check_test textbook = { .name = "snapshot", .setup = setup,
                                     .threads = { claps, takes_back, reads } };
