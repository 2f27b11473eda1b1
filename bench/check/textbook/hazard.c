/* hazard.c - M. Michael, "Hazard Pointers", 2004: one reader, one updater. */
#include "bench/check/textbook/textbook.h"

static int *_Atomic shared;
static int *_Atomic hazard;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&hazard, NULL);
    atomic_init(&shared, make(1));
}

static void reader(void *unused)
{
    int *p = LD(shared, rlx);

    (void)unused;
    for (;;) {
        ST(hazard, p, rel);
        FENCE(sc);
        int *again = LD(shared, acq);
        if (again == p)
            break;
        p = again;
    }
    check_that(*p == 1 || *p == 2);
    ST(hazard, NULL, rel);
}

static void updater(void *unused)
{
    int *old = XCHG(shared, make(2), ar);

    (void)unused;
    FENCE(sc);
    while (LD(hazard, acq) == old)
        check_cpu_relax();
    free(old);
}

static void finally(void *unused)
{
    (void)unused;
    free(LD(shared, rlx));
}

const struct check_test textbook = { .name = "hazard", .setup = setup,
                                     .threads = { reader, updater }, .finally = finally };
