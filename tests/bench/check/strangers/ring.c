/*
 * ring.c - a stranger's program: a ring from one thread to another (L. Lamport, 1977).
 *
 * -DMISTAKE: the place is published before it is filled.
 */
#include <sched.h>
#include <stdatomic.h>

#include "check/check.h"

enum { PLACES = 2, LETTERS = 3 };

static _Atomic unsigned filled, emptied;
static int places[PLACES];

static void sender(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < LETTERS; i++) {
        while (i - atomic_load_explicit(&emptied, memory_order_acquire) == PLACES)
            sched_yield();
#ifdef MISTAKE
        atomic_store_explicit(&filled, i + 1, memory_order_release);
        places[i % PLACES] = (int)i;
#else
        places[i % PLACES] = (int)i;
        atomic_store_explicit(&filled, i + 1, memory_order_release);
#endif
    }
}

static void receiver(void *unused)
{
    (void)unused;
    for (unsigned i = 0; i < LETTERS; i++) {
        while (atomic_load_explicit(&filled, memory_order_acquire) == i)
            sched_yield();
        check_that(places[i % PLACES] == (int)i);
        atomic_store_explicit(&emptied, i + 1, memory_order_release);
    }
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "ring", .threads = { sender, receiver } };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
