/* report.c - what is printed before a run, and the sentences around the tables. */
#include "bench/report/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/measure/budget.h"
#include "bench/peers/peers.h"
#include "bench/report/table.h"

enum { MU_LOAD = 100000 }; /* heartbeats a second: a million users, one beat every 10 s */

/* The entries that are measured beside the strategies. */
struct extras {
    unsigned floors, again;
};

static unsigned count_extras(const struct plan_cell *c, struct extras *e)
{
    *e = (struct extras){ 0, 0 };
    for (unsigned k = 0; k < c->count; k++) {
        e->again += c->contestants[k].again;
        e->floors += !!(contestant_identity(&c->contestants[k])->flags & CONTEND_FLOOR);
    }
    return e->floors + e->again;
}

double report_seconds(const struct plan *p, const struct run_options *o, double later_s)
{
    return p->seconds + (o->no_floors ? 0 : CALIBRATION_S) + later_s;
}

void report_plan(FILE *out, const struct plan *p, const struct run_options *o, double later_s)
{
    char name[PLAN_NAME], text[3][TEXT_NUMBER], sentence[320];
    struct extras in, all = { 0, 0 };

    snprintf(sentence, sizeof sentence,
             "Plan: %s, up to %s each, up to %s of %u ms; about %.0f s in all (budget %u s, "
             "seed %" PRIu64 ").  Ctrl-C ends it early and keeps what was measured.",
             text_count(p->count, "cell", "cells", text[0]),
             text_count(p->blocks, "block", "blocks", text[1]),
             text_count(p->windows, "window", "windows", text[2]), o->window_ms,
             fmin(report_seconds(p, o, later_s), budget_left(o)), o->budget_s, o->seed);
    text_wrapped(out, sentence, 0, REPORT_WIDTH);
    text_wrapped(out, "A cell is one workload at one size with so many threads.  In a block each of "
                 "its strategies has one window, in random order.", 0, REPORT_WIDTH);
    for (unsigned i = 0; i < p->count; i++) {
        unsigned extra = count_extras(&p->cells[i], &in);
        all = (struct extras){ all.floors + in.floors, all.again + in.again };
        plan_cell_name(&p->cells[i].cell, name);
        if (strlen(name) > 52) /* in a line of its own */
            fprintf(out, "  %s\n", name);
        fprintf(out, "  %-52s %13s, %9s\n", strlen(name) > 52 ? "" : name,
                text_count(p->cells[i].count - extra, "strategy", "strategies", text[0]),
                text_count(p->cells[i].blocks, "block", "blocks", text[1]));
    }
    if (all.floors || all.again) {
        snprintf(sentence, sizeof sentence, "and in each block%s%s%s",
                 all.floors ? " null, the harness alone" : "", all.floors && all.again ? ", and" : "",
                 all.again ? " the reference a second time, for the resolution" : "");
        text_wrapped(out, sentence, 2, REPORT_WIDTH - 2);
    }
    fputc('\n', out);
}

/* Nothing where none were looked for. */
static void print_floors(FILE *out, const struct report *r)
{
    const struct calibration *c = r->floors;

    if (isnan(calibration_value(c, &calibration_fields[0])))
        return;
    report_heading(out, r, "Floors of this machine");
    for (const struct calibration_field *f = calibration_fields; f->name; f++) {
        double value = calibration_value(c, f);
        if (isnan(value))
            fprintf(out, "  %-42s %12s\n", f->title, "unavailable");
        else
            fprintf(out, value < 1000 ? "  %-42s %8.3g %s\n" : "  %-42s %8.0f %s\n", f->title,
                    value, f->unit);
    }
    fputc('\n', out);
}

static void print_family(FILE *out, const struct report *r, const struct family *family)
{
    bool any = false;

    for (unsigned i = 0; i < r->m->plan->count; i++) {
        const struct cell_verdict *v = &r->cells[i];
        if (v->cell->plan->cell.workload->family != family)
            continue;
        if (!any)
            report_heading(out, r, family->heading);
        any = true;
        table_print(out, r, v);
    }
}

/* The load that the reference carries: "no premature optimisation" is a finding too. */
static void print_reach(FILE *out, const struct report *r)
{
    for (unsigned i = 0; i < r->m->plan->count; i++) {
        const struct cell_verdict *v = &r->cells[i];
        const struct cell *c = &v->cell->plan->cell;
        if (c->workload->keys != KEYS_USERS || c->workload->write_percent < 100)
            continue;
        for (unsigned k = 0; k < v->count; k++) {
            const struct standing *s = &v->standings[k];
            if (s->verdict != VERDICT_REFERENCE || isnan(s->ops_per_s))
                continue;
            double times_mu = s->ops_per_s / MU_LOAD;
            char threads[TEXT_NUMBER], times[TEXT_NUMBER], sentence[320];
            snprintf(sentence, sizeof sentence,
                     "With %s, %s carries about %s times the load of a million users who beat "
                     "every 10 s (1 Mu = 100,000 heartbeats/s).  %s",
                     text_count(c->threads, "thread", "threads", threads),
                     plan_reference(r->m->options, c->workload->family), text_about(times_mu, times),
                     times_mu >= 10 ? "At 1 Mu it is enough: choose by what they promise and ask, "
                                     "not by their rates."
                                    : "Mind the reserve before you rely on it.");
            text_wrapped(out, sentence, 2, REPORT_WIDTH - 2);
        }
    }
}

static void print_limits(FILE *out, const struct report *r)
{
    unsigned cpus = (unsigned)CPU_COUNT(&r->m->allowed), complete = 0, rejected = 0;
    const char *reasons[8];
    unsigned counts[8], kinds = 0;
    char text[TEXT_NUMBER], noise[512]; /* at most eight reasons, all of them short */

    for (unsigned i = 0; i < r->m->plan->count; i++) {
        const struct measured_cell *c = &r->m->cells[i];
        complete += c->complete;
        rejected += c->rejected;
        for (unsigned b = 0; b < c->plan->blocks; b++) {
            unsigned k = 0;
            if (!c->blocks[b].rejected)
                continue;
            while (k < kinds && reasons[k] != c->blocks[b].rejected)
                k++;
            if (k == kinds) {
                reasons[kinds] = c->blocks[b].rejected;
                counts[kinds++] = 0;
            }
            counts[k]++;
        }
    }
    int used = snprintf(noise, sizeof noise, "Noise: %s, %u rejected",
                        text_count(complete, "block", "blocks", text), rejected);
    for (unsigned k = 0; k < kinds; k++)
        used += snprintf(noise + used, sizeof noise - (size_t)used, "%s%s %ux", k ? ", " : ": ",
                         reasons[k], counts[k]);
    snprintf(noise + used, sizeof noise - (size_t)used,
             ".  Rejection looks at the machine, never at a result.");
    text_wrapped(out, noise, 2, REPORT_WIDTH - 2);
    snprintf(noise, sizeof noise,
             "This machine has %s for us.  It cannot decide: more than %u-way contention for a "
             "line, NUMA; more threads than processors measure preemption.  'tie' means not told "
             "apart by 3 %%, or by the resolution of the cell where that is wider.",
             text_count(cpus, "processor", "processors", text), cpus);
    text_wrapped(out, noise, 2, REPORT_WIDTH - 2);
}

static void print_session(FILE *out, const struct session *s)
{
    static const char *const keys[] = { "time", "cpu_model", "cpus_allowed", "hypervisor", "kernel",
                                        "compiler", "build", "libraries", "commit", "seed" };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        text_labelled(out, keys[i], session_value(s, keys[i]), 16, REPORT_WIDTH);
}

static void print_missing(FILE *out, const struct contend_missing *m)
{
    char sentence[320];

    for (; m->name; m++) {
        snprintf(sentence, sizeof sentence, "Left out of this build: %s (%s)", m->name, m->why);
        text_wrapped(out, sentence, 2, REPORT_WIDTH - 2);
    }
}

static void print_left_out(FILE *out, const struct report *r)
{
    for (const struct family *const *f = families; *f; f++)
        print_missing(out, (*f)->missing());
    if (r->m->options->peers)
        print_missing(out, peers_missing);
}

/* Everything that was compared. */
static void print_cells(FILE *out, const struct report *r)
{
    if (!r->kind->conclude)
        report_answer(out, r);
    table_legend(out);
    for (const struct family *const *f = families; *f; f++)
        print_family(out, r, *f);
    report_loads(out, r);
    if (r->kind->conclude)
        r->kind->conclude(out, r->cells, r->m->plan->count, r->kind->ctx);
    report_heading(out, r, "What to keep in mind");
    print_reach(out, r);
    print_limits(out, r);
    print_left_out(out, r);
}

void report_print(FILE *out, const struct report *r)
{
    if (r->m->interrupted)
        fprintf(out, "Interrupted: this is what was measured so far.\n\n");
    if (r->m->plan->count)
        print_cells(out, r);
    fputc('\n', out);
    print_floors(out, r);
    report_heading(out, r, "Session");
    print_session(out, r->session);
}
