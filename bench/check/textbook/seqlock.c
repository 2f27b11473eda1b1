/* seqlock.c - C. Lameter, 2005; orders: H. Boehm, "Can Seqlocks Get Along ...", 2012. */
#include "bench/check/textbook/textbook.h"

static _Atomic unsigned sequence;
static _Atomic int first, second; /* always equal */

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&sequence, 0);
    atomic_init(&first, 0);
    atomic_init(&second, 0);
}

static void write_both(int value)
{
    unsigned s = LD(sequence, rlx);

    ST(sequence, s + 1, rlx);
    FENCE(rel);
    ST(first, value, rlx);
    ST(second, value, rlx);
    ST(sequence, s + 2, rel);
}

static bool read_both(int *x, int *y)
{
    unsigned s = LD(sequence, acq);

    if (s & 1)
        return false;
    *x = LD(first, rlx);
    *y = LD(second, rlx);
    FENCE(acq);
    return LD(sequence, rlx) == s;
}

static void writer(void *unused)
{
    (void)unused;
    write_both(1);
    write_both(2);
}

static void reader(void *unused)
{
    int x = 0, y = 0;

    (void)unused;
    while (!read_both(&x, &y))
        check_cpu_relax();
    check_that(x == y);
}

const struct check_test textbook = { .name = "seqlock", .setup = setup,
                                     .threads = { writer, reader } };
