/* options.c - the command line of `contend run`. */
#include "bench/tool/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/tool/benchmark_flags.h"
#include "bench/tool/run_stores.h"
#include "bench/engine/window.h"

static const char help_text[] =
    "Usage: contend run [OPTION]... [STRATEGY]...\n"
    "\n"
    "Compares strategies in time windows, in randomised blocks, and says which to\n"
    "pick.  Without arguments: a selection that takes at most three minutes.\n"
    "STRATEGY is a name of `contend list`; with its folder, as counters/mutex, that\n"
    "one only.\n"
    "\n"
    "What to compare:\n"
    "      --object=KIND       lock, counter, claps, distinct or presence (default:\n"
    "                          all of them)\n"
    "      --workload=NAME,... those of `contend list --workloads`: sections of a\n"
    "                          lock, claps of a counter, heartbeats of a map ...\n"
    "      --users=N,...       presence, claps: how many users or readers (100k, 1M)\n"
    "      --posts=N,...       the _posts workloads: how many posts (default: 1M)\n"
    "      --threads=N,...     workers, 1 to 64\n"
    "      --readers=N         the first N threads only read, the others only write\n"
    "      --skew=KIND         uniform (default; posts: zipf), zipf (theta 0.99), hot\n"
    "                          (one)\n"
    "      --disjoint          give every worker keys of its own (default: all share)\n"
    "      --ids=KIND          presence: dense (0, 1, 2 ...; default), sparse32\n"
    "                          (anything below 2^31) or sparse64, anything\n"
    "      --batch=N           the _batch workloads: users in one call, 1 to 256\n"
    "                          (default: 64)\n"
    "      --all               every strategy, workload and size; takes long\n"
    "      --exhibits          also the ones that are broken on purpose\n"
    "      --peers[=NAME]      beside our maps those of libcuckoo and TBB, or that one,\n"
    "                          where they were built in\n"
    "      --stores            datastores, and the strategies beside them, each on\n"
    "                          its own: what an operation costs, and at how many Mu\n"
    "                          each stops coping\n"
    "      --redis=URL         with --stores: a running Redis,\n"
    "                          redis://[:PASSWORD@]HOST[:PORT] or unix:PATH, instead\n"
    "                          of one of the run's own; keys begin with contend:\n"
    "      --pg=URL            the same for PostgreSQL: a URL or a connection string\n"
    "                          as psql takes them; schemas begin with contend_\n"
    "      --dynamo=URL        the same for DynamoDB, http://HOST:PORT; tables begin\n"
    "                          with contend.\n"
    "      --rate=MU           with --stores: your load, for the answer (default: 1)\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy: each value is compared\n"
    "                          beside the default.  NAME may have its folder; may be\n"
    "                          repeated\n"
    "      --reference=NAME    what ratios are taken to (default: the first of each\n"
    "                          family); with --peers also one of them:\n"
    "                          as in --peers --reference=libcuckoo\n";
/* Apart, since a string of more than 4095 characters is not portable. */
static const char more_help[] =
    "\n"
    "How long and how often:\n"
    "      --budget=SECONDS    stop after this long, calibration included: 172\n"
    "                          (default), 220 with --stores\n"
    "      --blocks=N          blocks per cell (default: up to 20)\n"
    "      --window=MS         length of one window (default: 50)\n"
    "      --seed=N            order, tapes and intervals follow from it\n"
    "      --one-process       all blocks in one process; by default each has its\n"
    "                          own, so that intervals contain what varies from launch\n"
    "                          to launch\n"
    "      --publish           40 launches a cell, an hour at most; fails if any cell\n"
    "                          is noisy\n"
    "      --slow=PERCENT      the reference a third time, slowed by so much: is it\n"
    "                          seen?\n"
    "\n"
    "Output:\n"
    "      --json=FILE         session, cells, blocks and raw windows\n"
    "      --csv=FILE          the table, one line for each strategy of each cell\n"
    "      --windows=FILE      every window, as CSV\n"
    "      --color=WHEN        auto (default), always, never\n"
    "      --no-floors         do not calibrate first: the floors are unknown\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "      --benchmark_...     google-benchmark's flags: _filter=REGEX, _list_tests,\n"
    "                          _format=json|csv|console, _out=FILE, _out_format=...,\n"
    "                          _repetitions=N (the blocks)\n"
    "\n"
    "Exit status: 0 done, 1 failed (a check, or a file), 2 wrong usage, 130\n"
    "interrupted.\n";

int options_add_posts(struct run_options *o, const char *option, const char *part)
{
    if (o->post_count == OPTION_LIST)
        return arguments_error("--%s: more than 16 sizes", option);
    int error = arguments_number(option, part, 1, 100000000, &o->posts[o->post_count]);
    o->post_count += !error;
    return error;
}

int options_skew(struct run_options *o, const char *text)
{
    for (int k = SKEW_UNIFORM; k <= SKEW_HOT; k++)
        if (strcmp(text, skew_name((enum key_skew)k)) == 0) {
            o->skew = (enum key_skew)k;
            o->skew_given = true;
            return 0;
        }
    return arguments_error("--skew=%s: uniform, zipf or hot is wanted", text);
}

static int parse_ids(struct run_options *o, const char *text)
{
    for (int k = IDS_DENSE; k <= IDS_SPARSE64; k++)
        if (strcmp(text, ids_name((enum key_ids)k)) == 0) {
            o->ids = (enum key_ids)k;
            return 0;
        }
    return arguments_error("--ids=%s: dense, sparse32 or sparse64 is wanted", text);
}

/* The flags that mean something else in a window. */
static int parse_benchmark_flag(void *ctx, char *arg)
{
    struct run_options *o = ctx;
    const char *value;
    uint64_t n = 0;

    if ((value = benchmark_flags_value(arg, "filter"))) {
        o->filter = value;
    } else if ((value = benchmark_flags_value(arg, "repetitions"))) {
        int error = arguments_number("benchmark_repetitions", value, 1, 1000, &n);
        o->blocks = (unsigned)n;
        return error ? error : 1;
    } else if (benchmark_flags_value(arg, "min_time")) {
        arguments_error("--benchmark_min_time has no meaning here: windows have a fixed length, "
                        "see --window");
    } else {
        return 0;
    }
    return 1;
}

enum run_only { OPT_WORKLOAD = OPTIONS_OWN, OPT_USERS, OPT_POSTS, OPT_READERS, OPT_SKEW,
                OPT_DISJOINT, OPT_IDS, OPT_BATCH, OPT_PEERS, OPT_ONE_PROCESS, OPT_PUBLISH, OPT_SLOW, OPT_STORES,
                OPT_RATE, OPT_REDIS, OPT_PG,
                OPT_DYNAMO };

static const struct option long_options[] = {
    OPTIONS_SHARED,
    { "workload", required_argument, NULL, OPT_WORKLOAD },
    { "users", required_argument, NULL, OPT_USERS },
    { "posts", required_argument, NULL, OPT_POSTS },
    { "readers", required_argument, NULL, OPT_READERS },
    { "skew", required_argument, NULL, OPT_SKEW },
    { "disjoint", no_argument, NULL, OPT_DISJOINT },
    { "ids", required_argument, NULL, OPT_IDS },
    { "batch", required_argument, NULL, OPT_BATCH },
    { "peers", optional_argument, NULL, OPT_PEERS },
    { "stores", no_argument, NULL, OPT_STORES },
    { "rate", required_argument, NULL, OPT_RATE },
    { "dynamo", required_argument, NULL, OPT_DYNAMO },
    { "pg", required_argument, NULL, OPT_PG },
    { "redis", required_argument, NULL, OPT_REDIS },
    { "one-process", no_argument, NULL, OPT_ONE_PROCESS },
    { "publish", no_argument, NULL, OPT_PUBLISH },
    { "slow", required_argument, NULL, OPT_SLOW },
    { NULL, 0, NULL, 0 },
};

/* Reads one of our own options.  0, 1 after --help, or an error. */
static int parse_option(struct run_options *o, int option, const char *value)
{
    uint64_t n = 0;
    int error = 0;

    switch (option) {
    case OPT_WORKLOAD: return options_list(o, "workload", value, options_add_workload);
    case OPT_USERS: return options_list(o, "users", value, options_add_users);
    case OPT_POSTS: return options_list(o, "posts", value, options_add_posts);
    case OPT_READERS:
        error = arguments_number("readers", value, 1, WINDOW_MAX_THREADS - 1, &n);
        o->readers = (unsigned)n;
        return error;
    case OPT_SKEW: return options_skew(o, value);
    case OPT_DISJOINT: o->disjoint = true; return 0;
    case OPT_PEERS: o->peers = true; o->peer = value; return 0;
    case OPT_STORES: o->stores = true; return 0;
    case OPT_REDIS: return run_stores_address(o, "redis", "redis", value);
    case OPT_DYNAMO: return run_stores_address(o, "dynamo", "DynamoDB", value);
    case OPT_PG: return run_stores_address(o, "pg", "PostgreSQL", value);
    case OPT_RATE: return run_stores_rate(o, value);
    case OPT_IDS: return parse_ids(o, value);
    case OPT_BATCH: return options_batch(o, value);
    case OPT_ONE_PROCESS: o->one_process = true; return 0;
    case OPT_PUBLISH: o->publish = true; return 0;
    case OPT_SLOW:
        error = arguments_number("slow", value, 1, 1000, &n);
        o->slow = (unsigned)n;
        return error;
    case 'h':
        fputs(help_text, stdout);
        fputs(more_help, stdout);
        return 1;
    default: return options_shared(o, option, value);
    }
}

/* Launches are what a published interval is over. */
static int prepare_to_publish(struct run_options *o)
{
    enum { LAUNCHES = 40, HOUR_S = 3600 };

    if (o->publish && o->one_process)
        return arguments_error("--publish --one-process: what is published needs many launches");
    if (o->publish && !o->blocks)
        o->blocks = LAUNCHES;
    if (o->publish && !o->budget_given)
        o->budget_s = HOUR_S;
    return 0;
}

/* Moves google-benchmark's flags out of argv and reads them; returns what is left, or an error. */
static int take_benchmark_flags(struct run_options *o, int argc, char **argv)
{
    struct benchmark_flags f = { 0 };
    int kept = benchmark_flags_take(&f, argc, argv, NULL, parse_benchmark_flag, o);

    o->gb = f.gb;
    o->gb_display = f.display;
    o->gb_out = f.out;
    o->list_only = f.list_only;
    return kept;
}

/* At least one thread must write. */
static int check_readers(const struct run_options *o)
{
    for (unsigned i = 0; i < o->thread_count; i++)
        if (o->threads[i] <= o->readers)
            return arguments_error("--readers=%u: every number of --threads must be greater, so "
                                   "that somebody writes", o->readers);
    return 0;
}

int options_parse(struct run_options *o, int argc, char **argv)
{
    int option, error;

    arguments_of("run");
    options_defaults(o);
    argc = take_benchmark_flags(o, argc, argv);
    if (argc < 0)
        return argc;
    optind = 1;
    while ((option = arguments_next(argc, argv, "qh", long_options)) != -1) {
        error = parse_option(o, option, optarg);
        if (error)
            return error;
    }
    error = check_readers(o);
    if (!error)
        error = prepare_to_publish(o);
    if (!error)
        error = run_stores_check(o);
    for (; !error && optind < argc; optind++)
        error = options_add_strategy(o, "", argv[optind]);
    return error ? error : options_check_names(o);
}
