/*
 * test_awaits.c - random programs of loops that wait end as they do in a search that cuts nothing.
 *
 * The other search is depth first with all switches.  Both must see the same outcomes, and a failure, a
 * livelock or an assertion, in the same programs; and what the reduced search finds must be repeated by its
 * choices.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/base/random.h"
#include "bench/check/check.h"
#include "tests/bench/check/awaits.h"

enum { THREADS = 3, OUTCOMES = 1 << 10, PROGRAMS = 400, MOST_EXECUTIONS = 20000 };

struct program {
    unsigned threads, length[THREADS];
    struct await steps[THREADS][AWAIT_LENGTH];
};

struct exploration {
    const struct program *p;
    int read[THREADS][AWAIT_LENGTH];
    uint64_t outcomes[OUTCOMES];
    unsigned count;
    struct check_result result;
};

/* ---- programs ---- */

static struct await any_step(struct random *r)
{
    bool waits = random_below(r, 5) < 2, asserts = random_below(r, 20) == 0;
    unsigned kind = (unsigned)random_below(r, waits ? AWAIT_KINDS - AWAIT_VALUE : AWAIT_NEVER);

    return (struct await){ (enum await_kind)(waits ? kind + AWAIT_VALUE : asserts ? AWAIT_NEVER : kind),
                           (unsigned)random_below(r, AWAIT_PLACES), 1 + (random_below(r, 5) == 0) };
}

static struct program any_program(struct random *r)
{
    struct program p = { .threads = 2 + (unsigned)random_below(r, 2) };

    for (unsigned t = 0; t < p.threads; t++) {
        p.length[t] = 1 + (unsigned)random_below(r, p.threads == 2 ? AWAIT_LENGTH : 2);
        for (unsigned i = 0; i < p.length[t]; i++)
            p.steps[t][i] = any_step(r);
    }
    return p;
}

static void print(const struct program *p)
{
    static const char *const names[AWAIT_KINDS] = { "store", "add", "load", "never", "await",
                                                    "await naively", "await and tell", "await either",
                                                    "swap", "take", "await twice", "await and help",
                                                    "await and lock" };

    for (unsigned t = 0; t < p->threads; t++) {
        fprintf(stderr, "  thread %u:", t + 1);
        for (unsigned i = 0; i < p->length[t]; i++)
            fprintf(stderr, " %s(%c, %d);", names[p->steps[t][i].kind], "xyz"[p->steps[t][i].place],
                    p->steps[t][i].value);
        fputc('\n', stderr);
    }
}

/* ---- exploring ---- */

static void setup(void *unused)
{
    (void)unused;
    await_reset();
}

static void body(void *context, unsigned thread)
{
    struct exploration *e = context;
    const struct program *p = e->p;

    for (unsigned i = 0; i < p->length[thread - 1]; i++)
        e->read[thread - 1][i] = await_do(&p->steps[thread - 1][i]);
}

static void finally(void *context)
{
    struct exploration *e = context;
    uint64_t outcome = 0;
    unsigned i = 0;

    for (unsigned t = 0; t < e->p->threads; t++)
        for (unsigned k = 0; k < e->p->length[t]; k++)
            outcome = outcome * 16 + (uint64_t)e->read[t][k];
    for (unsigned place = 0; place < AWAIT_PLACES; place++)
        outcome = outcome * 16 + (uint64_t)await_last(place);
    while (i < e->count && e->outcomes[i] != outcome)
        i++;
    assert_in_range(i, 0, OUTCOMES - 1);
    e->outcomes[i] = outcome;
    e->count += i == e->count;
}

static struct check_test test_of(struct exploration *e)
{
    return (struct check_test){ .name = "awaits", .setup = setup, .body = body, .finally = finally,
                                .thread_count = e->p->threads, .context = e };
}

static void explore(struct exploration *e, const struct program *p, enum check_strategy strategy)
{
    const struct check_options options = { .strategy = strategy, .bound = 1000,
                                           .executions = MOST_EXECUTIONS, .shallow = true };

    e->p = p;
    e->count = 0;
    const struct check_test test = test_of(e);
    e->result = check_run(&test, &options);
}

static bool has(const struct exploration *e, uint64_t outcome)
{
    for (unsigned i = 0; i < e->count; i++)
        if (e->outcomes[i] == outcome)
            return true;
    return false;
}

/* What differs, or NULL. */
static const char *difference(const struct exploration *whole, const struct exploration *reduced)
{
    bool fails = whole->result.verdict != CHECK_PASSED;

    if (fails != (reduced->result.verdict != CHECK_PASSED))
        return "another verdict";
    if (fails) /* in one of several ways: each search meets another one first */
        return NULL;
    for (unsigned i = 0; i < whole->count; i++)
        if (!has(reduced, whole->outcomes[i]))
            return "an outcome is missing";
    return whole->count == reduced->count ? NULL : "an outcome that cannot be";
}

static void is_repeated(struct exploration *e)
{
    char choices[CHECK_CHOICES];
    struct check_options options = { .strategy = CHECK_REPLAY, .choices = choices };
    const struct check_test test = test_of(e);

    if (e->result.verdict == CHECK_TOO_LONG) /* its choices would not fit */
        return;
    strcpy(choices, e->result.choices);
    if (!choices[0]) {
        print(e->p);
        fail_msg("no choices lead to %s: %s", check_verdict_name(e->result.verdict), e->result.text);
    }
    assert_int_equal(check_run(&test, &options).verdict, e->result.verdict);
}

static void what_is_cut_is_not_missed(void **state)
{
    static struct exploration whole, reduced;
    const char *day = getenv("CONTEND_ROTATION"); /* has programs of its own */
    struct random r = random_seeded(20225 + (day ? strtoull(day, NULL, 10) : 0), 0);
    uint64_t executions[2] = { 0, 0 };
    unsigned judged = 0, failed = 0;

    (void)state;
    for (unsigned n = 0; n < PROGRAMS; n++) {
        struct program p = any_program(&r);
        explore(&whole, &p, CHECK_DEPTH_FIRST);
        if (whole.result.verdict == CHECK_PASSED && !whole.result.complete)
            continue;
        explore(&reduced, &p, CHECK_REDUCED);
        assert_false(reduced.result.begun_anew);
        const char *wrong = difference(&whole, &reduced);
        if (wrong) {
            print(&p);
            fail_msg("program %u: %s (%s, %s)", n, wrong, check_verdict_name(whole.result.verdict),
                     check_verdict_name(reduced.result.verdict));
        }
        judged++;
        if (whole.result.verdict == CHECK_PASSED) {
            executions[0] += whole.result.executions;
            executions[1] += reduced.result.executions;
            continue;
        }
        failed++;
        is_repeated(&reduced);
    }
    printf("# long: %u programs that wait, %u of them fail: of the others %" PRIu64 " executions depth first, %"
           PRIu64 " reduced\n", judged, failed, executions[0], executions[1]);
    assert_in_range(judged, PROGRAMS * 3 / 4, PROGRAMS);
    assert_in_range(failed, PROGRAMS / 10, PROGRAMS * 9 / 10);
    assert_true(executions[1] * 3 < executions[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_cut_is_not_missed) };

    return cmocka_run_group_tests_name("awaits", tests, NULL, NULL);
}
