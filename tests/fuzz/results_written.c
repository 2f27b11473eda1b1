/*
 * results_written.c - what the writer of results files wrote, its reader reads back.
 *
 * Each line of an input is one window: a rate, where it stood ("near", "far", "none"),
 * and "rejected" or "failed" if its block was or it did; "1e7 near", "nan far failed".
 * Two contestants, so that two lines are a block.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/text.h"
#include "bench/report/report.h"
#include "bench/report/results.h"
#include "bench/report/results_read.h"
#include "bench/report/trial.h"
#include "bench/tool/options.h"
#include "tests/fuzz/fuzz.h"

enum { BLOCKS = 40 };

/* A report of one cell, all of it made up. */
struct made_up {
    struct run_options options;
    struct plan plan;
    struct measurement m;
    struct cell_verdict verdict;
    struct session session;
    struct calibration floors;
    struct report report;
};

static void fill_window(struct block *block, struct window_result *w, const char *line)
{
    char place[8] = "", trouble[12] = "";

    memset(w, 0, sizeof *w);
    if (sscanf(line, "%lf %7s %11s", &w->ops_per_s, place, trouble) < 1)
        w->ops_per_s = NAN;
    w->ops = (uint64_t)strlen(line);
    w->seconds = w->ops_per_s / 3;
    for (int p = PLACEMENT_NONE; p <= PLACEMENT_FAR; p++)
        if (strcmp(place, results_placement((enum placement)p)) == 0)
            w->covariates.placement = (enum placement)p;
    w->error = strcmp(trouble, "failed") == 0 ? -1 : 0;
    if (strcmp(trouble, "rejected") == 0)
        block->rejected = "the floor drifted";
    strcpy(w->why, w->error ? "3 claps were lost" : "");
}

/* Lines become windows, in order; what is left of a block was not run. */
static void fill(struct made_up *u, const uint8_t *data, size_t size)
{
    struct measured_cell *cell = &u->m.cells[0];
    unsigned each = cell->plan->count;
    const uint8_t *end = data + size;

    for (unsigned n = 0; data != end && n < cell->plan->blocks * each; n++) {
        const uint8_t *from = data;
        size_t length = fuzz_first_line(from, (size_t)(end - from), &data);
        char *line = fuzz_string(from, length);
        struct block *block = &cell->blocks[n / each];
        fill_window(block, &block->windows[n % each], line);
        block->probe_before = block->probe_after = 1;
        block->done++;
        cell->complete += block->done == each;
        cell->rejected += block->done == each && block->rejected;
        free(line);
    }
}

static void make_up(struct made_up *u, const uint8_t *data, size_t size)
{
    static const struct trial_kind kind = { .introduce = NULL }; /* as `run` has it */
    static char command[] = "run", workload[] = "--workload=claps", threads[] = "--threads=2",
                filter[] = "--benchmark_filter=(mutex|faa)$", name[] = "faa",
                blocks[] = "--blocks=40";
    char *argv[] = { command, workload, threads, filter, blocks, name, NULL };

    memset(u, 0, sizeof *u);
    fuzz_reset_getopt();
    FUZZ_CHECK(options_parse(&u->options, 6, argv) == 0);
    FUZZ_CHECK(plan_make(&u->plan, &u->options) == 0 && u->plan.cells[0].blocks == BLOCKS);
    FUZZ_CHECK(measure_begin(&u->m, &u->plan, &u->options) == 0);
    fill(u, data, size);
    FUZZ_CHECK(verdict_make(&u->verdict, &u->m.cells[0], PLACEMENT_NONE, 1) == 0);
    calibrate_nothing(&u->floors);
    u->session.count = 1;
    u->session.fields[0] = (struct session_field){ .key = "time", .value = "now" };
    u->report = (struct report){ .m = &u->m, .session = &u->session, .floors = &u->floors,
                                 .cells = &u->verdict, .kind = &kind };
}

static void make_nothing(struct made_up *u)
{
    verdict_free(&u->verdict);
    measure_free(&u->m);
    plan_free(&u->plan);
    free(u->options.gb.argv);
}

/* The logarithm of a rate, as the reader should find it: rates have nine digits in a file. */
static void check_samples(const struct made_up *u, const json_t *cell, unsigned contestant)
{
    const struct measured_cell *m = &u->m.cells[0];
    double found[BLOCKS];
    char name[CONTESTANT_NAME];
    size_t wanted = 0, count;

    contestant_name(&m->plan->contestants[contestant], name, sizeof name);
    count = results_samples(cell, name, NULL, found, BLOCKS);
    for (unsigned b = 0; b < m->plan->blocks; b++) {
        const struct window_result *w = &m->blocks[b].windows[contestant];
        if (!block_counts(m, &m->blocks[b]) || w->error || !(w->ops_per_s > 0) ||
            !isfinite(w->ops_per_s) || w->covariates.placement != u->verdict.placement)
            continue;
        FUZZ_CHECK(wanted < count);
        FUZZ_CHECK(fabs(found[wanted] - log(w->ops_per_s)) <= 1e-7);
        wanted++;
    }
    FUZZ_CHECK(wanted == count);
}

/* Reports show the number that it is. */
static void check_text(double x)
{
    char text[TEXT_NUMBER];
    double shown;

    text_number(x, 4, text);
    shown = strtod(text, NULL);
    if (isnan(x))
        FUZZ_CHECK(strcmp(text, "-") == 0);
    else
        FUZZ_CHECK(shown == x || fabs(shown - x) <= fabs(x) * 1e-3 + 1e-6);
}

static void check_file(const struct made_up *u, const char *text)
{
    const struct plan_cell *plan = &u->plan.cells[0];
    struct results_file f;
    char path[FUZZ_NAME], name[PLAN_NAME];
    int file = fuzz_file(text, strlen(text), path);

    FUZZ_CHECK(results_open(&f, path, "fuzz") == 0);
    FUZZ_CHECK(strcmp(results_reference(&f, NULL), "mutex") == 0);
    FUZZ_CHECK(strcmp(results_session(&f, "time"), "now") == 0);
    const json_t *cell = results_cell(&f, plan_cell_name(&plan->cell, name));
    FUZZ_CHECK(cell && strcmp(results_text(cell, "placement"),
                              results_placement(u->verdict.placement)) == 0);
    FUZZ_CHECK(results_has(cell, "mutex") && results_has(cell, "faa"));
    for (unsigned k = 0; k < plan->count; k++) {
        check_samples(u, cell, k);
        check_text(u->m.cells[0].blocks[0].windows[k].ops_per_s);
    }
    results_close(&f);
    close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct made_up u;
    char *json, *csv, *windows;

    make_up(&u, data, size);
    json = results_json(&u.report);
    csv = results_csv(&u.report);
    windows = results_windows(&u.report);
    FUZZ_CHECK(json && csv && windows);
    check_file(&u, json);
    free(windows);
    free(csv);
    free(json);
    make_nothing(&u);
    return 0;
}
