/* mistakes.c - what a newcomer to the checker does wrong, by the name that is defined. */
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/check/check.h"

static _Atomic int *count;

static void setup(void *unused)
{
    (void)unused;
#ifdef EXITS_IN_SETUP
    exit(0);
#endif
    count = malloc(sizeof *count);
    atomic_init(count, 0);
#ifdef FAILS_IN_SETUP
    atomic_init(count + 1, 0);
#endif
}

#ifdef RECURSES
static int deep(int n)
{
    volatile char frame[1000];

    frame[n % 1000] = 0;
    return n ? deep(n - 1) + frame[0] : 0;
}
#endif

static void thread(void *unused)
{
    (void)unused;
#if defined(EXITS)
    exit(0);
#elif defined(RECURSES)
    deep(1000);
#elif defined(ABORTS)
    abort();
#elif defined(RUNS_ON)
    for (;;)
        ;
#elif defined(SPINS)
    while (!atomic_load(count))
        ;
#else
    atomic_fetch_add(count, 1);
#endif
}

static void finally(void *unused)
{
    (void)unused;
    free((void *)count);
}

int main(int argc, char **argv)
{
    static const struct check_test mistake = { .name = "mistake", .setup = setup,
#ifndef NO_THREADS
                                               .threads = { thread, thread },
#endif
                                               .finally = finally };
    static const struct check_test *const tests[] = { &mistake, NULL };

    return check_main(tests, argc, argv);
}
