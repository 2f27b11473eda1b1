/*
 * test_faults.c - the verdicts: each fault is found by every strategy, what is
 * right is left alone; runs repeat themselves; a failure can be replayed and shortened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/bench/check/faults.h"

static struct check_options options_of(const struct fault *f, enum check_strategy strategy)
{
    return (struct check_options){ .mode = f->mode, .reuse = f->reuse, .strategy = strategy,
                                   .executions = strategy == CHECK_DEPTH_FIRST ? 0 : 2000,
                                   .seed = 3, .keep_leaks = f->verdict != CHECK_LEAK };
}

/* A race with free() may be met from either side. */
static bool agrees(enum check_verdict got, enum check_verdict wanted)
{
    bool memory = wanted == CHECK_USE_AFTER_FREE || wanted == CHECK_BAD_FREE;

    return got == wanted || (memory && got == CHECK_RACE);
}

static void verdict_is_right(void **state)
{
    const struct fault *f = *state;

    for (int s = CHECK_RANDOM; s <= CHECK_DEPTH_FIRST; s++) {
        struct check_options o = options_of(f, (enum check_strategy)s);
        struct check_result r = check_run(&f->test, &o);
        if (!agrees(r.verdict, f->verdict))
            fail_msg("%s, strategy %d: %s (%s), not %s", f->test.name, s,
                     check_verdict_name(r.verdict), r.text, check_verdict_name(f->verdict));
        if (s == CHECK_DEPTH_FIRST && f->verdict == CHECK_PASSED)
            assert_true(r.complete);
    }
    if (f->mode == CHECK_SC) {
        struct check_options o = options_of(f, CHECK_REDUCED);
        struct check_result r = check_run(&f->test, &o);
        assert_false(r.begun_anew);
        if (!agrees(r.verdict, f->verdict) || (f->verdict == CHECK_PASSED && !r.complete))
            fail_msg("%s, reduced: %s (%s) in %llu executions", f->test.name,
                     check_verdict_name(r.verdict), r.text, (unsigned long long)r.executions);
    }
}

/* The same seed: the same executions, event for event; another one: others. */
static void seeds_repeat(void **state)
{
    (void)state;
    for (const struct fault *f = faults; f->test.name; f++)
        for (int s = CHECK_RANDOM; s <= CHECK_DEPTH_FIRST; s++) {
            struct check_options o = options_of(f, (enum check_strategy)s);
            o.executions = 200;
            struct check_result one = check_run(&f->test, &o), two = check_run(&f->test, &o);
            assert_true(one.fingerprint == two.fingerprint);
            assert_int_equal(one.steps, two.steps);
            assert_string_equal(one.choices, two.choices);
        }
    struct check_options o = options_of(&faults[1], CHECK_RANDOM);
    struct check_result one = check_run(&faults[1].test, &o);
    o.seed++;
    assert_true(one.fingerprint != check_run(&faults[1].test, &o).fingerprint);
}

static void failures_replay(void **state)
{
    (void)state;
    for (const struct fault *f = faults; f->test.name; f++) {
        struct check_options o = options_of(f, CHECK_RANDOM);
        struct check_result r = check_run(&f->test, &o);
        if (r.verdict == CHECK_PASSED || !r.choices[0])
            continue;
        struct check_result shorter = r;
        check_minimise(&f->test, &o, &shorter);
        assert_int_equal(shorter.verdict, r.verdict);
        assert_true(strlen(shorter.choices) <= strlen(r.choices));
        o.strategy = CHECK_REPLAY;
        o.choices = shorter.choices;
        struct check_result again = check_run(&f->test, &o);
        if (again.verdict != r.verdict)
            fail_msg("%s: %s replays as %s", f->test.name, shorter.choices, again.text);
    }
}

/* The bound is raised for as long as the budget lasts, and small programs are exhausted. */
static void searches_go_deep(void **state)
{
    struct check_options o = { .strategy = CHECK_DEPTH_FIRST, .executions = 4000 };
    struct check_result r = check_run(&alternating, &o);

    (void)state;
    assert_int_equal(r.verdict, CHECK_ASSERTION);
    o.shallow = true;
    r = check_run(&alternating, &o);
    assert_int_equal(r.verdict, CHECK_PASSED); /* two switches do not do */
    assert_true(r.complete && !r.exhaustive && r.covered == 2 && r.executions < o.executions);
    o.shallow = false;
    o.reuse = CHECK_LIFO; /* not reduced */
    r = check_run(&alternating, &o);
    assert_int_equal(r.verdict, CHECK_ASSERTION);
    o.reuse = CHECK_QUARANTINE;
    r = check_run(&independent, &o);
    assert_true(r.exhaustive && r.executions == 1);
    r = check_run(&entangled, &o);
    assert_true(r.verdict == CHECK_PASSED && !r.exhaustive && r.complete && r.covered > 2);
    assert_int_equal(r.executions, o.executions);
}

static char *weakest(const struct check_test *test, unsigned weaker)
{
    const struct check_options o = { .seed = 1, .executions = 500 };
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_int_equal(check_orders(test, &o, out), weaker);
    fclose(out);
    return text;
}

static void orders_are_weakened(void **state)
{
    (void)state;
    char *text = weakest(&too_strong, 3);
    assert_non_null(strstr(text, "store    seq_cst   release\n"));
    assert_non_null(strstr(text, "load     seq_cst   acquire\n"));
    assert_non_null(strstr(text, "update   seq_cst   relaxed\n"));
    assert_non_null(strstr(text, "\n3 of 3 may be weaker, "));
    free(text);
    text = weakest(&just_enough, 0);
    assert_non_null(strstr(text, "\n0 of 4 may be weaker, "));
    free(text);
    text = weakest(&alternating, 0);
    assert_non_null(strstr(text, "alternating: fails as it is"));
    free(text);
}

/* On however slow a machine. */
static void failures_are_shortened_alike(void **state)
{
    const struct check_options o = { .strategy = CHECK_RANDOM, .seed = 1, .executions = 100000 };
    struct check_result first = check_run(&two_bugs, &o), slow = first;

    (void)state;
    assert_non_null(strchr(first.choices, ','));
    check_minimise(&two_bugs, &o, &first);
    slow_bugs = true;
    check_minimise(&two_bugs, &o, &slow);
    slow_bugs = false;
    assert_null(strchr(first.choices, ','));
    assert_string_equal(slow.choices, first.choices);
}

static char *explained(const struct fault *f)
{
    struct check_options o = options_of(f, CHECK_RANDOM);
    struct check_result r = check_run(&f->test, &o);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    check_minimise(&f->test, &o, &r);
    check_explain(&f->test, &o, &r, out);
    fclose(out);
    return text;
}

static const struct fault *fault_named(const char *name)
{
    const struct fault *f = faults;

    while (strcmp(f->test.name, name) != 0)
        f++;
    return f;
}

/* The print names threads, values, orders, source lines and the verdict. */
static void failures_are_explained(void **state)
{
    (void)state;
    char *text = explained(fault_named("an update is lost"));
    assert_non_null(strstr(text, "thread 1"));
    assert_non_null(strstr(text, "thread 2"));
    assert_non_null(strstr(text, ":= 1, relaxed"));
    assert_non_null(strstr(text, "faults.c:"));
    assert_non_null(strstr(text, "assertion: relaxed(number) == 2 is false"));
    free(text);
    text = explained(fault_named("freed while used"));
    assert_non_null(strstr(text, "load shared = block1, acquire"));
    assert_non_null(strstr(text, "thread 2"));
    assert_non_null(strstr(text, "free"));
    free(text);
    text = explained(fault_named("two locks in two orders"));
    assert_non_null(strstr(text, "lock first"));
    assert_non_null(strstr(text, "  waits for a lock\n"));
    assert_non_null(strstr(text, "no thread can go on: thread 1 waits for a lock at faults.c:"));
    free(text);
    text = explained(fault_named("a linked block, freed while used"));
    assert_non_null(strstr(text, "load link1.next = link2, acquire"));
    assert_non_null(strstr(text, "read link2.value[1] = 7"));
    free(text);
    text = explained(fault_named("never rests"));
    assert_non_null(strstr(text, " steps: the last one is thread 1's at faults.c:"));
    free(text);
    text = explained(fault_named("never rests and has no atomic access"));
    assert_non_null(strstr(text, " accesses: the last one is thread 1's at faults.c:"));
    free(text);
    text = explained(fault_named("never rests, once it may begin"));
    assert_non_null(strstr(text, " times more)\n"));
    assert_non_null(strstr(text, "HERE: does not end\n"));
    assert_true(strlen(text) < 4000);
    free(text);
    text = explained(fault_named("a stale value of the setup"));
    assert_non_null(strstr(text, "^ stale: passes over 1 newer store; written by the setup"));
    free(text);
    text = explained(fault_named("a store below the one that it replaces"));
    const char *late = "^ late: goes below 1 store; the next one above was written by thread 1 in step ";
    const char *note = strstr(text, late), *row = strstr(text, "store number := 1, relaxed");
    assert_true(note && row);
    while (row > text && row[-1] != '\n')
        row--;
    assert_int_equal(atoi(row), atoi(note + strlen(late)));
    free(text);
}

/* The row above this note. */
static const char *noted_row(const char *text, const char *note)
{
    const char *row = strstr(text, note);

    assert_non_null(row);
    for (unsigned line_ends = 0; row > text && line_ends < 2; line_ends += row[-1] == '\n')
        row--;
    return row + 1;
}

/* The other party of a race made its step in a loop; a wait has a place; a try may share. */
static void failures_are_not_mistaken(void **state)
{
    (void)state;
    char *text = explained(fault_named("one of three bytes is written"));
    const char *row = noted_row(text, "^ not ordered with the last step");
    const char *read = strstr(row, "read bytes[0] = 0");
    assert_true(read && read < strchr(row, '\n'));
    free(text);
    text = explained(fault_named("a lock that its thread keeps"));
    assert_non_null(strstr(text, "the final check waits for a lock at faults.c:"));
    free(text);
    text = explained(fault_named("a try beside a writer"));
    assert_non_null(strstr(text, "try shared rwlock"));
    free(text);
#ifndef __clang__
    text = explained(fault_named("a weak swap tried once"));
    assert_non_null(strstr(text, "cas number fails for no reason: is 0, seq_cst"));
    free(text);
#endif
}

static void bad_choices_are_refused(void **state)
{
    static const char *const bad[] = { "x", "1", "1:", "1:2,", "1:2;", ":1", "2:1,1:1", "1:999",
                                       "99999999:1", "-1:1", "1:1,1:1", NULL };
    struct check_options o = options_of(&faults[1], CHECK_REPLAY);

    (void)state;
    for (const char *const *b = bad; *b; b++) {
        o.choices = *b;
        struct check_result r = check_run(&faults[1].test, &o);
        if (strcmp(*b, "1:2,") != 0)
            assert_non_null(strstr(r.text, "is not a list of choices"));
    }
    o.choices = "0:7,3:1"; /* of another program: taken as far as it goes */
    assert_int_equal(check_run(&faults[1].test, &o).verdict, CHECK_PASSED);
}

int main(void)
{
    enum { MOST = 160, OTHERS = 8 };
    static struct CMUnitTest tests[MOST];
    size_t count = 0;

    for (const struct fault *f = faults; f->test.name && count < MOST - OTHERS; f++)
        tests[count++] =
            (struct CMUnitTest){ f->test.name, verdict_is_right, NULL, NULL, (void *)f };
    for (const struct fault *f = deep_faults; f->test.name && count < MOST - OTHERS; f++)
        tests[count++] =
            (struct CMUnitTest){ f->test.name, verdict_is_right, NULL, NULL, (void *)f };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(seeds_repeat);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(failures_replay);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(searches_go_deep);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(orders_are_weakened);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(failures_are_shortened_alike);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(failures_are_explained);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(failures_are_not_mistaken);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(bad_choices_are_refused);
    return _cmocka_run_group_tests("faults", tests, count, NULL, NULL);
}
