/* stall.c - `contend stall`: its command line, and its plan. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/stall.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/probe.h"

static const char help_text[] =
    "Usage: contend stall [OPTION]... [STRATEGY]...\n"
    "\n"
    "Two readers and two writers share an object.  One of them is stopped, at\n"
    "whatever instruction it has come to; do the others go on?  That is what progress\n"
    "classes promise.  A strategy that is seen to break its promise makes this fail.\n"
    "STRATEGY is a name of `contend list`; with its folder, as counters/mutex, that\n"
    "one only.\n"
    "\n"
    "What to try:\n"
    "      --object=KIND       lock, counter, claps, distinct or presence (default:\n"
    "                          all)\n"
    "      --workload=NAME,... those of `contend list --workloads`\n"
    "      --users=N,...       presence, claps: how many users (default: 100k)\n"
    "      --all               every strategy; takes long\n"
    "      --exhibits          also the ones that are broken on purpose\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"
    "      --trials=N          how often each role is stopped (default: 1000)\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            the order of the stops follows from it\n"
    "\n"
    "Output:\n"
    "      --json=FILE         trials and stops of every strategy\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed (a promise was broken, or a file), 2 wrong usage,\n"
    "130 interrupted.\n";

enum stall_only { OPT_TRIALS = PROBE_OWN };

static const struct option long_options[] = {
    PROBE_SHARED,
    { "trials", required_argument, NULL, OPT_TRIALS },
    { NULL, 0, NULL, 0 },
};

static int parse_option(void *ctx, int option, const char *value)
{
    struct stall_options *o = ctx;
    uint64_t n = 0;
    int error;

    switch (option) {
    case OPT_TRIALS:
        error = arguments_number("trials", value, 1, 1000000, &n);
        o->trials = (unsigned)n;
        return error;
    case 'h': fputs(help_text, stdout); return 1;
    default: return probe_option(&o->run, option, value);
    }
}

static int parse(struct stall_options *o, int argc, char **argv)
{
    memset(o, 0, sizeof *o);
    int error = probe_parse("stall", argc, argv, long_options, &o->run, parse_option, o);

    return error ? error : options_check_names(&o->run);
}

int command_stall(int argc, char **argv)
{
    static struct stall_options o;
    static struct probe_cells cells;
    struct plan plan = { 0 };
    int error = parse(&o, argc, argv), status;

    if (error)
        return command_line_status(error);
    error = probe_cells(&cells, &o.run, STALL_THREADS);
    for (unsigned i = 0; i < cells.count; i++)
        cells.list[i].readers = STALL_EACH;
    if (error == 0)
        error = plan_of_cells(&plan, &o.run, cells.list, cells.count);
    if (error == 0)
        error = options_try_outputs(&o.run, NULL, NULL, 0);
    status = error == 0 ? stall_command(&plan, &o) : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}
