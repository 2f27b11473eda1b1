/* check.c - `contend check`: explores the interleavings and weak values of the strategies. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/tool/check_page.h"
#include "bench/tool/commands.h"
#include "bench/tool/interrupt.h"
#include "bench/tool/nearest.h"
#include "bench/tool/stale.h"
#include "tests/check/suite.h"

static const char help_text[] =
    "Usage: contend check [OPTION]... STRATEGY...\n"
    "       contend check [OPTION]... --all\n"
    "       contend check --replay STRING\n"
    "\n"
    "Runs short scenarios of an instrumented copy of a strategy under every schedule that\n"
    "it can try, and judges each execution: races, memory, hangs, lost claps and beats,\n"
    "linearizability, and whether an operation blocks as declared.  The first failure of a\n"
    "strategy is shortened and printed step by step.  STRATEGY is a name of `contend list`,\n"
    "with its room where several have it: counters/mutex, locks/mutex.\n"
    "\n"
    "  --all             every strategy but the floors and the exhibits\n"
    "  --budget=N        executions per scenario and way of exploring (200): more of them\n"
    "                    repeat the same scenarios with other choices\n"
    "  --budget=Ns       or seconds per strategy: as time allows, new scenarios as well\n"
    "  --scenario=TEXT   this one only, written as below\n"
    "  --mode=sc|weak    one kind of memory; both by default\n"
    "  --level=o2|o0     the copy compiled with -O2 (default) or -O0\n"
    "  --seed=N          another stream of choices and scenarios (1)\n"
    "  --replay=STRING   what a failure printed: shows that execution again\n"
    "  --page=FILE       keeps the first failure, or the replay, as a page of HTML\n"
    "  -q, --quiet       no progress on standard error\n"
    "  -h, --help        this text\n"
    "\n"
    "A scenario is threads separated by '+', each a list of operations separated by ','.\n"
    "What stands before a '/' is done first, by one thread.  After a '=' in front all\n"
    "threads are attached before any goes on; '2:' in front is a map's fixed capacity.\n"
    "  locks       l section   t try, then a section   s shared section\n"
    "  counters    a5, a-1 add   r read   g2 add_get   q quiescent\n"
    "  maps        h0a heartbeat of user 0 at time a   o0b is_online   n0 last_seen\n"
    "              l0a leave   sd sweep at time d   bd sweep of one entry\n"
    "              cd count_online   wd for_each_online\n"
    "              ma, pa heartbeat_many and is_online_many of users 0 and 1\n"
    "Users are 0 to 3.  Who beats at time a is online at b and, for the last time, at c;\n"
    "d is the first instant offline, and e the first for who beats at d.  An example:\n"
    "  contend check --scenario='h0a/h0c+sd' presence_map/packed\n"
    "\n"
    "What is checked was compiled with this program: after a change, build first, or say\n"
    "`bench/run check ...`, which does.\n"
    "Entries built on code that cannot be instrumented are listed as not checked.\n"
    "Exit status: 0 nothing found, 1 a failure was found, 2 wrong usage, 130 interrupted.\n";

struct request {
    const struct check_copy *copy;
    struct suite_options suite;
    const char *replay, *page;
    bool all, quiet, terminal, paged, warned;
    unsigned failed, checked, not_begun;
    char interrupted[64]; /* the one that was under way */
};

/* ---- one strategy ---- */

static void show_progress(void *context, const struct subject *subject, const char *scenario)
{
    const struct request *r = context;
    char name[64];

    if (r->quiet || !r->terminal)
        return;
    subject_name(subject, name, sizeof name);
    fprintf(stderr, "\r%s: %s\033[K", name, scenario);
    fflush(stderr);
}

/* Whether each operation blocks or not as the traits declare. */
static bool progress_holds(const struct subject *s, unsigned *stops)
{
    struct progress_verdict verdicts[PROGRESS_MOST];
    unsigned count = progress_observe(s, verdicts);
    bool holds = true;

    *stops = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct progress_verdict *v = &verdicts[i];
        *stops += v->stops;
        if (!v->wrong)
            continue;
        holds = false;
        printf("    %s is declared %sblocking, but %s\n", v->operation,
               v->declared == CONTEND_BLOCKING ? "" : "not ",
               v->text[0] ? v->text : "nothing that another thread did held it up");
    }
    return holds;
}

static void warn_if_stale(struct request *r, const struct subject *s)
{
    char which[128];

    if (r->warned || !stale_source(subject_header(s), subject_identity(s)->lock, which,
                                   sizeof which))
        return;
    r->warned = true;
    fprintf(stderr, "contend check: %s is newer than this program: build first, or say "
                    "bench/run check ...\n", which);
}

/* The failure on standard output, and the first one on a page. */
static void show_failure(struct request *r, struct suite_failure *f)
{
    printf("FAILED: %s\n", check_verdict_name(f->result.verdict));
    suite_explain(f, stdout);
    if (r->page && !r->paged && f->result.choices[0] && check_page_write(r->page, f)) {
        printf("\nThe page is %s\n", r->page);
        r->paged = true;
    }
    putchar('\n');
    r->failed++;
}

static void check_one(void *context, const struct subject *s)
{
    struct request *r = context;
    char name[64];
    unsigned stops = 0;

    r->not_begun += interrupt_came();
    if (interrupt_came())
        return;
    warn_if_stale(r, s);
    subject_name(s, name, sizeof name);
    struct suite_result result = suite_check(s, &r->suite);
    if (r->terminal && !r->quiet)
        fprintf(stderr, "\r\033[K");
    printf("  %-34s %3u scenarios %9llu executions %8.0f/s  ", name, result.scenarios,
           (unsigned long long)result.executions,
           result.seconds > 0 ? (double)result.executions / result.seconds : 0);
    r->checked += !result.interrupted;
    if (result.failed) {
        show_failure(r, &result.failure);
    } else if (result.interrupted) {
        puts("interrupted");
        snprintf(r->interrupted, sizeof r->interrupted, "%s", name);
    } else if (r->suite.scenario) {
        puts("nothing found");
    } else {
        puts("nothing found");
        if (!progress_holds(s, &stops)) {
            r->failed++;
            printf("  %-34s FAILED: progress is not as declared\n", name);
        }
    }
    fflush(stdout);
}

static void list_boxes(const char *room, const struct contend_missing *m)
{
    for (; m->name; m++)
        printf("  not checked: %s/%s (built on %s)\n", room, m->name, m->why);
}

/* ---- the command line ---- */

static bool parse_number(const char *text, uint64_t *out, const char **rest)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    *rest = end;
    return *text >= '0' && *text <= '9' && errno == 0;
}

static int refuse(const char *option, const char *value, const char *wanted)
{
    fprintf(stderr, "contend check: --%s=%s: %s\n", option, value, wanted);
    return 2;
}

static int set_budget(struct request *r, const char *value)
{
    const char *rest;
    uint64_t n;

    if (!parse_number(value, &n, &rest) || n == 0 || n > 1000000000 ||
        (*rest && strcmp(rest, "s") != 0))
        return refuse("budget", value, "a whole number of executions, or of seconds: 30s");
    if (*rest)
        r->suite.seconds = (double)n;
    else
        r->suite.executions = n;
    return 0;
}

static int set_level(struct request *r, const char *value)
{
    for (const struct check_copy *c = check_copies; c->level; c++)
        if (strcmp(c->level, value) == 0) {
            r->copy = c;
            return 0;
        }
    return refuse("level", value, "o2 or o0");
}

static int set_option(struct request *r, int option, const char *value)
{
    const char *rest;

    switch (option) {
    case 'a': r->all = true; return 0;
    case 'q': r->quiet = true; return 0;
    case 'r': r->replay = value; return 0;
    case 'x': r->suite.scenario = value; return 0;
    case 'p': r->page = value; return check_page_possible(value) ? 0 : 1;
    case 'b': return set_budget(r, value);
    case 'l': return set_level(r, value);
    case 's':
        if (!parse_number(value, &r->suite.seed, &rest) || *rest)
            return refuse("seed", value, "a whole number");
        return 0;
    case 'm':
        r->suite.mode = strcmp(value, "sc") == 0 ? CHECK_SC : CHECK_WEAK;
        if (strcmp(value, "sc") != 0 && strcmp(value, "weak") != 0)
            return refuse("mode", value, "sc or weak");
        return 0;
    default:
        fputs("contend check: see contend check --help\n", stderr);
        return 2;
    }
}

static void offer(void *context, const struct subject *s)
{
    struct nearest *near = context;
    char name[64];

    nearest_offer(near, subject_identity(s)->name);
    if (strchr(near->wanted, '/')) {
        static char kept[64]; /* the best one must outlive this call */
        subject_name(s, name, sizeof name);
        if (!near->best || nearest_distance(near->wanted, name) < near->distance) {
            strcpy(kept, name);
            near->best = kept;
            near->distance = nearest_distance(near->wanted, name);
        }
    }
}

static const char *box_of(const struct check_copy *c, const char *name)
{
    const struct contend_missing *lists[] = { *c->lock_boxes, *c->counter_boxes, *c->map_boxes };
    const char *slash = strchr(name, '/');

    for (size_t i = 0; i < 3; i++)
        for (const struct contend_missing *m = lists[i]; m->name; m++)
            if (strcmp(m->name, slash ? slash + 1 : name) == 0)
                return m->why;
    return NULL;
}

static int require_name(const struct request *r, const char *name)
{
    struct nearest near = { .wanted = name };

    if (suite_subjects(r->copy, name, NULL, NULL) > 0)
        return 0;
    if (box_of(r->copy, name)) {
        fprintf(stderr, "contend check: '%s' cannot be checked: it is built on %s\n", name,
                box_of(r->copy, name));
        return 2;
    }
    suite_subjects(r->copy, NULL, offer, &near);
    fprintf(stderr, "contend check: there is no strategy '%s'; did you mean '%s'?\n", name,
            near.best);
    return 2;
}

static void any_kind(void *context, const struct subject *s)
{
    *(unsigned *)context |= 1u << s->kind;
}

/* A scenario must be one of an object that was asked for. */
static int require_scenario(const struct request *r, char **names)
{
    unsigned kinds = 0;
    char why[CHECK_TEXT] = "";
    struct scenario p;

    if (!r->suite.scenario)
        return 0;
    for (; *names; names++)
        suite_subjects(r->copy, *names, any_kind, &kinds);
    if (r->all)
        kinds = 7;
    for (int kind = SCENARIO_LOCK; kind <= SCENARIO_MAP; kind++)
        if (kinds >> kind & 1 &&
            scenario_parse(&p, (enum scenario_kind)kind, r->suite.scenario, why, sizeof why))
            return 0;
    fprintf(stderr, "contend check: --scenario: %s; contend check --help says how to write them\n",
            why);
    return 2;
}

static int replay(const struct request *r)
{
    static struct suite_failure f;
    char why[CHECK_TEXT];

    if (!suite_replay_parse(&f, r->replay, why, sizeof why)) {
        fprintf(stderr, "contend check: --replay: %s\n", why);
        return 2;
    }
    struct check_test test = scenario_test(&f.subject, &f.scenario, f.options.mode == CHECK_WEAK);
    char choices[CHECK_CHOICES];
    strcpy(choices, f.result.choices);
    f.options.choices = choices;
    f.result = check_run(&test, &f.options);
    if (strstr(f.result.text, "is not a list of choices")) {
        fprintf(stderr, "contend check: --replay: %s\n", f.result.text);
        return 2;
    }
    strcpy(f.result.choices, choices);
    check_explain(&test, &f.options, &f.result, stdout);
    if (r->page && !check_page_write(r->page, &f))
        return 1;
    if (r->page)
        printf("\nThe page is %s\n", r->page);
    return f.result.verdict == CHECK_PASSED ? 0 : 1;
}

static void print_end(const struct request *r)
{
    printf("\n%u checked, %u failed; seed %llu\n", r->checked, r->failed,
           (unsigned long long)r->suite.seed);
    if (interrupt_came())
        printf("Interrupted%s%s; %u not begun.\n", r->interrupted[0] ? " in " : "",
               r->interrupted, r->not_begun);
    else if (r->failed == 0)
        puts("Nothing found is not a proof: the scenarios are short, and the bounds are finite.");
    if (r->page && !r->paged)
        printf("No page was written: there is no execution to show.\n");
}

static int run_checks(struct request *r, char **names)
{
    int status = 0;

    for (char **n = names; *n && status == 0; n++)
        status = require_name(r, *n);
    if (status == 0)
        status = require_scenario(r, names);
    if (status)
        return status;
    interrupt_catch();
    if (r->all)
        suite_subjects(r->copy, NULL, check_one, r);
    for (char **n = names; *n && !r->all; n++)
        suite_subjects(r->copy, *n, check_one, r);
    if (r->all && !interrupt_came()) {
        list_boxes("locks", *r->copy->lock_boxes);
        list_boxes("counters", *r->copy->counter_boxes);
        list_boxes("presence_map", *r->copy->map_boxes);
    }
    print_end(r);
    return interrupt_came() ? 130 : r->failed || ferror(stdout) ? 1 : 0;
}

int command_check(int argc, char **argv)
{
    static const struct option options[] = {
        { "all", no_argument, NULL, 'a' },         { "budget", required_argument, NULL, 'b' },
        { "scenario", required_argument, NULL, 'x' }, { "mode", required_argument, NULL, 'm' },
        { "level", required_argument, NULL, 'l' }, { "seed", required_argument, NULL, 's' },
        { "replay", required_argument, NULL, 'r' }, { "quiet", no_argument, NULL, 'q' },
        { "page", required_argument, NULL, 'p' },
        { "help", no_argument, NULL, 'h' },        { NULL, 0, NULL, 0 },
    };
    struct request r = { .copy = check_copies, .terminal = isatty(STDERR_FILENO) };
    int option, status;

    r.suite = (struct suite_options){ .seed = 1, .mode = -1, .interrupted = interrupt_came,
                                      .progress = show_progress, .context = &r };
    optind = 1;
    while ((option = getopt_long(argc, argv, "qh", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            return 0;
        }
        status = set_option(&r, option, optarg);
        if (status)
            return status;
    }
    if (r.replay)
        return replay(&r);
    if (r.all ? optind < argc : optind == argc) {
        fputs("contend check: name strategies, or --all; see contend check --help\n", stderr);
        return 2;
    }
    return run_checks(&r, argv + optind);
}
