/*
 * memory.c - a stranger's program that allocates, and may get nothing.
 *
 * -DTRUSTS: it does not look.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/check.h"

static int *_Atomic place;

static void put(void *unused)
{
    (void)unused;
    int *block = malloc(sizeof *block), *none = NULL;

#ifdef TRUSTS
    check_that(block != NULL);
#else
    if (!block)
        return;
#endif
    *block = 1;
    if (!atomic_compare_exchange_strong(&place, &none, block))
        free(block);
}

static void finally(void *unused)
{
    (void)unused;
    free(atomic_exchange(&place, NULL));
}

int main(int argc, char **argv)
{
    static const struct check_test memory = { .name = "memory", .threads = { put, put },
                                              .finally = finally };
    static const struct check_test *const tests[] = { &memory, NULL };

    return check_main(tests, argc, argv);
}
