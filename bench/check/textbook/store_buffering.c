/* store_buffering.c - the litmus test SB: each thread stores one variable and loads the other. */
#include "bench/check/textbook/textbook.h"

static _Atomic int x, y;
static int a, b;

static void one(void *unused)
{
    (void)unused;
    ST(x, 1, rlx);
    a = LD(y, rlx);
}

static void other(void *unused)
{
    (void)unused;
    ST(y, 1, rlx);
    b = LD(x, rlx);
}

static void finally(void *unused)
{
    (void)unused;
    check_outcome("a=%d; b=%d;", a, b);
}

const struct check_test textbook = { .name = "store_buffering", .threads = { one, other },
                                     .finally = finally, .exists = "a=0; b=0;" };
