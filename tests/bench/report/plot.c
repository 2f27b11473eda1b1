/*
 * plot.c - what a plot looks like, in both alphabets.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report/plot.h"
#include "tests/support/support.h"

static char *drawn(const struct plot *plot)
{
    static char out[8192];
    FILE *f = fmemopen(out, sizeof out, "w");

    assert_int_equal(plot_print(f, plot), 0);
    fclose(f);
    return out;
}

static void plots_in_both_alphabets(void **state)
{
    static const uint32_t values[] = { 0, 1, 20, 40, 10, 5, 0, 0 };
    struct plot p = { .title = "Users", .unit = "n", .values = values, .count = 8,
                      .from_ms = 1431857103000, .to_ms = 1431857103000 + 700000, .width = 8, .height = 4 };

    (void)state;
    assert_string_equal(drawn(&p), "Users\n n\n40 |   #\n30 |   #\n20 |  ##\n10 | .###:\n"
                                   " 0 ++-+-+-+-\n    10:05 10:13\n"
                                   "time: 2015-05-17 10:05:03 to 2015-05-17 10:16:43 UTC\n");
    p.unicode = true;
    assert_string_equal(drawn(&p),
                        "Users\n n\n40 ┤   █\n30 ┤   █\n20 ┤  ██\n10 ┤ ▁███▄\n"
                        " 0 └┬─┬─┬─┬─\n    10:05 10:13\n"
                        "time: 2015-05-17 10:05:03 to 2015-05-17 10:16:43 UTC\n");
}

/* Many values, few columns: each shows the largest, so that a peak cannot fall between. */
static void plots_keep_every_peak(void **state)
{
    uint32_t values[1000] = { 0 };
    struct plot p = { .values = values, .count = 1000, .to_ms = 1000, .width = 72, .height = 12 };

    (void)state;
    for (size_t peak = 0; peak < 1000; peak++) {
        values[peak] = 4000000000;
        unsigned marks = 0;
        for (const char *at = drawn(&p); (at = strchr(at, '#')); at++)
            marks++;
        assert_int_equal(marks, 12);
        values[peak] = 0;
    }
    p.count = 1; /* and few values fill many columns */
    values[0] = 1;
    assert_non_null(strstr(drawn(&p), "4 |\n"));
    p.count = 0;
    assert_int_equal(plot_print(stderr, &p), -EINVAL);
}

static void alphabet_follows_the_locale(void **state)
{
    (void)state;
    setenv("LC_ALL", "C", 1);
    assert_false(plot_unicode());
    setenv("LC_ALL", "no_such_locale", 1);
    assert_false(plot_unicode());
    setenv("LC_ALL", "C.UTF-8", 1);
    locale_t there = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
    assert_int_equal(plot_unicode(), there != NULL);
    if (there)
        freelocale(there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plots_in_both_alphabets),
        cmocka_unit_test(plots_keep_every_peak),
        cmocka_unit_test(alphabet_follows_the_locale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
