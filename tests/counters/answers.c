/*
 * answers.c - what the locked counter makes of a lock's answers: C11.
 *
 * Compiled twice: over moody, which refuses, gives up and has seen a holder die, and over
 * servant, which wants to be asked to execute.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counters/locked.h"

static struct counter_locked counter;
static struct counter_locked_handle me;

static int begin(void **state)
{
    (void)state;
    return counter_locked_init(&counter, NULL) || counter_locked_attach(&counter, &me);
}

static int end(void **state)
{
    (void)state;
    counter_locked_detach(&counter, &me);
    return counter_locked_fini(&counter);
}

#ifdef WITH_SERVANT
static void adds_are_executed(void **state)
{
    int64_t sum = 0;

    (void)state;
    assert_int_equal(counter_locked_add(&counter, &me, 5), 0);
    assert_int_equal(counter_locked_add_get(&counter, &me, -2, &sum), 0);
    assert_int_equal(sum, 3);
    assert_int_equal(counter_locked_read(&counter, &me), 3);
    assert_int_equal(counter.lock.executed, 3);
    assert_int_equal(counter.lock.acquired, 0);
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
    int64_t sum = -7;

    (void)state;
    next(0, -EBUSY);
    assert_int_equal(counter_locked_add(&counter, &me, 5), 0);
    assert_int_equal(counter_locked_add(&counter, &me, 5), -EBUSY);
    next(-ETIMEDOUT, 0);
    assert_int_equal(counter_locked_add_get(&counter, &me, 1, &sum), -ETIMEDOUT);
    assert_int_equal(sum, -7);
    assert_int_equal(counter_locked_read(&counter, &me), 5);
}

static void reads_insist(void **state)
{
    (void)state;
    assert_int_equal(counter_locked_add(&counter, &me, 2), 0);
    next(-EBUSY, -ETIMEDOUT);
    assert_int_equal(counter_locked_read(&counter, &me), 2);
    assert_int_equal(moody_next, 2);
}

static void goes_on_after_a_death(void **state)
{
    (void)state;
    next(-EOWNERDEAD, 0);
    assert_int_equal(counter_locked_add(&counter, &me, 2), 0);
    next(-EOWNERDEAD, 0);
    assert_int_equal(counter_locked_read(&counter, &me), 2);
    assert_int_equal(counter_locked_add(&counter, &me, 1), 0); /* it had released the lock */
    assert_int_equal(counter_locked_read(&counter, &me), 3);
}

static void sets_the_lock_s_options(void **state)
{
    const struct contend_setting mood = { "lock.mood", -3 }, far = { "lock.mood", 6 };
    const struct contend_setting bare = { "mood", 1 };
    struct counter_config config = { .settings = { .list = &mood, .count = 1 } };
    struct counter_locked other;

    (void)state;
    assert_int_equal(counter_locked_init(&other, &config), 0);
    assert_int_equal(moody_last_mood, -3);
    config.settings.list = &far;
    assert_int_equal(counter_locked_init(&other, &config), -ERANGE);
    config.settings.list = &bare;
    assert_int_equal(counter_locked_init(&other, &config), -EINVAL);
    assert_string_equal(counter_locked_options[0].name, "lock.mood");
}
#endif

int main(void)
{
    const struct CMUnitTest cases[] = {
#ifdef WITH_SERVANT
        cmocka_unit_test_setup_teardown(adds_are_executed, begin, end),
#else
        cmocka_unit_test_setup_teardown(refusals_change_nothing, begin, end),
        cmocka_unit_test_setup_teardown(reads_insist, begin, end),
        cmocka_unit_test_setup_teardown(goes_on_after_a_death, begin, end),
        cmocka_unit_test_setup_teardown(sets_the_lock_s_options, begin, end),
#endif
    };

    return cmocka_run_group_tests_name("a lock's answers, counters", cases, NULL, NULL) != 0;
}
