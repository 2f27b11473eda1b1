/* pick.c - `contend pick`: its command line, and its plan. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/nearest.h"
#include "bench/base/text.h"
#include "bench/judge/needs.h"
#include "bench/judge/promise.h"
#include "bench/report/choice.h"
#include "bench/report/latency.h"
#include "bench/report/results_read.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/probe.h"

static const char help_text[] =
    "Usage: contend pick [OPTION]... [STRATEGY]...\n"
    "\n"
    "The simplest strategy that carries a load on this machine and meets your needs;\n"
    "the runner-up, what left the others out, and at which load the answer changes.\n"
    "Without arguments: heartbeats of a presence map at 1 Mu, a million users who\n"
    "beat every ten seconds.  STRATEGY: choose among these only.\n"
    "\n"
    "The load:\n"
    "      --object=KIND       lock, counter, claps, distinct or presence (default:\n"
    "                          presence)\n"
    "      --workload=NAME     one of `contend list --workloads`\n"
    "      --rate=MU           how much, in Mu, 100,000 operations a second (default:\n"
    "                          1); or as operations a second: 5000/s\n"
    "      --headroom=TIMES    it must cope with so many times the rate (default: 2)\n"
    "      --users=N           presence: how many users (default: a million a Mu)\n"
    "      --posts=N           the _posts workloads: how many posts (default: a\n"
    "                          million)\n"
    "      --skew=KIND         which users or posts: uniform, zipf, hot (default:\n"
    "                          uniform; posts: zipf)\n"
    "      --threads=N         workers (default: as many as processors, at most 2)\n"
    "      --batch=N           the _batch workloads: users in one call, 1 to 256\n"
    "                          (default: 64)\n"
    "      --from=FILE         measure nothing: go by what `contend run --json=FILE`\n"
    "                          measured.  Of several cells, --workload, --users and\n"
    "                          the like name one\n"
    "\n"
    "The needs:\n"
    "      --need=WORD,...     ids64, grow (no fixed capacity), reuse (places of ids\n"
    "                          that left), last-seen, exact, lock-free (a thread that\n"
    "                          stands still holds up no other), wait-free,\n"
    "                          no-library, no-lgpl, crowded (more threads than\n"
    "                          processors), no-thread, signal-safe, process-shared\n"
    "      --ids=dense         ids are small numbers (default: they may be anything)\n"
    "      --bytes=N           at most so many bytes a user, counter or lock\n"
    "      --p999=US           p99.9 at the rate, from due to done: at most so many\n"
    "                          us\n"
    "      --staleness=MS      answers may be late by at most so much; 0: not at all\n"
    "\n"
    "      --all               not only the core: every strategy\n"
    "      --exhibits          list also those that are broken on purpose; never the\n"
    "                          answer\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            arrivals and tapes follow from it\n"
    "      --json=FILE         the answer, and all that was tried\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 there is an answer, 1 there is none, or a failure, 2 wrong usage,\n"
    "130 interrupted.\n";

enum pick_only { OPT_RATE = PROBE_OWN, OPT_HEADROOM, OPT_NEED, OPT_IDS, OPT_BYTES, OPT_P999, OPT_STALENESS,
                 OPT_PICK_BATCH, OPT_PICK_POSTS, OPT_PICK_SKEW, OPT_FROM };

static const struct option long_options[] = {
    PROBE_SHARED,
    { "threads", required_argument, NULL, OPT_THREADS },
    { "rate", required_argument, NULL, OPT_RATE },
    { "headroom", required_argument, NULL, OPT_HEADROOM },
    { "need", required_argument, NULL, OPT_NEED },
    { "ids", required_argument, NULL, OPT_IDS },
    { "bytes", required_argument, NULL, OPT_BYTES },
    { "p999", required_argument, NULL, OPT_P999 },
    { "staleness", required_argument, NULL, OPT_STALENESS },
    { "batch", required_argument, NULL, OPT_PICK_BATCH },
    { "posts", required_argument, NULL, OPT_PICK_POSTS },
    { "skew", required_argument, NULL, OPT_PICK_SKEW },
    { "from", required_argument, NULL, OPT_FROM },
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
    if (strcmp(word, "staleness") == 0)
        return arguments_error("--need=staleness: how late answers may be is a number: "
                               "--staleness=MS");
    for (unsigned i = 0; need_word(i); i++)
        nearest_offer(&near, need_word(i));
    return arguments_error("--need=%s: there is no such need%s; see --help", word,
                           nearest_hint(&near, "", hint));
}

static int parse_ids(struct choice_options *o, const char *text)
{
    if (strcmp(text, "dense") == 0)
        o->needs &= ~(unsigned)NEED_SPARSE;
    else if (strcmp(text, "sparse64") == 0)
        o->needs |= NEED_SPARSE;
    else
        return arguments_error("--ids=%s: dense or sparse64 is wanted", text);
    return 0;
}

/* In Mu, or with "/s" in operations a second. */
static int parse_rate(struct choice_options *o, const char *text)
{
    char number[40];
    const char *unit = strstr(text, "/s");
    bool is_per_s = unit && unit[2] == '\0' && (size_t)(unit - text) < sizeof number;
    double x = 0;

    if (is_per_s)
        snprintf(number, sizeof number, "%.*s", (int)(unit - text), text);
    int error = is_per_s ? real("rate", number, 0.001 * LATENCY_MU, 10000 * LATENCY_MU, &x)
                         : real("rate", text, 0.001, 10000, &x);
    if (!error)
        o->per_s = is_per_s ? x : x * LATENCY_MU;
    return error;
}

static int parse_option(void *ctx, int option, const char *value)
{
    struct choice_options *o = ctx;
    double x = 0;
    int error;

    switch (option) {
    case OPT_RATE: return parse_rate(o, value);
    case OPT_HEADROOM: return real("headroom", value, 1, 100, &o->headroom);
    case OPT_NEED: return probe_parts(value, add_need, o);
    case OPT_IDS: return parse_ids(o, value);
    case OPT_BYTES: return real("bytes", value, 0.01, 1e9, &o->bytes);
    case OPT_P999:
        error = real("p999", value, 0.01, 1e9, &x);
        o->p999_ns = error ? o->p999_ns : x * 1000;
        return error;
    case OPT_STALENESS: return real("staleness", value, 0, 1e9, &o->stale_ms);
    case OPT_PICK_BATCH: return options_batch(&o->run, value);
    case OPT_PICK_POSTS: return options_list(&o->run, "posts", value, options_add_posts);
    case OPT_PICK_SKEW: return options_skew(&o->run, value);
    case OPT_FROM: o->from = value; return 0;
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
    o->stale_ms = -1;
    int error = probe_parse("pick", argc, argv, long_options, &o->run, parse_option, o);

    if (!error && o->from && o->p999_ns > 0)
        error = arguments_error("--p999 would be ignored: a file of `contend run` has no latencies");
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
    if (!error && (cells->count != 1 || run->post_count > 1))
        error = arguments_error("one load at a time: one --workload, --users, --posts and --threads");
    return error;
}

/* Whether a cell of a file is what the options ask for, so far as they do. */
static bool is_asked_for(const struct run_options *run, const json_t *cell)
{
    const char *workload = results_text(cell, "workload");
    const struct workload *known = workload_find(workload);
    json_int_t users = json_integer_value(json_object_get(cell, "users"));
    json_int_t threads = json_integer_value(json_object_get(cell, "threads"));
    json_int_t batch = json_integer_value(json_object_get(cell, "batch"));
    json_int_t posts = json_integer_value(json_object_get(cell, "posts"));
    const char *skew = results_text(cell, "skew");

    return known && (!run->object || known->family == run->object) &&
           (!run->workload_count || known == run->workloads[0]) &&
           (!run->user_count || users == (json_int_t)run->users[0]) &&
           (!run->thread_count || threads == (json_int_t)run->threads[0]) &&
           (!run->post_count || posts == (json_int_t)run->posts[0]) &&
           (!run->skew_given || strcmp(skew, skew_name(run->skew)) == 0) &&
           (!run->batch || batch == (json_int_t)run->batch);
}

/* The one cell of the file that was asked for, or NULL after a message. */
static const json_t *find_cell(const struct choice_options *o, const struct results_file *file)
{
    const json_t *found = NULL, *cell;
    size_t i, fit = 0;

    if (o->run.workload_count > 1 || o->run.user_count > 1 || o->run.post_count > 1 ||
        o->run.thread_count > 1) {
        arguments_error("one load at a time: one --workload, --users, --posts and --threads");
        return NULL;
    }
    json_array_foreach(json_object_get(file->root, "cells"), i, cell)
        if (is_asked_for(&o->run, cell)) {
            found = cell;
            fit++;
        }
    if (fit == 1)
        return found;
    if (fit)
        arguments_error("one load at a time: %zu cells of the file are what was asked for; name one "
                        "with --workload, --users, --posts, --skew and --threads", fit);
    else
        arguments_error("none of the file's cells is what was asked for");
    json_array_foreach(json_object_get(file->root, "cells"), i, cell)
        if (fit == 0 || is_asked_for(&o->run, cell)) {
            char name[PLAN_NAME];
            snprintf(name, sizeof name, "%s", results_text(cell, "name"));
            fprintf(stderr, "  %s\n", text_tame(name));
        }
    return NULL;
}

/* The cell as this program has it. */
static struct cell cell_from(const json_t *cell)
{
    const struct workload *w = workload_find(results_text(cell, "workload"));
    struct cell c = {
        .workload = w,
        .users = (uint64_t)json_integer_value(json_object_get(cell, "users")),
        .posts = (uint64_t)json_integer_value(json_object_get(cell, "posts")),
        .threads = (unsigned)json_integer_value(json_object_get(cell, "threads")),
        .readers = (unsigned)json_integer_value(json_object_get(cell, "readers")),
        .disjoint = json_is_true(json_object_get(cell, "disjoint")),
        .batch = w->batch ? (unsigned)json_integer_value(json_object_get(cell, "batch")) : 0,
    };

    for (int k = SKEW_UNIFORM; k <= SKEW_LOGGED; k++)
        if (strcmp(results_text(cell, "skew"), skew_name((enum key_skew)k)) == 0)
            c.skew = (enum key_skew)k;
    for (int k = IDS_DENSE; k <= IDS_SPARSE64; k++)
        if (strcmp(results_text(cell, "ids"), ids_name((enum key_ids)k)) == 0)
            c.ids = (enum key_ids)k;
    return c;
}

static int check_needs(const struct choice_options *o, const struct family *family)
{
    const struct contestant any = contestant_at(family, 0);
    unsigned idle = o->needs & ~(unsigned)NEED_SPARSE & ~needs_of_family(family);

    for (unsigned i = 0; i < NEED_COUNT; i++)
        if (idle & 1u << i)
            return arguments_error("--need=%s would be ignored: it makes no difference for %s",
                                   need_word(i), family->article);
    if (o->stale_ms >= 0 && isnan(promise_stale_ms(&any)))
        return arguments_error("--staleness would be ignored: answers of %s are not late",
                               family->article);
    return 0;
}

/* Checks the rest of the question, and makes the plan for its cell.  0, or an error. */
static int prepare(struct plan *plan, const struct choice_options *o, const struct cell *cell)
{
    const char *inputs[] = { o->from };
    int error = check_needs(o, cell->workload->family);

    if (error == 0 && o->run.batch && !cell->workload->batch)
        error = arguments_error("--batch would be ignored: %s has no batches", cell->workload->name);
    if (error == 0 && o->run.post_count && cell->workload->keys != KEYS_POSTS)
        error = arguments_error("--posts would be ignored: %s has not many posts", cell->workload->name);
    if (error == 0 && o->run.skew_given && (cell->workload->keys == KEYS_NONE || cell->workload->fresh))
        error = arguments_error("--skew would be ignored: %s has no users who come again, and not many "
                                "posts", cell->workload->name);
    if (error == 0)
        error = plan_of_cells(plan, &o->run, cell, 1);
    if (error == 0)
        error = options_try_outputs(&o->run, NULL, inputs, o->from ? 1 : 0);
    return error;
}

static int pick_here(struct choice_options *o)
{
    static struct probe_cells cells;
    struct plan plan = { 0 };
    int error = choose_cell(&cells, o);

    if (error == 0)
        error = prepare(&plan, o, cells.list);
    int status = error == 0 ? choice_run(&plan, o) : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}

static int pick_from_file(const struct choice_options *o)
{
    struct plan plan = { 0 };
    struct results_file file;
    struct cell cell;
    const json_t *found = NULL;
    int error = results_open(&file, o->from, arguments_program());

    if (error == 0)
        found = find_cell(o, &file);
    if (found) {
        cell = cell_from(found);
        error = prepare(&plan, o, &cell);
    }
    int status = !found || error == -EINVAL ? 2 : error ? 1 : choice_from(&plan, o, found);
    plan_free(&plan);
    results_close(&file);
    return status;
}

int command_pick(int argc, char **argv)
{
    static struct choice_options o;
    int error = parse(&o, argc, argv);

    if (error)
        return command_line_status(error);
    return o.from ? pick_from_file(&o) : pick_here(&o);
}
