/*
 * coverage.c - how often the 95 % interval of a ratio holds the true one, on synthetic sessions.
 *
 * Each launch has a luck of its own that shifts a ratio, and each block a disturbance.  With a
 * launch for each block the interval must hold the true ratio about 95 times in a hundred.  With
 * one launch for all blocks it cannot know of the luck, and holds it far less often: that is what
 * launches for each block are for, and what shows that this test can fail.
 *
 * The machine drifts as well, in a way that does not cancel: over some blocks, which the interval
 * must see in their order (the same blocks shuffled look independent, and it is too narrow), and
 * from session to session, which no session can see, and for which there is a term.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "bench/base/random.h"
#include "bench/judge/verdict.h"

enum { SESSIONS = 250, MOST = 40 };

static const double true_ratio = 1.25, drift = 0.3;

/* Standard deviations of the logarithm of a ratio. */
struct machine {
    double luck;        /* of a launch */
    double disturbance; /* of a block */
    double slow;        /* a drift of which a block has `kept` of the block before */
    double kept;
    double lasting;     /* of a session */
    bool one_launch;    /* for all blocks */
    bool shuffled;      /* the blocks are judged in another order */
};

static const struct machine steady = { .luck = 0.03, .disturbance = 0.02 };

/* Normal, by the sum of twelve uniform numbers. */
static double normal(struct random *r)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += random_unit(r);
    return sum;
}

/* The logarithms of a session's ratios, in the order in which they were measured. */
static void draw(struct random *r, const struct machine *m, unsigned blocks, double *logs)
{
    double luck = m->luck * normal(r), slow = m->slow * normal(r), lasting = m->lasting * normal(r);

    for (unsigned i = 0; i < blocks; i++) {
        logs[i] = log(true_ratio) + luck + slow + lasting + m->disturbance * normal(r);
        luck = m->one_launch ? luck : m->luck * normal(r);
        slow = m->kept * slow + sqrt(1 - m->kept * m->kept) * m->slow * normal(r);
    }
    for (unsigned i = blocks; m->shuffled && i > 1; i--) {
        uint64_t j = random_below(r, i);
        double held = logs[j];
        logs[j] = logs[i - 1];
        logs[i - 1] = held;
    }
}

/* What a session of so many blocks finds. */
static struct interval session(struct random *r, const struct machine *m, unsigned blocks,
                               uint64_t seed)
{
    static struct window_result windows[MOST][2];
    static struct block list[MOST];
    struct plan_cell plan = { .count = 2, .blocks = blocks };
    struct measured_cell cell = { .plan = &plan, .blocks = list, .complete = blocks };
    double logs[MOST];

    draw(r, m, blocks, logs);
    for (unsigned i = 0; i < blocks; i++) {
        double rate = 1e6 * exp(drift * normal(r)); /* the same for both: it must cancel */
        windows[i][0] = (struct window_result){ .ops_per_s = rate };
        windows[i][1] = (struct window_result){ .ops_per_s = rate * exp(logs[i]) };
        list[i] = (struct block){ .windows = windows[i], .done = 2 };
    }
    const struct cell_verdict verdict = { .cell = &cell, .placement = PLACEMENT_NONE };

    return verdict_ratio(&verdict, 1, 0, seed);
}

/* The part of the sessions whose interval holds the true ratio. */
static double coverage(const struct machine *m, unsigned blocks)
{
    struct random r = random_seeded(blocks, 1);
    unsigned held = 0;

    for (unsigned s = 0; s < SESSIONS; s++) {
        struct interval i = session(&r, m, blocks, s + 1);
        held += i.low <= true_ratio && true_ratio <= i.high;
    }
    print_message("# near: %u blocks: %.1f %% of the intervals hold the true ratio\n", blocks,
                  100.0 * held / SESSIONS);
    return (double)held / SESSIONS;
}

static void a_launch_for_each_block_covers(void **state)
{
    static const unsigned blocks[] = { 8, 20, 40 };

    (void)state;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        double part = coverage(&steady, blocks[i]);
        assert_true(part > 0.93 && part < 0.995);
    }
}

static void one_launch_does_not_know_its_luck(void **state)
{
    struct machine m = steady;

    (void)state;
    m.one_launch = true;
    assert_true(coverage(&m, 20) < 0.75);
}

static void a_drift_over_some_blocks_is_seen(void **state)
{
    struct machine m = { .disturbance = 0.01, .slow = 0.01, .kept = 0.6 };

    (void)state;
    assert_true(coverage(&m, 10) > 0.90);
    assert_true(coverage(&m, 20) > 0.90);
    m.slow = 0.02;
    assert_true(coverage(&m, 40) > 0.90);
    m.shuffled = true;
    assert_true(coverage(&m, 40) < 0.88);
}

/* As large as the term for it, and beside the noise of a quiet machine. */
static void what_lasts_for_a_session_has_a_term(void **state)
{
    struct machine m = { .disturbance = 0.004, .lasting = VERDICT_BETWEEN };

    (void)state;
    assert_true(coverage(&m, 10) > 0.93);
    assert_true(coverage(&m, 40) > 0.93);
    m.lasting = 5 * VERDICT_BETWEEN;
    assert_true(coverage(&m, 10) < 0.75);
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
            struct interval i = session(&r, &steady, blocks[k], s + 1);
            width[k] += log(i.high / i.low) / 50;
        }
    assert_true(width[1] < 0.65 * width[0]);
    assert_true(width[1] < 4 * (steady.luck + steady.disturbance) / sqrt(40) * 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_launch_for_each_block_covers),
        cmocka_unit_test(one_launch_does_not_know_its_luck),
        cmocka_unit_test(a_drift_over_some_blocks_is_seen),
        cmocka_unit_test(what_lasts_for_a_session_has_a_term),
        cmocka_unit_test(more_launches_make_it_narrow),
    };

    return cmocka_run_group_tests_name("coverage", tests, NULL, NULL);
}
