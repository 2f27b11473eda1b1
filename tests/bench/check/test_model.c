/*
 * test_model.c - the checker's memory model against the axioms, on random programs.
 *
 * For each program the checker must find every outcome that it promises to find and
 * none that the standard forbids; and a data race just where an execution has one.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/bench/check/axioms.h"

enum { PROGRAMS = 1500, PROGRAMS_OF_A_DAY = 500, MOST = 6, MOST_LONG = 8 };

struct session {
    uint64_t seed;
    double seconds; /* 0: so many programs */
    unsigned programs, telling, weaker, racy;
};

/* What is wrong with the checker's answer for this program, or NULL; *outcome shows it. */
typedef const char *judgement(struct session *s, const struct program *p, uint64_t *outcome);

static struct outcomes found;
static struct axioms axioms;

/* An outcome that is in `some` but not in `all`. */
static bool is_missing(const struct outcomes *some, const struct outcomes *all, uint64_t *outcome)
{
    for (unsigned i = 0; i < some->count; i++)
        if (!outcomes_have(all, some->of[i])) {
            *outcome = some->of[i];
            return true;
        }
    return false;
}

static const char *explore(const struct program *p, enum check_mode mode,
                           enum check_strategy strategy)
{
    struct check_result r = program_explore(p, mode, strategy, &found);

    if (r.verdict != CHECK_PASSED)
        return check_verdict_name(r.verdict);
    if (!r.complete || found.overflow)
        return "the search was not complete";
    return NULL;
}

static const char *judge_interleaved(struct session *s, const struct program *p, uint64_t *outcome)
{
    static const enum check_strategy searches[] = { CHECK_DEPTH_FIRST, CHECK_REDUCED };
    static struct outcomes wanted;

    (void)s;
    axioms_interleave(p, &wanted);
    for (unsigned i = 0; i < 2; i++) {
        const char *wrong = explore(p, CHECK_SC, searches[i]);
        if (wrong)
            return wrong;
        if (is_missing(&found, &wanted, outcome))
            return "no interleaving ends so";
        if (is_missing(&wanted, &found, outcome))
            return i ? "the reduced search loses an interleaving" : "an interleaving is not found";
    }
    return NULL;
}

static const char *judge_weak(struct session *s, const struct program *p, uint64_t *outcome)
{
    static struct outcomes interleaved;
    const char *wrong = explore(p, CHECK_WEAK, CHECK_DEPTH_FIRST);

    axioms_judge(p, &axioms);
    axioms_interleave(p, &interleaved);
    s->weaker += is_missing(&axioms.reachable, &interleaved, outcome);
    if (wrong)
        return wrong;
    if (is_missing(&found, &axioms.allowed, outcome))
        return "C++20 forbids what is found";
    return is_missing(&axioms.reachable, &found, outcome) ? "an outcome is not found" : NULL;
}

static const char *judge_race(struct session *s, const struct program *p, uint64_t *outcome)
{
    struct check_result r = program_explore(p, CHECK_WEAK, CHECK_DEPTH_FIRST, &found);

    (void)outcome;
    axioms_judge(p, &axioms);
    s->racy += axioms.race_reachable;
    if (r.verdict == CHECK_RACE)
        return axioms.race_allowed ? NULL : "there is no data race";
    if (r.verdict != CHECK_PASSED)
        return check_verdict_name(r.verdict);
    return axioms.race_reachable ? "a data race is not found" : NULL;
}

/* Leaves out operations for as long as something is wrong. */
static void shrink(struct session *s, struct program *p, judgement *judge)
{
    uint64_t outcome = 0;

    for (unsigned t = 0; t < p->threads; t++)
        for (unsigned i = 0; i < p->length[t]; i++) {
            struct program less = *p;
            less.length[t]--;
            memmove(&less.op[t][i], &less.op[t][i + 1], (less.length[t] - i) * sizeof *less.op[t]);
            if (judge(s, &less, &outcome)) {
                *p = less;
                shrink(s, p, judge);
                return;
            }
        }
}

static void report(struct session *s, struct program p, judgement *judge)
{
    uint64_t outcome = 0;

    shrink(s, &p, judge);
    const char *wrong = judge(s, &p, &outcome);
    program_print(&p, stderr);
    program_print_outcome(&p, outcome, stderr);
    fail_msg("program %u of seed %" PRIu64 ": %s", s->programs, s->seed, wrong);
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Whether the orders of a program forbid anything: that is where a model can be wrong. */
static bool orders_matter(const struct program *p)
{
    static struct axioms relaxed;
    struct program q = *p;

    for (unsigned t = 0; t < q.threads; t++)
        for (unsigned i = 0; i < q.length[t]; i++)
            if (q.op[t][i].kind == OP_FENCE)
                q.op[t][i].order = __ATOMIC_ACQUIRE; /* alone, it means nothing */
            else
                q.op[t][i].order = q.op[t][i].failure = __ATOMIC_RELAXED;
    axioms_judge(p, &axioms);
    axioms_judge(&q, &relaxed);
    return relaxed.allowed.count != axioms.allowed.count ||
           relaxed.race_allowed != axioms.race_allowed;
}

static struct session judge_programs(judgement *judge, bool plain)
{
    const char *seed = getenv("CONTEND_SEED"), *seconds = getenv("CONTEND_LONG_SECONDS");
    const char *day = getenv("CONTEND_ROTATION"); /* has programs of its own */
    unsigned programs = day ? PROGRAMS_OF_A_DAY : PROGRAMS;
    struct session s = { .seed = seed ? strtoull(seed, NULL, 0)
                                      : 20101 + (day ? strtoull(day, NULL, 10) : 0),
                         .seconds = seconds ? strtod(seconds, NULL) / 3 : 0 };
    struct random r = random_seeded(s.seed, plain);
    double begun = now_s();

    while (s.seconds > 0 ? now_s() - begun < s.seconds : s.programs < programs) {
        struct program p = program_random(&r, s.seconds > 0 ? MOST_LONG : MOST, plain);
        uint64_t outcome = 0;
        bool telling = orders_matter(&p);
        if (!telling && random_below(&r, 100) != 0)
            continue;
        s.telling += telling;
        s.programs++;
        if (judge(&s, &p, &outcome))
            report(&s, p, judge);
    }
    return s;
}

static void without_weak_values_it_interleaves(void **state)
{
    (void)state;
    judge_programs(judge_interleaved, false);
}

static void weak_outcomes_are_those_of_the_standard(void **state)
{
    struct session s = judge_programs(judge_weak, false);

    (void)state;
    printf("# long: %u random programs end as the axioms of C++20 say; the orders of %u forbid "
           "something, %u end in ways that no interleaving has\n", s.programs, s.telling, s.weaker);
    assert_in_range(s.telling, s.programs / 2, s.programs);
    assert_in_range(s.weaker, s.programs / 50, s.programs);
}

static void races_are_those_of_the_standard(void **state)
{
    struct session s = judge_programs(judge_race, true);

    (void)state;
    printf("# long: %u random programs are judged as the axioms say, %u of them race\n", s.programs,
           s.racy);
    assert_in_range(s.racy, s.programs / 10, s.programs - s.programs / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_weak_values_it_interleaves),
        cmocka_unit_test(weak_outcomes_are_those_of_the_standard),
        cmocka_unit_test(races_are_those_of_the_standard),
    };

    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
