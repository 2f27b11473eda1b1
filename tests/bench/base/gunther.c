/* gunther.c - the fit finds the law from which the points were made, and nothing that is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "bench/base/gunther.h"

static const double sizes[] = { 1, 2, 4, 8, 16 };
enum { COUNT = sizeof sizes / sizeof *sizes };

static struct gunther fitted(double lambda, double sigma, double kappa)
{
    const struct gunther law = { .lambda = lambda, .sigma = sigma, .kappa = kappa };
    struct gunther g;
    double x[COUNT];

    for (unsigned i = 0; i < COUNT; i++)
        x[i] = gunther_rate(&law, sizes[i]);
    assert_int_equal(gunther_fit(&g, sizes, x, COUNT), 0);
    return g;
}

static void finds_the_law_again(void **state)
{
    static const double laws[][3] = { { 1000, 0, 0 }, { 5e6, 0.3, 0 }, { 2e6, 0.1, 0.02 },
                                      { 10, 0, 0.005 }, { 1e8, 1, 0.1 } };

    (void)state;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        struct gunther g = fitted(laws[i][0], laws[i][1], laws[i][2]);
        assert_true(fabs(g.lambda / laws[i][0] - 1) < 1e-6);
        assert_true(fabs(g.sigma - laws[i][1]) < 1e-6 && fabs(g.kappa - laws[i][2]) < 1e-6);
        assert_true(g.worst < 1e-6);
    }
}

static void knows_where_the_peak_is(void **state)
{
    (void)state;
    assert_true(isinf(fitted(1000, 0.5, 0).peak));
    assert_true(fabs(fitted(1000, 0.1, 0.01).peak - sqrt(90)) < 1e-3);
    assert_true(fabs(fitted(1000, 1, 0.1).peak - 1) < 1e-3); /* it falls from the start */
}

/* Points that rise faster than in proportion would need a negative term: there is none. */
static void has_no_negative_terms(void **state)
{
    const double x[] = { 100, 230, 520, 1100, 2300 };
    struct gunther g;

    (void)state;
    assert_int_equal(gunther_fit(&g, sizes, x, COUNT), 0);
    assert_true(g.sigma == 0 && g.kappa == 0 && isinf(g.peak));
    assert_true(g.worst > 0.1);
}

static void refuses_what_is_no_curve(void **state)
{
    const double x[] = { 100, 200, 0 }, nan_x[] = { 100, NAN, 300 };
    struct gunther g;

    (void)state;
    assert_int_equal(gunther_fit(&g, sizes, x, 2), -EINVAL);
    assert_int_equal(gunther_fit(&g, sizes, x, 3), -EINVAL);
    assert_int_equal(gunther_fit(&g, sizes, nan_x, 3), -EINVAL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_law_again),
        cmocka_unit_test(knows_where_the_peak_is),
        cmocka_unit_test(has_no_negative_terms),
        cmocka_unit_test(refuses_what_is_no_curve),
    };

    return cmocka_run_group_tests_name("Gunther's law", tests, NULL, NULL) ? 1 : 0;
}
