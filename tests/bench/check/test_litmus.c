/* test_litmus.c - every allowed outcome is found, no other one appears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/check/check.h"
#include "tests/bench/check/litmus.h"

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
    litmus_calls_reset();
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

static struct check_result explore(const struct litmus *l, const struct check_options *options)
{
    struct check_test test = { .name = l->name, .setup = setup, .body = body, .finally = finally };

    while (test.thread_count < LITMUS_THREADS && l->threads[test.thread_count])
        test.thread_count++;
    now = l;
    memset(found, 0, sizeof found);
    return check_run(&test, options);
}

/* No program makes this many unforced steps: the search is complete. */
static const struct check_options all_weak = { .mode = CHECK_WEAK, .bound = 50,
                                               .strategy = CHECK_DEPTH_FIRST };
static const struct check_options all_sc = { .mode = CHECK_SC, .bound = 50,
                                             .strategy = CHECK_DEPTH_FIRST };

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

static void judge_outcomes(const struct litmus *l, const struct check_options *options)
{
    struct check_result r = explore(l, options);

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

static void outcomes_are_exact(void **state)
{
    judge_outcomes(*state, &all_weak);
}

/* Without weak values: each outcome is one of an interleaving, so of the weak ones as well. */
static void interleavings_are_fewer(void **state)
{
    static bool interleaved[OUTCOMES];

    (void)state;
    for (const struct litmus *l = litmus_tests; l->name; l++) {
        if (l->threads[2])
            continue; /* many interleavings, and nothing new */
        explore(l, &all_sc);
        memcpy(interleaved, found, sizeof found);
        explore(l, &all_weak);
        for (unsigned o = 0; o < OUTCOMES; o++)
            if (interleaved[o] && !found[o])
                fail_msg("%s: outcome %u only in sc mode", l->name, o);
        if (strncmp(l->name, "SB ", 3) == 0)
            assert_false(interleaved[0]);
    }
}

/* One execution for each order of dependent steps ends in all that any schedule ends in. */
static void reduction_loses_nothing(void **state)
{
    static const struct check_options reduced = { .strategy = CHECK_REDUCED, .executions = 20000 };
    static bool interleaved[OUTCOMES];
    uint64_t all = 0, classes = 0;

    (void)state;
    for (const struct litmus *l = litmus_tests; l->name; l++) {
        if (l->threads[3])
            continue; /* too many interleavings to compare with */
        struct check_result r = explore(l, &all_sc);
        all += r.executions;
        memcpy(interleaved, found, sizeof found);
        r = explore(l, &reduced);
        classes += r.executions - r.given_up;
        if (!r.exhaustive || r.verdict != CHECK_PASSED)
            fail_msg("%s: not exhausted: %s", l->name, r.text);
        for (unsigned o = 0; o < OUTCOMES; o++)
            if (interleaved[o] != found[o])
                fail_msg("%s: outcome %u %s", l->name, o, found[o] ? "appears" : "is lost");
    }
    assert_true(4 * classes < all);
}

/* Chance finds the weak outcomes as well. */
static void random_finds_them(void **state)
{
    const struct check_options options = { .mode = CHECK_WEAK, .executions = 5000, .seed = 1 };

    (void)state;
    for (const struct litmus *l = litmus_tests; l->name; l++) {
        explore(l, &options);
        for_each(l, l->exactly ? l->exactly : l->must, true);
    }
}

static void judge_replay(const struct litmus_call *c, struct check_options o,
                         const struct check_result *failed)
{
    o.strategy = CHECK_REPLAY;
    o.choices = failed->choices;
    struct check_result again = explore(&c->program, &o);
    if (again.verdict != failed->verdict || strcmp(again.text, failed->text) != 0)
        fail_msg("%s: %s replays as %s", c->program.name, failed->choices, again.text);
}

/* For every way to choose and both memories: correct programs pass, faults are found. */
static void calls_are_judged(void **state)
{
    const struct litmus_call *c = *state;

    for (int s = CHECK_RANDOM; s <= CHECK_DEPTH_FIRST; s++)
        for (int mode = CHECK_SC; mode <= CHECK_WEAK; mode++) {
            struct check_options o = { .mode = (enum check_mode)mode, .reuse = c->reuse,
                                       .strategy = (enum check_strategy)s, .bound = c->bound,
                                       .executions = s == CHECK_DEPTH_FIRST ? 0 : 2000,
                                       .seed = 1 };
            struct check_result r = explore(&c->program, &o);
            if (r.verdict != c->ends)
                fail_msg("%s, strategy %d, mode %d: %s: %s", c->program.name, s, mode,
                         check_verdict_name(r.verdict), r.text);
            if (r.verdict != CHECK_PASSED)
                judge_replay(c, o, &r);
            else if (s == CHECK_DEPTH_FIRST)
                judge_outcomes(&c->program, &o);
        }
}

int main(void)
{
    enum { MOST = 128 };
    static struct CMUnitTest tests[MOST];
    size_t count = 0;

    for (const struct litmus *l = litmus_tests; l->name && count < MOST - 3; l++)
        tests[count++] = (struct CMUnitTest){ l->name, outcomes_are_exact, NULL, NULL, (void *)l };
    for (const struct litmus_call *c = litmus_calls; c->program.name && count < MOST - 3; c++)
        tests[count++] =
            (struct CMUnitTest){ c->program.name, calls_are_judged, NULL, NULL, (void *)c };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(interleavings_are_fewer);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(reduction_loses_nothing);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(random_finds_them);
    return _cmocka_run_group_tests("litmus", tests, count, NULL, NULL);
}
