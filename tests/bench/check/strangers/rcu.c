/*
 * rcu.c - a stranger's program: an updater waits for the readers that may still use the old version.
 *
 * -DMISTAKE: it does not wait.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/check.h"

static int *_Atomic version;

static void setup(void *unused)
{
    (void)unused;
    int *block = malloc(sizeof *block);
    *block = 1;
    atomic_init(&version, block);
}

static void reader(void *unused)
{
    (void)unused;
    check_rcu_register();
    check_rcu_read_lock();
    check_that(*atomic_load_explicit(&version, memory_order_acquire) > 0);
    check_rcu_read_unlock();
    check_rcu_unregister();
}

static void updater(void *unused)
{
    (void)unused;
    int *fresh = malloc(sizeof *fresh);
    *fresh = 2;
    int *old = atomic_exchange_explicit(&version, fresh, memory_order_acq_rel);
#ifndef MISTAKE
    check_rcu_synchronize();
#endif
    free(old);
}

static void finally(void *unused)
{
    (void)unused;
    free(atomic_load(&version));
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "rcu", .setup = setup, .threads = { reader, updater },
                                            .finally = finally };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
