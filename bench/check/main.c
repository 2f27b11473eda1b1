/* main.c - check_main(): the command line of a program that checks its own tests. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/crash.h"
#include "bench/check/state.h"

static const char help_text[] =
    "Runs each test under the schedules and memory values that it can try, and judges\n"
    "every execution.  The first failure of a test is shortened and printed.\n"
    "\n"
    "  --budget=N        executions for each way of exploring (10000)\n"
    "  --mode=sc|weak    one kind of memory; both by default\n"
    "  --seed=N          another stream of choices (1)\n"
    "  --replay=STRING   what a failure printed: shows that execution again\n"
    "\n"
    "Exit status: 0 nothing found, 1 a failure was found, 2 wrong usage, or nothing seen.\n";

struct request {
    uint64_t budget, seed;
    int mode; /* enum check_mode, or -1 */
    const char *replay;
};

static const struct check_options ways[] = {
    { .mode = CHECK_SC, .strategy = CHECK_DEPTH_FIRST },
    { .mode = CHECK_WEAK, .strategy = CHECK_RANDOM },
    { .mode = CHECK_SC, .strategy = CHECK_PCT },
    { .mode = CHECK_SC, .strategy = CHECK_RANDOM, .reuse = CHECK_LIFO },
    { .mode = CHECK_WEAK, .strategy = CHECK_DEPTH_FIRST, .bound = 3 },
};

static void print_failure(const struct check_test *t, const struct check_options *o,
                          struct check_result *r)
{
    check_minimise(t, o, r);
    printf("%s: FAILED in execution %llu, %s memory\n\n", t->name,
           (unsigned long long)r->failing,
           o->mode == CHECK_WEAK ? "weak" : "sequentially consistent");
    if (!r->choices[0]) {
        printf("%s: %s\n", check_verdict_name(r->verdict), r->text);
        return;
    }
    check_explain(t, o, r, stdout);
    printf("\nreplay with: --replay '%s@%s@%s@%s'\n", t->name,
           o->mode == CHECK_WEAK ? "weak" : "sc",
           o->reuse == CHECK_LIFO ? "lifo" : "quarantine", r->choices);
}

/* Without any step it was not compiled for the checker. */
static int nothing_seen(const struct check_test *t)
{
    fprintf(stderr, "%s: its threads make no step that the checker sees; is the code under "
            "test compiled\nwith -fsanitize=thread -include bench/machine/redirect.h?\n", t->name);
    return 2;
}

static bool can_run(const struct check_test *t)
{
    unsigned threads = t->body ? t->thread_count : t->threads[0] != NULL;

    if (threads == 0)
        fprintf(stderr, "%s: has no threads\n", t->name);
    else if (threads > CHECK_MAX_THREADS)
        fprintf(stderr, "%s: has %u threads; %d can run\n", t->name, threads, CHECK_MAX_THREADS);
    return threads > 0 && threads <= CHECK_MAX_THREADS;
}

/* The exit status. */
static int run_test(const struct check_test *t, const struct request *q)
{
    uint64_t executions = 0, steps = 0;
    double seconds = 0;

    if (!can_run(t))
        return 2;
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        struct check_options o = ways[w];
        if (q->mode >= 0 && q->mode != (int)o.mode)
            continue;
        o.executions = q->budget;
        o.seed = q->seed;
        struct check_result r = check_run(t, &o);
        executions += r.executions;
        steps += r.steps;
        seconds += r.seconds;
        if (r.verdict != CHECK_PASSED) {
            print_failure(t, &o, &r);
            return 1;
        }
    }
    if (steps == 0)
        return nothing_seen(t);
    printf("%s: nothing found in %llu executions, %.0f/s\n", t->name,
           (unsigned long long)executions, seconds > 0 ? (double)executions / seconds : 0);
    return 0;
}

/* What follows the last '@', which ends the text from now on; "" without one. */
static char *cut_last(char *text)
{
    char *at = strrchr(text, '@');

    if (!at)
        return text + strlen(text);
    *at = '\0';
    return at + 1;
}

/* 0 or 1 for one of two words, or -1. */
static int which(const char *text, const char *zero, const char *one)
{
    return strcmp(text, zero) == 0 ? 0 : strcmp(text, one) == 0 ? 1 : -1;
}

static int replay(const struct check_test *const *tests, const char *text)
{
    char copy[CHECK_CHOICES + 256];
    struct check_result r = { .verdict = CHECK_PASSED };

    snprintf(copy, sizeof copy, "%s", text);
    char *choices = cut_last(copy);
    int reuse = which(cut_last(copy), "quarantine", "lifo");
    int mode = which(cut_last(copy), "sc", "weak");
    while (*tests && strcmp((*tests)->name, copy) != 0)
        tests++;
    if (!*tests || mode < 0 || reuse < 0 || strlen(text) >= sizeof copy ||
        strlen(choices) >= sizeof r.choices || !choices_parse(choices)) {
        fprintf(stderr, "--replay=%s: TEST@MODE@REUSE@CHOICES of a test of this program\n", text);
        return 2;
    }
    struct check_options o = { .mode = mode ? CHECK_WEAK : CHECK_SC,
                               .reuse = reuse ? CHECK_LIFO : CHECK_QUARANTINE,
                               .strategy = CHECK_REPLAY, .choices = choices };
    r = check_run(*tests, &o);
    snprintf(r.choices, sizeof r.choices, "%s", choices);
    check_explain(*tests, &o, &r, stdout);
    return r.verdict != CHECK_PASSED;
}

static bool parse_number(const char *name, const char *text, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0)
        return true;
    fprintf(stderr, "--%s=%s: a whole number\n", name, text);
    return false;
}

static int set_option(struct request *q, int option)
{
    switch (option) {
    case 'b': return parse_number("budget", optarg, &q->budget) && q->budget > 0 ? 0 : 2;
    case 's': return parse_number("seed", optarg, &q->seed) ? 0 : 2;
    case 'r': q->replay = optarg; return 0;
    case 'm':
        q->mode = strcmp(optarg, "sc") == 0 ? CHECK_SC : CHECK_WEAK;
        if (strcmp(optarg, "sc") == 0 || strcmp(optarg, "weak") == 0)
            return 0;
        fprintf(stderr, "--mode=%s: sc or weak\n", optarg);
        return 2;
    default: return 2; /* after a message of getopt() */
    }
}

int check_main(const struct check_test *const *tests, int argc, char **argv)
{
    static const struct option options[] = {
        { "budget", required_argument, NULL, 'b' }, { "mode", required_argument, NULL, 'm' },
        { "seed", required_argument, NULL, 's' },   { "replay", required_argument, NULL, 'r' },
        { "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
    };
    struct request q = { .budget = 10000, .seed = 1, .mode = -1 };
    int option, status, worst = 0;

    optind = 1;
    while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            return 0;
        }
        status = set_option(&q, option);
        if (status)
            return status;
    }
    if (optind < argc) {
        fprintf(stderr, "%s: there are only options; --help names them\n", argv[optind]);
        return 2;
    }
    crash_watch();
    if (q.replay)
        return replay(tests, q.replay);
    for (; *tests; tests++) {
        status = run_test(*tests, &q);
        worst = status > worst ? status : worst;
    }
    return worst;
}
