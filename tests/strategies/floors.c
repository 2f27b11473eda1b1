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

/*
 * Whether the add takes at most 2.5 times the yardstick's time, this time.  Through a handle it has
 * one load more in a turn of one or two cycles; a locked instruction takes eight times as long.
 */
static bool is_level(const struct counter_ops *ops, void (*yardstick)(size_t))
{
    double ours[ROUNDS], theirs[ROUNDS];
    struct counter_rig r;

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
    print_message("# %s: %.3f ns an add, the yardstick %.3f\n", ops->traits->id.name, a, b);
    counter_rig_down(&r);
    return a <= 2.5 * b;
}

/* Other processes may slow down one loop more than the other, but not five times in a row. */
static void compare(const char *name, void (*yardstick)(size_t))
{
    const struct counter_ops *ops = contend_counter_find(name);
    bool level = false;

    assert_non_null(ops);
    for (int tries = 0; tries < 5 && !level; tries++)
        level = is_level(ops, yardstick);
    assert_true(level);
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
