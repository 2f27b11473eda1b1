/*
 * table.c - ratios fit into the column of a table, however small they are.
 */
#include <math.h>
#include <string.h>

#include "bench/report/table.h"
#include "tests/support/support.h"

/* What is left of 80 columns for a ratio, beside the other columns and the longest verdict. */
enum { ROOM = 23 };

static void a_small_ratio_has_two_digits(void **state)
{
    static const struct {
        struct interval of;
        const char *text;
    } known[] = {
        { { 0.00125, 0.00337, 0.00462 }, "0.0034 [0.0013, 0.0046]" },
        { { 0.000171, 0.00667, 0.0113 }, "0.0067 [0.0002, 0.0113]" },
        { { 0.0375, 0.268, 1.04 }, "0.268 [0.0375, 1.04]" },
        { { 3.12, 3.25, 3.62 }, "3.25 [3.12, 3.62]" },
        { { NAN, 0.00337, NAN }, "0.0034" },
        { { NAN, NAN, NAN }, "-" },
    };
    char text[TEXT_INTERVAL];

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_string_equal(table_interval(&known[i].of, text), known[i].text);
}

static void no_small_ratio_is_wider_than_its_column(void **state)
{
    char text[TEXT_INTERVAL];

    (void)state;
    for (double x = 1e-7; x < 1; x *= 1.07) {
        const struct interval of = { .low = x / 3, .middle = x, .high = fmin(1.7 * x, 0.9) };
        assert_true(strlen(table_interval(&of, text)) <= ROOM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_ratio_has_two_digits),
        cmocka_unit_test(no_small_ratio_is_wider_than_its_column),
    };

    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
