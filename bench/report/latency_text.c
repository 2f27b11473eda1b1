/* latency_text.c - the table of `contend latency`. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/latency_points.h"

enum { WIDTH = 80 };

const struct latency_point *latency_point_at(const struct latency_curve *c, double per_s)
{
    const struct latency_point *found = NULL;

    for (unsigned i = 0; i < c->count; i++)
        if (fabs(c->points[i].per_s / per_s - 1) < 1e-6)
            found = &c->points[i];
    return found;
}

static void put_durations(FILE *out, const double *ns, unsigned count)
{
    char text[TEXT_NUMBER];

    for (unsigned i = 0; i < count; i++)
        fprintf(out, " %7s", text_duration(ns[i], text));
}

static void print_searched(FILE *out, const struct latency_curve *c, bool done)
{
    const struct latency_point *one = latency_point_at(c, LATENCY_MU);
    const struct latency_point *half = latency_point_at(c, c->knee.copes / 2);
    double at_one[4] = { NAN, NAN, NAN, NAN }, at_half[2] = { NAN, NAN };
    char number[TEXT_NUMBER], copes[24];

    if (one) {
        const struct latency_figures *f = &one->response;
        memcpy(at_one, (double[]){ f->p50, f->p99, f->p999, f->max }, sizeof at_one);
    }
    if (half)
        memcpy(at_half, (double[]){ half->response.p999, half->service.p999 }, sizeof at_half);
    snprintf(copes, sizeof copes, "%s%s", done && c->knee.fails > 0 ? "" : ">",
             text_number(c->knee.copes / LATENCY_MU, 3, number));
    fprintf(out, " %7s", c->knee.copes > 0 ? copes : "none");
    put_durations(out, at_one, 4);
    put_durations(out, at_half, 2);
    fputc('\n', out);
}

static void print_points(FILE *out, const struct latency_curve *c)
{
    char number[TEXT_NUMBER];

    for (unsigned i = 0; i < c->count; i++) {
        const struct latency_point *p = &c->points[i];
        const double ns[] = { p->response.p50, p->response.p99, p->response.p999, p->response.max,
                              p->service.p99, p->service.p999 };
        fprintf(out, "%s %7s", i ? "                    " : "",
                text_number(p->per_s / LATENCY_MU, 3, number));
        put_durations(out, ns, 6);
        fputs(p->copes ? "\n" : "  *\n", out);
    }
    if (c->count == 0)
        fputc('\n', out);
}

static void print_curve(FILE *out, const struct latency_results *r, unsigned i)
{
    const struct series_item *item = &r->series.items[i];
    char name[CONTESTANT_NAME];

    fprintf(out, "  %-18s", contestant_name(item->who, name, sizeof name));
    if (series_print_reason(out, item))
        return;
    if (r->options->rate_count)
        print_points(out, &r->curves[i]);
    else
        print_searched(out, &r->curves[i], item->done);
}

/* Sorted by what they cope with, floors last. */
static bool before(const struct latency_results *r, unsigned a, unsigned b)
{
    bool floor_a = contestant_identity(r->series.items[a].who)->flags & CONTEND_FLOOR;
    bool floor_b = contestant_identity(r->series.items[b].who)->flags & CONTEND_FLOOR;

    return floor_a != floor_b ? floor_b : r->curves[a].knee.copes > r->curves[b].knee.copes;
}

static void print_cell(FILE *out, const struct latency_results *r, const struct plan_cell *cell)
{
    unsigned of_cell[OPTION_STRATEGIES + OPTION_VARIANTS], count = 0;
    char name[PLAN_NAME];

    for (unsigned i = 0; i < r->series.count; i++) {
        unsigned at = count;
        if (r->series.items[i].cell != cell || count == sizeof of_cell / sizeof *of_cell)
            continue;
        for (; at > 0 && before(r, i, of_cell[at - 1]); at--)
            of_cell[at] = of_cell[at - 1];
        of_cell[at] = i;
        count++;
    }
    fprintf(out, "%s\n\n", plan_cell_name(&cell->cell, name));
    if (r->options->rate_count)
        fprintf(out, "                              from due to done                from begun\n"
                     "  strategy                Mu     p50     p99   p99.9     max     p99   p99.9\n");
    else
        fprintf(out, "                       copes             at 1 Mu              at half its most\n"
                     "  strategy           with Mu     p50     p99   p99.9     max   p99.9 (begun)\n");
    for (unsigned i = 0; i < count; i++)
        print_curve(out, r, of_cell[i]);
    fputc('\n', out);
}

static void explain(FILE *out, const struct latency_results *r)
{
    unsigned disturbed, all;
    char sentence[320];

    text_wrapped(out, "1 Mu is 100,000 operations a second: a million users who beat every ten "
                      "seconds.", 2, WIDTH - 4);
    text_wrapped(out, "Durations are from the instant at which an operation was due, so one that "
                      "waited for a stalled one counts its wait.  (begun) is from its own "
                      "beginning, which is all that a closed loop can see: where it is much less, a "
                      "closed loop would have hidden the wait.", 2, WIDTH - 4);
    if (r->options->rate_count)
        text_wrapped(out, "* did not cope: more than half a percent was left over when the time "
                          "was up.", 2, WIDTH - 4);
    else
        text_wrapped(out, "Copes: less than half a percent was left over when the time was up.  A "
                          "floor shows what the harness itself copes with: nothing near it is told "
                          "apart.", 2, WIDTH - 4);
    text_wrapped(out, "Every operation is timed by two looks at the clock, and is one call: `contend "
                      "run` has the rates without them.  A dash: too few operations for it.", 2,
                 WIDTH - 4);
    if (r->options->pause_ms)
        fprintf(out, "  One worker was stopped for %u ms in the middle of each rate.\n",
                r->options->pause_ms);
    if (latency_is_noisy(r, &disturbed, &all)) {
        snprintf(sentence, sizeof sentence,
                 "NOISY: in %u of %u rates a worker waited for its processor for more than a tenth "
                 "of the time.  The figures tell more of the machine than of the strategies; run "
                 "it again when nothing else runs, with no more threads than processors.",
                 disturbed, all);
        text_wrapped(out, sentence, 2, WIDTH - 4);
    }
    series_print_end(out, &r->series);
}

void latency_print(FILE *out, const struct latency_results *r)
{
    for (unsigned i = 0; i < r->series.plan->count; i++)
        print_cell(out, r, &r->series.plan->cells[i]);
    explain(out, r);
}
