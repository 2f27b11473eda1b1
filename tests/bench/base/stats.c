/*
 * stats.c - quantiles, intervals and fairness against distributions whose answers are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "bench/base/random.h"
#include "bench/base/stats.h"

enum { SAMPLES = 250, MOST = 30 };

static double uniform(struct random *r)
{
    return random_unit(r);
}

static double exponential(struct random *r)
{
    return -log(1 - random_unit(r));
}

/* Without a mean or a variance: a disturbance may be any number of times as large as most. */
static double cauchy(struct random *r)
{
    return tan(acos(-1) * (random_unit(r) - 0.5));
}

static const struct distribution {
    const char *name;
    double (*draw)(struct random *r);
    double median;
} distributions[] = {
    { "uniform", uniform, 0.5 }, { "exponential", exponential, 0.69314718 }, { "Cauchy", cauchy, 0 },
};

static void intervals_hold_the_median_of_any_distribution(void **state)
{
    static const unsigned sizes[] = { 5, 9, MOST };
    double values[MOST];

    (void)state;
    for (size_t d = 0; d < sizeof distributions / sizeof *distributions; d++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            struct random r = random_seeded(d, k);
            unsigned held = 0;
            for (unsigned s = 0; s < SAMPLES; s++) {
                for (unsigned i = 0; i < sizes[k]; i++)
                    values[i] = distributions[d].draw(&r);
                struct interval i = stats_bootstrap_median(values, sizes[k], s);
                held += i.low <= distributions[d].median && distributions[d].median <= i.high;
            }
            print_message("# near: %s, %u values: %.1f %% of the intervals hold the median\n",
                          distributions[d].name, sizes[k], 100.0 * held / SAMPLES);
            assert_true(held > 0.93 * SAMPLES);
        }
}

/* Of two samples of one distribution the difference is 0. */
static void intervals_of_differences_hold_nothing(void **state)
{
    struct random r = random_seeded(1, 1);
    double x[10], y[20];
    unsigned held = 0;

    (void)state;
    for (unsigned s = 0; s < SAMPLES; s++) {
        for (unsigned i = 0; i < 20; i++)
            x[i % 10] = exponential(&r), y[i] = exponential(&r);
        struct interval i = stats_bootstrap_difference(x, 10, y, 20, s);
        held += i.low <= 0 && 0 <= i.high;
    }
    assert_true(held > 0.93 * SAMPLES && held < SAMPLES);
}

/* The printed tables of t: freedom and the 0.975 quantile. */
static void student_is_that_of_the_tables(void **state)
{
    static const double table[][2] = { { 1, 12.706 }, { 2, 4.303 },  { 3, 3.182 },  { 4, 2.776 },
                                       { 9, 2.262 },  { 19, 2.093 }, { 40, 2.021 }, { 1e9, 1.960 } };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_true(fabs(stats_student(table[i][0]) / table[i][1] - 1) < 0.01);
}

static void quantiles_lie_between_the_values(void **state)
{
    const double values[] = { 4, 1, 3, 2, 5 };

    (void)state;
    assert_true(stats_median(values, 5) == 3 && stats_median(values, 4) == 2.5);
    assert_true(stats_quantile(values, 5, 0) == 1 && stats_quantile(values, 5, 1) == 5);
    assert_true(stats_quantile(values, 5, 0.9) == 4.6 && isnan(stats_median(values, 0)));
    assert_true(isnan(stats_bootstrap_median(values, 2, 1).low));
}

static void jain_counts_those_who_get_something(void **state)
{
    (void)state;
    assert_true(stats_jain(4, 4, 4) == 1);    /* 1 1 1 1 */
    assert_true(stats_jain(3, 9, 4) == 0.25); /* 3 0 0 0 */
    assert_true(isnan(stats_jain(0, 0, 4)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_hold_the_median_of_any_distribution),
        cmocka_unit_test(intervals_of_differences_hold_nothing),
        cmocka_unit_test(student_is_that_of_the_tables),
        cmocka_unit_test(quantiles_lie_between_the_values),
        cmocka_unit_test(jain_counts_those_who_get_something),
    };

    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
