/*
 * long.c - every strategy explored for minutes: what the fast suite does, and deeper.
 *
 * long LEVEL [STRATEGY]...: the strategies of one copy share CONTEND_LONG_SECONDS (20),
 * with choices and scenarios made from CONTEND_SEED.  Each case is a strategy that is
 * silent, with how much of it was tried, or an exhibit that is caught.  Lines
 * "# long: ..." sum up.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/check/suite.h"

enum { ENOUGH = 200000, BOUND = 3, FIRST_EXECUTIONS = 200, MOST_EXECUTIONS = 50000,
       SEARCH_MORE = 5 /* times as many in a depth-first search, which may come to its end */ };

static const struct way {
    enum check_strategy strategy;
    enum check_mode mode;
    enum check_reuse reuse;
    unsigned depth;
} ways[] = {
    { CHECK_RANDOM, CHECK_WEAK, CHECK_QUARANTINE, 0 },
    { CHECK_RANDOM, CHECK_SC, CHECK_QUARANTINE, 0 },
    { CHECK_PCT, CHECK_SC, CHECK_QUARANTINE, 3 },
    { CHECK_PCT, CHECK_SC, CHECK_LIFO, 5 },
    { CHECK_RANDOM, CHECK_SC, CHECK_LIFO, 0 },
    { CHECK_RANDOM, CHECK_WEAK, CHECK_LIFO, 0 },
    { CHECK_DEPTH_FIRST, CHECK_SC, CHECK_QUARANTINE, 0 },
    { CHECK_DEPTH_FIRST, CHECK_WEAK, CHECK_QUARANTINE, 0 },
};

/* What was tried of one strategy, or of all. */
struct tried {
    uint64_t executions[2]; /* by enum check_mode */
    uint64_t by_chance[2];  /* of them: at random or by random priorities */
    uint64_t searches, complete;
    double seconds;
};

static struct {
    const struct check_copy *copy;
    uint64_t seed;
    double ends;
    unsigned subjects, left, cases, failed;
    struct tried all, least; /* least: the fewest executions of any strategy, by mode */
} session;

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void account(struct tried *t, const struct way *w, const struct check_result *r)
{
    t->executions[w->mode] += r->executions;
    if (w->strategy != CHECK_DEPTH_FIRST) {
        t->by_chance[w->mode] += r->executions;
        return;
    }
    t->searches++;
    t->complete += r->complete;
}

/* Every way on one scenario, until `ends`; whether something failed. */
static bool explore(const struct subject *s, const struct scenario *p, uint64_t executions,
                    uint64_t seed, double ends, struct tried *tried, struct suite_failure *failure)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways && now_s() < ends; i++) {
        const struct way *w = &ways[i];
        struct check_options o = { .strategy = w->strategy, .mode = w->mode, .reuse = w->reuse,
                                   .depth = w->depth, .bound = BOUND, .executions = executions,
                                   .seconds = ends - now_s(), .seed = seed };
        if (w->strategy == CHECK_DEPTH_FIRST)
            o.executions *= SEARCH_MORE;
        struct check_test test = scenario_test(s, p, o.mode == CHECK_WEAK);
        struct check_result r = check_run(&test, &o);
        account(tried, w, &r);
        if (r.verdict != CHECK_PASSED) {
            *failure = (struct suite_failure){ *s, *p, o, r };
            return true;
        }
    }
    return false;
}

/* Rounds of more scenarios and more executions, until `ends`; whether something failed. */
static bool rounds(const struct subject *s, double ends, struct tried *tried,
                   struct suite_failure *failure)
{
    uint64_t executions = FIRST_EXECUTIONS;
    unsigned written = scenario_written(s->family), generated = 10;
    char text[SCENARIO_TEXT], why[CHECK_TEXT];
    struct scenario p;

    for (unsigned round = 0; now_s() < ends; round++) {
        uint64_t seed = session.seed + 1000 * round;
        for (unsigned i = 0; i < written + generated && now_s() < ends; i++) {
            scenario_generate(s->family, i, seed, text);
            if (!scenario_parse(&p, s->family, text, why, sizeof why) || !subject_supports(s, &p))
                continue;
            if (explore(s, &p, executions, seed + i, ends, tried, failure))
                return true;
        }
        generated *= 2;
        executions = executions < MOST_EXECUTIONS / 4 ? executions * 4 : MOST_EXECUTIONS;
    }
    return false;
}

/* ---- the cases ---- */

static void conclude(bool good, const char *name, const char *text)
{
    session.failed += !good;
    printf("%sok %u - %s, %s: %s\n", good ? "" : "not ", ++session.cases, name,
           session.copy->level, text);
    fflush(stdout);
}

static void explain(struct suite_failure *failure)
{
    static char text[1 << 16];
    FILE *out = fmemopen(text, sizeof text - 1, "w");

    suite_explain(failure, out);
    fclose(out);
    for (char *rest = NULL, *line = strtok_r(text, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
        printf("# %s\n", line);
}

static bool progress_holds(const struct subject *s, char *text, size_t size)
{
    struct progress_verdict verdicts[PROGRESS_MOST];
    unsigned count = progress_observe(s, verdicts);

    for (unsigned i = 0; i < count; i++)
        if (verdicts[i].wrong) {
            snprintf(text, size, "%s %s", verdicts[i].operation, verdicts[i].text);
            return false;
        }
    return true;
}

static void join(const struct tried *t)
{
    for (int mode = CHECK_SC; mode <= CHECK_WEAK; mode++) {
        session.all.executions[mode] += t->executions[mode];
        session.all.by_chance[mode] += t->by_chance[mode];
        if (session.subjects == 0 || t->executions[mode] < session.least.executions[mode])
            session.least.executions[mode] = t->executions[mode];
        if (session.subjects == 0 || t->by_chance[mode] < session.least.by_chance[mode])
            session.least.by_chance[mode] = t->by_chance[mode];
    }
    session.all.searches += t->searches;
    session.all.complete += t->complete;
    session.all.seconds += t->seconds;
    session.subjects++;
}

/* The time that is left is divided equally among the strategies that are left. */
static void must_be_silent(void *context, const struct subject *s)
{
    static struct suite_failure failure;
    double started = now_s(), ends = started + (session.ends - started) / session.left--;
    struct tried t = { .seconds = 0 };
    char name[SUBJECT_NAME], text[2 * CHECK_TEXT];

    (void)context;
    subject_name(s, name, sizeof name);
    bool failed = rounds(s, ends, &t, &failure);
    t.seconds = now_s() - started;
    join(&t);
    snprintf(text, sizeof text,
             "%llu executions sc, %llu weak, %.0f/s; %llu of %llu searches complete",
             (unsigned long long)t.executions[CHECK_SC],
             (unsigned long long)t.executions[CHECK_WEAK],
             (double)(t.executions[CHECK_SC] + t.executions[CHECK_WEAK]) / t.seconds,
             (unsigned long long)t.complete, (unsigned long long)t.searches);
    bool good = !failed && progress_holds(s, text, sizeof text);
    if (failed)
        snprintf(text, sizeof text, "%s", check_verdict_name(failure.result.verdict));
    conclude(good, name, text);
    if (failed)
        explain(&failure);
}

static void must_be_caught(void *context, const struct subject *s)
{
    static struct suite_failure failure;
    struct tried t = { .seconds = 0 };
    char name[SUBJECT_NAME];

    (void)context;
    subject_name(s, name, sizeof name);
    bool caught = rounds(s, now_s() + 60, &t, &failure);
    conclude(caught, name, caught ? "the exhibit is caught" : "the exhibit was not caught");
}

static void sum_up(void)
{
    const struct tried *all = &session.all, *least = &session.least;
    uint64_t fewest = least->by_chance[CHECK_SC] < least->by_chance[CHECK_WEAK]
                          ? least->by_chance[CHECK_SC]
                          : least->by_chance[CHECK_WEAK];

    printf("# long: %u strategies: %.1f million executions, %.1f of them weak; each at least %llu "
           "sc and %llu weak%s\n", session.subjects,
           (double)(all->executions[CHECK_SC] + all->executions[CHECK_WEAK]) / 1e6,
           (double)all->executions[CHECK_WEAK] / 1e6,
           (unsigned long long)least->executions[CHECK_SC],
           (unsigned long long)least->executions[CHECK_WEAK],
           least->executions[CHECK_SC] < ENOUGH || least->executions[CHECK_WEAK] < ENOUGH
               ? " (fewer than the 200000 of a full hour)"
               : "");
    /* The rule of three: (1 - 1/N)^n < 5 % as soon as n > 3 N. */
    printf("# long: a bug that shows in one of %llu executions by chance, in either mode, would "
           "have been missed in any strategy with a probability below 5 %%\n",
           (unsigned long long)fewest / 3);
    printf("# long: complete: %llu of %llu depth-first searches tried everything within %d "
           "unforced switches (weak: switches and stale reads)\n", (unsigned long long)all->complete,
           (unsigned long long)all->searches, BOUND);
}

static void count(void *context, const struct subject *s)
{
    (void)context, (void)s;
    session.left++;
}

static const struct check_copy *copy_of(const char *level)
{
    for (const struct check_copy *c = check_copies; c->level; c++)
        if (strcmp(c->level, level) == 0)
            return c;
    return NULL;
}

int main(int argc, char **argv)
{
    const char *seconds = getenv("CONTEND_LONG_SECONDS"), *seed = getenv("CONTEND_SEED");

    session.copy = copy_of(argc > 1 ? argv[1] : "");
    if (!session.copy) {
        fputs("usage: long o2|o0 [STRATEGY]...\n", stderr);
        return 2;
    }
    session.seed = seed ? strtoull(seed, NULL, 0) : 20101;
    session.ends = now_s() + (seconds ? strtod(seconds, NULL) : 20);
    static char *all[] = { NULL }; /* no name: every strategy */
    char **names = argc > 2 ? argv + 2 : all;
    size_t name_count = argc > 2 ? (size_t)argc - 2 : 1;
    for (size_t i = 0; i < name_count; i++)
        suite_subjects(session.copy, names[i], count, NULL);
    if (session.left == 0) {
        fputs("long: no strategy has that name\n", stderr);
        return 2;
    }
    if (argc == 2)
        suite_exhibits(session.copy, must_be_caught, NULL);
    for (size_t i = 0; i < name_count; i++)
        suite_subjects(session.copy, names[i], must_be_silent, NULL);
    sum_up();
    printf("1..%u\n", session.cases);
    return session.failed ? 1 : 0;
}
