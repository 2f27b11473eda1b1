/* test_check_litmus.c - every allowed outcome is found, no other one appears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/check/check.h"
#include "tests/check/litmus.h"

enum { OUTCOMES = 10000 };

static const struct litmus *now;
static bool found[OUTCOMES];

static unsigned number_of(const char *digits)
{
    return (unsigned)strtoul(digits, NULL, 10);
}

static void setup(void *unused)
{
    (void)unused;
    litmus_reset();
}

static void body(void *unused, unsigned thread)
{
    (void)unused;
    now->threads[thread - 1]();
}

static void finally(void *unused)
{
    unsigned outcome = 0;

    (void)unused;
    if (now->last)
        now->last();
    for (unsigned i = 0; i < now->registers; i++)
        outcome = 10 * outcome + (unsigned)litmus_register[i];
    found[outcome] = true;
}

static struct check_result explore(const struct litmus *l, enum check_mode mode,
                                   enum check_strategy strategy, uint64_t executions)
{
    struct check_test test = { .name = l->name, .setup = setup, .body = body, .finally = finally };
    struct check_options options = { .mode = mode, .strategy = strategy, .bound = 50,
                                     .executions = executions, .seed = 1 };

    while (test.thread_count < LITMUS_THREADS && l->threads[test.thread_count])
        test.thread_count++;
    now = l;
    memset(found, 0, sizeof found);
    return check_run(&test, &options);
}

/* Calls fn for each outcome of the list. */
static void for_each(const struct litmus *l, const char *list, bool wanted)
{
    char copy[128], *rest = NULL;

    snprintf(copy, sizeof copy, "%s", list);
    for (char *o = strtok_r(copy, " ", &rest); o; o = strtok_r(NULL, " ", &rest)) {
        if (found[number_of(o)] != wanted)
            fail_msg("%s: outcome %s %s", l->name, o, wanted ? "is not found" : "appears");
        found[number_of(o)] = false; /* what remains was not listed */
    }
}

static void outcomes_are_exact(void **state)
{
    const struct litmus *l = *state;
    struct check_result r = explore(l, CHECK_WEAK, CHECK_DEPTH_FIRST, 0);

    if (r.verdict != CHECK_PASSED)
        fail_msg("%s: %s", l->name, r.text);
    assert_true(r.complete);
    for_each(l, l->exactly ? l->exactly : l->must, true);
    if (l->never)
        for_each(l, l->never, false);
    for (unsigned o = 0; l->exactly && o < OUTCOMES; o++)
        if (found[o])
            fail_msg("%s: outcome %0*u appears", l->name, (int)l->registers, o);
}

/* Without weak values: each outcome is one of an interleaving, so of the weak ones as well. */
static void interleavings_are_fewer(void **state)
{
    static bool interleaved[OUTCOMES];

    (void)state;
    for (const struct litmus *l = litmus_tests; l->name; l++) {
        if (l->threads[2])
            continue; /* many interleavings, and nothing new */
        explore(l, CHECK_SC, CHECK_DEPTH_FIRST, 0);
        memcpy(interleaved, found, sizeof found);
        explore(l, CHECK_WEAK, CHECK_DEPTH_FIRST, 0);
        for (unsigned o = 0; o < OUTCOMES; o++)
            if (interleaved[o] && !found[o])
                fail_msg("%s: outcome %u only in sc mode", l->name, o);
        if (strncmp(l->name, "SB ", 3) == 0)
            assert_false(interleaved[0]);
    }
}

/* Chance finds the weak outcomes as well. */
static void random_finds_them(void **state)
{
    (void)state;
    for (const struct litmus *l = litmus_tests; l->name; l++) {
        explore(l, CHECK_WEAK, CHECK_RANDOM, 5000);
        for_each(l, l->exactly ? l->exactly : l->must, true);
    }
}

int main(void)
{
    enum { MOST = 128 };
    static struct CMUnitTest tests[MOST];
    size_t count = 0;

    for (const struct litmus *l = litmus_tests; l->name && count < MOST - 2; l++)
        tests[count++] = (struct CMUnitTest){ l->name, outcomes_are_exact, NULL, NULL, (void *)l };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(interleavings_are_fewer);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(random_finds_them);
    return _cmocka_run_group_tests("litmus", tests, count, NULL, NULL);
}
