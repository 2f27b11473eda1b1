/* epoch.c - K. Fraser, "Practical Lock-Freedom", 2004: what is retired waits for two epochs. */
#include "bench/check/textbook/textbook.h"

static _Atomic unsigned global;
static _Atomic unsigned local; /* of the reader: 2 * its epoch + 1, or 0 when it is outside */
static int *_Atomic shared;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&global, 1);
    atomic_init(&local, 0);
    atomic_init(&shared, make(1));
}

static void reader(void *unused)
{
    (void)unused;
    ST(local, 2 * LD(global, rlx) + 1, rlx);
    FENCE(sc);
    int *p = LD(shared, acq);
    check_that(*p == 1 || *p == 2);
    ST(local, 0, rel);
}

/* Advances the epoch unless a reader is pinned in an older one. */
static bool advance(void)
{
    unsigned now = LD(global, rlx);

    FENCE(sc);
    unsigned pinned = LD(local, acq);
    if (pinned != 0 && pinned != 2 * now + 1)
        return false;
    ST(global, now + 1, rel);
    return true;
}

static void updater(void *unused)
{
    int *old = XCHG(shared, make(2), ar);

    (void)unused;
    for (int epochs = 0; epochs < 2;) {
        if (advance())
            epochs++;
        else
            check_cpu_relax();
    }
    free(old);
}

static void finally(void *unused)
{
    (void)unused;
    free(LD(shared, rlx));
}

const struct check_test textbook = { .name = "epoch", .setup = setup,
                                     .threads = { reader, updater }, .finally = finally };
