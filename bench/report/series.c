/* series.c - items, budget, files and exit status. */
#include "bench/report/series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/interrupt.h"
#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/engine/tape.h"
#include "bench/judge/promise.h"
#include "bench/report/output.h"
#include "bench/report/results.h"

enum { WARMUP_NS = 10000000 };

int series_begin(struct series *s, const struct plan *plan, const struct run_options *o)
{
    unsigned most = 0;

    *s = (struct series){ .plan = plan, .options = o };
    for (unsigned i = 0; i < plan->count; i++)
        most += plan->cells[i].count;
    s->items = calloc(most ? most : 1, sizeof *s->items);
    if (!s->items) {
        shortage_fail(-ENOMEM);
        return -ENOMEM;
    }
    for (unsigned i = 0; i < plan->count; i++)
        for (unsigned k = 0; k < plan->cells[i].count; k++)
            if (!plan->cells[i].contestants[k].again)
                s->items[s->count++] = (struct series_item){
                    .cell = &plan->cells[i], .who = &plan->cells[i].contestants[k],
                };
    if (sched_getaffinity(0, sizeof s->allowed, &s->allowed) != 0)
        CPU_ZERO(&s->allowed);
    session_record(&s->session, &s->allowed, o->seed);
    return 0;
}

bool series_is_over(struct series *s)
{
    s->interrupted = s->interrupted || interrupt_came();
    s->out_of_budget = s->out_of_budget || contend_clock_ns() > s->ends_ns;
    return s->interrupted || s->out_of_budget;
}

void series_start(struct series *s)
{
    s->ends_ns = contend_clock_ns() + s->options->budget_s * UINT64_C(1000000000);
    interrupt_catch();
    progress_begin(&s->progress, s->options->quiet, s->options->budget_s);
}

void series_stop(struct series *s)
{
    progress_end(&s->progress);
    series_is_over(s);
    interrupt_release();
    tape_free_all();
}

/* Begins an item, and shows it. */
static struct series_item *begin_item(struct series *s, unsigned index)
{
    struct series_item *item = &s->items[index];
    char name[PLAN_NAME];

    progress_show(&s->progress, index, s->count,
                  plan_name(item->cell, (unsigned)(item->who - item->cell->contestants), name));
    item->begun = true;
    item->skipped = false;
    item->why[0] = '\0';
    return item;
}

static void note_result(struct series_item *item, int error)
{
    item->done = error == 0;
    item->error = error == -EINTR ? 0 : error;
    if (item->error && !item->why[0])
        snprintf(item->why, sizeof item->why, "%s", strerror(-item->error));
}

void series_run_bare(struct series *s, unsigned index, series_one *one, void *ctx)
{
    struct series_item *item = begin_item(s, index);

    note_result(item, one(ctx, index, NULL));
}

void series_leave_out(struct series *s, unsigned index)
{
    s->items[index].begun = s->items[index].skipped = true;
}

double series_run_one(struct series *s, unsigned index, series_one *one, void *ctx)
{
    struct series_item *item = begin_item(s, index);
    struct window_settings settings = {
        .length_ns = 1, .warmup_ns = WARMUP_NS, .seed = s->options->seed, .allowed = s->allowed,
    };
    struct window_result out = { .error = 0, .bytes_per_item = NAN };
    struct stage *stage;

    item->error = stage_make(&stage, &item->cell->cell, item->who, &settings, &out);
    if (item->error == 0) {
        note_result(item, one(ctx, index, stage));
        int lost = stage_end(stage, &out);
        item->error = item->error ? item->error : lost;
    }
    item->skipped = item->skipped || out.skipped;
    if (out.error)
        snprintf(item->why, sizeof item->why, "%s", out.why);
    return item->error ? NAN : out.bytes_per_item;
}

void series_run(struct series *s, series_one *one, void *ctx)
{
    series_start(s);
    for (unsigned i = 0; i < s->count && !series_is_over(s); i++)
        series_run_one(s, i, one, ctx);
    series_stop(s);
}

void series_print_name(FILE *out, const struct contestant *who, int width)
{
    char name[CONTESTANT_NAME];

    contestant_name(who, name, sizeof name);
    if (strlen(name) > (size_t)width)
        fprintf(out, "  %s\n  %*s", name, width, "");
    else
        fprintf(out, "  %-*s", width, name);
}

/* Behind a name; what does not fit there has lines of its own. */
static void print_reason(FILE *out, const char *what, const char *why)
{
    enum { NAME = 26, INDENT = 6, WIDTH = 80 };

    fprintf(out, " %s:", what);
    if (NAME + strlen(what) + strlen(why) < WIDTH) {
        fprintf(out, " %s\n", why);
        return;
    }
    fputc('\n', out);
    text_wrapped(out, why, INDENT, WIDTH - INDENT);
}

bool series_print_reason(FILE *out, const struct series_item *item)
{
    if (item->skipped)
        print_reason(out, "left out", item->why);
    else if (item->error)
        print_reason(out, item->error == -EILSEQ ? "WRONG" : "failed", item->why);
    else if (!item->begun)
        fprintf(out, " not reached\n");
    else
        return false;
    return true;
}

void series_print_end(FILE *out, const struct series *s)
{
    if (s->interrupted)
        fprintf(out, "  INTERRUPTED: what was measured until then is above.\n");
    else if (s->out_of_budget)
        fprintf(out, "  CUT SHORT by the budget of %u s; --budget gives more.\n",
                s->options->budget_s);
}

json_t *series_json(const struct series *s, const char *schema)
{
    return json_pack("{s:s, s:i, s:b, s:b, s:o}", "schema", schema, "version", 1, "interrupted",
                     s->interrupted, "out_of_budget", s->out_of_budget, "session",
                     results_session_json(&s->session));
}

json_t *series_item_json(const struct series_item *item)
{
    char name[CONTESTANT_NAME], cell[PLAN_NAME], progress[PROMISE_WORDS];
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:b}", "cell", plan_cell_name(&item->cell->cell, cell),
                          "object", item->who->family->name, "strategy",
                          contestant_name(item->who, name, sizeof name), "progress",
                          promise_progress(item->who, progress), "complete", item->done);

    if (item->error || item->skipped)
        json_object_set_new(o, item->skipped ? "skipped" : "error", json_string(item->why));
    return o;
}

int series_end(struct series *s, json_t *results, bool wrong)
{
    const char *path = s->options->json;
    int error = 0;

    for (unsigned i = 0; i < s->count; i++)
        wrong = wrong || (s->items[i].error && !s->items[i].skipped &&
                          !(contestant_identity(s->items[i].who)->flags & CONTEND_EXHIBIT));
    fflush(stdout);
    if (path) {
        char *text = json_dumps(results, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
        error = output_save("json", path, text);
        free(text);
    }
    if (path && !error)
        printf("  saved         %s\n", path);
    json_decref(results);
    free(s->items);
    return s->interrupted ? 130 : error || wrong ? 1 : 0;
}
