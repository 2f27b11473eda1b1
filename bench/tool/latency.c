/* latency.c - `contend latency`: its command line, and its plan. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/latency.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/options.h"

static const char help_text[] =
    "Usage: contend latency [OPTION]... [STRATEGY]...\n"
    "\n"
    "Sends operations at a given rate, whether or not the last one is done, and tells how\n"
    "long each takes from the instant at which it was due.  Raises the rate until a strategy\n"
    "stops coping.  1 Mu is a million users who beat every ten seconds: 100,000 a second.\n"
    "Without arguments: sections of a lock, claps and heartbeats, on two threads, the core.\n"
    "STRATEGY is a name of `contend list`; with its folder, as counters/mutex, that one only.\n"
    "\n"
    "What to compare:\n"
    "      --object=KIND       lock, counter or presence (default: all of them)\n"
    "      --workload=NAME,... those of `contend list --workloads`\n"
    "      --users=N,...       presence: how many users (default: 100k)\n"
    "      --threads=N,...     workers, 1 to 64 (default: as many as processors, at most 2)\n"
    "      --all               every strategy; takes long\n"
    "      --exhibits          also the ones that are broken on purpose\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"
    "\n"
    "The rate:\n"
    "      --rate=MU,...       these rates, in Mu (0.5,1,10), instead of the search\n"
    "      --arrivals=KIND     exponential (default), uniform, or bursts of 1000 at once\n"
    "      --pause=MS          stop one worker for so long in the middle of every rate,\n"
    "                          wherever it is: what the others, and the late, then wait\n"
    "      --length=MS         of each rate (default: as the budget allows, 40 to 1000)\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            arrivals and tapes follow from it\n"
    "\n"
    "Output:\n"
    "      --json=FILE         every rate that was tried, with its percentiles\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed (a check, or a file), 2 wrong usage, 130 interrupted.\n";

enum latency_only { OPT_WORKLOAD = OPTIONS_OWN, OPT_USERS, OPT_RATE, OPT_ARRIVALS, OPT_PAUSE,
                    OPT_LENGTH };

static const struct option long_options[] = {
    { "object", required_argument, NULL, OPT_OBJECT },
    { "threads", required_argument, NULL, OPT_THREADS },
    { "all", no_argument, NULL, OPT_ALL },
    { "exhibits", no_argument, NULL, OPT_EXHIBITS },
    { "budget", required_argument, NULL, OPT_BUDGET },
    { "seed", required_argument, NULL, OPT_SEED },
    { "json", required_argument, NULL, OPT_JSON },
    { "set", required_argument, NULL, OPT_SET },
    { "quiet", no_argument, NULL, 'q' },
    { "help", no_argument, NULL, 'h' },
    { "workload", required_argument, NULL, OPT_WORKLOAD },
    { "users", required_argument, NULL, OPT_USERS },
    { "rate", required_argument, NULL, OPT_RATE },
    { "arrivals", required_argument, NULL, OPT_ARRIVALS },
    { "pause", required_argument, NULL, OPT_PAUSE },
    { "length", required_argument, NULL, OPT_LENGTH },
    { NULL, 0, NULL, 0 },
};

static int add_rate(struct latency_options *o, const char *part)
{
    char *end;
    double mu = strtod(part, &end);

    if (end == part || *end || !(mu >= 0.001 && mu <= 10000))
        return arguments_error("--rate=%s: a number of Mu from 0.001 to 10000 is wanted", part);
    if (o->rate_count == LATENCY_RATES)
        return arguments_error("--rate: more than %d rates", LATENCY_RATES);
    o->rates[o->rate_count++] = mu * LATENCY_MU;
    return 0;
}

static int parse_rates(struct latency_options *o, const char *text)
{
    char *copy = strdup(text), *rest = copy, *part;
    int error = copy ? 0 : -ENOMEM;

    while (!error && (part = strsep(&rest, ",")))
        error = add_rate(o, part);
    free(copy);
    return error;
}

static int parse_arrivals(struct latency_options *o, const char *text)
{
    for (int k = 0; k < ARRIVALS_COUNT; k++)
        if (strcmp(text, arrivals_name((enum arrivals)k)) == 0) {
            o->arrivals = (enum arrivals)k;
            return 0;
        }
    return arguments_error("--arrivals=%s: exponential, uniform or bursts is wanted", text);
}

static int parse_ms(const char *option, const char *text, uint64_t most, unsigned *out)
{
    uint64_t n = 0;
    int error = arguments_quantity(option, text, "ms", 1, most, &n);

    *out = error ? *out : (unsigned)n;
    return error;
}

static int parse_option(struct latency_options *o, int option, const char *value)
{
    switch (option) {
    case OPT_WORKLOAD: return options_list(&o->run, "workload", value, options_add_workload);
    case OPT_USERS: return options_list(&o->run, "users", value, options_add_users);
    case OPT_RATE: return parse_rates(o, value);
    case OPT_ARRIVALS: return parse_arrivals(o, value);
    case OPT_PAUSE: return parse_ms("pause", value, 10000, &o->pause_ms);
    case OPT_LENGTH: return parse_ms("length", value, 60000, &o->length_ms);
    case 'h': fputs(help_text, stdout); return 1;
    default: return options_shared(&o->run, option, value);
    }
}

static int parse(struct latency_options *o, int argc, char **argv)
{
    int option, error = 0;

    arguments_of("latency");
    memset(o, 0, sizeof *o);
    options_defaults(&o->run);
    o->run.budget_s = 60;
    optind = 1;
    while (!error && (option = arguments_next(argc, argv, "qh", long_options)) != -1)
        error = parse_option(o, option, optarg);
    for (; !error && optind < argc; optind++)
        error = options_add_strategy(&o->run, "", argv[optind]);
    if (!error && o->length_ms && o->pause_ms >= o->length_ms)
        error = arguments_error("--pause=%u: must be less than --length=%u", o->pause_ms,
                                o->length_ms);
    return error ? error : options_check_names(&o->run);
}

enum { CELLS = 64 };

struct cells {
    struct cell list[CELLS];
    unsigned count;
};

static int add_cells(struct cells *c, const struct run_options *o, const struct workload *w)
{
    static const uint64_t usual_users = 100000;
    const uint64_t *users = o->user_count ? o->users : &usual_users;
    unsigned sizes = w->keys == KEYS_USERS && o->user_count ? o->user_count : 1;
    cpu_set_t allowed;
    int cpus = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
    unsigned usual_threads = cpus > 1 ? 2 : 1;
    const unsigned *threads = o->thread_count ? o->threads : &usual_threads;

    for (unsigned s = 0; s < sizes; s++)
        for (unsigned t = 0; t < (o->thread_count ? o->thread_count : 1); t++) {
            if (c->count == CELLS)
                return arguments_error("more than %d cells", CELLS);
            c->list[c->count++] = (struct cell){
                .workload = w, .threads = threads[t],
                .users = w->keys == KEYS_USERS ? users[s] : 1,
                .posts = w->keys == KEYS_POSTS ? 1000000 : w->keys == KEYS_USERS ? 0 : 1,
                .skew = w->keys == KEYS_POSTS ? SKEW_ZIPF : SKEW_UNIFORM,
            };
        }
    return 0;
}

/* The workloads that were asked for; or the first of each family, which is its simplest. */
static int choose_cells(struct cells *c, const struct run_options *o)
{
    int error = 0;

    for (unsigned i = 0; i < o->workload_count && !error; i++)
        error = add_cells(c, o, o->workloads[i]);
    for (const struct family *const *f = families; *f && !o->workload_count && !error; f++) {
        const struct workload *w = workload_standards(*f)->workload;
        if (w && (o->families & family_bit(*f)))
            error = add_cells(c, o, w);
    }
    return error;
}

int command_latency(int argc, char **argv)
{
    static struct latency_options o;
    static struct cells cells;
    struct plan plan = { 0 };
    int error = parse(&o, argc, argv), status;

    if (error)
        return command_line_status(error);
    error = choose_cells(&cells, &o.run);
    if (error == 0)
        error = plan_of_cells(&plan, &o.run, cells.list, cells.count);
    if (error == 0)
        error = options_try_outputs(&o.run);
    status = error == 0 ? latency_run(&plan, &o) : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}
