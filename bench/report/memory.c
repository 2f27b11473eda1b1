/* memory.c - part after part, within the budget and the machine's memory. */
#include "bench/report/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/shortage.h"
#include "bench/base/text.h"

enum {
    STALL_NS = 100000000, /* each of the three phases of a backlog */
    ROUNDS = 16,          /* of a crowd, at most */
    TAIL = 20
};

static const struct {
    const char *name;
    double share; /* of the budget */
} parts[MEMORY_PARTS] = {
    [MEMORY_GROWTH] = { "growth", 0.2 },   [MEMORY_BACKLOG] = { "backlog", 0.1 },
    [MEMORY_EXPIRY] = { "expiry", 0.15 },  [MEMORY_CROWD] = { "crowd", 0.15 },
    [MEMORY_SCAN] = { "scan", 0.1 },       [MEMORY_BYTES] = { "bytes", 0.3 },
};

struct memory_run {
    struct memory_results *r;
    uint64_t part_ends_ns;
    unsigned left; /* items of this part that are still to come, this one included */
};

const char *memory_part_name(enum memory_part part)
{
    return parts[part].name;
}

double memory_quantile(const struct histogram *h, double q)
{
    return (double)h->count * (1 - q) < TAIL ? NAN : histogram_quantile(h, q);
}

bool memory_has(const struct memory_results *r, unsigned item)
{
    return r->series.items[item].done && !r->series.items[item].error;
}

/* ---- the parts ---- */

/* An item may use its part of what is left of its part's time. */
static uint64_t item_ends(const struct memory_run *run)
{
    uint64_t now = contend_clock_ns();
    uint64_t left = run->part_ends_ns > now ? run->part_ends_ns - now : 0;

    return now + left / (run->left ? run->left : 1);
}

/* What strategies that a part is not for answer is the reason why they are left out. */
static int left_out(struct series_item *item, int error, const char *why)
{
    item->skipped = error == -ENOTSUP || error == -E2BIG;
    if (why[0])
        snprintf(item->why, sizeof item->why, "%s", why);
    return error;
}

static int try_growth(struct memory_run *run, unsigned i, struct memory_figures *f)
{
    struct series *s = &run->r->series;
    char why[DISTURB_WHY] = "";

    f->growth = calloc(1, sizeof *f->growth);
    if (!f->growth)
        return -ENOMEM;
    return left_out(&s->items[i], disturb_growth(s->items[i].who, &s->allowed,
                                                 run->r->options->grow_to, f->growth, why), why);
}

static int try_expiry(struct memory_run *run, unsigned i, struct memory_figures *f)
{
    const struct memory_options *o = run->r->options;
    struct series_item *item = &run->r->series.items[i];
    char why[EXPIRY_WHY] = "";

    f->expiry = calloc(1, sizeof *f->expiry);
    if (!f->expiry)
        return -ENOMEM;
    return left_out(item, expiry_lag_run(item->who, o->expiring, o->sweep_budget, f->expiry, why),
                    why);
}

static int try_crowd(struct memory_run *run, unsigned i, struct memory_figures *f)
{
    const struct memory_options *o = run->r->options;
    const struct mass_wish wish = { .crowd = o->crowd, .among = o->among, .budget = o->sweep_budget,
                                    .rounds = ROUNDS, .ends_ns = item_ends(run) };
    struct series *s = &run->r->series;
    char why[DISTURB_WHY] = "";

    f->crowd = calloc(1, sizeof *f->crowd);
    if (!f->crowd)
        return -ENOMEM;
    return left_out(&s->items[i],
                    disturb_mass(s->items[i].who, &s->allowed, &wish, f->crowd, why), why);
}

static int try_scan(struct memory_run *run, unsigned i, struct memory_figures *f)
{
    struct series *s = &run->r->series;
    char why[DISTURB_WHY] = "";

    f->scan = calloc(1, sizeof *f->scan);
    if (!f->scan)
        return -ENOMEM;
    return left_out(&s->items[i], scan_run(s->items[i].who, &s->allowed, run->r->options->among,
                                           item_ends(run), f->scan, why), why);
}

static int try_backlog(struct memory_figures *f, struct stage *stage)
{
    f->backlog = calloc(1, sizeof *f->backlog);
    return f->backlog ? backlog_run(stage, STALL_NS, f->backlog) : -ENOMEM;
}

static int try_item(void *ctx, unsigned i, struct stage *stage)
{
    struct memory_run *run = ctx;
    struct memory_figures *f = &run->r->figures[i];

    switch (f->part) {
    case MEMORY_GROWTH: return try_growth(run, i, f);
    case MEMORY_BACKLOG: return try_backlog(f, stage);
    case MEMORY_EXPIRY: return try_expiry(run, i, f);
    case MEMORY_CROWD: return try_crowd(run, i, f);
    case MEMORY_SCAN: return try_scan(run, i, f);
    default: return 0; /* the stage has filled the object: its bytes are all there is to ask */
    }
}

/* ---- the budget ---- */

/* How long this item will take, by what the same strategy took at another size; 0: unknown. */
static double foreseen_ns(const struct memory_results *r, unsigned i)
{
    const struct series_item *item = &r->series.items[i];

    for (unsigned k = i; k > 0; k--) {
        const struct series_item *before = &r->series.items[k - 1];
        if (r->figures[k - 1].part == MEMORY_BYTES && before->who->ops == item->who->ops &&
            before->who->variant == item->who->variant && before->cell != item->cell &&
            before->cell->cell.workload == item->cell->cell.workload)
            return r->figures[k - 1].took_ns * (double)cell_keys(&item->cell->cell) /
                   (double)cell_keys(&before->cell->cell);
    }
    return 0;
}

/* Whether there is time for it; if not, it is left out with the reason. */
static bool has_time(struct memory_run *run, unsigned i)
{
    struct memory_results *r = run->r;
    struct series_item *item = &r->series.items[i];
    uint64_t now = contend_clock_ns();
    double left = run->part_ends_ns > now ? (double)(run->part_ends_ns - now) : 0;
    double wanted = r->figures[i].part == MEMORY_BYTES ? foreseen_ns(r, i) : 0;

    if (left > 0 && wanted <= left)
        return true;
    if (left > 0)
        snprintf(item->why, sizeof item->why, "about %.0f s would be needed, and %.0f s are left",
                 wanted / 1e9, left / 1e9);
    else
        snprintf(item->why, sizeof item->why, "the time for this part was spent; --budget gives more");
    series_leave_out(&r->series, i);
    return false;
}

static void run_item(struct memory_run *run, unsigned i)
{
    struct memory_results *r = run->r;
    struct memory_figures *f = &r->figures[i];
    uint64_t begun = contend_clock_ns();

    if (!has_time(run, i))
        return;
    if (f->part == MEMORY_BYTES || f->part == MEMORY_BACKLOG)
        f->bytes_per_item = series_run_one(&r->series, i, try_item, run);
    else
        series_run_bare(&r->series, i, try_item, run);
    f->took_ns = (double)(contend_clock_ns() - begun);
}

/* What a part does not use is there for those behind it. */
static void run_parts(struct memory_run *run)
{
    struct series *s = &run->r->series;
    double shares = 0;
    bool has[MEMORY_PARTS] = { false };

    for (unsigned i = 0; i < s->count; i++)
        has[run->r->figures[i].part] = true;
    for (int p = 0; p < MEMORY_PARTS; p++)
        shares += has[p] ? parts[p].share : 0;
    for (int p = 0; p < MEMORY_PARTS; p++) {
        uint64_t now = contend_clock_ns(), left = s->ends_ns > now ? s->ends_ns - now : 0;
        if (!has[p])
            continue;
        run->part_ends_ns = now + (uint64_t)((double)left * parts[p].share / shares);
        shares -= parts[p].share;
        run->left = 0;
        for (unsigned i = 0; i < s->count; i++)
            run->left += run->r->figures[i].part == (enum memory_part)p;
        for (unsigned i = 0; i < s->count && !series_is_over(s); i++)
            if (run->r->figures[i].part == (enum memory_part)p) {
                run_item(run, i);
                run->left--;
            }
    }
}

/* ---- the command ---- */

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return a->workload == b->workload && a->users == b->users && a->posts == b->posts &&
           a->threads == b->threads && a->readers == b->readers;
}

/* Which part each item belongs to: the plan has the cells in their order. */
static void name_parts(struct memory_results *r, const struct memory_cell *cells, unsigned count)
{
    unsigned at = 0;

    for (unsigned i = 0; i < r->series.count; i++) {
        const struct plan_cell *cell = r->series.items[i].cell;
        bool next = i > 0 && cell != r->series.items[i - 1].cell;
        for (at += next; at < count && !same_cell(&cells[at].cell, &cell->cell); at++)
            ;
        r->figures[i].part = at < count ? cells[at].part : MEMORY_BYTES;
        r->figures[i].bytes_per_item = NAN;
    }
}

bool memory_wants(const struct memory_results *r, enum memory_part part)
{
    for (unsigned i = 0; i < r->series.count; i++)
        if (r->figures[i].part == part)
            return true;
    return false;
}

static void print_plan(const struct memory_results *r)
{
    const struct memory_options *o = r->options;
    char grow[TEXT_NUMBER], crowd[TEXT_NUMBER], among[TEXT_NUMBER], wanted[300] = "", sentence[500];
    const char *const phrases[MEMORY_PARTS][3] = {
        [MEMORY_GROWTH] = { "growth to ", text_grouped((double)o->grow_to, grow), " users" },
        [MEMORY_BACKLOG] = { "backlog behind a reader that stands still", "", "" },
        [MEMORY_EXPIRY] = { "expiry", "", "" },
        [MEMORY_CROWD] = { text_grouped((double)o->crowd, crowd), " users that beat and expire at once", "" },
        [MEMORY_SCAN] = { "counts and walks of ", text_grouped((double)o->among, among), " users" },
        [MEMORY_BYTES] = { "bytes by size", "", "" },
    };

    for (int p = 0; p < MEMORY_PARTS; p++) {
        size_t used = strlen(wanted);
        if (memory_wants(r, (enum memory_part)p))
            snprintf(wanted + used, sizeof wanted - used, "%s%s%s%s", used ? ", " : "", phrases[p][0],
                     phrases[p][1], phrases[p][2]);
    }
    snprintf(sentence, sizeof sentence,
             "Plan: %s; at most %u s (seed %" PRIu64 ").  Ctrl-C ends it early and keeps what was measured.",
             wanted, o->run.budget_s, o->run.seed);
    text_wrapped(stdout, sentence, 0, 80);
    putchar('\n');
    fflush(stdout);
}

static void free_figures(struct memory_results *r)
{
    for (unsigned i = 0; r->figures && i < r->series.count; i++) {
        free(r->figures[i].growth);
        free(r->figures[i].backlog);
        free(r->figures[i].expiry);
        free(r->figures[i].crowd);
        free(r->figures[i].scan);
    }
    free(r->figures);
}

int memory_command(const struct plan *plan, const struct memory_options *o,
                   const struct memory_cell *cells, unsigned count)
{
    struct memory_results r = { .options = o };
    struct memory_run run = { .r = &r };

    if (series_begin(&r.series, plan, &o->run) != 0)
        return 1;
    r.figures = calloc(r.series.count ? r.series.count : 1, sizeof *r.figures);
    bool ready = r.figures != NULL;
    if (ready) {
        name_parts(&r, cells, count);
        print_plan(&r);
        series_start(&r.series);
        run_parts(&run);
        series_stop(&r.series);
        memory_print(stdout, &r);
    } else {
        shortage_fail(-ENOMEM);
    }
    json_t *results = ready && o->run.json ? memory_json(&r) : NULL;
    free_figures(&r);
    return series_end(&r.series, results, !ready);
}
