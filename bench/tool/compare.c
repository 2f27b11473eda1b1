/* compare.c - `contend compare`: two results files, cell by cell; report/change.h has the rule. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/text.h"
#include "bench/judge/ratio.h"
#include "bench/report/change.h"
#include "bench/report/output.h"
#include "bench/report/results.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"

static const char help_text[] =
    "Usage: contend compare [OPTION]... A.json B.json\n"
    "\n"
    "Says for every cell and strategy that both results files have whether B is\n"
    "faster, slower or a tie.  What is judged is the ratio to the reference, taken in\n"
    "blocks, since two sessions on one machine drift apart; the rates stand beside\n"
    "it.\n"
    "\n"
    "      --by=WHAT           ratio (default), or rate: the plain rates, drift\n"
    "                          included\n"
    "      --fail-if-slower    exit status 1 if anything became slower, or\n"
    "                          nothing could be compared\n"
    "      --json=FILE         the comparison for programs\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage or a file that cannot be compared.\n";

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

static void count(struct comparison *c, enum verdict v)
{
    c->faster += v == VERDICT_FASTER;
    c->slower += v == VERDICT_SLOWER;
    c->ties += v == VERDICT_TIE;
    c->unknown += v == VERDICT_UNKNOWN;
}

static void print_change(struct comparison *c, const char *strategy, const struct change *x,
                         json_t *list)
{
    char a[TEXT_NUMBER], b[TEXT_NUMBER], ratio[TEXT_INTERVAL], rate[TEXT_INTERVAL];

    printf("  %-24s %8s %8s  %-23s %-23s %s\n", strategy, text_number(x->a_ops / 1e6, 4, a),
           text_number(x->b_ops / 1e6, 4, b), text_interval(&x->ratio, ratio),
           text_interval(&x->rate, rate), verdict_word(x->verdict));
    count(c, x->verdict);
    json_array_append_new(list, change_json(strategy, x));
}

static void compare_cell(struct comparison *c, const json_t *a, const json_t *b)
{
    const char *name = results_text(a, "name"), *why = change_obstacle(a, b);
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
        struct change change = change_of(a, b, strategy, c->reference, c->options.by_rate);
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

/* Refuses replays of different logs.  0, or -EINVAL after a message. */
static int check_replays(const struct comparison *c)
{
    const char *why = change_refused(&c->a, &c->b);

    return why ? arguments_error("%s, %s: these replays cannot be compared: the %s", c->a.path, c->b.path, why) : 0;
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

static int run(struct comparison *c)
{
    int error = 0;

    c->differ = change_needs_rates(&c->a, &c->b);
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
