/* rcu.c - M. Desnoyers et al., "User-Level Implementations of Read-Copy Update", 2012. */
#include "bench/check/textbook/textbook.h"

static _Atomic int inside; /* of the one reader */
static int *_Atomic shared;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&inside, 0);
    atomic_init(&shared, make(1));
}

static void reader(void *unused)
{
    (void)unused;
    ST(inside, 1, rlx);
    FENCE(sc);
    int *p = LD(shared, acq);
    check_that(*p == 1 || *p == 2);
    ST(inside, 0, rel);
}

static void updater(void *unused)
{
    int *made = make(2);
    int *old = LD(shared, rlx);

    (void)unused;
    ST(shared, made, rel);
    FENCE(sc);
    while (LD(inside, acq))
        check_cpu_relax();
    free(old);
}

static void finally(void *unused)
{
    (void)unused;
    free(LD(shared, rlx));
}

const struct check_test textbook = { .name = "rcu", .setup = setup,
                                     .threads = { reader, updater }, .finally = finally };
