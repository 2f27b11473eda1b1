/*
 * test_classes.c - counters that promise less are held to what they do promise:
 * histories that each class allows or forbids, and a counter that lags.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bench/check/counter_history.h"
#include "bench/check/suite.h"

/* ---- histories ---- */

struct line {
    unsigned thread;
    int kind;
    int64_t argument, result;
    uint64_t begin, end;
};

static const struct counter_promise
    linearizable = { .kind = COUNTER_LINEARIZABLE },
    intermediate = { .kind = COUNTER_INTERMEDIATE },
    quiescent = { .kind = COUNTER_QUIESCENT },
    not_below_0 = { .kind = COUNTER_QUIESCENT }, /* of a counter that holds no negative sum */
    rash = { .kind = COUNTER_QUIESCENT }, /* the same, and it refuses early */
    at_most_3 = { .kind = COUNTER_QUIESCENT }, /* of a counter that holds 0 to 3 */
    by_one = { .kind = COUNTER_EVENTUAL, .error = 1 },
    tenth = { .kind = COUNTER_APPROXIMATE, .relative_error = 0.1, .confidence = 1 },
    perhaps = { .kind = COUNTER_APPROXIMATE, .relative_error = 0.1, .confidence = 0.9 };

static const struct example {
    const char *name;
    const struct counter_promise *promise;
    bool possible;
    struct line lines[8]; /* ended by a thread 0 */
} examples[] = {
    { "a read in the middle of an add", &linearizable, false,
      { { 1, 'a', 3, 0, 1, 4 }, { 2, 'r', 0, 1, 2, 3 } } },
    { "the same, intermediate", &intermediate, true,
      { { 1, 'a', 3, 0, 1, 4 }, { 2, 'r', 0, 1, 2, 3 } } },
    { "more than the greatest sum", &intermediate, false,
      { { 1, 'a', 3, 0, 1, 4 }, { 2, 'r', 0, 4, 2, 3 } } },
    { "less than the least sum", &intermediate, false,
      { { 1, 'a', 3, 0, 1, 2 }, { 2, 'r', 0, 2, 3, 4 } } },
    { "an undo seen before its clap", &intermediate, false,
      { { 1, 'a', 1, 0, 2, 3 }, { 1, 'a', -1, 0, 4, 5 }, { 2, 'r', 0, -1, 1, 6 } } },
    { "two reads that go back", &intermediate, false,
      { { 1, 'a', 3, 0, 1, 2 }, { 2, 'r', 0, 3, 3, 4 }, { 2, 'r', 0, 2, 5, 6 } } },
    { "an undo seen before its clap, quiescent", &quiescent, true,
      { { 1, 'a', 1, 0, 2, 3 }, { 1, 'a', -1, 0, 4, 5 }, { 2, 'r', 0, -1, 1, 6 } } },
    { "no part of any add", &quiescent, false,
      { { 1, 'a', 1, 0, 2, 3 }, { 1, 'a', -1, 0, 4, 5 }, { 2, 'r', 0, -2, 1, 6 } } },
    { "a step of an undo that fails", &rash, true,
      { { 3, 'a', 1, 0, 1, 2 }, { 1, 'a', -2, -EOVERFLOW, 3, 6 }, { 2, 'r', 0, 0, 4, 5 } } },
    { "a read below the least sum", &not_below_0, false,
      { { 1, 'a', -2, -EOVERFLOW, 1, 4 }, { 2, 'r', 0, -1, 2, 3 } } },
    { "a read above the greatest sum", &at_most_3, false,
      { { 1, 'a', 3, 0, 1, 2 }, { 1, 'a', -1, 0, 3, 6 }, { 3, 'a', 1, 0, 4, 7 },
        { 2, 'r', 0, 4, 5, 8 } } },
    { "two claps for the last place", &at_most_3, false,
      { { 3, 'a', 2, 0, 1, 2 }, { 1, 'a', 1, 0, 3, 5 }, { 2, 'a', 1, 0, 4, 6 } } },
    { "an undo between two claps for the last place", &at_most_3, true,
      { { 3, 'a', 2, 0, 1, 2 }, { 1, 'a', 1, 0, 3, 5 }, { 2, 'a', 1, 0, 4, 8 },
        { 3, 'a', -1, 0, 6, 7 } } },
    { "nobody gets the last place", &at_most_3, false,
      { { 3, 'a', 2, 0, 1, 2 }, { 1, 'a', 2, -EOVERFLOW, 3, 6 }, { 2, 'a', 1, -EOVERFLOW, 4, 5 } } },
    { "two undos for one clap", &rash, false,
      { { 3, 'a', 1, 0, 1, 2 }, { 1, 'a', -1, 0, 3, 6 }, { 2, 'a', -1, 0, 4, 5 } } },
    { "wrong while no thread adds", &quiescent, false,
      { { 1, 'a', 1, 0, 1, 2 }, { 2, 'r', 0, 0, 3, 4 } } },
    { "an undo refused though there is a clap", &not_below_0, false,
      { { 1, 'a', 1, 0, 1, 2 }, { 2, 'a', -1, -EOVERFLOW, 3, 4 } } },
    { "an undo refused beside another", &not_below_0, true,
      { { 1, 'a', 1, 0, 1, 2 }, { 2, 'a', -1, -EOVERFLOW, 3, 6 }, { 3, 'a', -1, 0, 4, 5 } } },
    { "an undo refused beside one that is refused", &not_below_0, false,
      { { 1, 'a', 1, 0, 1, 2 }, { 2, 'a', -1, -EOVERFLOW, 3, 6 }, { 3, 'a', -2, -EOVERFLOW, 4, 5 } } },
    { "the same, early", &rash, true,
      { { 1, 'a', 1, 0, 1, 2 }, { 2, 'a', -1, -EOVERFLOW, 3, 6 }, { 3, 'a', -2, -EOVERFLOW, 4, 5 } } },
    { "refused early with nothing beside it", &rash, false,
      { { 1, 'a', 1, 0, 1, 2 }, { 2, 'a', -1, -EOVERFLOW, 3, 4 } } },
    { "an undo without a clap", &not_below_0, false,
      { { 1, 'a', 1, 0, 3, 4 }, { 2, 'a', -1, 0, 1, 2 } } },
    { "one clap held back", &by_one, true,
      { { 1, 'a', 2, 0, 1, 2 }, { 2, 'r', 0, 1, 3, 4 } } },
    { "two claps held back", &by_one, false,
      { { 1, 'a', 2, 0, 1, 2 }, { 2, 'r', 0, 0, 3, 4 } } },
    { "one held back by each thread", &by_one, true,
      { { 1, 'a', 2, 0, 1, 2 }, { 3, 'a', 2, 0, 3, 4 }, { 2, 'r', 0, 2, 5, 6 } } },
    { "held back after quiescent()", &by_one, false,
      { { 1, 'a', 1, 0, 1, 2 }, { 1, 'q', 0, 0, 3, 4 }, { 2, 'r', 0, 0, 5, 6 } } },
    { "held back while quiescent() runs", &by_one, true,
      { { 1, 'a', 1, 0, 1, 2 }, { 1, 'q', 0, 0, 3, 6 }, { 2, 'r', 0, 0, 4, 5 } } },
    { "another thread's quiescent()", &by_one, true,
      { { 1, 'a', 1, 0, 1, 2 }, { 3, 'q', 0, 0, 3, 4 }, { 2, 'r', 0, 0, 5, 6 } } },
    { "held back after it has left", &by_one, false,
      { { 1, 'a', 1, 0, 1, 2 }, { 1, 'd', 0, 0, 3, 4 }, { 2, 'r', 0, 0, 5, 6 } } },
    { "claps that were never made", &by_one, false,
      { { 1, 'a', 1, 0, 3, 4 }, { 2, 'r', 0, 1, 1, 2 } } },
    { "within a tenth", &tenth, true,
      { { 1, 'a', 20, 0, 1, 2 }, { 2, 'r', 0, 22, 3, 4 } } },
    { "more than a tenth", &tenth, false,
      { { 1, 'a', 20, 0, 1, 2 }, { 2, 'r', 0, 23, 3, 4 } } },
    { "more than a tenth, which may be", &perhaps, true,
      { { 1, 'a', 20, 0, 1, 2 }, { 2, 'r', 0, 23, 3, 4 } } },
};

static void make_history(const struct line *lines)
{
    history.count = 0;
    for (const struct line *l = lines; l->thread; l++) {
        history.places[history.count] = (struct history_place){ .thread = l->thread };
        history.ops[history.count++] =
            (struct linear_op){ .begin = l->begin, .end = l->end, .kind = l->kind,
                                .argument = l->argument, .result = l->result };
    }
}

static void history_is_judged(void **state)
{
    const struct example *e = *state;
    const struct counter_rules rules = {
        .promise = e->promise,
        .min = e->promise == &not_below_0 || e->promise == &rash || e->promise == &at_most_3
                   ? 0 : -COUNTER_LIMIT,
        .max = e->promise == &at_most_3 ? 3 : COUNTER_LIMIT,
        .refuses_early = e->promise == &rash,
    };

    make_history(e->lines);
    assert_int_equal(counter_history_possible(&rules), e->possible);
}

/* The clap is another thread's, and that alone makes a right history wrong. */
static void twins_are_told_apart(void **state)
{
    static const struct line
        right[] = { { 3, 'a', 1, 0, 1, 2 }, { 1, 'q', 0, 0, 3, 4 }, { 2, 'r', 0, 0, 5, 6 }, { 0 } },
        wrong[] = { { 1, 'a', 1, 0, 1, 2 }, { 1, 'q', 0, 0, 3, 4 }, { 2, 'r', 0, 0, 5, 6 }, { 0 } };
    const struct counter_rules rules = { &by_one, -COUNTER_LIMIT, COUNTER_LIMIT, false, false };

    (void)state;
    history_forget();
    make_history(right);
    assert_true(counter_history_possible(&rules));
    history_remember(0);
    assert_true(history_known(0));
    make_history(wrong);
    assert_false(counter_history_possible(&rules));
    assert_false(history_known(0));
}

/* ---- a counter that lags, and two that lag more than they say ---- */

extern const struct counter_ops contend_counter_lagging_ops, contend_counter_holds_two_ops,
    contend_counter_deaf_ops;

static struct suite_result check_counter(const struct counter_ops *ops)
{
    struct subject s = { .family = FAMILY_counter, .copy = check_copies, .ops = ops };
    struct suite_options o = { .seed = 1, .mode = -1, .generated = 40 };

    return suite_check(&s, &o);
}

static void lagging_is_silent(void **state)
{
    (void)state;
    struct suite_result r = check_counter(&contend_counter_lagging_ops);
    if (r.failed)
        fail_msg("%s: %s", r.failure.scenario.text, r.failure.result.text);
    assert_true(r.executions > 5000);
}

static void lagging_more_is_found(void **state)
{
    struct suite_result r = check_counter(*state);

    assert_true(r.failed);
    assert_int_equal(r.failure.result.verdict, CHECK_ASSERTION);
    assert_non_null(strstr(r.failure.result.text, "a result fits none of the sums"));
    assert_true(r.failure.options.mode == CHECK_SC);
}

static void ends_are_judged(void **state)
{
    (void)state;
    assert_true(counter_sum_possible(&by_one, 5, 5));
    assert_false(counter_sum_possible(&by_one, 5, 4)); /* all have left: nothing is held back */
    assert_true(counter_sum_possible(&tenth, 20, 18));
    assert_false(counter_sum_possible(&tenth, 20, 17));
    assert_true(counter_sum_possible(&perhaps, 20, 1));
}

int main(void)
{
    enum { EXAMPLES = sizeof examples / sizeof *examples };
    static struct CMUnitTest tests[EXAMPLES + 5];
    size_t count = 0;

    for (; count < EXAMPLES; count++)
        tests[count] = (struct CMUnitTest){ examples[count].name, history_is_judged, NULL, NULL,
                                            (void *)&examples[count] };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(twins_are_told_apart);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(ends_are_judged);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(lagging_is_silent);
    tests[count++] = (struct CMUnitTest){ "two held back are found", lagging_more_is_found, NULL,
                                          NULL, (void *)&contend_counter_holds_two_ops };
    tests[count++] = (struct CMUnitTest){ "a deaf one is found", lagging_more_is_found, NULL, NULL,
                                          (void *)&contend_counter_deaf_ops };
    return _cmocka_run_group_tests("classes", tests, count, NULL, NULL);
}
