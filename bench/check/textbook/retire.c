/* retire.c - a node is unlinked, put on a retire list, and freed after its readers have left. */
#include "bench/check/textbook/textbook.h"

static int *_Atomic shared;
static _Atomic int readers;
static int *_Atomic retired;

static void setup(void *unused)
{
    int *block = malloc(sizeof *block);

    (void)unused;
    *block = 1;
    atomic_init(&shared, block);
    atomic_init(&retired, NULL);
    atomic_init(&readers, 0);
}

static void reader(void *unused)
{
    (void)unused;
    ADD(readers, 1, sc);
    int *p = LD(shared, sc);
    if (p)
        check_that(*p == 1);
    SUB(readers, 1, rel);
}

static void remover(void *unused)
{
    int *p = LD(shared, acq);

    (void)unused;
    if (p && CAS(shared, &p, NULL, sc, acq))
        ST(retired, p, rel);
}

static void collector(void *unused)
{
    (void)unused;
    int *p = XCHG(retired, NULL, ar);
    if (!p)
        return;
    FENCE(sc);
    while (LD(readers, acq) != 0)
        check_cpu_relax();
    free(p);
}

static void finally(void *unused)
{
    (void)unused;
    free(LD(retired, rlx));
    free(LD(shared, rlx));
}

const struct check_test textbook = { .name = "retire", .setup = setup,
                                     .threads = { reader, remover, collector }, .finally = finally };
