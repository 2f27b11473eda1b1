/* peterson.c - G. Peterson, "Myths About the Mutual Exclusion Problem", 1981. */
#include "bench/check/textbook/textbook.h"

static _Atomic int wants[2], turn;
static int value;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&wants[0], 0);
    atomic_init(&wants[1], 0);
    atomic_init(&turn, 0);
    value = 0;
}

static void section(int me)
{
    int other = 1 - me;

    ST(wants[me], 1, sc);
    ST(turn, other, sc);
    while (LD(wants[other], sc) && LD(turn, sc) == other)
        check_cpu_relax();
    value++;
    ST(wants[me], 0, rel);
}

static void body(void *unused, unsigned thread)
{
    (void)unused;
    section((int)thread - 1);
}

static void finally(void *unused)
{
    (void)unused;
    check_that(value == 2);
}

const struct check_test textbook = { .name = "peterson", .setup = setup, .body = body,
                                     .thread_count = 2, .finally = finally };
