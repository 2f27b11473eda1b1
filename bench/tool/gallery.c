/* gallery.c - `contend gallery`: its command line, and its cells. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/gallery.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/probe.h"

static const char help_text[] =
    "Usage: contend gallery [OPTION]... [STRATEGY]...\n"
    "\n"
    "Harnesses that are broken on purpose, each beside the honest figures of the same\n"
    "strategies: what a usual mistake says, and the ranking that it turns round.\n"
    "STRATEGY is a name of `contend list`; with its folder, as counters/mutex, that\n"
    "one only.\n"
    "\n"
    "What to show:\n"
    "      --broken=KIND,...   unpadded, disjoint, generator, no-barrier, best-of,\n"
    "                          closed-loop, equal-iterations, reclamation (default:\n"
    "                          all)\n"
    "      --all               every strategy; takes long\n"
    "      --set=NAME.OPTION=V,...  an option of a strategy, beside the default\n"
    "      --threads=N         workers, 1 to 64 (default: 2)\n"
    "      --blocks=N          by which pairs are judged, 3 to 32, behind the 3\n"
    "                          blocks in which they are found (default: as the budget\n"
    "                          allows, 7 to 24)\n"
    "      --length=MS         of a figure (default: as the budget allows, 5 to 50)\n"
    "      --budget=SECONDS    stop after this long: 60 (default)\n"
    "      --seed=N            order, tapes and intervals follow from it\n"
    "\n"
    "Output:\n"
    "      --json=FILE         both figures of every strategy, and the pairs\n"
    "  -q, --quiet             no progress\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed (a check, or a file), 2 wrong usage, 130\n"
    "interrupted.\n";

enum gallery_only { OPT_BROKEN = PROBE_OWN, OPT_LENGTH };

static const struct option long_options[] = {
    { "broken", required_argument, NULL, OPT_BROKEN },
    { "all", no_argument, NULL, OPT_ALL },
    { "set", required_argument, NULL, OPT_SET },
    { "threads", required_argument, NULL, OPT_THREADS },
    { "blocks", required_argument, NULL, OPT_BLOCKS },
    { "length", required_argument, NULL, OPT_LENGTH },
    { "budget", required_argument, NULL, OPT_BUDGET },
    { "seed", required_argument, NULL, OPT_SEED },
    { "json", required_argument, NULL, OPT_JSON },
    { "quiet", no_argument, NULL, 'q' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

struct request {
    struct gallery_options gallery;
    enum broken kinds[BROKEN_KINDS];
    unsigned count;
};

static int add_kind(void *ctx, const char *part)
{
    struct request *q = ctx;

    for (unsigned i = 0; i < q->count; i++)
        if (strcmp(part, gallery[q->kinds[i]].name) == 0)
            return 0;
    for (int k = 0; k < BROKEN_KINDS; k++)
        if (strcmp(part, gallery[k].name) == 0) {
            q->kinds[q->count++] = (enum broken)k;
            return 0;
        }
    return arguments_error("--broken=%s: there is no such harness, see contend gallery --help", part);
}

static int parse_option(void *ctx, int option, const char *value)
{
    struct request *q = ctx;
    uint64_t n = 0;
    int error;

    switch (option) {
    case OPT_BROKEN: return probe_parts(value, add_kind, q);
    case OPT_BLOCKS:
        error = arguments_number("blocks", value, 3, TURNED_BLOCKS - GALLERY_SEARCH, &n);
        q->gallery.blocks = (unsigned)n;
        return error;
    case OPT_LENGTH:
        error = arguments_quantity("length", value, "ms", 1, 10000, &n);
        q->gallery.length_ms = (unsigned)n;
        return error;
    case 'h': fputs(help_text, stdout); return 1;
    default: return probe_option(&q->gallery.run, option, value);
    }
}

static int parse(struct request *q, int argc, char **argv)
{
    struct run_options *o = &q->gallery.run;
    int error;

    memset(q, 0, sizeof *q);
    error = probe_parse("gallery", argc, argv, long_options, o, parse_option, q);
    if (!error && q->count == 0)
        while (q->count < BROKEN_KINDS) {
            q->kinds[q->count] = (enum broken)q->count;
            q->count++;
        }
    if (!error && o->thread_count > 1)
        error = arguments_error("--threads: one number is wanted");
    return error ? error : options_check_names(o);
}

/* Two cells for each harness: the honest one, and the one that it measures in. */
static unsigned choose_cells(const struct request *q, struct cell cells[2 * BROKEN_KINDS])
{
    unsigned threads = q->gallery.run.thread_count ? q->gallery.run.threads[0] : 2, n = 0;

    for (unsigned i = 0; i < q->count; i++)
        for (int broken = 0; broken < 2; broken++) {
            const struct gallery_harness *h = &gallery[q->kinds[i]];
            const struct workload *w = workload_find(h->workload);
            bool users = w->keys == KEYS_USERS, posts = w->keys == KEYS_POSTS;
            cells[n++] = (struct cell){
                .workload = w, .users = users ? h->items : 1,
                /* A sweeper is one of them. */
                .threads = threads - (threads > 1 && w->sweeper),
                .readers = h->roles && threads > 1,
                .posts = posts ? h->items : users ? 0 : 1,
                .skew = posts ? SKEW_ZIPF : SKEW_UNIFORM,
                .disjoint = broken && q->kinds[i] == BROKEN_DISJOINT,
            };
        }
    return n;
}

int command_gallery(int argc, char **argv)
{
    static struct request q;
    struct cell cells[2 * BROKEN_KINDS];
    struct plan plan = { 0 };
    int error = parse(&q, argc, argv), status;

    if (error)
        return command_line_status(error);
    unsigned count = choose_cells(&q, cells);
    error = plan_of_cells(&plan, &q.gallery.run, cells, count);
    if (error == 0)
        error = options_try_outputs(&q.gallery.run, NULL, NULL, 0);
    status = error == 0 ? gallery_command(&plan, &q.gallery, q.kinds, q.count)
             : error == -EINVAL ? 2 : 1;
    plan_free(&plan);
    return status;
}
