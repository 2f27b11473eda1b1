/* costs.c - `contend costs`: the price list of single operations. */
#include "bench/tool/costs.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"
#include "bench/base/interrupt.h"
#include "bench/base/progress.h"
#include "bench/base/shortage.h"
#include "bench/base/stats.h"
#include "bench/base/text.h"
#include "bench/report/output.h"
#include "bench/report/results.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "locks/parts/platform.h"

static const char help_text[] =
    "Usage: contend costs [OPTION]... [STRATEGY]...\n"
    "\n"
    "The price list: what single operations cost one thread that has the object to\n"
    "itself, in nanoseconds, by google-benchmark's own loop.  Without names: every\n"
    "strategy; a name may have its folder: locks/mutex.  Presence maps hold 100,000\n"
    "users, who are asked for in random order.\n"
    "\n"
    "      --json=FILE         the prices, with every repetition\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "      --benchmark_...     google-benchmark's flags: _filter=REGEX, _list_tests,\n"
    "                          _repetitions=N (default: 5), _min_time=SECONDS\n"
    "                          (default: 0.01), _format=json|csv|console, _out=FILE,\n"
    "                          _out_format=...\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n";

/* Before those of the command line, so that those count.  Every case has one of the two. */
static char min_time[] = "--benchmark_min_time=0.01", repetitions[] = "--benchmark_repetitions=5";
static char *const defaults[] = { min_time, repetitions, NULL };

enum { BATCH = 1000 };

struct command {
    struct costs_options options;
    struct costs costs;
    struct progress progress;
    bool failed;
};

int costs_parse(struct costs_options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "json", required_argument, NULL, 'j' },
        { "quiet", no_argument, NULL, 'q' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option, error;

    *o = (struct costs_options){ .json = NULL };
    arguments_of("costs");
    argc = benchmark_flags_take(&o->flags, argc, argv, defaults, NULL, NULL);
    if (argc < 0)
        return argc;
    optind = 1;
    while ((option = arguments_next(argc, argv, "qh", options)) != -1)
        switch (option) {
        case 'j': o->json = optarg; break;
        case 'q': o->quiet = true; break;
        case 'h': fputs(help_text, stdout); return 1;
        default: return -EINVAL;
        }
    for (; optind < argc; optind++) {
        if (o->strategy_count == COSTS_STRATEGIES)
            return arguments_error("%s: more than %d strategies", argv[optind], COSTS_STRATEGIES);
        error = entry_check(argv[optind], FAMILY_ALL, "");
        if (error)
            return error;
        o->strategies[o->strategy_count++] = argv[optind];
    }
    return 0;
}

static const char *case_name(void *ctx, size_t index)
{
    return ((struct command *)ctx)->costs.costs[index].name;
}

/* Reports an error of a case, which then has no price. */
static void spoil(struct command *c, size_t index, const char *trouble)
{
    arguments_error("%s: %s", c->costs.costs[index].name, trouble);
    c->costs.costs[index].spoilt = true;
    c->failed = true;
}

static enum gbench_go begin(void *ctx, size_t index)
{
    struct command *c = ctx;
    struct cost *one = &c->costs.costs[index];
    const char *trouble;

    one->asked = true;
    progress_note(&c->progress, one->name);
    if (interrupt_came())
        one->spoilt = true;
    else if (!one->spoilt && (trouble = cost_begin(&c->costs, index)) != NULL)
        spoil(c, index, trouble);
    if (one->spoilt)
        return one->begun ? GBENCH_IDLE : GBENCH_SKIP;
    one->begun = true;
    return GBENCH_RUN;
}

static void run(void *ctx, size_t index, size_t n)
{
    cost_run(&((struct command *)ctx)->costs, index, n);
}

static void end(void *ctx, size_t index)
{
    struct command *c = ctx;
    const char *trouble = cost_end(&c->costs, index);

    if (trouble)
        spoil(c, index, trouble);
}

static bool valid(void *ctx, size_t index)
{
    return !((struct command *)ctx)->costs.costs[index].spoilt;
}

static void result(void *ctx, size_t index, double ns)
{
    struct command *c = ctx;
    struct cost *one = &c->costs.costs[index];
    double *more = realloc(one->ns, (one->repetitions + 1) * sizeof *more);

    if (!more) {
        c->failed = true;
        return;
    }
    one->ns = more;
    one->ns[one->repetitions++] = ns;
    one->median = stats_median(one->ns, one->repetitions);
}

/* The price of the locked add, the yardstick of the list; NAN when it was filtered out. */
static double yardstick(const struct costs *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->costs[i].name, "primitive/locked_add") == 0)
            return c->costs[i].median;
    return NAN;
}

static const char *title_of(const struct cost *c)
{
    if (c->family)
        return "";
    return c->what ? ((const struct primitive *)c->what)->title : "an empty call through a pointer";
}

/*
 * One line of a group: the strategy, the price of each operation, and the first against a
 * locked add.  The heading of the group stands before its first line.
 */
static size_t print_line(FILE *out, const struct costs *all, size_t i, double locked,
                         const char **heading)
{
    const struct cost *first = &all->costs[i];
    char number[TEXT_NUMBER];
    bool measured = false;
    size_t next = i;

    while (next < all->count && all->costs[next].family == first->family &&
           (next == i || strcmp(all->costs[next].strategy, first->strategy) == 0))
        measured |= !isnan(all->costs[next++].median);
    if (!measured)
        return next;
    fprintf(out, "%s  %-24s", *heading, first->strategy);
    *heading = "";
    for (size_t k = i; k < next; k++)
        fprintf(out, " %9s", text_number(all->costs[k].median, 3, number));
    fprintf(out, " %9s", text_number(first->median / locked, 3, number));
    fprintf(out, "%s%s\n", title_of(first)[0] ? "   " : "", title_of(first));
    return next;
}

/* Says what an interrupt left undone. */
static void print_interrupted(FILE *out, const struct costs *all)
{
    unsigned asked = 0, measured = 0, begun = 0;
    char text[TEXT_NUMBER];

    for (size_t i = 0; i < all->count; i++) {
        asked += all->costs[i].asked;
        measured += all->costs[i].repetitions > 0;
        begun += all->costs[i].begun && all->costs[i].repetitions == 0;
    }
    fprintf(out, "Interrupted: %u of %s measured, %u cut short, %u not begun.\n\n", measured,
            text_count(asked, "price", "prices", text), begun, asked - measured - begun);
}

static void print_prices(FILE *out, const struct costs *all)
{
    double locked = yardstick(all);
    const char *heading = "";

    fputs("Prices of single operations in ns: one thread, uncontended, median of the "
          "repetitions.\n", out);
    for (size_t i = 0; i < all->count;) {
        if (i == 0 || all->costs[i].family != all->costs[i - 1].family)
            heading = cost_heading(&all->costs[i]);
        i = print_line(out, all, i, locked, &heading);
    }
    fputs("\nThe loop's own turn is in every price; a read takes its turn from a tape.  What\n"
          "an object costs under contention is another matter: `contend run`.\n", out);
}

static json_t *cost_json(const struct cost *c, double locked)
{
    json_t *each = json_array();

    for (unsigned i = 0; i < c->repetitions; i++)
        json_array_append_new(each, results_number(c->ns[i]));
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "name", c->name, "strategy", c->strategy,
                     "operation", cost_operation_name(c), "ns",
                     results_number(c->median), "locked_adds", results_number(c->median / locked),
                     "repetitions_ns", each);
}

static char *prices_json(const struct costs *all, const struct session *session)
{
    json_t *prices = json_array();

    for (size_t i = 0; i < all->count; i++)
        if (all->costs[i].repetitions)
            json_array_append_new(prices, cost_json(&all->costs[i], yardstick(all)));
    json_t *root = json_pack("{s:s, s:i, s:o, s:i, s:o}", "schema", "contend.costs", "version", 1,
                             "session", results_session_json(session), "users", (int)COST_USERS,
                             "prices", prices);
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;

    json_decref(root);
    return text;
}

/* Measures on the first processor, with a second thread asleep.  0 or a negative errno value. */
static int measure(struct command *c, const cpu_set_t *allowed, char **text)
{
    struct gbench_loops loops = { .count = c->costs.count, .batch = BATCH, .name = case_name,
                                  .begin = begin, .run = run, .end = end, .valid = valid,
                                  .result = result, .ctx = c };
    struct company company;

    company_begin(&company);
    contend_pin_thread(allowed, 0);
    interrupt_catch();
    progress_begin(&c->progress, c->options.quiet || c->options.flags.list_only, 0);
    int error = gbench_run_loops(&loops, &c->options.flags.gb, text);
    progress_end(&c->progress);
    interrupt_release();
    company_end(&company);
    return error;
}

static bool any_price(const struct costs *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->costs[i].repetitions)
            return true;
    return false;
}

/* The exit status. */
static int carry_out(struct command *c)
{
    const struct costs_options *o = &c->options;
    struct session session;
    cpu_set_t allowed;
    char *text = NULL, *prices;
    int error;

    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        CPU_ZERO(&allowed);
    session_record(&session, &allowed, 0);
    error = measure(c, &allowed, &text);
    bool interrupted = interrupt_came();
    if (error)
        shortage_fail(error);
    if (!error && !o->flags.list_only && !any_price(&c->costs) && !interrupted && !c->failed) {
        free(text);
        arguments_error("nothing is left to measure: the filter matches no case; see "
                        "--benchmark_list_tests");
        return 2;
    }
    if (!error && !o->flags.list_only) {
        FILE *human = o->flags.display ? stderr : stdout;
        if (interrupted)
            print_interrupted(human, &c->costs);
        print_prices(human, &c->costs);
        if (o->json) {
            prices = prices_json(&c->costs, &session);
            error = output_save("json", o->json, prices);
            free(prices);
        }
        if (o->flags.out && output_save("benchmark_out", o->flags.out, text) != 0)
            error = -EIO;
    }
    free(text);
    return interrupted ? 130 : error || c->failed ? 1 : 0;
}

static int try_outputs(const struct command *c)
{
    const struct output outputs[] = {
        { "json", c->options.json }, { "benchmark_out", c->options.flags.out }, { NULL, NULL },
    };

    return c->options.flags.list_only ? 0 : output_try(outputs, NULL, 0);
}

int command_costs(int argc, char **argv)
{
    struct command *c = calloc(1, sizeof *c);
    int status = 1;

    if (!c)
        return 1;
    int error = costs_parse(&c->options, argc, argv);
    if (error == 0)
        error = costs_list(&c->costs, c->options.strategies, c->options.strategy_count);
    if (error == 0)
        error = try_outputs(c);
    if (error == 0)
        status = carry_out(c);
    else if (error == -ENOMEM)
        shortage_fail(-ENOMEM);
    else
        status = error == -EINVAL ? 2 : error < 0 ? 1 : 0;
    costs_free(&c->costs);
    benchmark_flags_free(&c->options.flags);
    free(c);
    return status;
}
