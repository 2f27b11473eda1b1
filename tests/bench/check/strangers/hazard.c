/*
 * hazard.c - a stranger's program: a reader protects what it is about to use (M. Michael, 2004).
 *
 * -DMISTAKE: it does not look whether that is still published.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/check.h"

static int *_Atomic shared, *_Atomic hazard;

static void setup(void *unused)
{
    (void)unused;
    int *block = malloc(sizeof *block);
    *block = 1;
    atomic_init(&shared, block);
}

static void reader(void *unused)
{
    int *block;

    (void)unused;
    do {
        block = atomic_load(&shared);
        atomic_store(&hazard, block);
#ifdef MISTAKE
        break;
#endif
    } while (block != atomic_load(&shared));
    check_that(*block == 1);
    atomic_store(&hazard, NULL);
}

static void updater(void *unused)
{
    (void)unused;
    int *fresh = malloc(sizeof *fresh);
    *fresh = 1;
    int *old = atomic_exchange(&shared, fresh);
    while (atomic_load(&hazard) == old)
        check_yield();
    free(old);
}

static void finally(void *unused)
{
    (void)unused;
    free(atomic_load(&shared));
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "hazard", .setup = setup, .threads = { reader, updater },
                                            .finally = finally };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
