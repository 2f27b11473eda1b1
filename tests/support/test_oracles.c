/*
 * test_oracles.c - the judges are judged: they must reject what is impossible.
 */
#include "bench/check/linear.h"
#include "tests/support/oracle.h"
#include "tests/support/support.h"

static void interval_accepts_the_possible(void **state)
{
    /* An add of 5 over [10, 20]; reads before, during (both values) and after. */
    struct event adds[] = { { 10, 20, 5, 0 } };
    struct event reads[] = { { 1, 2, 0, 1 }, { 12, 15, 0, 1 }, { 12, 15, 5, 1 }, { 30, 40, 5, 1 } };
    struct record threads[] = { { adds, 1 }, { reads, 4 } };
    struct oracle_verdict v = oracle_judge(threads, 2, ORACLE_PREFIXES, 0);

    (void)state;
    assert_int_equal(v.reads, 4);
    assert_int_equal(v.impossible, 0);
}

static void interval_rejects_the_impossible(void **state)
{
    struct event adds[] = { { 10, 20, 5, 0 }, { 50, 60, -2, 0 } };
    struct event too_early[] = { { 1, 9, 5, 1 } }, lost[] = { { 21, 22, 0, 1 } },
                 invented[] = { { 70, 80, 4, 1 } }, below[] = { { 51, 55, 2, 1 } };
    struct event *wrong[] = { too_early, lost, invented, below };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct record threads[] = { { adds, 2 }, { wrong[i], 1 } };
        assert_int_equal(oracle_judge(threads, 2, ORACLE_PREFIXES, 0).impossible, 1);
        /* Widened by an error. */
        assert_int_equal(oracle_judge(threads, 2, ORACLE_PREFIXES, 5).impossible, 0);
    }
}

/* The sum of three, of which a thread's own dip below zero is feasible only while it lasts. */
static void interval_follows_each_thread(void **state)
{
    struct event a[] = { { 10, 11, 1, 0 }, { 12, 13, -1, 0 }, { 14, 15, 1, 0 } };
    struct event b[] = { { 10, 20, 10, 0 } };
    struct event reads[] = { { 9, 16, 0, 1 }, { 9, 16, 11, 1 }, { 13, 14, 0, 1 }, { 16, 17, 1, 1 },
                             { 16, 17, 0, 1 } /* impossible: a is at 1 by now */ };
    struct record threads[] = { { a, 3 }, { b, 1 }, { reads, 5 } };
    struct oracle_verdict v = oracle_judge(threads, 3, ORACLE_PREFIXES, 0);

    (void)state;
    assert_int_equal(v.impossible, 1);
    assert_int_equal(v.value, 0);
    assert_int_equal(v.least, 1);
    assert_int_equal(v.greatest, 11);
}

/* An undo may be seen without its clap, while both run; before and after nothing may be wrong. */
static void interval_knows_weaker_counters(void **state)
{
    struct event adds[] = { { 10, 20, 3, 0 }, { 30, 40, -2, 0 } };
    struct event may[] = { { 15, 35, -2, 1 }, { 15, 35, 3, 1 }, { 25, 26, 3, 1 }, { 41, 42, 1, 1 } };
    struct event cannot[] = { { 15, 35, -3, 1 }, { 15, 35, 4, 1 }, { 25, 26, 2, 1 },
                              { 35, 36, 0, 1 }, { 41, 42, 3, 1 } };
    struct record right[] = { { adds, 2 }, { may, 4 } }, wrong[] = { { adds, 2 }, { cannot, 5 } };

    (void)state;
    assert_int_equal(oracle_judge(right, 2, ORACLE_PARTS, 0).impossible, 0);
    assert_int_equal(oracle_judge(right, 2, ORACLE_PREFIXES, 0).impossible, 1); /* the undo alone */
    assert_int_equal(oracle_judge(wrong, 2, ORACLE_PARTS, 0).impossible, 5);
}

static bool counter_spec(const struct linear_op *op, linear_state *state)
{
    if (op->kind == 1)
        return op->result == *state;
    *state += op->argument;
    return true;
}

static void linear_accepts_and_rejects(void **state)
{
    /* Two overlapping adds and a reader who sees only the second: fine. */
    struct linear_op fine[] = { { 1, 10, 0, 1, 0 }, { 2, 9, 0, 2, 0 }, { 3, 8, 1, 0, 2 } };
    /* Reads in sequence that go backwards: not fine. */
    struct linear_op back[] = { { 1, 10, 0, 1, 0 }, { 2, 3, 1, 0, 1 }, { 4, 5, 1, 0, 0 } };
    /* Two readers who disagree about the order of two adds (torn sums). */
    struct linear_op torn[] = { { 1, 20, 0, 1, 0 }, { 1, 20, 0, 2, 0 }, { 2, 3, 1, 0, 1 },
                                { 4, 5, 1, 0, 2 } };

    (void)state;
    assert_true(linear_check(fine, 3, 0, counter_spec));
    assert_false(linear_check(back, 3, 0, counter_spec));
    assert_false(linear_check(torn, 4, 0, counter_spec));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_accepts_the_possible),
        cmocka_unit_test(interval_rejects_the_impossible),
        cmocka_unit_test(interval_follows_each_thread),
        cmocka_unit_test(interval_knows_weaker_counters),
        cmocka_unit_test(linear_accepts_and_rejects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
