/* pick.c - `contend pick`: its command line, and its plan. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/nearest.h"
#include "bench/judge/needs.h"
#include "bench/report/choice.h"
#include "bench/report/latency.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/probe.h"

static const char help_text[] =
    "Usage: contend pick [OPTION]... [STRATEGY]...\n"
    "\n"
    "The simplest strategy that carries a load on this machine and meets your needs; the\n"
    "runner-up, what left the others out, and at which load the answer changes.  Without\n"
    "arguments: heartbeats of a presence map at 1 Mu, a million users who beat every ten\n"
    "seconds.  STRATEGY: choose among these only.\n"
    "\n"
    "The load:\n"
    "      --object=KIND       lock, counter, claps or presence (default: presence)\n"
    "      --workload=NAME     one of `contend list --workloads`\n"
    "      --rate=MU           how much, in Mu, 100,000 operations a second (default: 1)\n"
    "      --headroom=TIMES    it must cope with so many times the rate (default: 2)\n"
    "      --users=N           presence: how many users (default: a million a Mu)\n"
    "      --threads=N         workers (default: as many as processors, at most 2)\n"
    "\n"
    "The needs:\n"
    "      --need=WORD,...     ids64, grow (no fixed capacity), reuse (places of ids that left),\n"
    "                          last-seen, exact, lock-free, wait-free, no-library, no-lgpl,\n"
    "                          no-thread, signal-safe, process-shared\n"
    "      --ids=dense         ids are small numbers (default: they may be anything)\n"
    "      --bytes=N           at most so many bytes a user, counter or lock\n"
    "      --p999=US           p99.9 at the rate, from due to done: at most so many us\n"
    "\n"
    "      --all               not only the core: every strategy\n"
    "      --exhibits          list also those that are broken on purpose; never the answer\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            arrivals and tapes follow from it\n"
    "      --json=FILE         the answer, and all that was tried\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 there is an answer, 1 there is none, or a failure, 2 wrong usage,\n"
    "130 interrupted.\n";

enum pick_only { OPT_RATE = PROBE_OWN, OPT_HEADROOM, OPT_NEED, OPT_IDS, OPT_BYTES, OPT_P999 };

static const struct option long_options[] = {
    PROBE_SHARED,
    { "threads", required_argument, NULL, OPT_THREADS },
    { "rate", required_argument, NULL, OPT_RATE },
    { "headroom", required_argument, NULL, OPT_HEADROOM },
    { "need", required_argument, NULL, OPT_NEED },
    { "ids", required_argument, NULL, OPT_IDS },
    { "bytes", required_argument, NULL, OPT_BYTES },
    { "p999", required_argument, NULL, OPT_P999 },
    { NULL, 0, NULL, 0 },
};

static int real(const char *option, const char *text, double least, double most, double *out)
{
    char *end;
    double x = strtod(text, &end);

    if (end == text || *end || !(x >= least && x <= most))
        return arguments_error("--%s=%s: a number from %g to %g is wanted", option, text, least,
                               most);
    *out = x;
    return 0;
}

static int add_need(void *ctx, const char *word)
{
    struct choice_options *o = ctx;
    enum need need = need_named(word);
    struct nearest near = { .wanted = word };
    char hint[NEAREST_HINT];

    if (need) {
        o->needs |= need;
        return 0;
    }
    for (unsigned i = 0; need_word(i); i++)
        nearest_offer(&near, need_word(i));
    return arguments_error("--need=%s: there is no such need%s; see --help", word,
                           nearest_hint(&near, "", hint));
}

static int parse_ids(struct choice_options *o, const char *text)
{
    if (strcmp(text, "dense") == 0)
        o->needs &= ~(unsigned)NEED_SPARSE;
    else if (strcmp(text, "sparse") == 0 || strcmp(text, "sparse64") == 0)
        o->needs |= NEED_SPARSE;
    else
        return arguments_error("--ids=%s: dense or sparse is wanted", text);
    return 0;
}

static int parse_option(void *ctx, int option, const char *value)
{
    struct choice_options *o = ctx;
    double x = 0;
    int error;

    switch (option) {
    case OPT_RATE:
        error = real("rate", value, 0.001, 10000, &x);
        o->per_s = error ? o->per_s : x * LATENCY_MU;
        return error;
    case OPT_HEADROOM: return real("headroom", value, 1, 100, &o->headroom);
    case OPT_NEED: return probe_parts(value, add_need, o);
    case OPT_IDS: return parse_ids(o, value);
    case OPT_BYTES: return real("bytes", value, 0.01, 1e9, &o->bytes);
    case OPT_P999:
        error = real("p999", value, 0.01, 1e9, &x);
        o->p999_ns = error ? o->p999_ns : x * 1000;
        return error;
    case 'h': fputs(help_text, stdout); return 1;
    default: return probe_option(&o->run, option, value);
    }
}

static int parse(struct choice_options *o, int argc, char **argv)
{
    memset(o, 0, sizeof *o);
    o->per_s = LATENCY_MU;
    o->headroom = 2;
    o->needs = NEED_SPARSE;
    int error = probe_parse("pick", argc, argv, long_options, &o->run, parse_option, o);

    return error ? error : options_check_names(&o->run);
}

enum { FEWEST_USERS = 1000, MOST_USERS = 4000000 };

/* One question at a time: the cell that was described.  Without a word, the load of the design. */
static int choose_cell(struct probe_cells *cells, struct choice_options *o)
{
    struct run_options *run = &o->run;

    if (!run->object && run->workload_count == 0) {
        run->object = families[FAMILY_COUNT - 1];
        run->families = family_bit(run->object);
    }
    if (run->user_count == 0) {
        double users = o->per_s / LATENCY_MU * 1e6;
        run->users[run->user_count++] = users < FEWEST_USERS ? FEWEST_USERS
                                        : users > MOST_USERS ? MOST_USERS : (uint64_t)users;
    }
    int error = probe_cells(cells, run, 0);
    if (!error && cells->count != 1)
        error = arguments_error("one load at a time: one --workload, --users and --threads");
    return error;
}

static int check_needs(const struct choice_options *o, const struct family *family)
{
    unsigned idle = o->needs & ~(unsigned)NEED_SPARSE & ~needs_of_family(family);

    for (unsigned i = 0; i < NEED_COUNT; i++)
        if (idle & 1u << i)
            return arguments_error("--need=%s would be ignored: it makes no difference for %s",
                                   need_word(i), family->article);
    return 0;
}

int command_pick(int argc, char **argv)
{
    static struct choice_options o;
    static struct probe_cells cells;
    struct plan plan = { 0 };
    int error = parse(&o, argc, argv), status;

    if (error)
        return command_line_status(error);
    error = choose_cell(&cells, &o);
    if (error == 0)
        error = check_needs(&o, cells.list[0].workload->family);
    if (error == 0)
        error = plan_of_cells(&plan, &o.run, cells.list, cells.count);
    if (error == 0)
        error = options_try_outputs(&o.run, NULL, NULL, 0);
    status = error == 0 ? choice_run(&plan, &o) : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}
