/* report.c - the tables and the sentences under them. */
#include "bench/judge/promise.h"
#include "bench/report/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/judge/ratio.h"

enum { MU_LOAD = 100000 }; /* heartbeats a second: a million users, one beat every 10 s */

static const char bold[] = "\033[1m", green[] = "\033[32m", red[] = "\033[31m",
                  yellow[] = "\033[33m", plain[] = "\033[0m";

static const char *paint(const struct report *r, const char *code)
{
    return r->color ? code : "";
}

void report_heading(FILE *out, const struct report *r, const char *title)
{
    fprintf(out, "%s%s%s\n\n", paint(r, bold), title, paint(r, plain));
}

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

void report_plan(FILE *out, const struct plan *p, const struct run_options *o)
{
    char name[PLAN_NAME], text[3][TEXT_NUMBER];
    double seconds = fmin(p->seconds, o->budget_s);
    struct extras in, all = { 0, 0 };

    fprintf(out, "Plan: %s, up to %s each, up to %s of %u ms; about %.0f s of measuring\n"
                 "(budget %u s, seed %" PRIu64 ").  Ctrl-C ends it early and keeps what was "
                 "measured.\n",
            text_count(p->count, "cell", "cells", text[0]),
            text_count(p->blocks, "block", "blocks", text[1]),
            text_count(p->windows, "window", "windows", text[2]), o->window_ms, seconds,
            o->budget_s, o->seed);
    for (unsigned i = 0; i < p->count; i++) {
        unsigned extra = count_extras(&p->cells[i], &in);
        all = (struct extras){ all.floors + in.floors, all.again + in.again };
        fprintf(out, "  %-52s %13s, %9s\n", plan_cell_name(&p->cells[i].cell, name),
                text_count(p->cells[i].count - extra, "strategy", "strategies", text[0]),
                text_count(p->cells[i].blocks, "block", "blocks", text[1]));
    }
    if (all.floors || all.again)
        fprintf(out, "  and in each block%s%s%s\n", all.floors ? " null, the harness alone" : "",
                all.floors && all.again ? ", and" : "",
                all.again ? " the reference a second time, for the resolution" : "");
    fputc('\n', out);
}

void report_floors(FILE *out, const struct calibration *c)
{
    fprintf(out, "Floors of this machine:\n");
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

static const char *verdict_color(enum verdict v)
{
    bool bad = v == VERDICT_SLOWER || v == VERDICT_WRONG || v == VERDICT_FAILED;

    return v == VERDICT_FASTER ? green : bad ? red
           : v == VERDICT_NOISY || v == VERDICT_SKIPPED ? yellow : "";
}

static void print_standing(FILE *out, const struct report *r, const struct cell_verdict *v,
                           const struct standing *s)
{
    const struct contestant *c = &v->cell->plan->contestants[s->contestant];
    char name[CONTESTANT_NAME], speed[TEXT_NUMBER], against[TEXT_INTERVAL];
    char progress[PROMISE_WORDS], guarantee[PROMISE_WORDS];

    contestant_name(c, name, sizeof name);
    if (s->why) {
        fprintf(out, "  %-24s %s%s%s: %s\n", name, paint(r, verdict_color(s->verdict)),
                verdict_word(s->verdict), paint(r, plain), s->why);
        return;
    }
    bool floor = s->verdict == VERDICT_FLOOR;
    fprintf(out, "  %-24s %8s  ", name, text_number(s->ops_per_s / 1e6, 4, speed));
    if (v->cell->plan->cell.readers) {
        fprintf(out, "%8s ", text_number(s->readers_per_s / 1e6, 4, speed));
        fprintf(out, "%8s  ", text_number(s->writers_per_s / 1e6, 4, speed));
    }
    fprintf(out, "%-23s %5.2f %7s %8.0f  %-19s %-14s %s%s%s\n", text_interval(&s->ratio, against),
            s->jain, text_number(s->cpu_ns_per_op, 3, speed), s->bytes_per_item, floor ? "-" : promise_progress(c, progress),
            floor ? "-" : promise_guarantee(c, guarantee),
            paint(r, verdict_color(s->verdict)), verdict_word(s->verdict), paint(r, plain));
}

static void print_title(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    const struct cell *c = &v->cell->plan->cell;
    unsigned cpus = (unsigned)CPU_COUNT(&r->m->allowed);
    char text[TEXT_NUMBER];

    fprintf(out, "%s%s%s (%s)", paint(r, bold), c->workload->name, paint(r, plain),
            c->workload->title);
    if (c->workload->keys == KEYS_USERS)
        fprintf(out, ", %" PRIu64 " users, %s keys%s%s", c->users, skew_name(c->skew),
                c->disjoint ? ", disjoint" : "", c->ids != IDS_DENSE ? ", sparse 64-bit ids" : "");
    else if (c->workload->keys == KEYS_POSTS)
        fprintf(out, ", %" PRIu64 " posts, %s%s", c->posts, skew_name(c->skew),
                c->disjoint ? ", disjoint" : "");
    if (cell_batch(c))
        fprintf(out, ", %u in a call", cell_batch(c));
    fprintf(out, ", %s", text_count(c->threads, "thread", "threads", text));
    if (c->readers)
        fprintf(out, " (%s)", text_count(c->readers, "reader", "readers", text));
    if (c->threads > cpus)
        fprintf(out, " on %s: preemption, not coherence",
                text_count(cpus, "processor", "processors", text));
    if (v->placement != PLACEMENT_NONE)
        fprintf(out, ", processors %s", v->placement == PLACEMENT_NEAR ? "near" : "far");
    fputc('\n', out);
}

/* The flaws of a cell, beside its table; the advice comes at the end. */
static void print_warnings(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    const char *begin = paint(r, yellow), *end = paint(r, plain);
    char blocks[TEXT_NUMBER];

    if (v->noisy)
        fprintf(out, "  %sNOISY: %u of %u blocks were disturbed, so nothing is ranked%s\n", begin,
                v->cell->rejected, v->cell->complete, end);
    else if (v->again_differs)
        fprintf(out, "  %sThe reference differs from itself, so nothing is ranked%s\n", begin, end);
    if (measure_cut_short(r->m, v->cell))
        fprintf(out, "  %sCUT SHORT by the budget: %u of %s%s\n", begin, v->cell->complete,
                text_count(v->cell->plan->blocks, "block", "blocks", blocks), end);
}

static void print_cell(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    const struct cell *c = &v->cell->plan->cell;
    const struct family *family = c->workload->family;
    const char *reference = plan_reference(r->m->options, family);
    char heading[24], again[TEXT_INTERVAL];

    print_title(out, r, v);
    if (v->blocks == 0) {
        for (unsigned i = 0; i < v->count; i++) /* a standing with a reason needs no figures */
            if (v->standings[i].why)
                print_standing(out, r, v, &v->standings[i]);
        fprintf(out, "  no block was completed%s\n", v->cell->rejected ? " and accepted" : "");
        print_warnings(out, r, v);
        fputc('\n', out);
        return;
    }
    snprintf(heading, sizeof heading, "vs %s", reference);
    fprintf(out, "  %-24s %8s  ", "strategy", "Mops/s");
    if (c->readers)
        fprintf(out, "%8s %8s  ", "readers", "writers");
    fprintf(out, "%-23s %5s %7s %8s  %-19s %-14s %s\n", heading, "fair", "CPU ns",
            family->item_bytes, "progress", promise_heading(family), "verdict");
    for (unsigned i = 0; i < v->count; i++)
        if (!v->cell->plan->contestants[v->standings[i].contestant].again)
            print_standing(out, r, v, &v->standings[i]);
    fprintf(out, "  blocks: %u of %u accepted", v->blocks, v->cell->complete);
    if (!isnan(v->again.low))
        fprintf(out, "; resolution (%s against itself): %s%s", reference,
                text_interval(&v->again, again), v->again_differs ? ", NOT A TIE" : ", a tie");
    fputc('\n', out);
    print_warnings(out, r, v);
    fputc('\n', out);
}

/* The other placement of a contended cell, where it was seen often enough. */
static void print_other_placement(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    unsigned other = v->placement == PLACEMENT_NEAR ? v->at_far : v->at_near;
    struct cell_verdict again;

    if (v->placement == PLACEMENT_NONE || other < 3 * v->count)
        return;
    if (verdict_make(&again, v->cell,
                     v->placement == PLACEMENT_NEAR ? PLACEMENT_FAR : PLACEMENT_NEAR,
                     r->m->options->seed) == 0)
        print_cell(out, r, &again);
    verdict_free(&again);
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
        print_cell(out, r, v);
        print_other_placement(out, r, v);
    }
}

static void print_picks(FILE *out, const struct report *r)
{
    char name[PLAN_NAME];

    report_heading(out, r, "What to take");
    for (unsigned i = 0; i < r->m->plan->count; i++) {
        fprintf(out, "  %s:\n", plan_cell_name(&r->cells[i].cell->plan->cell, name));
        text_wrapped(out, r->cells[i].reason, 6, 94);
    }
    fputc('\n', out);
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
            char threads[TEXT_NUMBER], times[TEXT_NUMBER];
            fprintf(out, "  With %s, %s carries about %s times the load of a million users who "
                         "beat every 10 s\n  (1 Mu = 100,000 heartbeats/s).  ",
                    text_count(c->threads, "thread", "threads", threads),
                    plan_reference(r->m->options, c->workload->family),
                    text_about(times_mu, times));
            fprintf(out, times_mu >= 10 ? "At 1 Mu it is enough; anything else is premature.\n"
                                     : "Mind the reserve before you rely on it.\n");
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
    text_wrapped(out, noise, 2, 94);
    fprintf(out, "  This machine has %s for us.  It cannot decide: more than %u-way "
                 "contention for a line,\n  NUMA; more threads than processors measure "
                 "preemption.  'tie' means not told apart by 3 %%.\n",
            text_count(cpus, "processor", "processors", text), cpus);
}

static void print_session(FILE *out, const struct session *s)
{
    static const char *const keys[] = { "time", "cpu_model", "cpus_allowed", "hypervisor", "kernel",
                                        "compiler", "build", "libraries", "commit", "seed" };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        fprintf(out, "  %-13s %s\n", keys[i], session_value(s, keys[i]));
}

static void print_left_out(FILE *out)
{
    for (const struct family *const *f = families; *f; f++)
        for (const struct contend_missing *m = (*f)->missing(); m->name; m++)
            fprintf(out, "  Left out of this build: %s (%s)\n", m->name, m->why);
}

/* Everything that was compared. */
static void print_cells(FILE *out, const struct report *r)
{
    for (const struct family *const *f = families; *f; f++)
        print_family(out, r, *f);
    print_picks(out, r);
    if (r->kind->conclude)
        r->kind->conclude(out, r->cells, r->m->plan->count, r->kind->ctx);
    report_heading(out, r, "What to keep in mind");
    print_reach(out, r);
    print_limits(out, r);
    print_left_out(out);
}

void report_print(FILE *out, const struct report *r)
{
    if (r->m->interrupted)
        fprintf(out, "Interrupted: this is what was measured so far.\n\n");
    if (r->m->plan->count)
        print_cells(out, r);
    fputc('\n', out);
    report_heading(out, r, "Session");
    print_session(out, r->session);
}
