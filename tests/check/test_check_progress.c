/* test_check_progress.c - what is declared rightly is not accused, however long it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/check/suite.h"

extern const struct counter_ops counter_waiting_ops, counter_looking_ops, counter_retrying_ops;

/* Of its add and its read. */
static const struct progress_verdict *observe(const struct counter_ops *ops)
{
    static struct progress_verdict verdicts[PROGRESS_MOST];
    const struct subject s = { .kind = SCENARIO_COUNTER, .copy = check_copies, .counter = ops };
    unsigned count = progress_observe(&s, verdicts);

    assert_int_equal(count, 2);
    for (unsigned i = 0; i < count; i++)
        if (verdicts[i].wrong)
            fail_msg("%s %s", verdicts[i].operation, verdicts[i].text);
    return verdicts;
}

/* A writer that waits for readers is no reason to call them starved, or to wait for each other. */
static void readers_beside_a_writer_that_waits(void **state)
{
    const struct progress_verdict *v = observe(&counter_waiting_ops);

    (void)state;
    assert_true(v[0].blocks);
    assert_false(v[1].starves);
}

static void several_operations_that_end(void **state)
{
    (void)state;
    assert_false(observe(&counter_looking_ops)[0].starves);
}

static void retries_of_many_steps(void **state)
{
    (void)state;
    assert_true(observe(&counter_retrying_ops)[0].starves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_beside_a_writer_that_waits),
        cmocka_unit_test(several_operations_that_end),
        cmocka_unit_test(retries_of_many_steps),
    };

    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
