/* memory.c - `contend memory`: its command line, and its cells. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/memory.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/probe.h"

static const char help_text[] =
    "Usage: contend memory [OPTION]... [STRATEGY]...\n"
    "\n"
    "What strategies hold, and what becomes of what they let go.  Presence maps:\n"
    "rate, bytes and the p99.9 of others while the map grows; what is removed and not\n"
    "freed behind a reader that stands still; how long after their deadline users are\n"
    "gone; what others notice when a crowd beats, or expires, in one instant; and how\n"
    "long a count and a list of all take.\n"
    "All: bytes a user, reader or counter by size.  STRATEGY is a name of `contend\n"
    "list`; with its folder, as counters/mutex, that one only.\n"
    "\n"
    "What to look at:\n"
    "      --object=KIND       counter, claps or presence (default: all)\n"
    "      --part=NAME,...     growth, backlog, expiry, crowd, scan, bytes\n"
    "                          (default: all)\n"
    "      --users=N,...       bytes: users, readers or posts (default: 1k, 10k ...\n"
    "                          10M)\n"
    "      --grow-to=N         growth: users that are inserted (default: 1M)\n"
    "      --crowd=N           crowd: users that beat and expire at once (default:\n"
    "                          100k)\n"
    "      --among=N           crowd, scan: users in the map (default: 1M)\n"
    "      --sweep=N           expiry, crowd: entries in a call of sweep (default:\n"
    "                          1024)\n"
    "      --all               every strategy; takes long\n"
    "      --exhibits          also the ones that are broken on purpose\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"
    "      --budget=SECONDS    stop after this long: 120 (default)\n"
    "      --seed=N            tapes follow from it\n"
    "\n"
    "Output:\n"
    "      --json=FILE         all figures, with their time lines\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed (a check, or a file), 2 wrong usage, 130\n"
    "interrupted.\n";

enum memory_only { OPT_PART = PROBE_OWN, OPT_GROW_TO, OPT_CROWD, OPT_AMONG, OPT_SWEEP };

static const struct option long_options[] = {
    { "object", required_argument, NULL, OPT_OBJECT },
    { "users", required_argument, NULL, PROBE_USERS },
    { "all", no_argument, NULL, OPT_ALL },
    { "exhibits", no_argument, NULL, OPT_EXHIBITS },
    { "budget", required_argument, NULL, OPT_BUDGET },
    { "seed", required_argument, NULL, OPT_SEED },
    { "json", required_argument, NULL, OPT_JSON },
    { "set", required_argument, NULL, OPT_SET },
    { "quiet", no_argument, NULL, 'q' },
    { "help", no_argument, NULL, 'h' },
    { "part", required_argument, NULL, OPT_PART },
    { "grow-to", required_argument, NULL, OPT_GROW_TO },
    { "crowd", required_argument, NULL, OPT_CROWD },
    { "among", required_argument, NULL, OPT_AMONG },
    { "sweep", required_argument, NULL, OPT_SWEEP },
    { NULL, 0, NULL, 0 },
};

enum { BUDGET_S = 120, CELLS = 64 };

struct request {
    struct memory_options memory;
    unsigned parts; /* a bit for each; 0: all */
    bool has_budget;
    struct memory_cell cells[CELLS];
    struct cell plain[CELLS];
    unsigned count;
};

static int add_part(void *ctx, const char *part)
{
    struct request *q = ctx;

    for (int p = 0; p < MEMORY_PARTS; p++)
        if (strcmp(part, memory_part_name((enum memory_part)p)) == 0) {
            q->parts |= 1u << p;
            return 0;
        }
    return arguments_error("--part=%s: growth, backlog, expiry, crowd, scan or bytes is wanted", part);
}

static int parse_option(void *ctx, int option, const char *value)
{
    struct request *q = ctx;
    struct memory_options *o = &q->memory;

    switch (option) {
    case OPT_PART: return probe_parts(value, add_part, q);
    case OPT_GROW_TO: return arguments_number("grow-to", value, 1000, 100000000, &o->grow_to);
    case OPT_CROWD: return arguments_number("crowd", value, 100, 10000000, &o->crowd);
    case OPT_AMONG: return arguments_number("among", value, 1000, 100000000, &o->among);
    case OPT_SWEEP: return arguments_number("sweep", value, 1, 100000000, &o->sweep_budget);
    case OPT_BUDGET: q->has_budget = true; return probe_option(&o->run, option, value);
    case 'h': fputs(help_text, stdout); return 1;
    default: return probe_option(&o->run, option, value);
    }
}

static int add_cell(struct request *q, enum memory_part part, const char *workload, uint64_t items,
                    unsigned threads, unsigned readers)
{
    const struct workload *w = workload_find(workload);
    bool users = w->keys == KEYS_USERS;

    if (q->parts && !(q->parts & 1u << part))
        return 0;
    if (q->count == CELLS)
        return arguments_error("more than %d cells", CELLS);
    q->plain[q->count] = (struct cell){
        .workload = w, .users = users ? items : 1, .posts = users ? 0 : items, .threads = threads,
        .readers = readers, .skew = SKEW_UNIFORM,
    };
    q->cells[q->count] = (struct memory_cell){ q->plain[q->count], part };
    q->count++;
    return 0;
}

/* A cell for each part, and one for each size and kind of item. */
static int choose_cells(struct request *q)
{
    static const uint64_t usual[] = { 1000, 10000, 100000, 1000000, 10000000 };
    static const char *const bytes_of[] = { "claps_posts", "applause", "heartbeats" };
    const struct memory_options *o = &q->memory;
    const uint64_t *sizes = o->run.user_count ? o->run.users : usual;
    unsigned count = o->run.user_count ? o->run.user_count : sizeof usual / sizeof *usual;
    int error = add_cell(q, MEMORY_GROWTH, "heartbeats", o->grow_to, 2, 0);

    if (!error)
        error = add_cell(q, MEMORY_BACKLOG, "churn", 10000, 2, 1);
    if (!error)
        error = add_cell(q, MEMORY_EXPIRY, "heartbeats", o->expiring, 2, 0);
    if (!error)
        error = add_cell(q, MEMORY_CROWD, "heartbeats", o->crowd, 2, 0);
    if (!error)
        error = add_cell(q, MEMORY_SCAN, "heartbeats", o->among, 1, 0);
    for (size_t w = 0; w < sizeof bytes_of / sizeof *bytes_of; w++)
        for (unsigned i = 0; i < count && !error; i++)
            error = add_cell(q, MEMORY_BYTES, bytes_of[w], sizes[i], 1, 0);
    return error;
}

static int parse(struct request *q, int argc, char **argv)
{
    struct run_options *run = &q->memory.run;
    int error;

    memset(q, 0, sizeof *q);
    q->memory.grow_to = 1000000;
    q->memory.crowd = 100000;
    q->memory.among = 1000000;
    q->memory.expiring = 20000;
    q->memory.sweep_budget = 1024;
    error = probe_parse("memory", argc, argv, long_options, run, parse_option, q);
    if (!q->has_budget)
        run->budget_s = BUDGET_S;
    return error ? error : options_check_names(run);
}

int command_memory(int argc, char **argv)
{
    static struct request q;
    struct plan plan = { 0 };
    int error = parse(&q, argc, argv), status;

    if (error)
        return command_line_status(error);
    error = choose_cells(&q);
    if (error == 0)
        error = plan_of_cells(&plan, &q.memory.run, q.plain, q.count);
    if (error == 0)
        error = options_try_outputs(&q.memory.run, NULL, NULL, 0);
    status = error == 0 ? memory_command(&plan, &q.memory, q.cells, q.count)
             : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}
