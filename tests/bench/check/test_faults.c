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
    enum { MOST = 128, OTHERS = 6 };
    static struct CMUnitTest tests[MOST];
    size_t count = 0;

    for (const struct fault *f = faults; f->test.name && count < MOST - OTHERS; f++)
        tests[count++] =
            (struct CMUnitTest){ f->test.name, verdict_is_right, NULL, NULL, (void *)f };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(seeds_repeat);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(failures_replay);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(failures_are_shortened_alike);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(failures_are_explained);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(failures_are_not_mistaken);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(bad_choices_are_refused);
    return _cmocka_run_group_tests("faults", tests, count, NULL, NULL);
}
