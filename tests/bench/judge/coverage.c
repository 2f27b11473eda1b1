/*
 * coverage.c - how often the 95 % interval of a ratio holds the true one, on synthetic sessions.
 *
 * Each launch has a luck of its own that shifts a ratio, and each block a disturbance.  With a
 * launch for each block the interval must hold the true ratio about 95 times in a hundred.  With
 * one launch for all blocks it cannot know of the luck, and holds it far less often: that is what
 * launches for each block are for, and what shows that this test can fail.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "bench/base/random.h"
#include "bench/judge/verdict.h"

enum { SESSIONS = 400, MOST = 40 };

static const double true_ratio = 1.25, luck = 0.03, disturbance = 0.02, drift = 0.3;

/* Normal, by the sum of twelve uniform numbers. */
static double normal(struct random *r)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += random_unit(r);
    return sum;
}

/* A session of so many blocks; `each` tells whether each is a launch of its own. */
static struct interval session(struct random *r, unsigned blocks, bool each, uint64_t seed)
{
    static struct window_result windows[MOST][2];
    static struct block list[MOST];
    struct plan_cell plan = { .count = 2, .blocks = blocks };
    struct measured_cell cell = { .plan = &plan, .blocks = list, .complete = blocks };
    double launch = luck * normal(r);

    for (unsigned i = 0; i < blocks; i++) {
        double machine = exp(drift * normal(r)); /* the same for both: it must cancel */
        launch = each && i > 0 ? luck * normal(r) : launch;
        windows[i][0] = (struct window_result){ .ops_per_s = 1e6 * machine };
        windows[i][1] = (struct window_result){
            .ops_per_s = 1e6 * machine * true_ratio * exp(launch + disturbance * normal(r)),
        };
        list[i] = (struct block){ .windows = windows[i], .done = 2 };
    }
    const struct cell_verdict verdict = { .cell = &cell, .placement = PLACEMENT_NONE };

    return verdict_ratio(&verdict, 1, 0, seed);
}

/* The part of the sessions whose interval holds the true ratio. */
static double coverage(unsigned blocks, bool each)
{
    struct random r = random_seeded(blocks, each);
    unsigned held = 0;

    for (unsigned s = 0; s < SESSIONS; s++) {
        struct interval i = session(&r, blocks, each, s + 1);
        held += i.low <= true_ratio && true_ratio <= i.high;
    }
    return (double)held / SESSIONS;
}

static void a_launch_for_each_block_covers(void **state)
{
    static const unsigned blocks[] = { 8, 20, 40 };

    (void)state;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        double part = coverage(blocks[i], true);
        print_message("# near: %u launches: %.1f %% of the intervals hold the true ratio\n", blocks[i],
                      100 * part);
        assert_true(part > 0.90 && part < 0.99);
    }
}

static void one_launch_does_not_know_its_luck(void **state)
{
    (void)state;
    assert_true(coverage(20, false) < 0.7);
}

/* An interval that is too wide covers as well: with more launches it must become narrow. */
static void more_launches_make_it_narrow(void **state)
{
    struct random r = random_seeded(1, 1);
    double width[2] = { 0, 0 };
    static const unsigned blocks[] = { 10, 40 };

    (void)state;
    for (int k = 0; k < 2; k++)
        for (unsigned s = 0; s < 50; s++) {
            struct interval i = session(&r, blocks[k], true, s + 1);
            width[k] += log(i.high / i.low) / 50;
        }
    assert_true(width[1] < 0.65 * width[0]);
    assert_true(width[1] < 4 * (luck + disturbance) / sqrt(40) * 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_launch_for_each_block_covers),
        cmocka_unit_test(one_launch_does_not_know_its_luck),
        cmocka_unit_test(more_launches_make_it_narrow),
    };

    return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
