/* stall_text.c - the table of `contend stall`. */
#include <string.h>

#include "bench/base/text.h"
#include "bench/judge/promise.h"
#include "bench/report/stall.h"

enum { WIDTH = 80 };

/* "go on", or in how many trials they waited. */
static void put_pair(FILE *out, const struct stall_pair *p)
{
    char text[32] = "-";

    if (p->blocked)
        snprintf(text, sizeof text, "%u/%u", p->blocked, p->trials);
    else if (p->trials)
        snprintf(text, sizeof text, "go on");
    fprintf(out, " %7s", text);
}

static void print_item(FILE *out, const struct stall_results *r, unsigned i)
{
    const struct series_item *item = &r->series.items[i];
    const struct stall_result *seen = &r->results[i];
    char name[CONTESTANT_NAME], words[PROMISE_WORDS];
    const struct stall_stop *stop = &seen->stop[STAGE_WORKERS];

    fprintf(out, "  %-18s", contestant_name(item->who, name, sizeof name));
    if (series_print_reason(out, item))
        return;
    for (unsigned s = 0; s < STALL_ROLES; s++)
        for (unsigned w = 0; w < STALL_ROLES; w++)
            put_pair(out, &seen->pair[s][w]);
    if (stop->calm_per_s > 0)
        fprintf(out, " %5.0f%%", 100 * stop->stopped_per_s / stop->calm_per_s);
    else
        fprintf(out, " %6s", "-");
    bool floor = contestant_identity(item->who)->flags & CONTEND_FLOOR;
    fprintf(out, "  %s\n", floor ? "-" : promise_progress(item->who, words));
    for (unsigned role = 0; role < STALL_ROLES; role++)
        if (stall_contradicts(r, i, role))
            fprintf(out, "  %18s CONTRADICTS what is declared of %s\n", "",
                    role == STAGE_READERS ? "reads" : "writes");
}

/* What a stalled thread keeps from being freed. */
static void print_backlog(FILE *out, const struct stall_results *r, const struct plan_cell *cell)
{
    static const char *const who[STALL_ROLES] = { "reader", "writer" };
    char name[CONTESTANT_NAME], bytes[TEXT_NUMBER];

    for (unsigned i = 0; i < r->series.count; i++)
        for (unsigned s = 0; s < STALL_ROLES; s++) {
            const struct stall_stop *stop = &r->results[i].stop[s];
            if (r->series.items[i].cell != cell || stop->retired_after <= stop->retired_before)
                continue;
            fprintf(out, "  %s: %s bytes more not freed after the %s had stood still\n",
                    contestant_name(r->series.items[i].who, name, sizeof name),
                    text_grouped((double)(stop->retired_after - stop->retired_before), bytes),
                    who[s]);
        }
}

static void explain(FILE *out, const struct stall_results *r)
{
    text_wrapped(out, "go on: whenever one stood still, the others completed reads, or writes.  "
                      "3/12: in 3 of 12 trials they completed none in a quarter of a second.  "
                      "That one was not seen to wait proves nothing; that one waited does.", 2,
                 WIDTH - 4);
    text_wrapped(out, "others: what the three others did while a writer stood still for 100 ms, of "
                      "what they did before.  On few processors they also gain its time.", 2,
                 WIDTH - 4);
    series_print_end(out, &r->series);
}

void stall_print(FILE *out, const struct stall_results *r)
{
    char name[PLAN_NAME];

    for (unsigned c = 0; c < r->series.plan->count; c++) {
        const struct plan_cell *cell = &r->series.plan->cells[c];
        fprintf(out, "%s\n\n", plan_cell_name(&cell->cell, name));
        fprintf(out, "                    reader stopped  writer stopped\n"
                     "  strategy            reads  writes   reads  writes others  declared: "
                     "write/read\n");
        for (unsigned i = 0; i < r->series.count; i++)
            if (r->series.items[i].cell == cell)
                print_item(out, r, i);
        print_backlog(out, r, cell);
        fputc('\n', out);
    }
    explain(out, r);
}
