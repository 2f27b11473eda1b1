/*
 * calibration.c - the floors are what they say.
 *
 * Figures are compared with others of the same run only, and only where the order
 * holds on any machine, however disturbed: a load from memory takes longer than
 * one from the nearest cache, sleeping longer than not sleeping.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/floors/calibrate.h"
#include "bench/floors/histogram.h"
#include "tests/support/support.h"

static struct calibration floors;
static cpu_set_t allowed;

static int calibrate_once(void **state)
{
    (void)state;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return -1;
    calibrate(&floors, &allowed, true);
    for (const struct calibration_field *f = calibration_fields; f->name; f++)
        print_message("# %-20s %12.4g %s\n", f->name, calibration_value(&floors, f), f->unit);
    return 0;
}

static void figures_are_positive_or_unknown(void **state)
{
    unsigned known = 0;

    (void)state;
    for (const struct calibration_field *f = calibration_fields; f->name; f++) {
        double value = calibration_value(&floors, f);
        assert_true(isnan(value) || (isfinite(value) && value >= 0));
        known += isnan(value) ? 0 : 1;
    }
    assert_true(known >= 15); /* what needs no second processor and no favour of the kernel */
}

/* What is dearer than what, on any machine. */
static const struct order {
    const char *cheap, *dear;
    double at_least; /* times */
} orders[] = {
    { "l1_ns", "dram_ns", 4 },
    { "l1_ns", "l2_ns", 1 },
    { "l1_ns", "l3_ns", 1 },
    { "loop_ns", "locked_ns", 1 },
    { "plain_ns", "mutex_ns", 1 },
    /* With one thread in the process the C library's mutex has no locked instruction. */
    { "locked_ns", "mutex_ns", 1 },
    { "wake_ns", "handover_ns", 1 },
    { "locked_ns", "wake_ns", 1 },
    { "loop_ns", "membarrier_ns", 1 },
};

static const struct calibration_field *field(const char *name)
{
    const struct calibration_field *f = calibration_fields;

    while (f->name && strcmp(f->name, name) != 0)
        f++;
    assert_non_null(f->name);
    return f;
}

/* The first order that does not hold; NULL if all do. */
static const struct order *broken(const struct calibration *c)
{
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        double cheap = calibration_value(c, field(orders[i].cheap));
        double dear = calibration_value(c, field(orders[i].dear));
        if (!isnan(cheap) && !isnan(dear) && !(orders[i].at_least * cheap < dear))
            return &orders[i];
    }
    return NULL;
}

/*
 * Other processes can only add to a cost.  So the least of several calibrations comes nearer to
 * the machine's own, and an order that busy neighbours turned round comes right; one that is
 * wrong in the loops themselves does not.
 */
static void dear_is_dearer_than_cheap(void **state)
{
    enum { MOST = 4 };
    struct calibration least = floors, again;
    const struct order *wrong = broken(&least);

    (void)state;
    for (int turn = 1; wrong && turn < MOST; turn++) {
        calibrate(&again, &allowed, true);
        for (const struct calibration_field *f = calibration_fields; f->name; f++) {
            double value = fmin(calibration_value(&least, f), calibration_value(&again, f));
            memcpy((char *)&least + f->offset, &value, sizeof value);
        }
        wrong = broken(&least);
    }
    if (wrong)
        fail_msg("%s = %g is not %g times %s = %g", wrong->dear,
                 calibration_value(&least, field(wrong->dear)), wrong->at_least, wrong->cheap,
                 calibration_value(&least, field(wrong->cheap)));
}

static void every_pair_has_a_line(void **state)
{
    unsigned cpus = (unsigned)CPU_COUNT(&allowed), pairs = cpus * (cpus - 1) / 2;
    double least = NAN, most = NAN;

    (void)state;
    assert_int_equal(floors.line_count, pairs < CALIBRATION_PAIRS ? pairs : CALIBRATION_PAIRS);
    for (unsigned i = 0; i < floors.line_count; i++) {
        const struct calibration_line *l = &floors.lines[i];
        assert_true(l->a < l->b && CPU_ISSET(l->a, &allowed) && CPU_ISSET(l->b, &allowed));
        least = fmin(least, l->ns);
        most = fmax(most, l->ns);
    }
    assert_memory_equal(&least, &floors.line_min_ns, sizeof least);
    assert_memory_equal(&most, &floors.line_max_ns, sizeof most);
}

static void gaps_thin_out(void **state)
{
    (void)state;
    assert_true(floors.hiccup_p999_ns <= floors.hiccup_longest_ns);
    assert_true(floors.hiccup_lost >= 0 && floors.hiccup_lost <= 100);
    for (int i = 0; i < CALIBRATION_GAPS; i++) {
        assert_true(floors.gaps[i].per_s >= 0);
        if (i > 0) {
            assert_true(floors.gaps[i].above_ns > floors.gaps[i - 1].above_ns);
            assert_true(floors.gaps[i].per_s <= floors.gaps[i - 1].per_s);
        }
    }
}

/* Every value lies in its bucket, buckets follow each other, and none is wider than 1/16. */
static void buckets_hold_their_values(void **state)
{
    struct support_random r = { support_seed() };

    (void)state;
    for (unsigned i = 1; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t first = histogram_top(i - 1) + 1, last = histogram_top(i);
        assert_true(first <= last && last - first <= first / HISTOGRAM_STEPS);
        assert_int_equal(histogram_index(first), i);
        assert_int_equal(histogram_index(last), i);
    }
    assert_true(histogram_top(HISTOGRAM_BUCKETS - 1) == UINT64_MAX);
    for (int i = 0; i < 100000; i++) {
        uint64_t value = support_random(&r) >> support_below(&r, 64);
        unsigned index = histogram_index(value);
        assert_true(value <= histogram_top(index));
        assert_true(index == 0 || value > histogram_top(index - 1));
    }
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* Against a sorted array: never below the true quantile, at most 1/16 above. */
static void quantiles_are_those_of_the_values(void **state)
{
    enum { N = 20001 };
    static const double at[] = { 0, 0.001, 0.5, 0.9, 0.99, 0.999, 1 };
    struct support_random r = { support_seed() };
    struct histogram *halves = calloc(2, sizeof *halves);
    uint64_t *values = calloc(N, sizeof *values);

    (void)state;
    assert_non_null(halves);
    assert_non_null(values);
    assert_true(isnan(histogram_quantile(&halves[0], 0.5)));
    for (int i = 0; i < N; i++) {
        values[i] = support_random(&r) >> (20 + support_below(&r, 40));
        histogram_add(&halves[i % 2], values[i]);
    }
    histogram_merge(&halves[0], &halves[1]);
    qsort(values, N, sizeof *values, ascending);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        double rank = ceil(at[i] * N);
        double truth = (double)values[rank < 1 ? 0 : (size_t)rank - 1];
        double told = histogram_quantile(&halves[0], at[i]);
        assert_true(told >= truth && told <= truth * (1 + 1.0 / HISTOGRAM_STEPS));
    }
    assert_true(histogram_quantile(&halves[0], 1) == (double)values[N - 1]);
    memset(halves, 0, sizeof *halves);
    for (uint64_t value = 1; value <= 10; value++) /* small ones are exact */
        histogram_add(&halves[0], value);
    assert_true(histogram_quantile(&halves[0], 0.5) == 5);
    assert_true(histogram_quantile(&halves[0], 0.51) == 6);
    free(values);
    free(halves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_hold_their_values),
        cmocka_unit_test(quantiles_are_those_of_the_values),
        cmocka_unit_test(figures_are_positive_or_unknown),
        cmocka_unit_test(dear_is_dearer_than_cheap),
        cmocka_unit_test(every_pair_has_a_line),
        cmocka_unit_test(gaps_thin_out),
    };

    return cmocka_run_group_tests(tests, calibrate_once, NULL) ? 1 : 0;
}
