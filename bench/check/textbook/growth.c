/* growth.c - C. Click, "A Lock-Free Hash Table", 2007: moving while others insert and look up. */
#include "bench/check/textbook/textbook.h"

enum { SLOTS = 2, EMPTY = 0, MOVED = -1 };

static _Atomic int old_table[SLOTS], new_table[SLOTS];

static void setup(void *unused)
{
    (void)unused;
    for (int i = 0; i < SLOTS; i++) {
        atomic_init(&old_table[i], EMPTY);
        atomic_init(&new_table[i], EMPTY);
    }
    ST(old_table[0], 10, rlx);
}

/* Copies first, then marks; an empty slot is marked so that no thread inserts there any more. */
static void mover(void *unused)
{
    (void)unused;
    for (int i = 0; i < SLOTS; i++) {
        int key = LD(old_table[i], acq);
        for (;;) {
            if (key != EMPTY)
                ST(new_table[i], key, rel);
            if (CAS(old_table[i], &key, MOVED, ar, acq))
                break;
        }
    }
}

static void insert(int slot, int key)
{
    int found = EMPTY;

    if (CAS(old_table[slot], &found, key, rel, acq))
        return;
    if (found == MOVED)
        ST(new_table[slot], key, rel);
}

static bool has(int slot, int key)
{
    int found = LD(old_table[slot], acq);

    if (found == MOVED)
        found = LD(new_table[slot], acq);
    return found == key;
}

static void inserter(void *unused)
{
    (void)unused;
    insert(1, 11);
    check_that(has(1, 11));
}

static void looker(void *unused)
{
    (void)unused;
    check_that(has(0, 10));
}

static void finally(void *unused)
{
    (void)unused;
    check_that(LD(new_table[0], rlx) == 10 && LD(new_table[1], rlx) == 11);
}

const struct check_test textbook = { .name = "growth", .setup = setup,
                                     .threads = { mover, inserter, looker }, .finally = finally };
