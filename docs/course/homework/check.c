/* check.c - the skeleton's scenarios under every schedule that the checker can try. */
#include <stdatomic.h>

#include "check/check.h"
#include "judge.h"

enum { EXECUTIONS = 4000, SECONDS = 3, SCENARIOS = sizeof scenarios / sizeof *scenarios, FREEZES = 400 };

/* What a test is about; the checker keeps it out of what begins anew in each execution. */
struct subject {
    const struct scenario *scenario;
    bool weak;
};

static struct object object;
static struct history of_thread[JUDGE_THREADS + 2]; /* before, each thread, after */

/* What the judge notes is no step of the program: the checker does not see it. */
#define UNSEEN __attribute__((no_sanitize("thread"), noinline))

UNSEEN static unsigned long stamp(bool reset)
{
    static unsigned long time;

    time = reset ? 0 : time + 1;
    return time;
}

UNSEEN static void forget_calls(void)
{
    stamp(true);
    for (unsigned list = 0; list < JUDGE_THREADS + 2; list++)
        of_thread[list].count = 0;
}

UNSEEN static void note_call(unsigned list, const struct step *step)
{
    struct history *h = &of_thread[list];

    h->calls[h->count++] = (struct call){ .op = step->op, .thread = list, .argument = step->argument,
                                          .called = stamp(false) };
}

UNSEEN static void note_answer(unsigned list, long result)
{
    struct call *c = &of_thread[list].calls[of_thread[list].count - 1];

    c->result = result;
    c->returned = stamp(false);
}

static void make_calls(const struct step *steps, unsigned list)
{
    for (unsigned i = 0; i < JUDGE_STEPS && steps[i].op; i++) {
        note_call(list, &steps[i]);
        note_answer(list, object_apply(&object, steps[i].op, steps[i].argument));
    }
}

static void setup(void *context)
{
    const struct subject *now = context;

    forget_calls();
    check_that(object_init(&object) == 0);
    make_calls(now->scenario->before, 0);
}

static void body(void *context, unsigned thread)
{
    const struct subject *now = context;

    check_ready(); /* where one thread is stopped, the others wait here until it has made its steps */
    make_calls(now->scenario->threads[thread - 1], thread); /* the checker counts from 1 */
}

/*
 * In weak mode there is no order of time between threads: what ran at once overlaps.  The calls of one
 * thread keep their order all the same.
 */
UNSEEN static void loosen(struct history *h, unsigned list)
{
    for (unsigned i = 0; i < h->count && h->calls[i].returned; i++) {
        h->calls[i].called = list == 0 ? 0 : list == JUDGE_THREADS + 1 ? 4 : 2;
        h->calls[i].returned = h->calls[i].called + 1;
    }
}

UNSEEN static struct history all_calls(bool weak)
{
    struct history all = { .count = 0 };

    for (unsigned list = 0; list < JUDGE_THREADS + 2; list++) {
        if (weak)
            loosen(&of_thread[list], list);
        for (unsigned i = 0; i < of_thread[list].count; i++)
            all.calls[all.count++] = of_thread[list].calls[i];
    }
    return all;
}

static void finally(void *context)
{
    const struct subject *now = context;

    make_calls(now->scenario->after, JUDGE_THREADS + 1);
    struct history all = all_calls(now->weak);
    bool some_order_explains_the_answers = history_is_explained(&all);
    check_that(some_order_explains_the_answers);
    object_fini(&object);
}

/* Each has a place of its own, which is written once and before any execution reads it. */
static struct subject *subject_of(unsigned number, bool weak)
{
    static struct subject subjects[SCENARIOS][2];

    subjects[number][weak] = (struct subject){ &scenarios[number], weak };
    return &subjects[number][weak];
}

static struct check_test test_of(struct subject *s)
{
    return (struct check_test){ .name = "homework", .setup = setup, .body = body,
                                .thread_count = scenario_threads(s->scenario), .finally = finally,
                                .context = s };
}

/* Runs one scenario one way; whether nothing was found. */
static bool try_scenario(unsigned number, enum check_mode mode, enum check_strategy strategy,
                         enum check_reuse reuse)
{
    struct subject *now = subject_of(number, mode == CHECK_WEAK);
    struct check_test test = test_of(now);
    struct check_options options = { .mode = mode, .strategy = strategy, .reuse = reuse, .seed = 1,
                                     .executions = EXECUTIONS, .seconds = SECONDS };

    struct check_result result = check_run(&test, &options);
    if (result.verdict == CHECK_PASSED)
        return true;
    check_minimise(&test, &options, &result);
    printf("scenario %u, %s memory, execution %llu:\n\n", number + 1, now->weak ? "weak" : "sequentially consistent",
           (unsigned long long)result.failing);
    check_explain(&test, &options, &result, stdout);
    struct history all = all_calls(now->weak); /* of the execution that was explained */
    puts("(check.c and kind.h are the judge's: they make the calls, on an object of their own.)\n\n"
         "The calls, and what they returned:");
    history_print(&all, stdout);
    if (!history_is_explained(&all) && result.verdict == CHECK_ASSERTION)
        puts("One after the other, in whatever order, these calls would not return that.");
    printf("\nverdict: FAILED: %s\n", check_verdict_name(result.verdict));
    return false;
}

static bool check_all(void)
{
    for (unsigned s = 0; s < SCENARIOS; s++)
        for (int mode = CHECK_SC; mode <= CHECK_WEAK; mode++)
            for (int reuse = CHECK_QUARANTINE; reuse <= CHECK_LIFO; reuse++)
                if (!try_scenario(s, (enum check_mode)mode, CHECK_DEPTH_FIRST, (enum check_reuse)reuse) ||
                    !try_scenario(s, (enum check_mode)mode, CHECK_RANDOM, (enum check_reuse)reuse))
                    return false;
    puts("verdict: nothing found");
    return true;
}

/* Stops thread 1 after each of its steps: whether the others can always finish. */
static void look_for_progress(void)
{
    struct check_test test = test_of(subject_of(0, false));

    test.finally = NULL; /* a stopped operation has no result */
    for (unsigned after = 1; after <= FREEZES; after++) {
        struct check_options options = { .strategy = CHECK_RANDOM, .seed = after, .executions = 4,
                                         .freeze_thread = 1, .freeze_after = after, .freeze_alone = after,
                                         .keep_leaks = true };
        struct check_result result = check_run(&test, &options);
        if (result.verdict == CHECK_BLOCKED || result.verdict == CHECK_TOO_LONG) {
            printf("stopped after %u of its steps: %s\nprogress: blocking\n", after, result.text);
            return;
        }
        if (result.frozen_steps < after)
            break;
    }
    puts("progress: a thread that stands still holds up nobody");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "progress") == 0) {
        look_for_progress();
        return 0;
    }
    return check_all() ? 0 : 1;
}
