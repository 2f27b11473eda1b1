/*
 * bounds.c - the last sum that a counter declares, C1 and C2, in one add from 0.
 *
 * Where add(n) costs n steps this takes two thousand million of them, so it is not among
 * the quick conformance tests.
 */
#include "tests/support/support.h"

static void reaches_its_upper_bound(void **state)
{
    struct counter_rig r;

    counter_rig_up(&r, *state, NULL);
    const struct counter_traits *t = &r.traits;
    assert_int_equal(r.ops->add(r.object, r.handle, t->max), 0);
    assert_true(counter_sum_fits(&t->batch, t->max, counter_rig_sum(&r, NULL)));
    if (t->max < COUNTER_LIMIT) { /* beyond the limit it is the caller's mistake */
        assert_int_equal(r.ops->add(r.object, r.handle, 1), -EOVERFLOW);
        assert_int_equal(counter_rig_sum(&r, NULL), t->max);
        assert_int_equal(r.ops->add(r.object, r.handle, -1), 0);
        assert_int_equal(r.ops->add(r.object, r.handle, 2), -EOVERFLOW);
        assert_int_equal(r.ops->add(r.object, r.handle, 1), 0);
        assert_int_equal(counter_rig_sum(&r, NULL), t->max);
    }
    counter_rig_down(&r);
}

int main(void)
{
    static const struct check checks[] = {
        { "reaches its upper bound", reaches_its_upper_bound },
    };

    return support_run_counters("counter bounds", checks, sizeof checks / sizeof *checks, 0);
}
