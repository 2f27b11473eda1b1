/* crowd_text.c - the tables of `contend oversubscribe` and `contend fairness`. */
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/judge/promise.h"
#include "bench/report/crowd.h"

enum { WIDTH = 80, COLUMNS = 8, GROUP = 64 };

static const double collapsed_below = 0.5; /* of the rate with the fewest threads */

/* A point is disturbed, and a run noisy, by the measures of `contend run` (measure.c, verdict.h). */
static const double disturbed_above = 0.10, noisy_share = 0.30;

/* What a table shows. */
struct measure {
    const char *title;
    size_t member; /* of struct crowd_point */
    const char *(*text)(double x, char buffer[TEXT_NUMBER]);
};

/* The cells of one workload at one size, which differ in their threads. */
struct group {
    unsigned cells[GROUP], count;
};

static const char *rate(double x, char buffer[TEXT_NUMBER])
{
    return text_number(x / 1e6, 3, buffer);
}

static const char *figure(double x, char buffer[TEXT_NUMBER])
{
    return text_number(x, 3, buffer);
}

static const char *index_of(double x, char buffer[TEXT_NUMBER])
{
    snprintf(buffer, TEXT_NUMBER, isnan(x) ? "-" : "%.2f", x);
    return buffer;
}

#define MEMBER(NAME) offsetof(struct crowd_point, NAME)

static const struct measure of_oversubscribe[] = {
    { "rate, Mops/s", MEMBER(ops_per_s), rate },
    { "p99.9 of an operation", MEMBER(p999_ns), text_duration },
    { "processor time for an operation, ns", MEMBER(cpu_ns_per_op), figure },
    { "fairness, Jain's index (1: even; 1/n: one of n has all)", MEMBER(jain), index_of },
    { NULL, 0, NULL },
};

static const struct measure of_fairness[] = {
    { "rate, Mops/s", MEMBER(ops_per_s), rate },
    { "fairness, Jain's index (1: even; 1/n: one of n has all)", MEMBER(jain), index_of },
    { "smallest share of an equal part", MEMBER(min_share), index_of },
    { "longest gap of a thread without progress", MEMBER(longest_gap_ns), text_duration },
    { NULL, 0, NULL },
};

static bool same_group(const struct cell *a, const struct cell *b)
{
    return a->workload == b->workload && a->users == b->users && a->posts == b->posts;
}

static const struct cell *cell_of(const struct crowd_results *r, unsigned cell)
{
    return &r->series.plan->cells[cell].cell;
}

/* The item of that contestant in that cell, or -1. */
static int item_of(const struct crowd_results *r, unsigned cell, const struct contestant *who)
{
    for (unsigned i = 0; i < r->series.count; i++) {
        const struct series_item *item = &r->series.items[i];
        if (item->cell == &r->series.plan->cells[cell] && item->who->ops == who->ops &&
            item->who->variant == who->variant)
            return (int)i;
    }
    return -1;
}

static void print_head(FILE *out, const struct crowd_results *r, const struct group *g,
                       unsigned from, unsigned to)
{
    bool any_hogs = false;

    fprintf(out, "  %-18s", "threads");
    for (unsigned i = from; i < to; i++) {
        const struct cell *c = cell_of(r, g->cells[i]);
        fprintf(out, " %*u%s", crowd_preempts(r, c) ? 5 : 6, c->threads,
                crowd_preempts(r, c) ? "*" : "");
        any_hogs = any_hogs || c->hogs;
    }
    fputc('\n', out);
    if (!any_hogs)
        return;
    fprintf(out, "  %-18s", "and hogs beside");
    for (unsigned i = from; i < to; i++)
        fprintf(out, " %6u", cell_of(r, g->cells[i])->hogs);
    fputc('\n', out);
}

static void print_row(FILE *out, const struct crowd_results *r, const struct group *g,
                      unsigned from, unsigned to, const struct contestant *who,
                      const struct measure *m)
{
    char text[TEXT_NUMBER];

    series_print_name(out, who, 18);
    for (unsigned i = from; i < to; i++) {
        int item = item_of(r, g->cells[i], who);
        double x = NAN;
        if (item >= 0 && crowd_has(r, (unsigned)item))
            memcpy(&x, (const char *)&r->points[item] + m->member, sizeof x);
        fprintf(out, " %6s", m->text(x, text));
    }
    fputc('\n', out);
}

static void print_measure(FILE *out, const struct crowd_results *r, const struct group *g,
                          const struct measure *m)
{
    const struct plan_cell *first = &r->series.plan->cells[g->cells[0]];

    fprintf(out, "%s\n", m->title);
    for (unsigned from = 0; from < g->count; from += COLUMNS) {
        unsigned to = from + COLUMNS < g->count ? from + COLUMNS : g->count;
        print_head(out, r, g, from, to);
        for (unsigned k = 0; k < first->count; k++)
            if (!first->contestants[k].again)
                print_row(out, r, g, from, to, &first->contestants[k], m);
        fputc('\n', out);
    }
}

/* Why there is no figure, once for each reason that is one. */
static void print_reasons(FILE *out, const struct crowd_results *r, const struct group *g)
{
    char cell[PLAN_NAME], name[CONTESTANT_NAME], line[PLAN_NAME + CONTESTANT_NAME + 200];

    for (unsigned i = 0; i < r->series.count; i++) {
        const struct series_item *item = &r->series.items[i];
        if (!same_group(&item->cell->cell, cell_of(r, g->cells[0])) || !item->error)
            continue;
        snprintf(line, sizeof line, "%s, %s: %s: %s", plan_cell_name(&item->cell->cell, cell),
                 contestant_name(item->who, name, sizeof name),
                 item->skipped ? "left out" : item->error == -EILSEQ ? "WRONG" : "failed", item->why);
        text_wrapped(out, line, 2, WIDTH - 4);
    }
}

/*
 * What happened to a strategy whose rate has collapsed between the fewest threads and the most,
 * without hogs.
 */
static void explain_collapse(FILE *out, const struct crowd_results *r, const struct group *g,
                             const struct contestant *who)
{
    int least = -1, most = -1;
    char name[CONTESTANT_NAME], part[TEXT_NUMBER], times[TEXT_NUMBER], sentence[480],
         words[PROMISE_WORDS];

    for (unsigned i = 0; i < g->count; i++) {
        const struct cell *c = cell_of(r, g->cells[i]);
        int item = item_of(r, g->cells[i], who);
        if (c->hogs || item < 0 || !crowd_has(r, (unsigned)item))
            continue;
        if (least < 0 || c->threads < r->series.items[least].cell->cell.threads)
            least = item;
        if (most < 0 || c->threads > r->series.items[most].cell->cell.threads)
            most = item;
    }
    if (least < 0 || !crowd_preempts(r, &r->series.items[most].cell->cell))
        return;
    const struct crowd_point *a = &r->points[least], *b = &r->points[most];
    if (!(b->ops_per_s < collapsed_below * a->ops_per_s))
        return;
    unsigned writes, reads;

    promise_pair(who, &writes, &reads);
    bool waits = (writes & CONTEND_PROGRESS_CLASS) == CONTEND_BLOCKING ||
                 (reads & CONTEND_PROGRESS_CLASS) == CONTEND_BLOCKING;
    bool spins = contestant_identity(who)->flags & CONTEND_SPINS;
    bool fifo = spins && strstr(promise_guarantee(who, words), "fifo");
    snprintf(sentence, sizeof sentence,
             "%s keeps %s %% of its rate with %u threads, at %s times the processor time for an "
             "operation: %s",
             contestant_name(who, name, sizeof name),
             text_number(100 * b->ops_per_s / a->ops_per_s, 2, part),
             r->series.items[most].cell->cell.threads,
             text_number(b->cpu_ns_per_op / a->cpu_ns_per_op, 2, times),
             !waits  ? "none of its threads waits for another, so this is the machine's doing."
             : fifo  ? "its waiters spin, and use up the time slices that others need; and as "
                       "they enter by turns, the next one must get a processor before any other."
             : spins ? "its waiters spin, and use up the time slices that the thread which they "
                       "wait for needs."
                     : "its waiters sleep, so each hand-over costs a wake and a switch.");
    text_wrapped(out, sentence, 2, WIDTH - 4);
}

static void print_group(FILE *out, const struct crowd_results *r, const struct group *g)
{
    const struct plan_cell *first = &r->series.plan->cells[g->cells[0]];
    bool fairness = r->options->view == CROWD_FAIRNESS;
    char size[TEXT_NUMBER];

    fprintf(out, "%s: %s", first->cell.workload->family->heading, first->cell.workload->title);
    if (cell_keys(&first->cell) > 1)
        fprintf(out, ", %s %s", text_grouped((double)cell_keys(&first->cell), size),
                first->cell.workload->keys == KEYS_POSTS ? "posts" : "users");
    fputs("\n\n", out);
    for (const struct measure *m = fairness ? of_fairness : of_oversubscribe; m->title; m++)
        print_measure(out, r, g, m);
    print_reasons(out, r, g);
    for (unsigned k = 0; k < first->count && !fairness; k++)
        if (!first->contestants[k].again)
            explain_collapse(out, r, g, &first->contestants[k]);
}

static void explain(FILE *out, const struct crowd_results *r)
{
    char sentence[320];

    snprintf(sentence, sizeof sentence,
             "* more threads than the %u processors that they may use: what is measured is "
             "preemption, a thread that loses its processor while others wait for it.  It says "
             "nothing of a machine with more processors.", r->cpus);
    text_wrapped(out, sentence, 2, WIDTH - 4);
    if (r->options->view == CROWD_FAIRNESS)
        text_wrapped(out, "Shares are of one phase: with more threads than processors a thread may "
                          "get none in so short a time, whatever the strategy does.", 2, WIDTH - 4);
    else
        text_wrapped(out, "Hogs use up processor time and share nothing with the workers.  p99.9 is "
                          "of operations in a closed loop, each timed; a dash: fewer than 20,000 "
                          "of them.", 2, WIDTH - 4);
    unsigned disturbed = 0, all = 0;
    for (unsigned i = 0; i < r->series.count; i++) {
        bool counts = crowd_has(r, i) && !crowd_preempts(r, &r->series.items[i].cell->cell);
        all += counts;
        disturbed += counts && r->points[i].run_delay > disturbed_above;
    }
    if (disturbed > noisy_share * all) {
        snprintf(sentence, sizeof sentence,
                 "NOISY: in %u of %u points with a processor for each thread, a worker waited for its "
                 "own for more than a tenth of the time.  Run it again when nothing else runs.",
                 disturbed, all);
        text_wrapped(out, sentence, 2, WIDTH - 4);
    }
    series_print_end(out, &r->series);
}

void crowd_print(FILE *out, const struct crowd_results *r)
{
    const struct plan *plan = r->series.plan;

    for (unsigned i = 0; i < plan->count; i++) {
        struct group g = { .count = 0 };
        bool first = true;
        for (unsigned k = 0; k < i; k++)
            first = first && !same_group(cell_of(r, k), cell_of(r, i));
        for (unsigned k = i; first && k < plan->count && g.count < GROUP; k++)
            if (same_group(cell_of(r, k), cell_of(r, i)))
                g.cells[g.count++] = k;
        if (first)
            print_group(out, r, &g);
    }
    explain(out, r);
}
