/*
 * floors.c - the loops that benchmarks call cost what such loops must cost.
 *
 * Nothing absolute: the contestants take turns within one run, and medians of
 * their ratios are compared.
 */
#include <stdlib.h>

#include "locks/parts/platform.h"
#include "tests/support/support.h"

enum { TURNS = 200000, ROUNDS = 41 };

static void loop_empty(size_t n)
{
    for (size_t i = 0; i < n; i++)
        contend_compiler_barrier();
}

static void loop_volatile(size_t n)
{
    static CONTEND_ALIGNED volatile int64_t sum;

    for (size_t i = 0; i < n; i++) {
        sum = sum + 1;
        contend_compiler_barrier();
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, ascending);
    return values[ROUNDS / 2];
}

/* Fails unless the strategy's add is within max(1.2 times, 0.4 ns more) of the yardstick. */
static void compare(const char *name, void (*yardstick)(size_t))
{
    const struct counter_ops *ops = contend_counter_find(name);
    double ours[ROUNDS], theirs[ROUNDS];
    struct counter_rig r;

    assert_non_null(ops);
    counter_rig_up(&r, ops, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = contend_clock_ns();
        ops->loops.add(r.object, r.handle, TURNS);
        uint64_t middle = contend_clock_ns();
        yardstick(TURNS);
        ours[i] = (double)(middle - start) / TURNS;
        theirs[i] = (double)(contend_clock_ns() - middle) / TURNS;
    }
    double a = median(ours), b = median(theirs);
    print_message("# %s: %.3f ns an add, the yardstick %.3f\n", name, a, b);
    assert_true(a <= 1.2 * b || a <= b + 0.4);
    counter_rig_down(&r);
}

static void per_thread_costs_a_plain_add(void **state)
{
    (void)state;
    compare("per_thread", loop_volatile);
}

static void null_costs_an_empty_loop(void **state)
{
    (void)state;
    compare("null", loop_empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(per_thread_costs_a_plain_add),
        cmocka_unit_test(null_costs_an_empty_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
