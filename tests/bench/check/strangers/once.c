/*
 * once.c - a stranger's program: a table is made once, by the first thread that needs it.
 *
 * -DMISTAKE: the flag is looked at without an order.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "check/check.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int ready;
static int table, made;

#ifdef MISTAKE
#define LOOK memory_order_relaxed
#else
#define LOOK memory_order_acquire
#endif

static void use(void *unused)
{
    (void)unused;
    if (!atomic_load_explicit(&ready, LOOK)) {
        pthread_mutex_lock(&mutex);
        if (!atomic_load_explicit(&ready, memory_order_relaxed)) {
            table = 42;
            made++;
            atomic_store_explicit(&ready, 1, memory_order_release);
        }
        pthread_mutex_unlock(&mutex);
    }
    check_that(table == 42);
}

static void finally(void *unused)
{
    (void)unused;
    check_that(made == 1);
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "once", .threads = { use, use },
                                            .finally = finally };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
