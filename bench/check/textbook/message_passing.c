/* message_passing.c - the litmus test MP: a message, and a flag that is stored with release. */
#include "bench/check/textbook/textbook.h"

static _Atomic int message, flag;
static int a, b;

static void one(void *unused)
{
    (void)unused;
    ST(message, 1, rlx);
    ST(flag, 1, rel);
}

static void other(void *unused)
{
    (void)unused;
    a = LD(flag, acq);
    b = LD(message, rlx);
}

static void finally(void *unused)
{
    (void)unused;
    check_outcome("a=%d; b=%d;", a, b);
}

const struct check_test textbook = { .name = "message_passing", .threads = { one, other },
                                     .finally = finally, .exists = "a=1; b=0;" };
