/* iterations.c - `contend iterations`: its command line, and its plan. */
#include <errno.h>
#include <stdio.h>

#include "bench/base/arguments.h"
#include "bench/measure/iterations.h"
#include "bench/report/iterations.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/probe.h"

static const char help_text[] =
    "Usage: contend iterations [OPTION]... [STRATEGY]...\n"
    "\n"
    "What most benchmarks do, beside what `contend run` does: each thread the same\n"
    "number of operations, with google-benchmark's own threads, or each thread the\n"
    "same time.  For teaching: the table says what the first one hides.\n"
    "\n"
    "      --object=KIND       lock or counter (default: lock)\n"
    "      --workload=NAME     one for a lock or a single counter (default: its\n"
    "                          simplest)\n"
    "      --threads=N         1 to 64 (default: as many as processors, at most 2)\n"
    "      --all               not only the core: every strategy\n"
    "      --exhibits          also the ones that are broken on purpose\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            the tapes follow from it\n"
    "      --json=FILE         the table\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed (a check, or a file), 2 wrong usage, 130\n"
    "interrupted.\n";

static const struct option long_options[] = {
    PROBE_SHARED,
    { "threads", required_argument, NULL, OPT_THREADS },
    { NULL, 0, NULL, 0 },
};

static int parse_option(void *ctx, int option, const char *value)
{
    if (option == 'h') {
        fputs(help_text, stdout);
        return 1;
    }
    return probe_option(ctx, option, value);
}

int command_iterations(int argc, char **argv)
{
    static struct run_options o;
    static struct probe_cells cells;
    struct plan plan = { 0 };
    int error = probe_parse("iterations", argc, argv, long_options, &o, parse_option, &o);

    if (error == 0)
        error = options_check_names(&o);
    if (error)
        return command_line_status(error);
    if (!o.object && o.workload_count == 0) {
        o.object = families[0];
        o.families = family_bit(o.object);
    }
    error = probe_cells(&cells, &o, 0);
    if (!error && (cells.count != 1 || !iterations_serve(cells.list[0].workload)))
        error = arguments_error("one cell of a lock or of a single counter is wanted: one --workload "
                                "and --threads");
    if (error == 0)
        error = plan_of_cells(&plan, &o, cells.list, cells.count);
    if (error == 0)
        error = options_try_outputs(&o, NULL, NULL, 0);
    int status = error == 0 ? iterations_command(&plan, &o) : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}
