/* ring.c - L. Lamport, "Proving the Correctness of Multiprocess Programs", 1977: one to one. */
#include "bench/check/textbook/textbook.h"

enum { SLOTS = 2, ITEMS = 4 };

static _Atomic unsigned head, tail;
static int slots[SLOTS];

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&head, 0);
    atomic_init(&tail, 0);
}

static void producer(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < ITEMS; i++) {
        while (i - LD(head, acq) == SLOTS)
            check_cpu_relax();
        slots[i % SLOTS] = (int)i;
        ST(tail, i + 1, rel);
    }
}

static void consumer(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < ITEMS; i++) {
        while (LD(tail, acq) == i)
            check_cpu_relax();
        check_that(slots[i % SLOTS] == (int)i);
        ST(head, i + 1, rel);
    }
}

const struct check_test textbook = { .name = "ring", .setup = setup,
                                     .threads = { producer, consumer } };
