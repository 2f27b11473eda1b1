/*
 * answers.c - what the locked claps make of a lock's answers: B13.
 *
 * Compiled twice: over moody, which refuses, gives up and has seen a holder die, and over
 * servant, which wants to be asked to execute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counters/claps/locked.h"

static struct claps_locked claps;
static struct claps_locked_handle me;

static int begin(void **state)
{
    const struct claps_config config = { .posts = 2, .readers = 3 };

    (void)state;
    return claps_locked_init(&claps, &config) || claps_locked_attach(&claps, &me);
}

static int end(void **state)
{
    (void)state;
    claps_locked_detach(&claps, &me);
    return claps_locked_fini(&claps);
}

#ifdef WITH_SERVANT
static void changes_are_executed(void **state)
{
    (void)state;
    assert_int_equal(claps_locked_clap(&claps, &me, 0, 1, 60), 50);
    assert_int_equal(claps_locked_unclap(&claps, &me, 0, 1, 8), 8);
    assert_int_equal(claps_locked_given(&claps, &me, 0, 1), 42);
    assert_int_equal(claps_locked_total(&claps, &me, 0), 42);
    assert_int_equal(claps_locked_remove(&claps, &me, 0), 42);
    assert_int_equal(claps.lock.executed, 3);
    assert_int_equal(claps.lock.acquired, 2); /* the looks */
}
#else
static void next(int first, int second)
{
    moody_answers[0] = first;
    moody_answers[1] = second;
    moody_next = 0;
    moody_count = 2;
}

static void refusals_change_nothing(void **state)
{
    (void)state;
    next(0, -EBUSY);
    assert_int_equal(claps_locked_clap(&claps, &me, 0, 1, 5), 5);
    assert_int_equal(claps_locked_clap(&claps, &me, 0, 1, 5), -EBUSY);
    next(-ETIMEDOUT, -EBUSY);
    assert_int_equal(claps_locked_unclap(&claps, &me, 0, 1, 5), -ETIMEDOUT);
    assert_int_equal(claps_locked_remove(&claps, &me, 0), -EBUSY);
    assert_int_equal(claps_locked_total(&claps, &me, 0), 5);
}

static void looks_insist(void **state)
{
    (void)state;
    assert_int_equal(claps_locked_clap(&claps, &me, 0, 1, 5), 5);
    next(-EBUSY, -ETIMEDOUT);
    assert_int_equal(claps_locked_given(&claps, &me, 0, 1), 5);
    assert_int_equal(moody_next, 2);
    next(-EBUSY, -ETIMEDOUT);
    assert_int_equal(claps_locked_total(&claps, &me, 0), 5);
    assert_int_equal(moody_next, 2);
}

/* A holder that died between its two stores: the readers' bytes are the truth. */
static void totals_are_counted_anew_after_a_death(void **state)
{
    (void)state;
    assert_int_equal(claps_locked_clap(&claps, &me, 0, 1, 5), 5);
    assert_int_equal(claps_locked_clap(&claps, &me, 1, 0, 3), 3);
    assert_int_equal(claps_locked_remove(&claps, &me, 1), 3);
    claps.given[claps_ledger_place(&claps.ledger, 0, 2)] = 7; /* and not in the total */
    next(-EOWNERDEAD, 0);
    assert_int_equal(claps_locked_total(&claps, &me, 0), 12);
    claps.given[claps_ledger_place(&claps.ledger, 0, 2)] = 8;
    next(-EOWNERDEAD, 0);
    assert_int_equal(claps_locked_unclap(&claps, &me, 0, 1, 1), 1);
    assert_int_equal(claps_locked_total(&claps, &me, 0), 12);
    assert_int_equal(claps_locked_total(&claps, &me, 1), -ENOENT);
}
#endif

int main(void)
{
    const struct CMUnitTest cases[] = {
#ifdef WITH_SERVANT
        cmocka_unit_test_setup_teardown(changes_are_executed, begin, end),
#else
        cmocka_unit_test_setup_teardown(refusals_change_nothing, begin, end),
        cmocka_unit_test_setup_teardown(looks_insist, begin, end),
        cmocka_unit_test_setup_teardown(totals_are_counted_anew_after_a_death, begin, end),
#endif
    };

    return cmocka_run_group_tests_name("a lock's answers, claps", cases, NULL, NULL) != 0;
}
