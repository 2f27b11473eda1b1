/* check.c - `contend check`: explores the interleavings and weak values of the strategies. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/interrupt.h"
#include "bench/base/progress.h"
#include "bench/report/output.h"
#include "bench/tool/check_json.h"
#include "bench/tool/check_page.h"
#include "bench/tool/check_request.h"
#include "bench/tool/check_textbook.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/stale.h"
#include "bench/check/crash.h"
#include "bench/check/replays.h"

struct checks {
    struct check_request asked;
    bool progress; /* is shown */
    bool paged;    /* a page has been written */
    bool warned;   /* of a source that is newer than this program */
    unsigned failed, checked, not_begun;
    char interrupted[SUBJECT_NAME]; /* the strategy that was under way */
    json_t *strategies; /* of --json; NULL without it */
    struct progress_verdict verdicts[PROGRESS_MOST]; /* of the last strategy */
    unsigned verdict_count;
};

/* ---- one strategy ---- */

static void show_progress(void *context, const struct subject *subject, const char *scenario)
{
    const struct checks *c = context;
    char name[SUBJECT_NAME];

    if (!c->progress)
        return;
    subject_name(subject, name, sizeof name);
    fprintf(stderr, "\r%s: %s\033[K", name, scenario);
    fflush(stderr);
}

/* The first failure that has steps. */
static void keep_page(struct checks *c, struct suite_failure *f)
{
    if (c->asked.page && !c->paged && f->result.choices[0] && check_page_write(c->asked.page, f) == 0) {
        printf("\nThe page is %s\n", c->asked.page);
        c->paged = true;
    }
}

/* Whether each operation blocks or not as the traits declare. */
static bool progress_holds(struct checks *c, const struct subject *s)
{
    bool holds = true;

    c->verdict_count = progress_observe(s, c->verdicts);
    for (unsigned i = 0; i < c->verdict_count; i++) {
        struct progress_verdict *v = &c->verdicts[i];
        if (!v->wrong)
            continue;
        holds = false;
        printf("    %s %s\n", v->operation, v->text);
        progress_explain(v, stdout);
        if (v->has_steps)
            keep_page(c, &v->failure);
    }
    return holds;
}

static void warn_if_stale(struct checks *c, const struct subject *s)
{
    char which[128];

    if (c->warned || !stale_source(subject_header(s), subject_choices(s), which,
                                   sizeof which))
        return;
    c->warned = true;
    arguments_error("%s is newer than this program: build first, or say bench/run check ...", which);
}

/* The failure on standard output, and the first one on a page. */
static void show_failure(struct checks *c, struct suite_failure *f, bool only_races)
{
    printf("FAILED: %s%s\n", check_verdict_name(f->result.verdict),
           only_races ? ", and past the races nothing else" : "");
    suite_explain(f, stdout);
    keep_page(c, f);
    putchar('\n');
    c->failed++;
}

/* With what --set asks of this strategy. */
static struct subject set_up(const struct checks *c, const struct subject *s)
{
    struct subject mine = *s;

    for (unsigned i = 0; i < c->asked.setting_count; i++) {
        const struct check_setting *wanted = &c->asked.settings[i];
        if (wanted->family->index == s->family &&
            strcmp(wanted->name, subject_identity(s)->name) == 0)
            subject_set(&mine, wanted->setting.name, wanted->setting.value);
    }
    return mine;
}

static void check_one(void *context, const struct subject *given)
{
    struct checks *c = context;
    const struct subject mine = set_up(c, given), *s = &mine;
    char name[SUBJECT_NAME];

    c->not_begun += interrupt_came();
    if (interrupt_came())
        return;
    c->verdict_count = 0;
    warn_if_stale(c, s);
    if (c->asked.orders) {
        suite_orders(s, &c->asked.suite, stdout);
        putchar('\n');
        fflush(stdout);
        return;
    }
    subject_name(s, name, sizeof name);
    struct suite_result result = suite_check(s, &c->asked.suite);
    if (c->progress)
        fprintf(stderr, "\r\033[K");
    printf("  %-34s %3u scenario%s %9llu executions %8.0f/s  ", name, result.scenarios,
           result.scenarios == 1 ? " " : "s", (unsigned long long)result.executions,
           result.seconds > 0 ? (double)result.executions / result.seconds : 0);
    c->checked += !result.interrupted && result.scenarios > 0;
    if (result.failed) {
        show_failure(c, &result.failure, result.only_races);
    } else if (result.interrupted) {
        puts("interrupted");
        snprintf(c->interrupted, sizeof c->interrupted, "%s", name);
    } else if (c->asked.suite.scenario) {
        puts(result.scenarios ? "nothing found" : "has not all these operations");
    } else {
        printf("nothing found; exhaustive (sc) in %u of %u\n", result.exhausted, result.explored);
        if (!progress_holds(c, s)) {
            c->failed++;
            printf("  %-34s FAILED: progress is not as declared\n", name);
        }
    }
    fflush(stdout);
    if (c->strategies)
        json_array_append_new(c->strategies, check_json_strategy(s, &result, c->verdicts,
                                                                 c->verdict_count));
}

static void list_boxes(const struct check_copy *copy)
{
    for (const struct family *const *f = families; *f; f++)
        for (const struct contend_missing *m = *copy->boxes[(*f)->index]; m->name; m++)
            printf("  not checked: %s/%s (built on %s)\n", (*f)->folder, m->name, m->why);
}

static int replay(const struct check_request *r)
{
    static struct suite_failure f;
    char why[CHECK_TEXT];

    if (!suite_replay_parse(&f, r->replay, why, sizeof why)) {
        arguments_error("--replay: %s", why);
        return 2;
    }
    struct check_test test = suite_test_of(&f);
    char choices[CHECK_CHOICES];
    snprintf(choices, sizeof choices, "%s", f.result.choices);
    f.options.choices = choices;
    f.result = check_run(&test, &f.options);
    if (strstr(f.result.text, "is not a list of choices")) {
        arguments_error("--replay: %s", f.result.text);
        return 2;
    }
    if (replay_misfits(f.result.verdict, why, sizeof why)) {
        arguments_error("--replay: %s", why);
        return 2;
    }
    snprintf(f.result.choices, sizeof f.result.choices, "%s", choices);
    check_explain(&test, &f.options, &f.result, stdout);
    if (r->page && check_page_write(r->page, &f) != 0)
        return 1;
    if (r->page)
        printf("\nThe page is %s\n", r->page);
    return f.result.verdict == CHECK_PASSED ? 0 : 1;
}

static void print_end(const struct checks *c)
{
    printf("\n%u checked, %u failed; seed %llu\n", c->checked, c->failed,
           (unsigned long long)c->asked.suite.seed);
    if (interrupt_came())
        printf("Interrupted%s%s; %u not begun.\n", c->interrupted[0] ? " in " : "",
               c->interrupted, c->not_begun);
    else if (c->failed == 0)
        puts("Nothing found is not a proof: the scenarios are short, the bounds are finite, and load\n"
             "buffering is not modelled.");
    if (c->asked.page && !c->paged)
        printf("No page was written: there is no execution to show.\n");
}

/* Also of an interrupted run.  0, or an error after a message. */
static int save_json(struct checks *c)
{
    const struct check_totals totals = { c->checked, c->failed, c->not_begun, interrupt_came() };
    char *text = check_json_text(&c->asked, &totals, c->strategies);
    int error = output_save("json", c->asked.json, text);

    free(text);
    return error;
}

static int run_checks(struct checks *c)
{
    const struct check_request *r = &c->asked;

    interrupt_catch();
    if (r->all)
        suite_subjects(r->copy, NULL, check_one, c);
    for (char **n = r->names; *n; n++)
        suite_subjects(r->copy, *n, check_one, c);
    if (r->all && !interrupt_came()) {
        list_boxes(r->copy);
    }
    if (!r->orders)
        print_end(c);
    int unsaved = r->json ? save_json(c) : 0;
    return interrupt_came() ? 130 : c->failed || unsaved || ferror(stdout) ? 1 : 0;
}

int command_check(int argc, char **argv)
{
    static struct checks c; /* large */
    int result = check_parse(&c.asked, argc, argv);

    if (result)
        return command_line_status(result);
    if (c.asked.textbook) {
        textbook_list();
        return ferror(stdout) != 0;
    }
    crash_watch();
    const struct output outputs[] = { { "page", c.asked.page }, { "json", c.asked.json }, { NULL, NULL } };
    if (output_try(outputs, NULL, 0) != 0)
        return 1;
    if (textbook_means(c.asked.replay ? c.asked.replay : c.asked.names[0] ? c.asked.names[0] : ""))
        return textbook_check(&c.asked);
    if (c.asked.replay)
        return replay(&c.asked);
    c.strategies = c.asked.json ? json_array() : NULL;
    c.progress = !c.asked.quiet && progress_terminal();
    c.asked.suite.interrupted = interrupt_came;
    c.asked.suite.progress = show_progress;
    c.asked.suite.context = &c;
    return run_checks(&c);
}
