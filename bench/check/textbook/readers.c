/* readers.c - a read-write lock on one word: 1 for a writer, 2 for each reader. */
#include "bench/check/textbook/textbook.h"

static _Atomic int word;
static int first, second; /* guarded */

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&word, 0);
    first = second = 0;
}

static void reader(void *unused)
{
    int old = LD(word, rlx);

    (void)unused;
    for (;;) {
        if (!(old & 1) && CAS(word, &old, old + 2, acq, rlx))
            break;
        check_cpu_relax();
        old = LD(word, rlx);
    }
    check_that(first == second);
    SUB(word, 2, rel);
}

static void writer(void *unused)
{
    int old = 0;

    (void)unused;
    while (!CAS(word, &old, 1, acq, rlx)) {
        check_cpu_relax();
        old = 0;
    }
    first++;
    second++;
    ST(word, 0, rel);
}

const struct check_test textbook = { .name = "readers", .setup = setup,
                                     .threads = { reader, writer, reader } };
