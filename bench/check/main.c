/* main.c - check_main(): the command line of a program that checks its own tests. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/assembly.h"
#include "bench/check/crash.h"
#include "bench/check/flags.h"
#include "bench/check/main_arguments.h"
#include "bench/check/session.h"
#include "bench/check/structures.h"
#include "bench/check/wholes.h"

enum { EXECUTIONS = 10000 };

static const char help_text[] =
    "Usage: PROGRAM [OPTION]... [TEST]...\n"
    "\n"
    "Runs each test under the schedules and memory values that it can try, and judges\n"
    "every execution.  The first failure of a test is shortened and printed.  TEST is\n"
    "a name of --list; without one all tests are run.\n"
    "\n"
    "  --budget=N        executions for each way of exploring (10000, but 10 s for each test\n"
    "                    at most, and only then does the result depend on the machine)\n"
    "  --budget=Ns       or seconds for each test: more of everything, as time allows\n"
    "  --bound=N         depth first: every schedule with up to N unforced switches\n"
    "                    (2), in weak mode switches and stale reads (3)\n"
    "  --mode=sc|weak    one kind of memory; both by default\n"
    "  --failing-malloc  an allocation by a thread may return NULL\n"
    "  --past-races      goes on past data races, to show what they lead to\n"
    "  --steps=N         an execution with more steps is too long for the checker (20000)\n"
    "  --seed=N          another stream of choices (1)\n"
    "  --replay=STRING   what a failure printed: shows that execution again\n"
    "  --page=FILE       keeps the first failure, or the replay, as a page of HTML\n"
    "  --scenario=TEXT   of a structure: this one only,\n"
    "                    \"push(1)/pop()+push(2),pop()\"; what stands before the '/' is\n"
    "                    done first, '+' separates threads.  A structure's budget is\n"
    "                    for each scenario (500)\n"
    "  --orders          instead: the weakest memory order of each atomic access with\n"
    "                    which nothing was seen to fail, for all of them together;\n"
    "                    the budget is for each order that is tried (2000)\n"
    "  --list            the names of the tests\n"
    "  -- ARGUMENT...    of a program that is linked with -Wl,--wrap=main: its own arguments\n"
    "  -h, --help        this text\n"
    "\n"
    "Exit status: 0 nothing found, 1 a failure was found, 2 wrong usage, or nothing\n"
    "seen, 3 not checked, since it is too long or too large for the checker, 130\n"
    "interrupted.\n";

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    interrupted = signal_number;
}

static bool has_been_interrupted(void)
{
    return interrupted;
}

/* The first one is reported with what was found so far, the second one ends the program. */
static void catch_interrupts(void)
{
    struct sigaction action = { .sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND };

    sigaction(SIGINT, &action, NULL);
}

static bool parse_number(const char *name, const char *text, uint64_t most, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 && *out <= most)
        return true;
    fprintf(stderr, "--%s=%s: a whole number, at most %llu\n", name, text, (unsigned long long)most);
    return false;
}

const char *main_arguments;

struct request {
    struct session session;
    const char *replay, *scenario;
    bool list, orders;
};

/* 0, or 2 after a message. */
static int set_option(struct request *q, int option)
{
    struct session *s = &q->session;
    uint64_t n;

    switch (option) {
    case 'b': return session_budget(s, optarg) ? 0 : 2;
    case 's': return parse_number("seed", optarg, UINT64_MAX, &s->seed) ? 0 : 2;
    case 'd':
        if (!parse_number("bound", optarg, 1000, &n))
            return 2;
        s->bound = (unsigned)n;
        if (n == 0)
            fprintf(stderr, "--bound=0: at least one\n");
        return n ? 0 : 2;
    case 'n':
        if (!parse_number("steps", optarg, 100000000, &n))
            return 2;
        s->steps = (unsigned)n;
        if (n == 0)
            fprintf(stderr, "--steps=0: at least one\n");
        return n ? 0 : 2;
    case 'r': q->replay = optarg; return 0;
    case 'a': s->past_races = true; return 0;
    case 'f': s->malloc_fails = true; return 0;
    case 'p': s->page = optarg; return 0;
    case 'l': q->list = true; return 0;
    case 'o': q->orders = true; return 0;
    case 'x': q->scenario = optarg; return 0;
    case 'm':
        s->mode = strcmp(optarg, "sc") == 0 ? CHECK_SC : CHECK_WEAK;
        if (strcmp(optarg, "sc") == 0 || strcmp(optarg, "weak") == 0)
            return 0;
        fprintf(stderr, "--mode=%s: sc or weak\n", optarg);
        return 2;
    default: return 2; /* after a message of getopt() */
    }
}

/* 0 to go on, or -1 after the help, or 2 after a message. */
static int read_line(struct request *q, int argc, char **argv)
{
    static const struct option options[] = {
        { "budget", required_argument, NULL, 'b' }, { "bound", required_argument, NULL, 'd' },
        { "mode", required_argument, NULL, 'm' },   { "past-races", no_argument, NULL, 'a' },
        { "failing-malloc", no_argument, NULL, 'f' },
        { "seed", required_argument, NULL, 's' },   { "replay", required_argument, NULL, 'r' },
        { "page", required_argument, NULL, 'p' },   { "list", no_argument, NULL, 'l' },
        { "steps", required_argument, NULL, 'n' },
        { "scenario", required_argument, NULL, 'x' }, { "orders", no_argument, NULL, 'o' },
        { "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
    };
    int option, status = 0;

    *q = (struct request){ .session = { .seed = 1, .mode = -1, .command = "", .arguments = main_arguments,
                                        .interrupted = has_been_interrupted } };
    optind = 1;
    while (!status && (option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            return -1;
        }
        status = set_option(q, option);
    }
    return status;
}

/* ---- by name ---- */

/* A list of tests or of structures: the name of each. */
struct names {
    const void *const *list;
    const char *(*name)(const void *one);
};

static const char *test_name(const void *test)
{
    return ((const struct check_test *)test)->name;
}

static const char *structure_name(const void *structure)
{
    return ((const struct check_structure *)structure)->name;
}

static const void *find(const struct names *n, const char *name)
{
    for (const void *const *one = n->list; *one; one++)
        if (strcmp(n->name(*one), name) == 0)
            return *one;
    return NULL;
}

static int list(const struct names *n)
{
    for (const void *const *one = n->list; *one; one++)
        puts(n->name(*one));
    return 0;
}

/* Those that are named, in a list to be freed; all of them without names.  NULL after a message. */
static const void **choose(const struct names *n, char **wanted, size_t count)
{
    size_t all = 0;

    while (n->list[all])
        all++;
    const void **chosen = calloc((count ? count : all) + 1, sizeof *chosen);
    for (size_t i = 0; chosen && i < (count ? count : all); i++) {
        chosen[i] = count ? find(n, wanted[i]) : n->list[i];
        if (!chosen[i]) {
            fprintf(stderr, "%s: no test has this name; --list prints them\n", wanted[i]);
            free(chosen);
            return NULL;
        }
    }
    return chosen;
}

/* ---- orders ---- */

static int find_orders(const struct check_test *const *tests, const struct session *s)
{
    enum { EXECUTIONS_EACH = 2000 };
    const struct check_options o = { .seed = s->seed, .interrupted = s->interrupted, .seconds = s->seconds,
                                     .executions = s->budget ? s->budget : EXECUTIONS_EACH };

    for (; *tests && !has_been_interrupted(); tests++)
        check_orders(*tests, &o, stdout);
    return has_been_interrupted() ? 130 : 0;
}

/* ---- the two of them ---- */

int check_main(const struct check_test *const *tests, int argc, char **argv)
{
    const struct names n = { (const void *const *)tests, test_name };
    struct request q;
    int status = read_line(&q, argc, argv);

    if (status)
        return status < 0 ? 0 : status;
    if (q.scenario) {
        fprintf(stderr, "--scenario: is for structures, check_structures_main()\n");
        return 2;
    }
    if (q.orders && q.replay) {
        fprintf(stderr, "--orders: not with --replay\n");
        return 2;
    }
    if (q.list)
        return list(&n);
    if (!q.orders)
        session_budget_default(&q.session, EXECUTIONS);
    if (!flags_given(stderr))
        return 2;
    crash_watch();
    wholes_follow();
    assembly_hint(stderr);
    if (q.replay)
        return session_replay(tests, q.replay, &q.session);
    catch_interrupts();
    const void **chosen = choose(&n, argv + optind, (size_t)(argc - optind));
    if (!chosen)
        return 2;
    const struct check_test *const *of = (const struct check_test *const *)chosen;
    status = q.orders ? find_orders(of, &q.session) : session_run(of, &q.session);
    free(chosen);
    return status;
}

int check_structures_main(const struct check_structure *const *structures, int argc, char **argv)
{
    const struct names n = { (const void *const *)structures, structure_name };
    struct request q;
    int status = read_line(&q, argc, argv);

    if (status)
        return status < 0 ? 0 : status;
    if (q.orders) {
        fprintf(stderr, "--orders: is for tests, check_main()\n");
        return 2;
    }
    if (q.list)
        return list(&n);
    if (!flags_given(stderr))
        return 2;
    crash_watch();
    wholes_follow();
    if (q.replay)
        return structures_replay(structures, q.replay, &q.session);
    catch_interrupts();
    const void **chosen = choose(&n, argv + optind, (size_t)(argc - optind));
    if (!chosen)
        return 2;
    status = structures_run((const struct check_structure *const *)chosen, q.scenario, &q.session);
    free(chosen);
    return status;
}
