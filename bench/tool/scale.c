/* scale.c - `contend scale`: its command line. */
#include "bench/report/scale.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/engine/processes.h"
#include "bench/stores/stores.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/probe.h"

static const char help_text[] =
    "Usage: contend scale [OPTION]... [STRATEGY]...\n"
    "\n"
    "Vertical against horizontal: n threads on one object, and n processes with a\n"
    "part of the users and an object (or a server) each.  Both curves are fitted by\n"
    "Gunther's law: what is done one after the other, what each pair costs to agree,\n"
    "and where more makes it slower.  STRATEGY is a name of `contend list`; with its\n"
    "folder, as counters/mutex, that one only.\n"
    "\n"
    "What to compare:\n"
    "      --object=KIND       lock, counter, claps, distinct or presence (default:\n"
    "                          presence)\n"
    "      --workload=NAME,... those of `contend list --workloads`\n"
    "      --users=N,...       presence, claps: how many users (default: 100k)\n"
    "      --sizes=N,...       the n's, 3 to 8 rising numbers, each at most 64\n"
    "                          (default: 1,2,4,8)\n"
    "      --stores            also datastores, each process with a server of its own\n"
    "      --all               every strategy; takes long\n"
    "      --exhibits          also the ones that are broken on purpose\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"
    "      --length=MS         of a window (default: as the budget allows, 20 to 500)\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            tapes follow from it\n"
    "\n"
    "Output:\n"
    "      --json=FILE         every point, and the laws\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed (a check, or a file), 2 wrong usage, 130\n"
    "interrupted.\n";

enum scale_only { OPT_SIZES = PROBE_OWN, OPT_STORES_TOO, OPT_LENGTH };

static const struct option long_options[] = {
    PROBE_SHARED,
    { "sizes", required_argument, NULL, OPT_SIZES },
    { "stores", no_argument, NULL, OPT_STORES_TOO },
    { "length", required_argument, NULL, OPT_LENGTH },
    { NULL, 0, NULL, 0 },
};

static int add_size(void *ctx, const char *part)
{
    struct scale_options *o = ctx;
    uint64_t n = 0;
    int error = arguments_number("sizes", part, 1, PROCESSES_MOST, &n);

    if (error)
        return error;
    if (o->count == SCALE_SIZES)
        return arguments_error("--sizes: more than %d numbers", SCALE_SIZES);
    if (o->count && n <= o->sizes[o->count - 1])
        return arguments_error("--sizes: the numbers must rise, and %s does not", part);
    o->sizes[o->count++] = (unsigned)n;
    return 0;
}

static int parse_option(void *ctx, int option, const char *value)
{
    struct scale_options *o = ctx;
    uint64_t n = 0;
    int error;

    switch (option) {
    case OPT_SIZES: return probe_parts(value, add_size, o);
    case OPT_STORES_TOO: return stores_register(STORES_READY);
    case OPT_LENGTH:
        error = arguments_quantity("length", value, "ms", 1, 60000, &n);
        o->length_ms = (unsigned)n;
        return error;
    case 'h': fputs(help_text, stdout); return 1;
    default: return probe_option(&o->run, option, value);
    }
}

/* What was not said. */
static int complete(struct scale_options *o)
{
    static const unsigned usual[] = { 1, 2, 4, 8 };
    bool given = o->count > 0;

    for (size_t i = 0; i < sizeof usual / sizeof *usual && !given; i++)
        o->sizes[o->count++] = usual[i];
    if (o->count < 3)
        return arguments_error("--sizes: a law of three unknowns needs three numbers at least");
    if (!o->run.object && !o->run.workload_count && !o->run.strategy_count && !o->run.set_count)
        o->run.object = family_named("presence");
    return options_check_names(&o->run);
}

int command_scale(int argc, char **argv)
{
    static struct scale_options o;
    static struct probe_cells cells;
    struct plan plan = { 0 };
    int status, error;

    memset(&o, 0, sizeof o);
    error = probe_parse("scale", argc, argv, long_options, &o.run, parse_option, &o);
    if (!error)
        error = complete(&o);
    if (error)
        return command_line_status(error);
    error = probe_cells(&cells, &o.run, 1);
    if (!error)
        error = plan_of_cells(&plan, &o.run, cells.list, cells.count);
    if (!error)
        error = options_try_outputs(&o.run, NULL, NULL, 0);
    status = error == 0 ? scale_command(&plan, &o) : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}
