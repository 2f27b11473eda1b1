/* crowd.c - `contend oversubscribe` and `contend fairness`: their command lines, and plans. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/crowd.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/probe.h"

#define HELP_COMPARE(DEFAULT)                                                                     \
    "What to compare:\n"                                                                          \
    "      --object=KIND       lock, counter, claps, distinct or presence\n"                       \
    "                          (default: " DEFAULT ")\n"                                            \
    "      --workload=NAME,... those of `contend list --workloads`\n"                             \
    "      --users=N,...       presence, claps: how many users (default: 100k)\n"                 \
    "      --all               every strategy; takes long\n"                                      \
    "      --exhibits          also the ones that are broken on purpose\n"                        \
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"

#define HELP_OUTPUT                                                                               \
    "\n"                                                                                          \
    "Output:\n"                                                                                   \
    "      --json=FILE         every point\n"                                                     \
    "  -q, --quiet             no progress\n"                                                     \
    "  -h, --help              this text\n"                                                       \
    "\n"                                                                                          \
    "Exit status: 0 done, 1 failed (a check, or a file), 2 wrong usage, 130\n"                    \
    "interrupted.\n"

static const char help_oversubscribe[] =
    "Usage: contend oversubscribe [OPTION]... [STRATEGY]...\n"
    "\n"
    "What is left when threads outnumber the processors: rate, p99.9, processor time\n"
    "and fairness with 1 to 8 threads for each processor, alone and with busy threads\n"
    "beside.  STRATEGY is a name of `contend list`; with its folder, as\n"
    "counters/mutex, that one only.\n"
    "\n"
    HELP_COMPARE("all")
    "      --times=N,...       threads for each processor, 1 to 32 (default: 1,2,4,8)\n"
    "      --hogs=N,...        busy threads beside, for each processor (default: 0,1)\n"
    "      --length=MS         of each of two phases (default: as the budget allows,\n"
    "                          40 to 200)\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            tapes follow from it\n"
    HELP_OUTPUT;

static const char help_fairness[] =
    "Usage: contend fairness [OPTION]... [STRATEGY]...\n"
    "\n"
    "How evenly operations are shared out: the rate of all, Jain's index, the\n"
    "smallest share, and the longest gap in which a thread completed nothing, by\n"
    "number of threads.  STRATEGY is a name of `contend list`; with its folder, as\n"
    "counters/mutex, that one only.\n"
    "\n"
    HELP_COMPARE("lock")
    "      --threads=N,...     workers, 1 to 64 (default: 1, 2 and 4 for each\n"
    "                          processor)\n"
    "      --length=MS         of each of two phases (default: as the budget allows,\n"
    "                          40 to 200)\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            tapes follow from it\n"
    HELP_OUTPUT;

enum crowd_only { OPT_TIMES = PROBE_OWN, OPT_HOGS, OPT_LENGTH };

static const struct option options_oversubscribe[] = {
    PROBE_SHARED,
    { "times", required_argument, NULL, OPT_TIMES },
    { "hogs", required_argument, NULL, OPT_HOGS },
    { "length", required_argument, NULL, OPT_LENGTH },
    { NULL, 0, NULL, 0 },
};

static const struct option options_fairness[] = {
    PROBE_SHARED,
    { "threads", required_argument, NULL, OPT_THREADS },
    { "length", required_argument, NULL, OPT_LENGTH },
    { NULL, 0, NULL, 0 },
};

enum { TIMES = 8 };

struct numbers {
    unsigned list[TIMES], count;
};

struct request {
    struct crowd_options crowd;
    struct numbers times, hogs; /* for each processor */
};

static int add_number(struct numbers *n, const char *option, const char *text, uint64_t least)
{
    uint64_t value = 0;
    int error = arguments_number(option, text, least, 32, &value);

    if (!error && n->count == TIMES)
        return arguments_error("--%s: more than %d numbers", option, TIMES);
    if (!error)
        n->list[n->count++] = (unsigned)value;
    return error;
}

static int add_times(void *ctx, const char *part)
{
    return add_number(ctx, "times", part, 1);
}

static int add_hogs(void *ctx, const char *part)
{
    return add_number(ctx, "hogs", part, 0);
}

static int parse_option(void *ctx, int option, const char *value)
{
    struct request *q = ctx;
    uint64_t n = 0;
    int error;

    switch (option) {
    case OPT_TIMES: return probe_parts(value, add_times, &q->times);
    case OPT_HOGS: return probe_parts(value, add_hogs, &q->hogs);
    case OPT_LENGTH:
        error = arguments_quantity("length", value, "ms", 1, 60000, &n);
        q->crowd.length_ms = (unsigned)n;
        return error;
    case 'h':
        fputs(q->crowd.view == CROWD_FAIRNESS ? help_fairness : help_oversubscribe, stdout);
        return 1;
    default: return probe_option(&q->crowd.run, option, value);
    }
}

/* The numbers of threads: so many for each processor, as far as a command line may ask. */
static void choose_threads(struct request *q, unsigned cpus)
{
    struct run_options *o = &q->crowd.run;

    for (unsigned i = 0; i < q->times.count; i++) {
        unsigned threads = q->times.list[i] * cpus;
        if (threads <= WINDOW_MAX_THREADS && o->thread_count < OPTION_LIST)
            o->threads[o->thread_count++] = threads;
    }
}

/* Every cell once for each number of hogs. */
static int add_hog_cells(struct probe_cells *cells, const struct numbers *hogs, unsigned cpus)
{
    struct probe_cells plain = *cells;

    cells->count = 0;
    for (unsigned h = 0; h < hogs->count; h++)
        for (unsigned i = 0; i < plain.count; i++) {
            if (cells->count == PROBE_CELLS)
                return arguments_error("more than %d cells", PROBE_CELLS);
            cells->list[cells->count] = plain.list[i];
            cells->list[cells->count++].hogs = hogs->list[h] * cpus;
        }
    return 0;
}

/* What was not said, and the cells. */
static int plan_crowd(struct request *q, struct plan *plan)
{
    static struct probe_cells cells;
    struct run_options *o = &q->crowd.run;
    bool fairness = q->crowd.view == CROWD_FAIRNESS;
    cpu_set_t allowed;
    unsigned cpus = sched_getaffinity(0, sizeof allowed, &allowed) == 0
                        ? (unsigned)CPU_COUNT(&allowed) : 1;
    int error;

    if (!q->times.count && !o->thread_count)
        q->times = fairness ? (struct numbers){ { 1, 2, 4 }, 3 }
                            : (struct numbers){ { 1, 2, 4, 8 }, 4 };
    if (!q->hogs.count)
        q->hogs = fairness ? (struct numbers){ { 0 }, 1 } : (struct numbers){ { 0, 1 }, 2 };
    choose_threads(q, cpus);
    if (o->thread_count == 0)
        return arguments_error("--times: a command has at most %d threads, and %u processors",
                               WINDOW_MAX_THREADS, cpus);
    error = probe_cells(&cells, o, 0);
    if (!error)
        error = add_hog_cells(&cells, &q->hogs, cpus);
    if (!error)
        error = plan_of_cells(plan, o, cells.list, cells.count);
    return error ? error : options_try_outputs(o, NULL, NULL, 0);
}

static int command(enum crowd_view view, const char *name, int argc, char **argv)
{
    static struct request q;
    struct plan plan = { 0 };
    bool fairness = view == CROWD_FAIRNESS;
    int error, status;

    memset(&q, 0, sizeof q);
    q.crowd.view = view;
    error = probe_parse(name, argc, argv, fairness ? options_fairness : options_oversubscribe,
                        &q.crowd.run, parse_option, &q);
    /* Where nothing else says which family, fairness is a question about locks. */
    if (!error && fairness && !q.crowd.run.object && !q.crowd.run.workload_count &&
        !q.crowd.run.strategy_count && !q.crowd.run.set_count)
        q.crowd.run.object = family_named("lock");
    if (!error)
        error = options_check_names(&q.crowd.run);
    if (error)
        return command_line_status(error);
    error = plan_crowd(&q, &plan);
    status = error == 0 ? crowd_command(&plan, &q.crowd) : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}

int command_oversubscribe(int argc, char **argv)
{
    return command(CROWD_OVERSUBSCRIBE, "oversubscribe", argc, argv);
}

int command_fairness(int argc, char **argv)
{
    return command(CROWD_FAIRNESS, "fairness", argc, argv);
}
