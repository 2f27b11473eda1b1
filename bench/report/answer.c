/* answer.c - the short answer: what nothing beats, and what to ask oneself. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/judge/pareto.h"
#include "bench/judge/promise.h"
#include "bench/judge/simplicity.h"
#include "bench/report/results.h"
#include "bench/report/tails.h"

enum { NAME = 16 };

static const char *name_of(const struct pareto_row *row, char name[CONTESTANT_NAME])
{
    return contestant_name(row->who, name, CONTESTANT_NAME);
}

static void print_row(FILE *out, const struct report *r, const struct pareto_row *row)
{
    double late = tails_p999(r->tails, row->who);
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

/* What keeps each row from being beaten, and what it asks of the program. */
static void print_reasons(FILE *out, const struct pareto *p)
{
    char text[PARETO_WORDS + SIMPLICITY_WORDS + CONTESTANT_NAME + 8], name[CONTESTANT_NAME];
    char because[PARETO_WORDS], asks[SIMPLICITY_WORDS];

    fprintf(out, "  Why they are not beaten, and what they ask of the program:\n");
    for (unsigned i = 0; i < p->count; i++) {
        snprintf(text, sizeof text, "%s: %s; %s", name_of(&p->rows[i], name), pareto_because(p, i, because),
                 simplicity_words(p->rows[i].who, asks));
        text_wrapped(out, text, 4, REPORT_WIDTH - 4);
    }
}

/* Up to which load each is the simplest, from the one to begin with on; and what only some can take. */
static void print_loads(FILE *out, const struct pareto *p, const struct pareto_row *begin)
{
    char text[240], name[CONTESTANT_NAME], mu[2][TEXT_NUMBER];
    const struct pareto_row *row = begin;

    for (const struct pareto_row *next; (next = pareto_next(p, row)) != NULL; row = next) {
        snprintf(text, sizeof text, "More load than %s Mu?  Then %s, up to %s Mu%s.",
                 text_about(row->least_per_s / TAILS_PER_S, mu[0]), name_of(next, name),
                 text_about(next->least_per_s / TAILS_PER_S, mu[1]),
                 simplicity_debts(next->who) & DEBT_SPINS ? ", if there are never more threads than processors" : "");
        text_wrapped(out, text, 4, REPORT_WIDTH - 4);
    }
    for (unsigned i = 0; i < p->count; i++) {
        const struct pareto_row *special = &p->rows[i];
        if (!promise_demand(special->who) || special == begin ||
            (special->least_per_s <= begin->least_per_s && special->debts >= begin->debts))
            continue;
        snprintf(text, sizeof text, "If %s: %s, up to %s Mu.", promise_demand(special->who), name_of(special, name),
                 text_about(special->least_per_s / TAILS_PER_S, mu[0]));
        text_wrapped(out, text, 4, REPORT_WIDTH - 4);
    }
    snprintf(text, sizeof text, "More than %s Mu?  None of them carries that in each cell; what each carries in one "
             "stands below.", text_about(row->least_per_s / TAILS_PER_S, mu[0]));
    text_wrapped(out, text, 4, REPORT_WIDTH - 4);
}

/* The question, what to take if the answer is yes, and which rows that leaves out. */
static void print_question(FILE *out, const struct pareto *p, const struct pareto_row *begin, enum need need)
{
    char text[640], name[CONTESTANT_NAME];
    const struct pareto_row *then = pareto_begin(p, need);
    const char *between = "; not ";
    const char *demand = then ? promise_demand(then->who) : NULL;
    int n = snprintf(text, sizeof text, "%s  %s %s%s%s", need_question(need),
                     then == begin ? "Still" : "Then", then ? name_of(then, name) : "none of these",
                     demand ? ", if " : "", demand ? demand : "");

    for (unsigned i = 0; i < p->count && n < (int)(sizeof text - CONTESTANT_NAME); i++) {
        if (!needs_unmet(need, p->rows[i].who))
            continue;
        n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", between, name_of(&p->rows[i], name));
        between = ", ";
    }
    bool burns = then && need != NEED_CROWDED && simplicity_debts(then->who) & DEBT_SPINS;
    snprintf(text + n, sizeof text - (size_t)n, "%s.", burns ? "; and never more threads than processors" : "");
    text_wrapped(out, text, 4, REPORT_WIDTH - 4);
}

/* What to take instead, for which load and which need. */
static void print_changes(FILE *out, const struct pareto *p, const struct pareto_row *begin)
{
    fprintf(out, "  What would change it, and what would not:\n");
    print_loads(out, p, begin);
    for (unsigned i = 0; i < p->questions; i++)
        print_question(out, p, begin, p->question[i]);
}

/* Or there is a simpler one that only some can take. */
static bool is_simplest_of_all(const struct pareto *p, const struct pareto_row *begin)
{
    for (unsigned i = 0; i < p->count; i++)
        if (p->rows[i].debts < begin->debts)
            return false;
    return true;
}

static void print_family(FILE *out, const struct report *r, const struct family *family,
                         const struct pareto *p)
{
    const char *reference = plan_reference(r->m->options, family);
    const struct pareto_row *begin = pareto_begin(p, NEED_NONE);
    char cells[TEXT_NUMBER], text[640], partial[80] = "", over[80] = "", name[CONTESTANT_NAME];
    char asks[SIMPLICITY_WORDS], mu[TEXT_NUMBER];

    if (p->partial)
        snprintf(partial, sizeof partial, ", and %u without a rate in each of the cells", p->partial);
    if (p->cells > 1)
        snprintf(over, sizeof over, "the geometric mean over %s", text_count(p->cells, "cell", "cells", cells));
    else
        snprintf(over, sizeof over, "from the one cell that could be ranked");
    snprintf(text, sizeof text, "%s: begin with %s.  It is the simplest that %s not beaten, %s, and carries "
             "%s Mu in the %s that could be ranked.", family->heading, name_of(begin, name),
             is_simplest_of_all(p, begin) ? "is" : "anybody can take and that is", simplicity_words(begin->who, asks), text_about(begin->least_per_s / TAILS_PER_S, mu),
             p->cells > 1 ? "hardest of the cells" : "one cell");
    text_wrapped(out, text, 0, REPORT_WIDTH);
    snprintf(text, sizeof text, "%u of %u are not beaten%s.  Rates are times that of %s, %s.", p->count,
             p->count + p->beaten, partial, reference, over);
    text_wrapped(out, text, 2, REPORT_WIDTH - 2);
    if (p->threads == 1)
        text_wrapped(out, "Only cells of one thread could be ranked: what happens when threads meet is not known.",
                     2, REPORT_WIDTH - 2);
    fprintf(out, "  %-*s %6s  %7s %7s  %-19s %s\n", NAME, "candidate", "times", "p99.9",
            family->item_bytes, "progress", promise_heading(family));
    for (unsigned i = 0; i < p->count; i++)
        print_row(out, r, &p->rows[i]);
    print_reasons(out, p);
    print_changes(out, p, begin);
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

/* What its words mean, before they are used. */
static void print_words(FILE *out)
{
    text_wrapped(out, "For each object, what to begin with, and what would change that.  A strategy is one way "
                 "to build the object.  It is beaten if another is as fast, as small and as simple, promises as "
                 "much, and is better in one of these.  Simple is what asks little of the program.  1 Mu is "
                 "100,000 operations a second: a million users, each heard of every 10 s.", 0, REPORT_WIDTH);
    text_wrapped(out, "Progress, of writes/reads: blocking, if others may wait for a thread that stands still; "
                 "lock-free, if some thread always goes on; wait-free, if each does.  Exact is an answer that "
                 "is right at the instant of the call, after batches and undos, too; the column of reads is about "
                 "claps one by one.", 0, REPORT_WIDTH);
    fputc('\n', out);
}

/* A family of which nothing can be said must not be missed without a word. */
static void print_undecided(FILE *out, const struct report *r, const struct family *family, unsigned cells)
{
    char text[320], count[TEXT_NUMBER], name[CONTESTANT_NAME], mu[TEXT_NUMBER];
    double least;
    const struct contestant *begin = pareto_unranked_begin(family, r->cells, r->m->plan->count, &least);

    if (cells > 1)
        snprintf(text, sizeof text, "%s: no answer, since none of %s could be ranked.", family->heading,
                 text_count(cells, "cell", "cells", count));
    else
        snprintf(text, sizeof text, "%s: no answer, since its cell could not be ranked.", family->heading);
    text_wrapped(out, text, 0, REPORT_WIDTH);
    text_wrapped(out, "What stands below under its cells says why; the tables have the medians.", 2,
                 REPORT_WIDTH - 2);
    if (begin) {
        snprintf(text, sizeof text, "Until then begin with %s: by what it asks of the program it is the "
                 "simplest, and its lowest median is %s Mu even so.",
                 contestant_name(begin, name, sizeof name), text_about(least / TAILS_PER_S, mu));
        text_wrapped(out, text, 2, REPORT_WIDTH - 2);
    }
    fputc('\n', out);
}

void report_answer(FILE *out, const struct report *r)
{
    bool any = false, answered = false;
    struct pareto p;

    for (const struct family *const *f = families; *f; f++) {
        unsigned cells = cells_of(r, *f);
        if (cells > 0 && !any) {
            report_heading(out, r, "The short answer");
            print_words(out);
        }
        any = any || cells > 0;
        if (pareto_make(&p, *f, r->cells, r->m->plan->count) == 0 && pareto_begin(&p, NEED_NONE)) {
            print_family(out, r, *f, &p);
            answered = true;
        } else if (cells > 0) {
            print_undecided(out, r, *f, cells);
        }
        pareto_free(&p);
    }
    if (!answered)
        return;
    print_tails(out, r);
    text_wrapped(out, "The simplest one for your load and needs: `contend pick`.", 0, REPORT_WIDTH);
    fputc('\n', out);
}
