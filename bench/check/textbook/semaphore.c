/* semaphore.c - a counting semaphore on a futex; sleepers announce themselves. */
#include "bench/check/textbook/textbook.h"

static _Atomic uint32_t count;
static _Atomic int waiters;
static int payload;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&count, 0);
    atomic_init(&waiters, 0);
    payload = 0;
}

static bool take(void)
{
    uint32_t old = LD(count, rlx);

    while (old > 0)
        if (CAS(count, &old, old - 1, acq, rlx))
            return true;
    return false;
}

static void wait_for_one(void *unused)
{
    (void)unused;
    while (!take()) {
        ADD(waiters, 1, sc);
        check_futex_wait((void *)&count, 0);
        SUB(waiters, 1, rlx);
    }
    check_that(payload == 1);
}

static void post(void *unused)
{
    (void)unused;
    payload = 1;
    ADD(count, 1, sc);
    if (LD(waiters, sc) > 0)
        check_futex_wake((void *)&count, 1);
}

const struct check_test textbook = { .name = "semaphore", .setup = setup,
                                     .threads = { wait_for_one, post } };
