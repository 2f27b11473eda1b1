/* test_progress.c - progress that is declared rightly is not accused; another is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/check/suite.h"

extern const struct counter_ops contend_counter_waiting_ops, contend_counter_looking_ops,
    contend_counter_retrying_ops, contend_counter_joining_ops, contend_counter_racing_ops;

/* Of its add and its read. */
static struct progress_verdict *observe(const struct counter_ops *ops)
{
    static struct progress_verdict verdicts[PROGRESS_MOST];
    const struct subject s = { .family = FAMILY_counter, .copy = check_copies, .ops = ops };

    assert_int_equal(progress_observe(&s, verdicts), 2);
    return verdicts;
}

static const struct progress_verdict *observe_right(const struct counter_ops *ops)
{
    const struct progress_verdict *v = observe(ops);

    for (unsigned i = 0; i < 2; i++)
        if (v[i].wrong)
            fail_msg("%s %s", v[i].operation, v[i].text);
    return v;
}

/* A writer that waits for readers is no reason to call them starved, or to wait for each other. */
static void readers_beside_a_writer_that_waits(void **state)
{
    const struct progress_verdict *v = observe_right(&contend_counter_waiting_ops);

    (void)state;
    assert_true(v[0].blocks);
}

static void several_operations_that_end(void **state)
{
    (void)state;
    assert_false(observe_right(&contend_counter_looking_ops)[0].starves);
}

static void retries_of_many_steps(void **state)
{
    (void)state;
    assert_true(observe_right(&contend_counter_retrying_ops)[0].starves);
}

static void threads_that_come_and_go(void **state)
{
    const struct progress_verdict *v = observe(&contend_counter_joining_ops);

    (void)state;
    assert_false(v[0].wrong);
    assert_true(v[1].wrong && v[1].starves);
    assert_non_null(strstr(v[1].text, "declared wait-free"));
    assert_non_null(strstr(v[1].text, "detaches and attaches: after 200 steps it had not ended"));
}

static char *explained(struct progress_verdict *v)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    progress_explain(v, out);
    fclose(out);
    return text;
}

/* What is wrong in a progress run is shown step by step. */
static void steps_of_a_progress_run(void **state)
{
    struct progress_verdict *v = observe(&contend_counter_joining_ops);
    char *text = explained(&v[0]);

    (void)state;
    assert_string_equal(text, ""); /* nothing is wrong, so there is nothing to show */
    free(text);
    text = explained(&v[1]);
    assert_non_null(strstr(text, "thread 1 is starved:"));
    assert_non_null(strstr(text, "load "));
    assert_non_null(strstr(text, "HERE: starvation"));
    assert_non_null(strstr(text, "replay with: contend check --replay "));
    assert_non_null(strstr(text, "@sc+starve1.1@quarantine@"));
    free(text);
}

static void steps_of_a_race_in_a_progress_run(void **state)
{
    struct progress_verdict *v = observe(&contend_counter_racing_ops);
    char *text = explained(&v[0]);

    (void)state;
    assert_true(v[0].wrong);
    if (!strstr(v[0].text, "are not ordered"))
        fail_msg("%s %s\n%s", v[0].operation, v[0].text, text);
    assert_non_null(strstr(text, "thread 1 is stopped:"));
    assert_non_null(strstr(text, "write counter.adds := 1"));
    assert_non_null(strstr(text, "HERE: data race"));
    assert_non_null(strstr(text, "@sc+stop1."));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_beside_a_writer_that_waits),
        cmocka_unit_test(several_operations_that_end),
        cmocka_unit_test(retries_of_many_steps),
        cmocka_unit_test(threads_that_come_and_go),
        cmocka_unit_test(steps_of_a_progress_run),
        cmocka_unit_test(steps_of_a_race_in_a_progress_run),
    };

    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
