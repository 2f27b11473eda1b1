/* stores_time.c - no entry of a comparison of stores takes the time that those after it need. */
#include "bench/report/stores_time.h"
#include "tests/support/support.h"

enum { ENTRIES = 80 };
static const double budget = 200, ordinary = 1.5;

/* Every entry takes all that it may: they end within the budget, and the last one has its time. */
static void slow_ones_leave_enough(void **state)
{
    double left = budget;

    (void)state;
    for (unsigned i = 0; i < ENTRIES; i++) {
        double part = stores_part(left, ENTRIES - i, ordinary);
        assert_true(part >= ordinary * 0.999);
        left -= part;
        assert_true(left >= ordinary * (ENTRIES - i - 1) * 0.999);
    }
}

/* What ordinary ones leave is for those that are slow. */
static void a_slow_one_may_take_more(void **state)
{
    (void)state;
    assert_true(stores_part(budget, ENTRIES, ordinary) > ordinary * 2);
    assert_true(stores_part(20, 1, ordinary) > 19.99);
    assert_true(stores_part(20, 1, ordinary) < 20.01);
}

/* With too little for all, each has as much, and there is no time that is not there. */
static void scarce_time_is_shared(void **state)
{
    double left = 10;

    (void)state;
    for (unsigned i = 0; i < ENTRIES; i++) {
        double part = stores_part(left, ENTRIES - i, ordinary);
        assert_true(part > 0.1249 && part < 0.1251);
        left -= part;
    }
    assert_true(stores_part(-1, 3, ordinary) >= 0 && stores_part(-1, 3, ordinary) < ordinary);
    assert_true(stores_part(0, 0, ordinary) >= 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_ones_leave_enough),
        cmocka_unit_test(a_slow_one_may_take_more),
        cmocka_unit_test(scarce_time_is_shared),
    };

    return cmocka_run_group_tests_name("time of stores", tests, NULL, NULL) ? 1 : 0;
}
