/* latency.c - `contend latency`: its command line, and its plan. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/latency.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/probe.h"

static const char help_text[] =
    "Usage: contend latency [OPTION]... [STRATEGY]...\n"
    "\n"
    "Sends operations at a given rate, whether or not the last one is done, and tells\n"
    "how long each takes from the instant at which it was due.  Raises the rate until\n"
    "a strategy stops coping.  1 Mu is a million users who beat every ten seconds:\n"
    "100,000 a second.  Without arguments: sections of a lock, claps and heartbeats,\n"
    "on two threads, the core.  STRATEGY is a name of `contend list`; with its\n"
    "folder, as counters/mutex, that one only.\n"
    "\n"
    "What to compare:\n"
    "      --object=KIND       lock, counter, claps, distinct or presence (default:\n"
    "                          all)\n"
    "      --workload=NAME,... those of `contend list --workloads`\n"
    "      --users=N,...       presence, claps: how many users (default: 100k)\n"
    "      --threads=N,...     workers, 1 to 64 (default: as many as processors, at\n"
    "                          most 2)\n"
    "      --all               every strategy; takes long\n"
    "      --exhibits          also the ones that are broken on purpose\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"
    "\n"
    "The rate:\n"
    "      --rate=MU,...       these rates, in Mu (0.5,1,10), instead of the search\n"
    "      --arrivals=KIND     exponential (default), uniform, or bursts of 1000 at\n"
    "                          once\n"
    "      --pause=MS          stop one worker for so long in the middle of every\n"
    "                          rate, wherever it is: what the others, and the late,\n"
    "                          then wait\n"
    "      --length=MS         of each rate (default: as the budget allows, 40 to\n"
    "                          1000)\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            arrivals and tapes follow from it\n"
    "\n"
    "Output:\n"
    "      --json=FILE         every rate that was tried, with its percentiles\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed (a check, or a file), 2 wrong usage, 130\n"
    "interrupted.\n";

enum latency_only { OPT_RATE = PROBE_OWN, OPT_ARRIVALS, OPT_PAUSE, OPT_LENGTH };

static const struct option long_options[] = {
    PROBE_SHARED,
    { "threads", required_argument, NULL, OPT_THREADS },
    { "rate", required_argument, NULL, OPT_RATE },
    { "arrivals", required_argument, NULL, OPT_ARRIVALS },
    { "pause", required_argument, NULL, OPT_PAUSE },
    { "length", required_argument, NULL, OPT_LENGTH },
    { NULL, 0, NULL, 0 },
};

static int add_rate(void *ctx, const char *part)
{
    struct latency_options *o = ctx;
    char *end;
    double mu = strtod(part, &end);

    if (end == part || *end || !(mu >= 0.001 && mu <= 10000))
        return arguments_error("--rate=%s: a number of Mu from 0.001 to 10000 is wanted", part);
    if (o->rate_count == LATENCY_RATES)
        return arguments_error("--rate: more than %d rates", LATENCY_RATES);
    o->rates[o->rate_count++] = mu * LATENCY_MU;
    return 0;
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

static int parse_option(void *ctx, int option, const char *value)
{
    struct latency_options *o = ctx;
    switch (option) {
    case OPT_RATE: return probe_parts(value, add_rate, o);
    case OPT_ARRIVALS: return parse_arrivals(o, value);
    case OPT_PAUSE: return parse_ms("pause", value, 10000, &o->pause_ms);
    case OPT_LENGTH: return parse_ms("length", value, 60000, &o->length_ms);
    case 'h': fputs(help_text, stdout); return 1;
    default: return probe_option(&o->run, option, value);
    }
}

static int parse(struct latency_options *o, int argc, char **argv)
{
    memset(o, 0, sizeof *o);
    int error = probe_parse("latency", argc, argv, long_options, &o->run, parse_option, o);

    if (!error && o->length_ms && o->pause_ms >= o->length_ms)
        error = arguments_error("--pause=%u: must be less than --length=%u", o->pause_ms,
                                o->length_ms);
    return error ? error : options_check_names(&o->run);
}

int command_latency(int argc, char **argv)
{
    static struct latency_options o;
    static struct probe_cells cells;
    struct plan plan = { 0 };
    int error = parse(&o, argc, argv), status;

    if (error)
        return command_line_status(error);
    error = probe_cells(&cells, &o.run, 0);
    if (error == 0)
        error = plan_of_cells(&plan, &o.run, cells.list, cells.count);
    if (error == 0)
        error = options_try_outputs(&o.run, NULL, NULL, 0);
    status = error == 0 ? latency_run(&plan, &o) : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}
