/*
 * line.c - a stranger's seqlock whose reader has three loads in one line, of which one is acquire.
 *
 * What --orders tries of that one must leave the other two relaxed: as acquire loads they would do what
 * the fence is there for, which would then seem to be too much.
 */
#include <stdatomic.h>

#include "check/check.h"

#define LOAD(at, order) atomic_load_explicit(&(at), memory_order_##order)

static _Atomic unsigned sequence;
static _Atomic int one, two;

static void write_twice(void *unused)
{
    (void)unused;
    for (int i = 1; i <= 2; i++) {
        unsigned s = LOAD(sequence, relaxed);
        atomic_store_explicit(&sequence, s + 1, memory_order_relaxed);
        atomic_thread_fence(memory_order_release);
        atomic_store_explicit(&one, i, memory_order_relaxed);
        atomic_store_explicit(&two, i, memory_order_relaxed);
        atomic_store_explicit(&sequence, s + 2, memory_order_release);
    }
}

static void read_both(void *unused)
{
    unsigned before, after;
    int a, b;

    (void)unused;
    do {
        before = LOAD(sequence, acquire), a = LOAD(one, relaxed), b = LOAD(two, relaxed);
        atomic_thread_fence(memory_order_acquire);
        after = LOAD(sequence, relaxed);
    } while (before != after || before % 2);
    check_that(a == b);
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "line", .threads = { write_twice, read_both } };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
