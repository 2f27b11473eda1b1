/* table.c - the table of a cell, and what must be said beside it. */
#include "bench/report/table.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "bench/base/text.h"

/*
 * A line of 80 columns: the name, the rate, the ratio with its interval, then either what contention
 * does to the threads and what the strategy costs, or the rates of the roles, and the verdict.
 * Whatever has no place here is in the files.
 */
enum { NAME = 16 };

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

void table_legend(FILE *out)
{
    text_wrapped(out,
                 "Mops/s: million operations a second of all threads.  vs: the rate against the "
                 "reference's within a block, the median over the blocks [its 95 % interval].  "
                 "share: the slowest thread's part of an equal share.  gap us: the longest time in "
                 "which a thread completed nothing, to within a few us.  CPU ns: processor time for "
                 "each operation.  B/...: bytes held.  verdict: what the interval says; a tie was "
                 "not told apart.  `contend list` has what each strategy promises.",
                 0, REPORT_WIDTH);
    fputc('\n', out);
}

static const char *verdict_color(enum verdict v)
{
    bool bad = v == VERDICT_SLOWER || v == VERDICT_WRONG || v == VERDICT_FAILED;

    return v == VERDICT_FASTER ? green : bad ? red
           : v == VERDICT_NOISY || v == VERDICT_SKIPPED ? yellow : "";
}

/* A strategy without figures, and why. */
static void print_reason(FILE *out, const struct report *r, const char *name,
                         const struct standing *s)
{
    char sentence[320];

    snprintf(sentence, sizeof sentence, "%s: %s", verdict_word(s->verdict), s->why);
    fputs(paint(r, verdict_color(s->verdict)), out);
    if (strlen(name) > NAME) /* in a line of its own */
        fprintf(out, "  %s\n", name);
    text_labelled(out, strlen(name) > NAME ? "" : name, sentence, NAME + 3, REPORT_WIDTH);
    fputs(paint(r, plain), out);
}

/* Three digits, or as many as a verdict needs; below 0.01 two, and one or none below 0.001. */
static const char *ratio_text(double x, char buffer[TEXT_INTERVAL])
{
    if (x >= 0.01 || isnan(x))
        return text_interval(&(struct interval){ .low = NAN, .middle = x, .high = NAN }, buffer);
    snprintf(buffer, TEXT_INTERVAL, "%.4f", x);
    return buffer;
}

const char *table_interval(const struct interval *i, char buffer[TEXT_INTERVAL])
{
    char low[TEXT_INTERVAL], middle[TEXT_INTERVAL], high[TEXT_INTERVAL];

    if (isnan(i->low))
        return ratio_text(i->middle, buffer);
    snprintf(buffer, TEXT_INTERVAL, "%.40s [%.40s, %.40s]", ratio_text(i->middle, middle),
             ratio_text(i->low, low), ratio_text(i->high, high));
    return buffer;
}

/* Two decimals of a share from 0 to 1; a dash where no accepted block had a rate. */
static const char *share_text(double share, char buffer[TEXT_NUMBER])
{
    if (isnan(share))
        return "-";
    snprintf(buffer, TEXT_NUMBER, "%.2f", share);
    return buffer;
}

static void print_standing(FILE *out, const struct report *r, const struct cell_verdict *v,
                           const struct standing *s)
{
    const struct cell *cell = &v->cell->plan->cell;
    const struct contestant *c = &v->cell->plan->contestants[s->contestant];
    char name[CONTESTANT_NAME], figure[4][TEXT_NUMBER], against[TEXT_INTERVAL];

    contestant_name(c, name, sizeof name);
    if (s->why) {
        print_reason(out, r, name, s);
        return;
    }
    if (strlen(name) > NAME) /* in a line of its own */
        fprintf(out, "  %s\n", name);
    fprintf(out, "  %-*s %6s  %-21s", NAME, strlen(name) > NAME ? "" : name,
            text_number(s->ops_per_s / 1e6, 4, figure[0]), table_interval(&s->ratio, against));
    if (cell->readers)
        fprintf(out, "  %7s  %7s", text_number(s->readers_per_s / 1e6, 4, figure[1]),
                text_number(s->writers_per_s / 1e6, 4, figure[2]));
    else
        fprintf(out, "%5s  %6s  %6s", share_text(s->min_share, figure[2]),
                text_number(s->longest_gap_ns / 1000, 3, figure[1]),
                cell->workload->family->shows_cpu
                    ? text_number(s->cpu_ns_per_op, 3, figure[3])
                    : text_number(s->bytes_per_item, s->bytes_per_item < 10 ? 2 : 3, figure[3]));
    fprintf(out, "  %s%s%s%s\n", paint(r, verdict_color(s->verdict)), verdict_word(s->verdict),
            s->at_floor ? "*" : "", paint(r, plain));
}

static void print_title(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    static const char *const ids[] = { "", ", sparse ids below 2^31", ", sparse 64-bit ids" };
    const struct cell *c = &v->cell->plan->cell;
    unsigned cpus = (unsigned)CPU_COUNT(&r->m->allowed);
    char text[TEXT_NUMBER], title[480];
    size_t n;

#define PUT(...) n += (size_t)snprintf(title + n, sizeof title - n, __VA_ARGS__)
    n = (size_t)snprintf(title, sizeof title, "%s (%s)", c->workload->name, c->workload->title);
    if (c->workload->keys == KEYS_USERS)
        PUT(", %" PRIu64 " users, %s keys%s%s", c->users, skew_name(c->skew),
            c->disjoint ? ", disjoint" : "", ids[c->ids]);
    else if (c->workload->keys == KEYS_POSTS)
        PUT(", %" PRIu64 " posts, %s%s", c->posts, skew_name(c->skew),
            c->disjoint ? ", disjoint" : "");
    if (cell_batch(c))
        PUT(", %u in a call", cell_batch(c));
    PUT(", %s", text_count(c->threads, "thread", "threads", text));
    if (c->readers)
        PUT(" (%s)", text_count(c->readers, "reader", "readers", text));
    if (c->threads > cpus)
        PUT(" on %s: preemption, not coherence",
            text_count(cpus, "processor", "processors", text));
    if (v->placement != PLACEMENT_NONE)
        PUT(", processors %s", v->placement == PLACEMENT_NEAR ? "near" : "far");
#undef PUT
    fputs(paint(r, bold), out);
    text_wrapped(out, title, 0, REPORT_WIDTH);
    fputs(paint(r, plain), out);
}

static void print_head(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    const struct family *family = v->cell->plan->cell.workload->family;
    char against[TEXT_INTERVAL];

    snprintf(against, sizeof against, "vs %.18s", plan_reference(r->m->options, family));
    fprintf(out, "  %-*s %6s  %-21s", NAME, "strategy", "Mops/s", against);
    if (v->cell->plan->cell.readers)
        fprintf(out, "  %7s  %7s", "readers", "writers");
    else
        fprintf(out, "%5s  %6s  %6s", "share", "gap us",
                family->shows_cpu ? "CPU ns" : family->item_bytes);
    fputs("  verdict\n", out);
}

/* How sure the figures are. */
static void print_grounds(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    const char *reference = plan_reference(r->m->options, v->cell->plan->cell.workload->family);
    char text[320], again[TEXT_INTERVAL];
    int n = snprintf(text, sizeof text, "blocks: %u of %u accepted", v->blocks, v->cell->complete);

    if (!isnan(v->again.low))
        n += snprintf(text + n, sizeof text - (size_t)n, "; resolution (%s against itself): %s%s",
                      reference, text_interval(&v->again, again),
                      v->again_differs ? ", NOT A TIE" : ", a tie");
    if (verdict_ranks(v) && v->margin > VERDICT_MARGIN)
        snprintf(text + n, sizeof text - (size_t)n, ", so less than %.0f %% is told apart by nothing",
                 ceil(100 * (v->margin - 1)));
    text_wrapped(out, text, 2, REPORT_WIDTH - 2);
}

static bool any_at_floor(const struct cell_verdict *v)
{
    for (unsigned i = 0; i < v->count; i++)
        if (v->standings[i].at_floor && !v->standings[i].why)
            return true;
    return false;
}

/* The strategies of the registry that the cell does not have, by reason. */
static void print_missing(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    const struct plan_cell *p = v->cell->plan;
    char text[320] = "";
    const void *ops;
    int n = 0;

    for (enum plan_missing why = PLAN_STUDY; why < PLAN_MISSING; why++) {
        unsigned count = 0;
        for (size_t i = 0; (ops = p->cell.workload->family->at(i)) != NULL; i++)
            count += plan_missing(p, r->m->options, ops) == why;
        if (count)
            n += snprintf(text + n, sizeof text - (size_t)n, "%s%u %s",
                          n ? ", " : "not compared: ", count, plan_missing_word(why));
    }
    text_wrapped(out, text, 2, REPORT_WIDTH - 2);
}

/* Which of them are not ours. */
static void print_peers(FILE *out, const struct cell_verdict *v)
{
    char text[320] = "", name[CONTESTANT_NAME];
    int n = 0;

    for (unsigned i = 0; i < v->cell->plan->count; i++)
        if (v->cell->plan->contestants[i].peer)
            n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", n ? ", " : "peers, never picked: ",
                          contestant_name(&v->cell->plan->contestants[i], name, sizeof name));
    text_wrapped(out, text, 2, REPORT_WIDTH - 2);
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
    else if (v->coarse)
        fprintf(out, "  %sThe resolution is wider than 25 %%, so nothing is ranked%s\n", begin, end);
    if (v->of_rejected)
        fprintf(out, "  %sThe figures are of disturbed blocks%s\n", begin, end);
    if (measure_cut_short(r->m, v->cell))
        fprintf(out, "  %sCUT SHORT by the budget: %u of %s%s\n", begin, v->cell->complete,
                text_count(v->cell->plan->blocks, "block", "blocks", blocks), end);
}

static void print_cell(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    bool figures = v->blocks > 0 || v->of_rejected;

    print_title(out, r, v);
    if (figures)
        print_head(out, r, v);
    for (unsigned i = 0; i < v->count; i++) /* a standing with a reason needs no figures */
        if ((figures && !v->cell->plan->contestants[v->standings[i].contestant].again) ||
            (!figures && v->standings[i].why))
            print_standing(out, r, v, &v->standings[i]);
    if (!figures)
        fprintf(out, "  no block was completed\n");
    else
        print_grounds(out, r, v);
    if (figures && any_at_floor(v))
        text_wrapped(out, "* at the floor: not told apart from null, so the harness was measured",
                     2, REPORT_WIDTH - 2);
    print_peers(out, v);
    print_missing(out, r, v);
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

void table_print(FILE *out, const struct report *r, const struct cell_verdict *v)
{
    print_cell(out, r, v);
    print_other_placement(out, r, v);
}
