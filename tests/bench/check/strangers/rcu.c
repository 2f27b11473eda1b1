/*
 * rcu.c - a stranger's program: an updater waits for the readers that may still use the old version.
 *
 * -DMISTAKE: it does not wait.  -DCHECK_LIBURCU: by the names of liburcu.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/check.h"

#ifdef CHECK_LIBURCU
#include <urcu/urcu-memb.h>
#define lock_rcu urcu_memb_read_lock
#define unlock_rcu urcu_memb_read_unlock
#define wait_for_readers urcu_memb_synchronize_rcu
#define enter_rcu urcu_memb_register_thread
#define leave_rcu urcu_memb_unregister_thread
#else
#define lock_rcu check_rcu_read_lock
#define unlock_rcu check_rcu_read_unlock
#define wait_for_readers check_rcu_synchronize
#define enter_rcu check_rcu_register
#define leave_rcu check_rcu_unregister
#endif

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
    enter_rcu();
    lock_rcu();
    check_that(*atomic_load_explicit(&version, memory_order_acquire) > 0);
    unlock_rcu();
    leave_rcu();
}

static void updater(void *unused)
{
    (void)unused;
    int *fresh = malloc(sizeof *fresh);
    *fresh = 2;
    int *old = atomic_exchange_explicit(&version, fresh, memory_order_acq_rel);
#ifndef MISTAKE
    wait_for_readers();
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
