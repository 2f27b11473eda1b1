/* options.c - the command line of `contend run`. */
#include "bench/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/arguments.h"
#include "bench/nearest.h"
#include "bench/window.h"

static const char help_text[] =
    "Usage: contend run [OPTION]... [STRATEGY]...\n"
    "\n"
    "Compares strategies in time windows, in randomised blocks, and says which to\n"
    "pick.  Without arguments: a selection that takes at most three minutes.\n"
    "\n"
    "What to compare:\n"
    "      --object=KIND       counter or presence (default: both)\n"
    "      --workload=NAME,... claps, claps_99_1, claps_50_50, claps_posts,\n"
    "                          reads_posts_90_10, heartbeats, online_90_10, online_99_1,\n"
    "                          churn; presence names also with _sweep\n"
    "      --users=N,...       presence: how many users (100k and 1M are understood)\n"
    "      --posts=N,...       the _posts workloads: how many posts (default: 1M)\n"
    "      --threads=N,...     workers, 1 to 64\n"
    "      --readers=N         the first N threads only read, the others only write\n"
    "      --skew=KIND         uniform (default; posts: zipf), zipf (theta 0.99), hot (one)\n"
    "      --disjoint          give every worker keys of its own (default: all share)\n"
    "      --all               every strategy, workload and size; takes long\n"
    "      --exhibits          also the ones that are broken on purpose\n"
    "      --reference=NAME    what ratios are taken to (default: mutex)\n"
    "\n"
    "How long and how often:\n"
    "      --budget=SECONDS    stop measuring after this long (default: 170)\n"
    "      --blocks=N          blocks per cell (default: up to 20)\n"
    "      --window=MS         length of one window (default: 50)\n"
    "      --seed=N            order, tapes and intervals follow from it\n"
    "\n"
    "Output:\n"
    "      --json=FILE         session, cells, blocks and raw windows\n"
    "      --csv=FILE          the table, one line for each strategy of each cell\n"
    "      --windows=FILE      every window, as CSV\n"
    "      --color=WHEN        auto (default), always, never\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "      --benchmark_...     google-benchmark's flags: _filter=REGEX, _list_tests,\n"
    "                          _format=json|csv|console, _out=FILE, _out_format=...,\n"
    "                          _repetitions=N (the blocks)\n"
    "\n"
    "Exit status: 0 done, 1 failed (a check, or a file), 2 wrong usage, 130 interrupted.\n";

/* Calls `each` for every part of a comma-separated list; stops at the first error. */
static int parse_list(struct run_options *o, const char *option, const char *text,
                      int (*each)(struct run_options *, const char *option, const char *part))
{
    char *copy = strdup(text), *rest = copy, *part;
    int error = copy ? 0 : -ENOMEM;

    while (!error && (part = strsep(&rest, ",")))
        error = each(o, option, part);
    free(copy);
    return error;
}

static int add_users(struct run_options *o, const char *option, const char *part)
{
    if (o->user_count == OPTION_LIST)
        return arguments_error("--%s: more than 16 sizes", option, "");
    int error = arguments_number(option, part, 1, 100000000, &o->users[o->user_count]);
    o->user_count += !error;
    return error;
}

static int add_posts(struct run_options *o, const char *option, const char *part)
{
    if (o->post_count == OPTION_LIST)
        return arguments_error("--%s: more than 16 sizes", option, "");
    int error = arguments_number(option, part, 1, 100000000, &o->posts[o->post_count]);
    o->post_count += !error;
    return error;
}

static int add_threads(struct run_options *o, const char *option, const char *part)
{
    uint64_t n = 0;
    int error = arguments_number(option, part, 1, WINDOW_MAX_THREADS, &n);

    if (!error && o->thread_count == OPTION_LIST)
        return arguments_error("--%s: more than 16 numbers", option, "");
    if (!error)
        o->threads[o->thread_count++] = (unsigned)n;
    return error;
}

static int add_workload(struct run_options *o, const char *option, const char *part)
{
    const struct workload *w = workload_find(part);
    struct nearest near = { .wanted = part };
    char hint[96];

    (void)option;
    if (w && o->workload_count == OPTION_LIST)
        return arguments_error("--%s: more than 16 workloads", option, "");
    if (w) {
        o->workloads[o->workload_count++] = w;
        return 0;
    }
    for (w = workloads; w->name; w++)
        nearest_offer(&near, w->name);
    snprintf(hint, sizeof hint, "did you mean '%s'?", near.best);
    return arguments_error("there is no workload '%s'", part, hint);
}

/* Whether some object that was asked for has a strategy of that name. */
static int check_strategy(const struct run_options *o, const char *name)
{
    struct nearest near = { .wanted = name };
    char hint[128];

    for (int object = OBJECT_COUNTER; object <= OBJECT_PRESENCE; object++) {
        if (object == OBJECT_COUNTER ? !o->counters : !o->presence)
            continue;
        for (size_t i = 0;; i++) {
            struct contestant c = contestant_at((enum object_kind)object, i);
            if (!contestant_exists(&c))
                break;
            if (strcmp(contestant_identity(&c)->name, name) == 0)
                return 0;
            nearest_offer(&near, contestant_identity(&c)->name);
        }
    }
    snprintf(hint, sizeof hint, "did you mean '%s'?  `contend list` shows all", near.best);
    return arguments_error("there is no strategy '%s'", name, hint);
}

static int parse_skew(struct run_options *o, const char *text)
{
    for (int k = SKEW_UNIFORM; k <= SKEW_HOT; k++)
        if (strcmp(text, skew_name((enum key_skew)k)) == 0) {
            o->skew = (enum key_skew)k;
            o->skew_given = true;
            return 0;
        }
    return arguments_error("--skew=%s", text, "uniform, zipf or hot is wanted");
}

static int parse_object(struct run_options *o, const char *text)
{
    o->counters = strcmp(text, "counter") == 0;
    o->presence = strcmp(text, "presence") == 0;
    return o->counters || o->presence ? 0
                                      : arguments_error("--object=%s", text, "counter or presence wanted");
}

static int parse_color(struct run_options *o, const char *text)
{
    const char *no_color = getenv("NO_COLOR");

    if (strcmp(text, "always") == 0)
        o->color = true;
    else if (strcmp(text, "never") == 0)
        o->color = false;
    else if (strcmp(text, "auto") == 0)
        o->color = isatty(STDOUT_FILENO) && !(no_color && no_color[0]);
    else
        return arguments_error("--color=%s", text, "auto, always or never is wanted");
    return 0;
}

/* The flags that mean something else in a window. */
static int parse_benchmark_flag(void *ctx, char *arg)
{
    struct run_options *o = ctx;
    const char *value;
    uint64_t n = 0;

    if ((value = arguments_benchmark_value(arg, "filter"))) {
        o->filter = value;
    } else if ((value = arguments_benchmark_value(arg, "repetitions"))) {
        int error = arguments_number("benchmark_repetitions", value, 1, 1000, &n);
        o->blocks = (unsigned)n;
        return error ? error : 1;
    } else if (arguments_benchmark_value(arg, "min_time")) {
        fprintf(stderr, "contend run: --benchmark_min_time has no meaning here: windows have a "
                        "fixed length, see --window\n");
    } else {
        return 0;
    }
    return 1;
}

enum long_only { OPT_OBJECT = 256, OPT_WORKLOAD, OPT_USERS, OPT_POSTS, OPT_THREADS, OPT_READERS,
                 OPT_SKEW, OPT_DISJOINT,
                 OPT_ALL, OPT_EXHIBITS, OPT_REFERENCE, OPT_BUDGET, OPT_BLOCKS, OPT_WINDOW,
                 OPT_SEED, OPT_JSON, OPT_CSV, OPT_WINDOWS, OPT_COLOR };

static const struct option long_options[] = {
    { "object", required_argument, NULL, OPT_OBJECT },
    { "workload", required_argument, NULL, OPT_WORKLOAD },
    { "users", required_argument, NULL, OPT_USERS },
    { "posts", required_argument, NULL, OPT_POSTS },
    { "threads", required_argument, NULL, OPT_THREADS },
    { "readers", required_argument, NULL, OPT_READERS },
    { "skew", required_argument, NULL, OPT_SKEW },
    { "disjoint", no_argument, NULL, OPT_DISJOINT },
    { "all", no_argument, NULL, OPT_ALL },
    { "exhibits", no_argument, NULL, OPT_EXHIBITS },
    { "reference", required_argument, NULL, OPT_REFERENCE },
    { "budget", required_argument, NULL, OPT_BUDGET },
    { "blocks", required_argument, NULL, OPT_BLOCKS },
    { "window", required_argument, NULL, OPT_WINDOW },
    { "seed", required_argument, NULL, OPT_SEED },
    { "json", required_argument, NULL, OPT_JSON },
    { "csv", required_argument, NULL, OPT_CSV },
    { "windows", required_argument, NULL, OPT_WINDOWS },
    { "color", required_argument, NULL, OPT_COLOR },
    { "quiet", no_argument, NULL, 'q' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

/* One option of our own.  0, 1 after --help, or an error. */
static int parse_option(struct run_options *o, int option, const char *value)
{
    uint64_t n = 0;
    int error = 0;

    switch (option) {
    case OPT_OBJECT: return parse_object(o, value);
    case OPT_WORKLOAD: return parse_list(o, "workload", value, add_workload);
    case OPT_USERS: return parse_list(o, "users", value, add_users);
    case OPT_POSTS: return parse_list(o, "posts", value, add_posts);
    case OPT_READERS:
        error = arguments_number("readers", value, 1, WINDOW_MAX_THREADS - 1, &n);
        o->readers = (unsigned)n;
        return error;
    case OPT_THREADS: return parse_list(o, "threads", value, add_threads);
    case OPT_SKEW: return parse_skew(o, value);
    case OPT_DISJOINT: o->disjoint = true; return 0;
    case OPT_ALL: o->all = true; return 0;
    case OPT_EXHIBITS: o->exhibits = true; return 0;
    case OPT_REFERENCE: o->reference = value; return 0;
    case OPT_BUDGET:
        error = arguments_number("budget", value, 1, 86400, &n);
        o->budget_s = (unsigned)n;
        return error;
    case OPT_BLOCKS:
        error = arguments_number("blocks", value, 1, 1000, &n);
        o->blocks = (unsigned)n;
        return error;
    case OPT_WINDOW:
        error = arguments_number("window", value, 1, 10000, &n);
        o->window_ms = (unsigned)n;
        return error;
    case OPT_SEED: return arguments_number("seed", value, 0, INT64_MAX, &o->seed);
    case OPT_JSON: o->json = value; return 0;
    case OPT_CSV: o->csv = value; return 0;
    case OPT_WINDOWS: o->windows = value; return 0;
    case OPT_COLOR: return parse_color(o, value);
    case 'q': o->quiet = true; return 0;
    case 'h': fputs(help_text, stdout); return 1;
    default: return arguments_error("%s", "try", "contend run --help");
    }
}

/* Moves google-benchmark's flags out of argv and reads them; returns what is left, or an error. */
static int take_benchmark_flags(struct run_options *o, int argc, char **argv)
{
    struct benchmark_flags f = { 0 };
    int kept = arguments_take_benchmark(&f, argc, argv, NULL, parse_benchmark_flag, o);

    o->gb = f.gb;
    o->gb_display = f.display;
    o->gb_out = f.out;
    o->list_only = f.list_only;
    return kept;
}

/* Somebody must write. */
static int check_readers(const struct run_options *o)
{
    char value[16];

    snprintf(value, sizeof value, "%u", o->readers);
    for (unsigned i = 0; i < o->thread_count; i++)
        if (o->threads[i] <= o->readers)
            return arguments_error("--readers=%s", value,
                               "every number of --threads must be greater, so that somebody writes");
    return 0;
}

int options_parse(struct run_options *o, int argc, char **argv)
{
    int option, error;

    *o = (struct run_options){
        .counters = true, .presence = true,
        .window_ms = 50, .budget_s = 170, .reference = "mutex",
        .seed = (uint64_t)time(NULL),
    };
    arguments_of("run");
    parse_color(o, "auto");
    argc = take_benchmark_flags(o, argc, argv);
    if (argc < 0)
        return argc;
    optind = 1;
    while ((option = getopt_long(argc, argv, "qh", long_options, NULL)) != -1) {
        error = parse_option(o, option, optarg);
        if (error)
            return error;
    }
    error = check_readers(o);
    if (!error)
        error = check_strategy(o, o->reference);
    for (; !error && optind < argc; optind++) {
        if (o->strategy_count == OPTION_STRATEGIES)
            return arguments_error("%s: more than 64 strategies", argv[optind], "");
        error = check_strategy(o, argv[optind]);
        o->strategies[o->strategy_count++] = argv[optind];
    }
    return error;
}
