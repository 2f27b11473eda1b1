/*
 * scarce.c - calibrating where threads or memory are scarce: what cannot be measured is unknown,
 * and the rest is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <signal.h>

#include "bench/base/interrupt.h"
#include "bench/floors/calibrate.h"
#include "tests/support/failing_threads.h"

static cpu_set_t allowed;

static int look_around(void **state)
{
    (void)state;
    return sched_getaffinity(0, sizeof allowed, &allowed);
}

/* The first of a pair of threads can be made, and the second cannot: the first must not wait. */
static void ends_without_threads(void **state)
{
    static const int made[] = { 0, 3, 7 }; /* with two processors, pairs are cut at 3 and 7 */
    static struct calibration c;
    unsigned before = threads_counted();

    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        threads_fail_after(made[i]);
        calibrate(&c, &allowed, true);
        threads_fail_after(-1);
        threads_come_to(before);
        assert_true(c.locked_ns > 0 && c.l1_ns > 0); /* the calling thread needs no other */
        if (made[i] == 0)
            assert_true(isnan(c.line_min_ns) && isnan(c.slowdown) && isnan(c.loads_1) &&
                        isnan(c.handover_ns) && isnan(c.hiccup_lost));
    }
}

/* The far end of the chase is a quarter of what there is, or is left out. */
static void chases_as_far_as_memory_goes(void **state)
{
    static const uint64_t available[] = { 0, 1 << 20, 40 << 20, 300 << 20, (uint64_t)500 << 20 };
    double last = 0;

    (void)state;
    for (size_t i = 0; i < sizeof available / sizeof *available; i++) {
        struct calibration c;
        calibrate_nothing(&c);
        calibrate_memory(&c, available[i]);
        assert_true(c.dram_mib * (1 << 20) <= (double)available[i] / 4);
        assert_true(c.dram_mib >= last);
        assert_true(isnan(c.dram_ns) || c.dram_mib >= 1);
        last = c.dram_mib;
    }
    assert_true(last >= 64);
}

/* What was measured before it stays; the parts behind it are left out. */
static void an_interrupt_ends_it(void **state)
{
    static struct calibration c;

    (void)state;
    interrupt_catch();
    raise(SIGINT);
    calibrate(&c, &allowed, true);
    for (const struct calibration_field *f = calibration_fields; f->name; f++)
        assert_true(isnan(calibration_value(&c, f)));
    calibrate_memory(&c, (uint64_t)1 << 40);
    assert_true(isnan(c.l1_ns) && isnan(c.dram_ns));
    interrupt_catch(); /* forgets it */
    interrupt_release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_without_threads),
        cmocka_unit_test(chases_as_far_as_memory_goes),
        cmocka_unit_test(an_interrupt_ends_it),
    };

    return cmocka_run_group_tests(tests, look_around, NULL) ? 1 : 0;
}
