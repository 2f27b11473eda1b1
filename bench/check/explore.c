/* explore.c - execution after execution, until one fails or the limits are reached. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/budget.h"
#include "bench/check/cost.h"
#include "bench/check/operands.h"
#include "bench/check/reduce.h"
#include "bench/check/state.h"

static const struct strategy *strategy_of(enum check_strategy s)
{
    switch (s) {
    case CHECK_PCT: return &strategy_pct;
    case CHECK_DEPTH_FIRST: return &strategy_depth_first;
    case CHECK_REDUCED: return &strategy_reduced;
    case CHECK_REPLAY: return &strategy_replay;
    default: return &strategy_random;
    }
}

static void prepare(const struct check_test *test, const struct check_options *options,
                    struct check_result *result)
{
    run.test = test;
    run.options = options;
    run.result = result;
    run.strategy = strategy_of(options->strategy);
    run.weak = options->mode == CHECK_WEAK;
    run.bound = options->bound ? options->bound : 2;
    run.left_out = run.cut = false;
    run.step_limit = options->steps ? options->steps : 20000;
    memset(result, 0, sizeof *result);
}

static bool deepens(const struct check_options *o)
{
    return o->strategy == CHECK_DEPTH_FIRST && !o->shallow && (o->executions || o->seconds > 0);
}

/* Everything within the bound has been tried.  Returns whether to begin anew with a higher one. */
static bool go_deeper(const struct check_options *o, struct check_result *r)
{
    r->complete = o->strategy != CHECK_REDUCED || !cost_was_too_high();
    r->exhaustive = o->strategy == CHECK_REDUCED && r->complete && !run.cut;
    if (o->strategy != CHECK_DEPTH_FIRST)
        return false;
    r->covered = run.bound;
    r->exhaustive = !run.left_out && !run.cut;
    if (!run.left_out || !deepens(o))
        return false;
    run.bound++;
    run.left_out = false;
    return true;
}

static struct check_result explore(const struct check_test *test,
                                   const struct check_options *options)
{
    static struct check_result result;

    prepare(test, options, &result);
    budget_begin(options, &result);
    if (options->strategy == CHECK_REPLAY && !choices_parse(options->choices)) {
        result.verdict = CHECK_ASSERTION;
        snprintf(result.text, sizeof result.text, "'%s' is not a list of choices",
                 options->choices);
        return result;
    }
    for (;;) {
        run.random = random_seeded(options->seed, result.executions);
        schedule_execute();
        if (test->ended)
            test->ended(test->context);
        result.executions++;
        result.given_up += run.given_up;
        result.steps += run.steps;
        result.fingerprint = (result.fingerprint ^ run.hash) * UINT64_C(0x100000001b3);
        if (result.verdict != CHECK_PASSED) {
            result.failing = result.executions;
            if (options->strategy != CHECK_REDUCED || reduce_repeat())
                choices_print(result.choices, sizeof result.choices);
            break;
        }
        if (!run.strategy->advance() && !go_deeper(options, &result))
            break;
        if (budget_spent())
            break;
    }
    result.seconds = budget_seconds();
    return result;
}

/* What a search has done, and what another one that follows it adds. */
static struct check_result both(const struct check_result *first, struct check_result then)
{
    then.failing += then.failing ? first->executions : 0;
    then.executions += first->executions;
    then.steps += first->steps;
    then.seconds += first->seconds;
    then.given_up += first->given_up;
    then.fingerprint ^= first->fingerprint;
    then.out_of_time |= first->out_of_time;
    return then;
}

/* Small programs are exhausted by classes of schedules; of others, few switches are tried first. */
static struct check_result explore_deeply(const struct check_test *test,
                                          const struct check_options *options)
{
    struct check_options o = *options;

    o.strategy = CHECK_REDUCED;
    o.executions = (options->executions + 1) / 2;
    o.seconds = options->seconds / 2;
    struct check_result first = explore(test, &o);
    if (first.verdict != CHECK_PASSED || first.exhaustive)
        return first;
    o = *options;
    o.executions -= o.executions ? first.executions : 0;
    if (o.seconds > 0)
        o.seconds -= first.seconds;
    if ((options->executions && o.executions == 0) || (options->seconds > 0 && o.seconds <= 0))
        return first;
    return both(&first, explore(test, &o));
}

struct check_result check_run(const struct check_test *test, const struct check_options *options)
{
    /* Past a race, the order of plain accesses counts as well. */
    bool unfit = options->freeze_thread || options->starve_thread || options->past_races;

    return deepens(options) && options->mode == CHECK_SC && options->reuse == CHECK_QUARANTINE && !unfit
               ? explore_deeply(test, options)
               : explore(test, options);
}

/* ---- minimising ---- */

static unsigned deviations(const char *choices)
{
    unsigned count = strcmp(choices, "-") != 0;

    for (; *choices; choices++)
        count += *choices == ',';
    return count;
}

/* The list without its n-th entry; "-" is the empty one. */
static void without(const char *choices, unsigned n, char out[CHECK_CHOICES])
{
    const char *from = choices, *end;

    while (n-- > 0)
        from = strchr(from, ',') + 1;
    end = strchr(from, ',');
    int kept = (int)(from - choices);
    if (end)
        snprintf(out, CHECK_CHOICES, "%.*s%s", kept, choices, end + 1);
    else if (kept > 0)
        snprintf(out, CHECK_CHOICES, "%.*s", kept - 1, choices);
    else
        snprintf(out, CHECK_CHOICES, "-");
}

/* Drops one deviation after the other as long as the verdict stays. */
static void drop_deviations(const struct check_test *test, struct check_options *o,
                            struct check_result *best)
{
    char shorter[CHECK_CHOICES];
    unsigned tries = 0;

    o->strategy = CHECK_REPLAY;
    for (unsigned n = deviations(best->choices); n-- > 0 && tries < 2000; tries++) {
        if (n >= deviations(best->choices))
            continue;
        without(best->choices, n, shorter);
        o->choices = shorter;
        struct check_result r = check_run(test, o);
        if (r.verdict == best->verdict && r.choices[0] &&
            deviations(r.choices) < deviations(best->choices)) {
            *best = r;
            n = deviations(best->choices);
        }
    }
}

/* Limits in steps, not in time, so that a failure is always shortened to the same choices. */
enum { SEARCH_STEPS = 20000000, SEARCH_EXECUTIONS = 20000 };

static uint64_t search_executions(const struct check_result *r)
{
    uint64_t most = SEARCH_STEPS / (r->steps / r->executions + 1);

    return most < SEARCH_EXECUTIONS ? most + 1 : SEARCH_EXECUTIONS;
}

/* Looks for the same verdict with fewer switches than that. */
static void search_below(const struct check_test *test, struct check_options *o,
                         struct check_result *best)
{
    o->strategy = CHECK_DEPTH_FIRST;
    o->shallow = true;
    o->executions = search_executions(best);
    o->seconds = 0;
    for (o->bound = 1; o->bound < 4 && o->bound < deviations(best->choices); o->bound++) {
        struct check_result r = check_run(test, o);
        if (r.verdict == best->verdict && r.choices[0] &&
            deviations(r.choices) < deviations(best->choices)) {
            *best = r;
            return;
        }
    }
}

void check_minimise(const struct check_test *test, const struct check_options *options,
                    struct check_result *result)
{
    struct check_options o = *options;
    struct check_result best = *result, found = *result;

    if (result->verdict == CHECK_PASSED || !result->choices[0])
        return;
    drop_deviations(test, &o, &best);
    search_below(test, &o, &best);
    drop_deviations(test, &o, &best);
    *result = best;
    result->executions = found.executions;
    result->steps = found.steps;
    result->failing = found.failing;
    result->seconds = found.seconds;
    result->fingerprint = found.fingerprint;
}

/* ---- for the code of a test ---- */

void check_failed(const char *file, int line, const char *condition)
{
    const struct operands_frame caller = { __builtin_return_address(0), __builtin_frame_address(0) };
    char where[OPERANDS_LINE], values[256] = "";

    source_text(file, line, where, sizeof where);
    if (run.recording)
        operands_print(condition, where, &caller, values, sizeof values);
    fail(CHECK_ASSERTION, "%s is false at %s%s%s", condition, where, values[0] ? ", where " : "", values);
}

void check_fail(const char *format, ...)
{
    char text[CHECK_TEXT];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fail(CHECK_ASSERTION, "%s", text);
}

unsigned check_self(void)
{
    return run.me;
}

uint32_t check_now(void)
{
    return self()->now.lane[run.me];
}

bool check_knows(unsigned thread, uint32_t then)
{
    return self()->now.lane[thread] >= then;
}

void check_operation_begin(const char *text, uint64_t *begin)
{
    struct thread *t = self();

    holdup_operation_begins();
    turns_forget();
    futile_deed();
    if (begin && run.parallel)
        t->begin = begin;
    else if (begin)
        *begin = ++run.stamp;
    if (!run.recording)
        return;
    t->aside = 0;
    t->inside = false;
    trace_text(EVENT_BEGIN, NULL, text);
    t->inside = true;
}

void check_operation_end(const char *text, uint64_t *begin, uint64_t *end)
{
    struct thread *t = self();

    if (t->begin) { /* the operation made no step */
        *begin = ++run.stamp;
        reduce_operation(true);
        t->begin = NULL;
    }
    if (end)
        *end = ++run.stamp;
    if (end && run.parallel)
        reduce_operation(false);
    holdup_operation_ends();
    if (!run.recording)
        return;
    t->inside = false;
    trace_text(EVENT_END, NULL, text);
}

bool check_replays(void)
{
    return run.strategy == &strategy_replay;
}

bool check_is_accompanied(void)
{
    return run.parallel;
}

bool check_explaining(void)
{
    return run.recording;
}

void *check_allocate(size_t size)
{
    void *block = memory_allocate(size, 128, false, __builtin_return_address(0));

    if (!block)
        fail(CHECK_TOO_LONG, "the test's own memory is exhausted");
    memory_internal(block);
    return block;
}

void check_deallocate(void *block)
{
    memory_release(block, __builtin_return_address(0));
}

const char *check_verdict_name(enum check_verdict verdict)
{
    static const char *const names[] = {
        "passed",        "data race", "use after free",    "out of bounds", "bad free",
        "uninitialised", "leak",      "deadlock",          "livelock",      "does not end",
        "misuse",        "assertion", "blocked by another", "starvation",    "crash"
    };

    return names[verdict];
}
