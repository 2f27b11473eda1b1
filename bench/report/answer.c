/* answer.c - the short answer: what nothing beats, and what to ask oneself. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/judge/pareto.h"
#include "bench/judge/promise.h"
#include "bench/report/results.h"
#include "bench/report/tails.h"

enum { NAME = 16 };

static const char *name_of(const struct pareto_row *row, char name[CONTESTANT_NAME])
{
    return contestant_name(row->who, name, CONTESTANT_NAME);
}

/* ns; NAN if it was not measured. */
static double p999_of(const struct report *r, const struct contestant *who)
{
    const struct tail *t = tails_find(r->tails, who);

    return t ? t->p999_ns : NAN;
}

static void print_row(FILE *out, const struct report *r, const struct pareto_row *row)
{
    double late = p999_of(r, row->who);
    char name[CONTESTANT_NAME], times[TEXT_NUMBER], bytes[TEXT_NUMBER], tail[TEXT_NUMBER] = "-";
    char progress[PROMISE_WORDS], guarantee[PROMISE_WORDS];

    if (strlen(name_of(row, name)) > NAME) /* in a line of its own */
        fprintf(out, "  %s\n", name);
    if (!isnan(late))
        text_duration(late, tail);
    fprintf(out, "  %-*s %6s%s %7s %7s  %-19s %s\n", NAME, strlen(name) > NAME ? "" : name,
            text_number(row->times, 3, times), row->at_floor ? "*" : " ",
            tail, text_number(row->bytes, row->bytes < 10 ? 2 : 3, bytes),
            promise_progress(row->who, progress), promise_guarantee(row->who, guarantee));
}

/* The question, and which rows its answer leaves out. */
static void print_question(FILE *out, const struct pareto *p, enum need need)
{
    char text[640], name[CONTESTANT_NAME];
    const char *between = "  Then not ";
    int n = snprintf(text, sizeof text, "%s", need_question(need));

    for (unsigned i = 0; i < p->count && n < (int)(sizeof text - CONTESTANT_NAME); i++) {
        if (!needs_unmet(need, p->rows[i].who))
            continue;
        n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", between, name_of(&p->rows[i], name));
        between = ", ";
    }
    snprintf(text + n, sizeof text - (size_t)n, ".");
    text_wrapped(out, text, 2, REPORT_WIDTH - 2);
}

/* What is left to decide by when no question does. */
static void print_extremes(FILE *out, const struct pareto *p)
{
    const struct pareto_row *smallest = p->rows, *simplest = p->rows;
    char names[3][CONTESTANT_NAME], text[480];

    for (unsigned i = 1; i < p->count; i++) {
        smallest = p->rows[i].bytes < smallest->bytes ? &p->rows[i] : smallest;
        simplest = p->rows[i].debts < simplest->debts ? &p->rows[i] : simplest;
    }
    if (p->count == 1)
        snprintf(text, sizeof text, "None of the others is faster, smaller or simpler.");
    else
        snprintf(text, sizeof text,
                 "Else the load decides: %s is the fastest, %s the smallest, %s the simplest.",
                 name_of(p->rows, names[0]), name_of(smallest, names[1]), name_of(simplest, names[2]));
    text_wrapped(out, text, 2, REPORT_WIDTH - 2);
}

static void print_family(FILE *out, const struct report *r, const struct family *family,
                         const struct pareto *p)
{
    const char *reference = plan_reference(r->m->options, family);
    char cells[TEXT_NUMBER], text[480], partial[80] = "", others[120] = "", over[80] = "";

    if (p->partial)
        snprintf(partial, sizeof partial, ", and %u without a rate in each of the cells", p->partial);
    if (p->cells > 1)
        snprintf(over, sizeof over, "the geometric mean over %s", text_count(p->cells, "cell", "cells", cells));
    else
        snprintf(over, sizeof over, "from the one cell that could be ranked");
    if (p->beaten)
        snprintf(others, sizeof others, "; for each of %u others one of them is as fast, as small and as "
                 "simple, and promises as much", p->beaten);
    snprintf(text, sizeof text, "%s: %u that nothing else beats%s%s.  Rates are times that of %s, %s.",
             family->heading, p->count, others, partial, reference, over);
    text_wrapped(out, text, 0, REPORT_WIDTH);
    fprintf(out, "  %-*s %6s  %7s %7s  %-19s %s\n", NAME, "candidate", "times", "p99.9",
            family->item_bytes, "progress", promise_heading(family));
    for (unsigned i = 0; i < p->count; i++)
        print_row(out, r, &p->rows[i]);
    for (unsigned i = 0; i < p->questions; i++)
        print_question(out, p, p->question[i]);
    print_extremes(out, p);
    fputc('\n', out);
}

/* What the column p99.9 is, or why it is empty. */
static void print_tails(FILE *out, const struct report *r)
{
    unsigned known = 0, disturbed = 0;

    for (unsigned i = 0; i < r->tails->count; i++) {
        known += isnan(r->tails->of[i].p999_ns) ? 0 : 1;
        disturbed += !isnan(r->tails->of[i].p999_ns) && r->tails->of[i].disturbed;
    }
    if (!r->kind->tails) { /* a replay has its own */
        text_wrapped(out, "A star: level with the harness itself.  How late operations are at a given "
                     "rate: `contend latency`.", 0, REPORT_WIDTH);
        return;
    }
    text_wrapped(out, known ? "A star: level with the harness itself.  p99.9: of a thousand operations "
                              "that come at 1 Mu, 100,000 a second, one is later than this; in the cell "
                              "with the most threads that have processors.  Other rates: `contend "
                              "latency`."
                            : "A star: level with the harness itself.  p99.9 had no time; how late "
                              "operations are at a given rate: `contend latency`.", 0, REPORT_WIDTH);
    if (disturbed)
        text_wrapped(out, "Something else had the processors meanwhile: p99.9 is the machine's, not the "
                     "strategies'.", 0, REPORT_WIDTH);
}

/* How many cells of a family were measured. */
static unsigned cells_of(const struct report *r, const struct family *family)
{
    unsigned cells = 0;

    for (unsigned i = 0; i < r->m->plan->count; i++)
        cells += r->cells[i].count > 0 && r->cells[i].cell->plan->cell.workload->family == family;
    return cells;
}

/* A family of which nothing can be said must not be missed without a word. */
static void print_undecided(FILE *out, const struct family *family, unsigned cells)
{
    char text[200], count[TEXT_NUMBER];

    if (cells > 1)
        snprintf(text, sizeof text, "%s: no answer, since none of %s could be ranked.", family->heading,
                 text_count(cells, "cell", "cells", count));
    else
        snprintf(text, sizeof text, "%s: no answer, since its cell could not be ranked.", family->heading);
    text_wrapped(out, text, 0, REPORT_WIDTH);
    text_wrapped(out, "The picks below say why; the tables have the medians.", 2, REPORT_WIDTH - 2);
    fputc('\n', out);
}

void report_answer(FILE *out, const struct report *r)
{
    bool any = false, answered = false;
    struct pareto p;

    for (const struct family *const *f = families; *f; f++) {
        unsigned cells = cells_of(r, *f);
        if (cells > 0 && !any)
            report_heading(out, r, "The short answer");
        any = any || cells > 0;
        if (pareto_make(&p, *f, r->cells, r->m->plan->count) == 0 && p.count > 0) {
            print_family(out, r, *f, &p);
            answered = true;
        } else if (cells > 0) {
            print_undecided(out, *f, cells);
        }
        pareto_free(&p);
    }
    if (!answered)
        return;
    print_tails(out, r);
    text_wrapped(out, "The simplest one for your load and needs: `contend pick`.", 0, REPORT_WIDTH);
    fputc('\n', out);
}

/* The questions that leave the row out if they are answered with yes. */
static json_t *left_out_by(const struct pareto *p, const struct pareto_row *row)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < p->questions; i++)
        if (needs_unmet(p->question[i], row->who))
            json_array_append_new(list, json_string(need_question(p->question[i])));
    return list;
}

json_t *report_answer_json(const struct report *r)
{
    json_t *list = json_array();
    struct pareto p;
    char name[CONTESTANT_NAME];

    for (const struct family *const *f = families; *f; f++) {
        json_t *rows = json_array(), *questions = json_array();
        if (pareto_make(&p, *f, r->cells, r->m->plan->count) != 0)
            p.count = p.questions = 0;
        for (unsigned i = 0; i < p.count; i++)
            json_array_append_new(rows, json_pack("{s:s, s:f, s:o, s:o, s:i, s:b, s:o}", "strategy",
                                                  name_of(&p.rows[i], name), "times",
                                                  p.rows[i].times, "bytes",
                                                  results_number(p.rows[i].bytes), "p999_ns",
                                                  results_number(p999_of(r, p.rows[i].who)), "debts",
                                                  (int)p.rows[i].debts, "at_floor",
                                                  (int)p.rows[i].at_floor, "not_if",
                                                  left_out_by(&p, &p.rows[i])));
        for (unsigned i = 0; i < p.questions; i++)
            json_array_append_new(questions, json_string(need_question(p.question[i])));
        json_t *one = json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:o}", "object", (*f)->name,
                                "heading", (*f)->heading, "what", (*f)->what, "cells",
                                (int)p.cells, "beaten", (int)p.beaten, "candidates", rows,
                                "questions", questions);
        if (p.cells)
            json_array_append(list, one);
        json_decref(one);
        pareto_free(&p);
    }
    return list;
}
