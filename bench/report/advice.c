/* advice.c - the flaws of a report, and what to do about them. */
#include <math.h>

#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/report/report.h"

enum { LONGEST_BUDGET_S = 86400 };

/* The flaws of the cells of a report. */
struct ills {
    unsigned noisy, differing, coarse; /* cells without a ranking, by reason */
    unsigned windows, planned; /* that were run; that the plan has without the budget */
    unsigned short_cells;      /* that the budget ended */
    unsigned failed;           /* strategies without a rate, for want of something */
    const char *why;           /* the first of them */
};

static struct ills examine(const struct report *r)
{
    struct ills ills = { 0 };

    for (unsigned i = 0; i < r->m->plan->count; i++) {
        const struct cell_verdict *v = &r->cells[i];
        const struct measured_cell *c = v->cell;
        bool cut = measure_cut_short(r->m, c);
        ills.noisy += v->noisy;
        ills.differing += v->again_differs && !v->noisy;
        ills.coarse += v->coarse && !v->noisy && !v->again_differs;
        ills.short_cells += cut;
        for (unsigned k = 0; k < v->count; k++) {
            const struct standing *s = &v->standings[k];
            if (s->verdict != VERDICT_FAILED || c->plan->contestants[s->contestant].again)
                continue;
            ills.why = ills.failed++ ? ills.why : s->why;
        }
        ills.windows += c->complete * c->plan->count;
        ills.planned += (cut ? c->plan->blocks : c->complete) * c->plan->count;
    }
    return ills;
}

/*
 * What the plan takes by its own estimate.  The time until now says more only where the budget was that
 * long: else most of it is start-up, which windows do not repeat.
 */
static double seconds_wanted(const struct report *r, const struct ills *ills)
{
    double spent = (double)(r->m->ended_ns - r->m->started_ns) / 1e9;
    double planned = report_seconds(r->m->plan, r->m->options,
                                    r->kind->tails ? r->m->plan->seconds / 4 : 0);

    if (planned > r->m->options->budget_s || !ills->windows)
        return planned;
    return fmax(planned, spent * ills->planned / ills->windows);
}

static void advise_budget(FILE *out, const struct report *r, const struct ills *ills)
{
    double wanted = seconds_wanted(r, ills);
    char sentence[320], cells[TEXT_NUMBER];

    snprintf(sentence, sizeof sentence,
             "The budget of %u s ended %s before the planned blocks: the intervals are wider, and "
             "fewer than three blocks rank nothing.  About --budget=%.0f is wanted for all of "
             "them; or name fewer workloads, threads or strategies.",
             r->m->options->budget_s, text_count(ills->short_cells, "cell", "cells", cells),
             fmin(ceil(wanted * 1.1 / 10) * 10, LONGEST_BUDGET_S));
    text_wrapped(out, sentence, 2, 78);
}

static void advise_noise(FILE *out, const struct report *r, unsigned noisy)
{
    char sentence[400], cells[TEXT_NUMBER];

    snprintf(sentence, sizeof sentence,
             "%u of %s noisy and ranked nothing: something else had the processors.  End what else "
             "runs here and measure again, on a shared machine at a quieter time; "
             "short windows (--window=10) and fewer --threads than processors are disturbed less "
             "often.", noisy,
             text_count(r->m->plan->count, "cell was", "cells were", cells));
    text_wrapped(out, sentence, 2, 78);
}

static void advise_failures(FILE *out, const struct ills *ills)
{
    char sentence[480], rates[TEXT_NUMBER];

    snprintf(sentence, sizeof sentence,
             "%s missing, as what it needed was not to be had.  The first reason: %s.  Fewer "
             "--threads and --users ask for less; what limits them " SHORTAGE_LIMITS ".",
             text_count(ills->failed, "rate is", "rates are", rates), ills->why);
    text_wrapped(out, sentence, 2, 78);
    shortage_told();
}

void report_advice(FILE *out, const struct report *r)
{
    struct ills ills = examine(r);
    char cells[TEXT_NUMBER], sentence[320];

    bool blocks = false;
    for (unsigned i = 0; i < r->m->plan->count; i++)
        blocks |= r->m->cells[i].complete > 0;
    bool caveats = r->kind->caveats && r->kind->caveats(NULL, blocks, r->kind->ctx);

    if (!ills.noisy && !ills.differing && !ills.coarse && !ills.short_cells && !ills.failed && !caveats)
        return;
    fputc('\n', out);
    report_heading(out, r, "Before you rely on this");
    if (caveats)
        r->kind->caveats(out, blocks, r->kind->ctx);
    if (ills.short_cells)
        advise_budget(out, r, &ills);
    if (ills.noisy)
        advise_noise(out, r, ills.noisy);
    if (ills.differing) {
        snprintf(sentence, sizeof sentence,
                 "In %s the reference differed from itself, so that nothing is ranked: the machine "
                 "changed under way.  Measure again, or take more blocks: --blocks=40.",
                 text_count(ills.differing, "cell", "cells", cells));
        text_wrapped(out, sentence, 2, 78);
    }
    if (ills.coarse) {
        snprintf(sentence, sizeof sentence,
                 "In %s the reference could not be told from itself by less than 25 %%, so that "
                 "nothing is ranked.  More blocks tell more: --blocks=40.",
                 text_count(ills.coarse, "cell", "cells", cells));
        text_wrapped(out, sentence, 2, 78);
    }
    if (ills.failed) /* last, as for all commands */
        advise_failures(out, &ills);
}
