/* suite.c - see suite.h. */
#include "bench/check/suite.h"

#include "bench/check/replays.h"
#include "bench/check/scenario_family.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct way {
    enum check_strategy strategy;
    enum check_mode mode;
    enum check_reuse reuse;
} ways[] = {
    { CHECK_DEPTH_FIRST, CHECK_SC, CHECK_QUARANTINE },
    { CHECK_RANDOM, CHECK_WEAK, CHECK_QUARANTINE },
    { CHECK_RANDOM, CHECK_SC, CHECK_QUARANTINE },
    { CHECK_PCT, CHECK_SC, CHECK_QUARANTINE },
    { CHECK_DEPTH_FIRST, CHECK_WEAK, CHECK_QUARANTINE },
    { CHECK_RANDOM, CHECK_SC, CHECK_LIFO },
};

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct suite {
    const struct subject *subject;
    const struct suite_options *options;
    struct suite_result *result;
    double ends; /* 0 = when it is done */
};

static bool stop(const struct suite *s)
{
    if (s->options->interrupted && s->options->interrupted())
        s->result->interrupted = true;
    return s->result->failed || s->result->interrupted || (s->ends > 0 && now_s() > s->ends);
}

static void explore(struct suite *s, const struct subject *subject, const struct scenario *p,
                    uint64_t executions, uint64_t seed)
{
    struct suite_result *result = s->result;
    bool exhausted = false; /* as sequentially consistent memory has nothing left to try */

    for (size_t w = 0; w < sizeof ways / sizeof *ways && !stop(s); w++) {
        if (s->options->mode >= 0 && s->options->mode != (int)ways[w].mode)
            continue;
        if (exhausted && ways[w].mode == CHECK_SC && ways[w].reuse == CHECK_QUARANTINE)
            continue;
        struct check_options o = { .strategy = ways[w].strategy, .mode = ways[w].mode,
                                   .reuse = ways[w].reuse, .executions = executions,
                                   .seed = seed, .past_races = s->options->past_races,
                                   .interrupted = s->options->interrupted };
        struct check_test test = scenario_test(subject, p, o.mode == CHECK_WEAK);
        struct check_result r = check_run(&test, &o);
        result->executions += r.executions;
        result->steps += r.steps;
        result->races += r.races;
        result->complete += r.complete && r.verdict == CHECK_PASSED;
        exhausted |= o.mode == CHECK_SC && r.exhaustive && r.verdict == CHECK_PASSED;
        if (r.verdict != CHECK_PASSED) {
            result->failed = true;
            result->failure = (struct suite_failure){ *subject, *p, o, r };
        }
    }
    result->exhausted += exhausted;
    result->explored++;
}

/*
 * The subject with an option that offers manners set to another one than its default, the
 * turn-th of all there are; false if there are none, or the user has set that option.
 */
static bool in_another_manner(const struct subject *subject, unsigned turn, struct subject *out)
{
    const struct contend_option *options = subject_identity(subject)->options;
    unsigned others = 0;

    for (const struct contend_option *o = options; o && o->name; o++)
        others += contend_option_manners(o) ? contend_option_manners(o) - 1 : 0;
    if (others == 0)
        return false;
    turn %= others;
    for (const struct contend_option *o = options;; o++) {
        unsigned here = contend_option_manners(o) ? contend_option_manners(o) - 1 : 0;
        if (turn >= here) {
            turn -= here;
            continue;
        }
        int64_t value = o->least + turn;
        value += value >= o->preset;
        for (size_t i = 0; i < subject->given.count; i++)
            if (strcmp(subject->given.list[i].name, o->name) == 0)
                return false;
        *out = *subject;
        return subject_set(out, o->name, value);
    }
}

static void round_of(struct suite *s, unsigned count, uint64_t executions, unsigned turn)
{
    const struct suite_options *o = s->options;
    char text[SCENARIO_TEXT], why[CHECK_TEXT];
    struct subject other;
    struct scenario p;

    for (unsigned i = 0; i < count && !stop(s); i++) {
        if (o->scenario)
            snprintf(text, sizeof text, "%s", o->scenario);
        else
            scenario_generate(s->subject->family, i, o->seed, text);
        if (!scenario_parse(&p, s->subject->family, text, why, sizeof why) ||
            !subject_supports(s->subject, &p))
            continue;
        if (o->progress)
            o->progress(o->context, s->subject, text);
        s->result->scenarios++;
        explore(s, s->subject, &p, executions, o->seed + i);
        if (in_another_manner(s->subject, turn + i, &other) && subject_supports(&other, &p))
            explore(s, &other, &p, executions, o->seed + i);
    }
}

struct suite_result suite_check(const struct subject *subject, const struct suite_options *options)
{
    static struct suite_result result;
    double started = now_s();
    struct suite s = { subject, options, &result,
                       options->seconds > 0 ? started + options->seconds : 0 };
    uint64_t executions = options->executions ? options->executions : 200;
    unsigned generated = options->generated, written = scenario_written(subject->family);
    unsigned turn = (unsigned)options->seed; /* so that each manner meets each scenario, in time */

    memset(&result, 0, sizeof result);
    do {
        round_of(&s, options->scenario ? 1 : written + generated, executions, turn++);
        executions *= 4;
        generated = 2 * generated + 10;
    } while (options->seconds > 0 && !stop(&s));
    result.seconds = now_s() - started;
    if (options->past_races && result.races && !result.failed && !result.interrupted) {
        struct suite_options again = *options;
        again.past_races = false;
        struct suite_result races = suite_check(subject, &again);
        races.only_races = races.failed;
        return races;
    }
    return result;
}

/* ---- orders ---- */

struct weakened {
    const struct subject *subject;
    const struct suite_options *options;
};

static bool all_pass(void *context)
{
    const struct weakened *w = context;
    struct suite_result r = suite_check(w->subject, w->options);

    return !r.failed && r.scenarios > 0;
}

unsigned suite_orders(const struct subject *subject, const struct suite_options *options, FILE *out)
{
    struct weakened w = { subject, options };
    char name[SUBJECT_NAME];
    const struct check_orders_question q = { name, all_pass, &w, options->interrupted };

    subject_name(subject, name, sizeof name);
    return check_orders_of(&q, out);
}

/* ---- failures ---- */

static const char *memory_name(const struct suite_failure *f)
{
    return f->options.mode == CHECK_WEAK ? "weak" : "sequentially consistent";
}

/* Prints the remark on the entry; false if there is none. */
static bool note_of(const struct suite_failure *f, char *text, size_t size)
{
    const struct scenario_family *g = scenario_family_of(f->subject.family);

    if (g->note)
        g->note(f->subject.ops, text, size);
    return g->note;
}

struct check_test suite_test_of(struct suite_failure *f)
{
    if (f->options.freeze_thread || f->options.starve_thread)
        return suite_progress_test(&f->subject, &f->scenario);
    return scenario_test(&f->subject, &f->scenario, f->options.mode == CHECK_WEAK);
}

void suite_explain(struct suite_failure *f, FILE *out)
{
    struct check_test test = suite_test_of(f);
    char name[SUBJECT_NAME], note[96], replay[CHECK_CHOICES + 512];

    subject_name(&f->subject, name, sizeof name);
    check_minimise(&test, &f->options, &f->result);
    fprintf(out, "\n%s, scenario %s, %s memory%s, execution %llu:\n\n", name, f->scenario.text,
            memory_name(f),
            f->options.reuse == CHECK_LIFO ? ", freed memory reused" : "",
            (unsigned long long)f->result.failing);
    if (note_of(f, note, sizeof note))
        fprintf(out, "%c%s.\n\n", toupper((unsigned char)note[0]), note + 1);
    if (!f->result.choices[0]) {
        fprintf(out, "%s: %s\n(too many choices for a replay string; it is repeated by --level=%s "
                "--scenario='%s' --seed=%llu --budget=%llu)\n",
                check_verdict_name(f->result.verdict), f->result.text, f->subject.copy->level,
                f->scenario.text, (unsigned long long)f->options.seed,
                (unsigned long long)f->options.executions);
        return;
    }
    check_explain(&test, &f->options, &f->result, out);
    suite_replay_print(f, replay, sizeof replay);
    fprintf(out, "\nreplay with: contend check --replay '%s'\n", replay);
}

void suite_page(struct suite_failure *f, const char *comment, FILE *out)
{
    struct check_test test = suite_test_of(f);
    char name[SUBJECT_NAME], title[SUBJECT_NAME + 96], replay[CHECK_CHOICES + 512], command[sizeof replay + 64], note[96];
    struct check_page page = { .title = title, .replay = command, .comment = comment };

    subject_name(&f->subject, name, sizeof name);
    suite_replay_print(f, replay, sizeof replay);
    snprintf(title, sizeof title, "%s: %s", name, check_verdict_name(f->result.verdict));
    snprintf(command, sizeof command, "contend check --replay '%s'", replay);
#define FACT(what, is)                                                                        \
    page.facts[page.fact_count].name = (what);                                                \
    page.facts[page.fact_count++].value = (is)
    FACT("strategy", name);
    FACT("scenario", f->scenario.text);
    FACT("memory", memory_name(f));
    FACT("freed memory", f->options.reuse == CHECK_LIFO ? "reused at once" : "kept");
    FACT("compiled with", strcmp(f->subject.copy->level, "o0") == 0 ? "-O0" : "-O2");
    if (note_of(f, note, sizeof note)) {
        FACT("times", note);
    }
#undef FACT
    check_page(&test, &f->options, &f->result, &page, out);
}

void suite_replay_print(const struct suite_failure *f, char *text, size_t size)
{
    char name[SUBJECT_NAME], how[CHECK_CHOICES + 32];

    subject_name(&f->subject, name, sizeof name);
    replay_print(&f->options, f->result.choices, how, sizeof how);
    snprintf(text, size, "%s@%s@%s@%s", name, f->subject.copy->level, f->scenario.text, how);
}

static void take_subject(void *context, const struct subject *subject)
{
    *(struct subject *)context = *subject;
}

/* Takes "[stripes=4,lock.spin=0]" off the name and sets that.  False if it cannot be so. */
static bool take_settings(struct subject *s, char *settings)
{
    size_t length = strlen(settings);
    char *rest = settings, *one;

    if (length < 2 || settings[length - 1] != ']')
        return false;
    settings[length - 1] = '\0';
    while ((one = strtok_r(rest, ",", &rest))) {
        char *equals = strchr(one, '='), *end;
        errno = 0;
        long long value = equals ? strtoll(equals + 1, &end, 10) : 0;
        if (!equals || errno || *end || !strchr("-0123456789", equals[1]) || !equals[1])
            return false;
        *equals = '\0';
        if (!subject_set(s, one, value))
            return false;
    }
    return s->given.count > 0;
}

bool suite_replay_parse(struct suite_failure *f, const char *text, char *why, size_t size)
{
    char copy[CHECK_CHOICES + 512], *fields[3], *rest = copy;

    memset(f, 0, sizeof *f);
    snprintf(why, size, "a replay string has six fields, NAME@LEVEL@SCENARIO@MODE@REUSE@CHOICES");
    if (strlen(text) >= sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%s", text);
    for (unsigned i = 0; i < 3; i++) {
        fields[i] = strsep(&rest, "@");
        if (!rest || !*fields[i])
            return false;
    }
    char *settings = strchr(fields[0], '[');
    if (settings)
        *settings++ = '\0';
    const struct check_copy *level = check_copies;
    while (level->level && strcmp(level->level, fields[1]) != 0)
        level++;
    if (!level->level || suite_subjects(level, fields[0], take_subject, &f->subject) != 1) {
        snprintf(why, size, "'%s' at level '%s' is nothing that this build checks", fields[0],
                 fields[1]);
        return false;
    }
    snprintf(why, size, "'%s' has not these options, or not in this range", fields[0]);
    if (settings && !take_settings(&f->subject, settings))
        return false;
    if (!scenario_parse(&f->scenario, f->subject.family, fields[2], why, size))
        return false;
    snprintf(why, size, "%s has not all operations of '%s'", fields[0], fields[2]);
    if (!subject_supports(&f->subject, &f->scenario))
        return false;
    snprintf(why, size, "the mode is sc or weak, with +races where these are passed over; "
                        "the reuse is quarantine or lifo");
    return replay_parse(rest, &f->options, f->result.choices);
}

/* ---- subjects ---- */

static bool named(const struct subject *s, const char *name)
{
    char full[SUBJECT_NAME];
    unsigned hidden = CONTEND_FLOOR | CONTEND_EXHIBIT;

    if (!name)
        return (subject_identity(s)->flags & hidden) == 0;
    subject_name(s, full, sizeof full);
    return strcmp(full, name) == 0 || strcmp(subject_identity(s)->name, name) == 0;
}

static unsigned each(const struct check_copy *copy, bool (*fits)(const struct subject *, const char *),
                     const char *name, void (*fn)(void *context, const struct subject *subject), void *context)
{
    unsigned count = 0;

    for (int f = 0; f < FAMILY_COUNT; f++)
        for (size_t i = 0;; i++) {
            struct subject s = { .family = (enum family_index)f, .copy = copy,
                                 .ops = copy->at[f](i) };
            if (!s.ops)
                break;
            if (!fits(&s, name))
                continue;
            count++;
            if (fn)
                fn(context, &s);
        }
    return count;
}

unsigned suite_subjects(const struct check_copy *copy, const char *name,
                        void (*fn)(void *context, const struct subject *subject), void *context)
{
    return each(copy, named, name, fn, context);
}

static bool is_exhibit(const struct subject *s, const char *unused)
{
    (void)unused;
    return subject_identity(s)->flags & CONTEND_EXHIBIT;
}

unsigned suite_exhibits(const struct check_copy *copy,
                        void (*fn)(void *context, const struct subject *subject), void *context)
{
    return each(copy, is_exhibit, NULL, fn, context);
}
