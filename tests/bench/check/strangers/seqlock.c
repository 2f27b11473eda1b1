/*
 * seqlock.c - a stranger's program: a pair that readers copy without a lock (C. Lameter, 2005).
 *
 * -DMISTAKE: the reader does not look again.
 */
#include <sched.h>
#include <stdatomic.h>

#include "check/check.h"

static _Atomic unsigned sequence;
static _Atomic int one, two;

static void writer(void *unused)
{
    (void)unused;
    atomic_store_explicit(&sequence, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&one, 1, memory_order_relaxed);
    atomic_store_explicit(&two, 1, memory_order_relaxed);
    atomic_store_explicit(&sequence, 2, memory_order_release);
}

static void reader(void *unused)
{
    unsigned before, after;
    int a, b;

    (void)unused;
    for (;;) {
        before = atomic_load_explicit(&sequence, memory_order_acquire);
        a = atomic_load_explicit(&one, memory_order_relaxed);
        b = atomic_load_explicit(&two, memory_order_relaxed);
        atomic_thread_fence(memory_order_acquire);
        after = atomic_load_explicit(&sequence, memory_order_relaxed);
#ifdef MISTAKE
        after = before;
#endif
        if (before == after && before % 2 == 0)
            break;
        sched_yield();
    }
    check_that(a == b);
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "seqlock", .threads = { writer, reader } };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
