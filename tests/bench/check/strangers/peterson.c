/*
 * peterson.c - a stranger's program: two threads exclude each other (G. Peterson, 1981).
 *
 * -DMISTAKE: the turn is offered before the wish is announced.
 */
#include <sched.h>
#include <stdatomic.h>

#include "check/check.h"

static _Atomic int wants[2], turn;
static int inside, sum;

static void section(int me)
{
#ifdef MISTAKE
    atomic_store(&turn, 1 - me);
    atomic_store(&wants[me], 1);
#else
    atomic_store(&wants[me], 1);
    atomic_store(&turn, 1 - me);
#endif
    while (atomic_load(&wants[1 - me]) && atomic_load(&turn) == 1 - me)
        sched_yield();
    check_that(++inside == 1);
    sum++;
    inside--;
    atomic_store(&wants[me], 0);
}

static void one(void *unused)
{
    (void)unused;
    section(0);
}

static void other(void *unused)
{
    (void)unused;
    section(1);
}

static void finally(void *unused)
{
    (void)unused;
    check_that(sum == 2);
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "peterson", .threads = { one, other },
                                            .finally = finally };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
