/*
 * compare.c - `contend compare`: two results files, cell by cell.
 *
 * Machines drift between two sessions, so what is compared is each strategy's ratio
 * to the reference within its own blocks; the plain rates stand beside it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/text.h"
#include "bench/judge/ratio.h"
#include "bench/judge/verdict.h"
#include "bench/report/output.h"
#include "bench/report/results.h"
#include "bench/report/results_read.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"

static const char help_text[] =
    "Usage: contend compare [OPTION]... A.json B.json\n"
    "\n"
    "Says for every cell and strategy that both results files have whether B is\n"
    "faster, slower or a tie.  What is judged is the ratio to the reference, taken in\n"
    "blocks, since two sessions on one machine drift apart; the rates stand beside it.\n"
    "\n"
    "      --by=WHAT           ratio (default), or rate: the plain rates, drift included\n"
    "      --fail-if-slower    exit status 1 if anything became slower, or\n"
    "                          nothing could be compared\n"
    "      --json=FILE         the comparison for programs\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage or a file that cannot be compared.\n";

enum { SAMPLES = 1000 };
static const char who[] = "contend compare";

struct comparison {
    struct compare_options options;
    struct results_file a, b;
    bool differ;           /* some cell has another reference in each file */
    const char *reference; /* of the cell under way; NULL if they differ */
    json_t *cells;
    unsigned faster, slower, ties, unknown;
    unsigned left_out; /* cells in both that must not be compared */
};

/* One strategy of one cell. */
struct change {
    struct interval ratio, rate; /* B over A */
    double a_ops, b_ops;         /* medians */
    enum verdict verdict;
};

static struct interval change_of(const json_t *a, const json_t *b, const char *strategy,
                                 const char *reference, double *a_median, double *b_median)
{
    static double x[SAMPLES], y[SAMPLES];
    size_t n = results_samples(a, strategy, reference, x, SAMPLES);
    size_t m = results_samples(b, strategy, reference, y, SAMPLES);
    struct interval d = stats_bootstrap_difference(y, m, x, n, 1);

    *a_median = exp(stats_median(x, n));
    *b_median = exp(stats_median(y, m));
    return verdict_of_logs(&d, 2);
}

static struct change examine(const struct comparison *c, const json_t *a, const json_t *b,
                             const char *strategy)
{
    struct change change = { .ratio = { NAN, NAN, NAN } };
    double unused;

    change.rate = change_of(a, b, strategy, NULL, &change.a_ops, &change.b_ops);
    if (c->reference && strcmp(strategy, c->reference) != 0)
        change.ratio = change_of(a, b, strategy, c->reference, &unused, &unused);
    if (c->reference && strcmp(strategy, c->reference) == 0 && !c->options.by_rate)
        change.verdict = VERDICT_REFERENCE;
    else
        change.verdict = verdict_for(c->options.by_rate ? &change.rate : &change.ratio);
    return change;
}

static void count(struct comparison *c, enum verdict v)
{
    c->faster += v == VERDICT_FASTER;
    c->slower += v == VERDICT_SLOWER;
    c->ties += v == VERDICT_TIE;
    c->unknown += v == VERDICT_UNKNOWN;
}

static json_t *interval_json(const struct interval *i)
{
    return json_pack("{s:o, s:o, s:o}", "low", results_number(i->low), "median",
                     results_number(i->middle), "high", results_number(i->high));
}

static void print_change(struct comparison *c, const char *strategy, const struct change *x,
                         json_t *list)
{
    char a[TEXT_NUMBER], b[TEXT_NUMBER], ratio[TEXT_INTERVAL], rate[TEXT_INTERVAL];

    printf("  %-24s %8s %8s  %-23s %-23s %s\n", strategy, text_number(x->a_ops / 1e6, 4, a),
           text_number(x->b_ops / 1e6, 4, b), text_interval(&x->ratio, ratio),
           text_interval(&x->rate, rate), verdict_word(x->verdict));
    count(c, x->verdict);
    json_array_append_new(
        list, json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}", "strategy", strategy, "a_ops_per_s",
                        results_number(x->a_ops), "b_ops_per_s", results_number(x->b_ops), "ratio",
                        interval_json(&x->ratio), "rate", interval_json(&x->rate), "verdict",
                        verdict_word(x->verdict)));
}

/* Why two cells of one name must not be compared, or NULL. */
static const char *obstacle(const json_t *a, const json_t *b)
{
    if (strcmp(results_text(a, "placement"), results_text(b, "placement")) != 0)
        return "the processors stood near in one file and far in the other";
    if (json_is_true(json_object_get(a, "noisy")) || json_is_true(json_object_get(b, "noisy")))
        return "more than 30 % of the blocks were disturbed in one of the files";
    return NULL;
}

static void compare_cell(struct comparison *c, const json_t *a, const json_t *b)
{
    const char *name = results_text(a, "name"), *why = obstacle(a, b);
    json_t *list = json_array(), *entry;
    size_t i;

    printf("%s\n", name);
    c->left_out += why != NULL;
    if (why)
        printf("  not compared: %s\n", why);
    else
        printf("  %-24s %8s %8s  %-23s %-23s %s\n", "strategy", "A Mops/s", "B Mops/s",
               c->reference ? "B/A against reference" : "B/A", "B/A plain rate", "B is");
    json_array_foreach(json_object_get(a, "strategies"), i, entry) {
        const char *strategy = results_text(entry, "strategy");
        if (why || !results_has(a, strategy) || !results_has(b, strategy))
            continue;
        struct change change = examine(c, a, b, strategy);
        print_change(c, strategy, &change, list);
    }
    putchar('\n');
    json_array_append_new(c->cells, json_pack("{s:s, s:s?, s:s?, s:o}", "name", name, "reference",
                                              c->reference, "not_compared", why, "strategies",
                                              list));
}

static void print_file(const char *label, const struct results_file *f)
{
    char path[256];

    snprintf(path, sizeof path, "%s", f->path);
    printf("%s: %s\n   %s, commit %s, %s, processors %s\n", label, text_tame(path),
           results_session(f, "time"), results_session(f, "commit"),
           results_session(f, "cpu_model"), results_session(f, "cpus_allowed"));
}

/* What differs between the sessions and may explain a difference of the results. */
static void print_differences(const struct comparison *c)
{
    static const char *const keys[] = { "cpu_model", "cpus_allowed", "kernel",  "compiler",
                                        "build",     "libraries",    "allocator" };
    bool same = true;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *a = results_session(&c->a, keys[i]), *b = results_session(&c->b, keys[i]);
        if (strcmp(a, b) == 0)
            continue;
        printf("   %s differs: %s | %s\n", keys[i], a, b);
        same = same && i >= 2;
    }
    if (!same)
        puts("   Different machines: a plain rate compares the machines.  Read the ratios.");
    if (c->differ)
        puts("   The files have different references: rates are compared, drift included.");
    putchar('\n');
}

/* What must be alike, of two replays: where a value differs, the figures mean other things. */
static const struct kept_alike {
    const char *in, *key, *title; /* in: the member of "replay", or NULL for itself */
} kept_alike[] = {
    { "log", "requests", "log has other requests" },
    { "log", "visitors", "log has other visitors" },
    { "log", "posts", "log has other posts" },
    { "log", "first_ms", "log begins at another time" },
    { "log", "last_ms", "log ends at another time" },
    { NULL, "ttl_ms", "--ttl is another one" },
    { NULL, "scale", "--scale is another one" },
    { NULL, "repeat", "--repeat is another one" },
    { NULL, "as_logged", "order is the log's in one, and sorted in the other" },
};

static const json_t *replay_value(const struct results_file *f, const struct kept_alike *k)
{
    const json_t *replay = json_object_get(f->root, "replay");

    return json_object_get(k->in ? json_object_get(replay, k->in) : replay, k->key);
}

/* Refuses replays of different logs.  0, or -EINVAL after a message. */
static int check_replays(const struct comparison *c)
{
    const json_t *a = json_object_get(c->a.root, "replay"), *b = json_object_get(c->b.root, "replay");

    if (!a || !b)
        return 0; /* their cells have other names, so that nothing is compared */
    for (size_t i = 0; i < sizeof kept_alike / sizeof *kept_alike; i++) {
        const json_t *x = replay_value(&c->a, &kept_alike[i]);
        const json_t *y = replay_value(&c->b, &kept_alike[i]);
        if (x && y && !json_equal(x, y))
            return arguments_error("%s, %s: these replays cannot be compared: the %s", c->a.path,
                                   c->b.path, kept_alike[i].title);
    }
    return 0;
}

/* Says if a file's run did not come to its end; older files do not tell. */
static void print_doubts(const char *label, const struct results_file *f)
{
    const json_t *run = json_object_get(f->root, "run");
    const char *doubt = NULL;

    if (json_is_false(json_object_get(run, "finished")))
        doubt = "is a checkpoint: its run was killed, or is still under way";
    else if (json_is_true(json_object_get(run, "interrupted")))
        doubt = "was interrupted: its cells may have few blocks";
    else if (json_is_true(json_object_get(run, "out_of_budget")))
        doubt = "was cut short by its budget: its cells may have few blocks";
    if (doubt)
        printf("   WARNING: %s %s\n", label, doubt);
}

static void compare_all(struct comparison *c)
{
    json_t *cell;
    size_t i;
    unsigned common = 0;
    char text[TEXT_NUMBER];

    json_array_foreach(json_object_get(c->a.root, "cells"), i, cell) {
        json_t *other = results_cell(&c->b, results_text(cell, "name"));
        if (other) {
            c->reference = c->differ ? NULL : results_reference(&c->a, cell);
            compare_cell(c, cell, other);
            common++;
        } else
            printf("%s\n  only in A\n\n", results_text(cell, "name"));
    }
    json_array_foreach(json_object_get(c->b.root, "cells"), i, cell)
        if (!results_cell(&c->a, results_text(cell, "name")))
            printf("%s\n  only in B\n\n", results_text(cell, "name"));
    printf("%s in both, not compared: %u; B is faster %ux, slower %ux, a tie %ux, undecided %ux\n",
           text_count(common, "cell", "cells", text), c->left_out, c->faster, c->slower, c->ties,
           c->unknown);
}

static int save(struct comparison *c)
{
    json_t *root = json_pack("{s:s, s:i, s:s, s:s, s:s?, s:s, s:O}", "schema", "contend.compare",
                             "version", 1, "a", c->a.path, "b", c->b.path, "reference",
                             c->differ ? NULL : results_reference(&c->a, NULL), "by", c->options.by_rate ? "rate" : "ratio", "cells",
                             c->cells);
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    int error = output_save("json", c->options.json, text);

    free(text);
    json_decref(root);
    return error;
}

/* Whether some cell of both files has not one reference that is known. */
static bool references_differ(const struct comparison *c)
{
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(c->a.root, "cells"), i, cell) {
        const json_t *other = results_cell(&c->b, results_text(cell, "name"));
        const char *reference = results_reference(&c->a, cell);
        if (other &&
            (!reference[0] || strcmp(reference, results_reference(&c->b, other)) != 0))
            return true;
    }
    return false;
}

static int run(struct comparison *c)
{
    int error = 0;

    c->differ = references_differ(c);
    c->options.by_rate |= c->differ;
    c->cells = json_array();
    print_file("A", &c->a);
    print_file("B", &c->b);
    print_doubts("A", &c->a);
    print_doubts("B", &c->b);
    print_differences(c);
    compare_all(c);
    fflush(stdout);
    if (c->options.json)
        error = save(c);
    json_decref(c->cells);
    if (c->options.fail_if_slower && c->faster + c->slower + c->ties == 0) {
        arguments_error("nothing was compared, so --fail-if-slower cannot pass");
        return 1;
    }
    return error || ferror(stdout) || (c->options.fail_if_slower && c->slower) ? 1 : 0;
}

int compare_parse(struct compare_options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "by", required_argument, NULL, 'b' },
        { "fail-if-slower", no_argument, NULL, 'f' },
        { "json", required_argument, NULL, 'j' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    arguments_of("compare");
    *o = (struct compare_options){ .by_rate = false };
    optind = 1;
    while ((option = arguments_next(argc, argv, "h", options)) != -1)
        switch (option) {
        case 'b':
            o->by_rate = strcmp(optarg, "rate") == 0;
            if (o->by_rate || strcmp(optarg, "ratio") == 0)
                break;
            return arguments_error("--by=%s: ratio or rate is wanted", optarg);
        case 'f': o->fail_if_slower = true; break;
        case 'j': o->json = optarg; break;
        case 'h': fputs(help_text, stdout); return 1;
        default: return -EINVAL;
        }
    if (argc - optind != 2)
        return arguments_error("two results files are wanted, A.json and B.json; %d given",
                               argc - optind);
    o->a = argv[optind];
    o->b = argv[optind + 1];
    return 0;
}

int command_compare(int argc, char **argv)
{
    struct comparison c = { .reference = NULL };
    int status = compare_parse(&c.options, argc, argv);

    if (status)
        return command_line_status(status);
    status = 2;
    int first = results_open(&c.a, c.options.a, who);
    int second = results_open(&c.b, c.options.b, who);
    const struct output outputs[] = { { "json", c.options.json }, { NULL, NULL } };
    const char *const inputs[] = { c.options.a, c.options.b };
    if (!first && !second && check_replays(&c) == 0) {
        int error = output_try(outputs, inputs, 2);
        status = error == -EINVAL ? 2 : error ? 1 : run(&c);
    }
    results_close(&c.a);
    results_close(&c.b);
    return status;
}
