/* gallery.c - honest and broken figures, block by block. */
#include "bench/report/gallery.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/random.h"
#include "bench/base/shortage.h"
#include "bench/base/text.h"

enum {
    SHORTEST_NS = 5000000,
    LONGEST_NS = 50000000,
    GOOD_NS = 20000000, /* more time goes into more blocks first */
    LEAST_BLOCKS = 7,
    MOST_BLOCKS = 24,
    SETUP_NS = 15000000, /* of a figure: the object, its threads, the warm-up */
    FINALISTS = 4        /* strategies of a harness that have all blocks */
};

const struct gallery_harness gallery[BROKEN_KINDS] = {
    [BROKEN_UNPADDED] = {
        "unpadded", "Results of all workers side by side",
        "After each operation a worker counts it in an array that all of them write to.  The "
        "counts share a line, so every strategy pays for moving it, and what avoids sharing looks "
        "no better than what does not.  Keep each worker's results on lines of its own.",
        "claps", 1, false },
    [BROKEN_DISJOINT] = {
        "disjoint", "Every worker has posts of its own",
        "Nobody ever meets on a post, so a counter that is cheap for one thread wins, and what "
        "contention costs is not measured.  Let the workers share keys.",
        "claps_posts", 64, false },
    [BROKEN_GENERATOR] = {
        "generator", "Keys are drawn within the loop",
        "A draw from Zipf's distribution costs more than a fast operation, and it is the same for "
        "all.  Draw the keys before the window.",
        "claps", 1, false },
    [BROKEN_NO_BARRIER] = {
        "no-barrier", "Every worker begins as soon as it is awake",
        "Each does a thousand operations, which take microseconds, and is done before the next one "
        "begins: contention is not measured.  Start all at one instant, and measure for a time.",
        "sections", 1, false },
    [BROKEN_BEST_OF] = {
        "best-of", "The best of many short windows",
        "The best window is the luckiest one: a lock that one thread kept to itself, or another "
        "thread that was late.  What varies wins.  Take the median.",
        "sections", 1, false },
    [BROKEN_CLOSED_LOOP] = {
        "closed-loop", "Latency from an operation's own beginning (p99 at 6 Mu)",
        "While a sweep holds the lock nobody asks, so it is one slow operation of hundreds, and those "
        "that begin late do not count (coordinated omission).  Fix the instants beforehand "
        "and count from there.",
        "heartbeats_sweep", 100000, false },
    [BROKEN_EQUAL] = {
        "equal-iterations", "Every worker does as many operations",
        "One reads and one claps.  The faster one is done early, the slower one goes on alone, and what "
        "the faster one could have done meanwhile is not counted: the figure is about that of the "
        "slower one.  Give each the same time.",
        "claps_50_50", 1, true },
    [BROKEN_RECLAIM] = {
        "reclamation", "The loop waits until what was removed is freed",
        "A program would not wait: it frees later, or lets another thread do it.  The wait is "
        "charged to the operation.  Leave it out of the loop, and show the backlog instead.",
        "churn", 1000, false },
};

struct gallery_run {
    struct gallery_results *r;
    unsigned block;
};

/* ---- measuring ---- */

static int take_figure(void *ctx, unsigned item, struct stage *stage)
{
    struct gallery_run *run = ctx;
    struct gallery_results *r = run->r;
    double figure;
    int error = broken_figure(stage, r->kinds[item], !r->broken[item], r->length_ns, &figure);

    if (error == -ETIME) /* nothing was done: the block has no figure */
        return 0;
    if (!error)
        r->figures[item].honest[run->block] = figure;
    return error;
}

/* A harness's items in an order of their own in each block. */
static void run_block(struct gallery_run *run, unsigned first, unsigned end, struct random *random)
{
    struct series *s = &run->r->series;
    unsigned *order = calloc(end - first, sizeof *order);

    for (unsigned i = 0; order && i < end - first; i++) {
        unsigned j = (unsigned)random_below(random, i + 1);
        order[i] = order[j];
        order[j] = first + i;
    }
    for (unsigned i = 0; order && i < end - first && !series_is_over(s); i++)
        if (!s->items[order[i]].error && !s->items[order[i]].skipped && !run->r->rests[order[i]])
            series_run_one(s, order[i], take_figure, run);
    free(order);
}

/* ---- who is in the later blocks ---- */

/* The item of the same strategy as the harness takes it, or -1. */
static int twin_of(const struct gallery_results *r, unsigned item)
{
    const struct contestant *who = r->series.items[item].who;

    for (unsigned i = 0; i < r->series.count; i++)
        if (r->kinds[i] == r->kinds[item] && r->broken[i] && r->series.items[i].who->ops == who->ops &&
            r->series.items[i].who->variant == who->variant)
            return (int)i;
    return -1;
}

/* The strategies of a harness that have figures of both kinds: their items, and their figures. */
static unsigned gather(const struct gallery_results *r, enum broken kind, unsigned items[GALLERY_ROWS],
                       struct turned_figures f[GALLERY_ROWS])
{
    unsigned count = 0;

    for (unsigned i = 0; i < r->series.count && count < GALLERY_ROWS; i++) {
        int twin = r->kinds[i] == kind && !r->broken[i] ? twin_of(r, i) : -1;
        if (twin < 0)
            continue;
        f[count].blocks = r->search + r->options->blocks;
        memcpy(f[count].honest, r->figures[i].honest, sizeof f[count].honest);
        memcpy(f[count].broken, r->figures[twin].honest, sizeof f[count].broken);
        items[count++] = i;
    }
    return count;
}

static bool is_floor(const struct contestant *who)
{
    return contestant_identity(who)->flags & CONTEND_FLOOR;
}

/* The first blocks may take less than half of the budget; one of them there must be. */
static bool has_searched(struct gallery_results *r)
{
    const struct series *s = &r->series;
    double left_s = ((double)s->ends_ns - (double)contend_clock_ns()) / 1e9;

    return r->search == GALLERY_SEARCH || (r->search && left_s < 0.55 * s->options->budget_s);
}

/* All but those that seem to change places rest from here on. */
static void choose_finalists(struct gallery_results *r, enum broken kind)
{
    static struct turned_figures f[GALLERY_ROWS];
    unsigned items[GALLERY_ROWS], chosen[FINALISTS], count = gather(r, kind, items, f), n = 0;

    for (unsigned i = 0; i < count; i++)
        if (!is_floor(r->series.items[items[i]].who)) {
            f[n] = f[i];
            items[n++] = items[i];
        }
    for (unsigned i = 0; i < r->series.count; i++)
        r->rests[i] = r->rests[i] || r->kinds[i] == kind;
    count = turned_candidates(f, n, r->search, broken_is_latency(kind), chosen, FINALISTS);
    for (unsigned i = 0; i < count; i++) {
        unsigned item = items[chosen[i]];
        r->rests[item] = r->rests[twin_of(r, item)] = false;
    }
}

static void run_all(struct gallery_run *run)
{
    struct gallery_results *r = run->r;
    struct random random = random_seeded(r->options->run.seed, 1);

    series_start(&r->series);
    for (bool searches = true; run->block < r->search + r->options->blocks || searches; run->block++) {
        if (searches && has_searched(r)) {
            searches = false;
            for (int kind = 0; kind < BROKEN_KINDS; kind++)
                choose_finalists(r, (enum broken)kind);
        }
        r->search += searches;
        for (unsigned first = 0, end; first < r->series.count; first = end) {
            for (end = first; end < r->series.count && r->kinds[end] == r->kinds[first]; end++)
                ;
            if (!series_is_over(&r->series))
                run_block(run, first, end, &random);
        }
    }
    series_stop(&r->series);
}

/* ---- results ---- */

static bool ranks(const struct gallery_row *row)
{
    return !is_floor(row->who) && !isnan(row->honest) && !isnan(row->broken);
}

static unsigned rank_of(const struct gallery_row *rows, unsigned count, unsigned i, bool broken,
                        bool less)
{
    unsigned rank = 1;

    if (!ranks(&rows[i]))
        return 0;
    for (unsigned k = 0; k < count; k++) {
        double mine = broken ? rows[i].broken : rows[i].honest;
        double other = broken ? rows[k].broken : rows[k].honest;
        rank += ranks(&rows[k]) && (less ? other < mine : other > mine);
    }
    return rank;
}

unsigned gallery_rows(const struct gallery_results *r, enum broken kind,
                      struct gallery_row rows[GALLERY_ROWS], struct turned *turned, bool *any)
{
    static struct turned_figures figures[GALLERY_ROWS], ranked[GALLERY_ROWS];
    unsigned items[GALLERY_ROWS], of_ranked[GALLERY_ROWS], n = 0;
    unsigned count = gather(r, kind, items, figures), blocks = r->search + r->options->blocks;
    bool less = broken_is_latency(kind);

    for (unsigned i = 0; i < count; i++)
        rows[i] = (struct gallery_row){
            .who = r->series.items[items[i]].who,
            .honest = turned_figure(figures[i].honest, blocks),
            .broken = turned_figure(figures[i].broken, blocks),
        };
    for (unsigned i = 0; i < count; i++) {
        rows[i].honest_rank = rank_of(rows, count, i, false, less);
        rows[i].broken_rank = rank_of(rows, count, i, true, less);
        if (rows[i].honest_rank) {
            of_ranked[n] = i;
            ranked[n++] = figures[i];
        }
    }
    *any = turned_find(ranked, n, r->search, less, r->options->run.seed, turned);
    if (*any) {
        turned->better = of_ranked[turned->better];
        turned->worse = of_ranked[turned->worse];
    }
    return count;
}

const char *gallery_why_not(const struct gallery_results *r, enum broken kind, const struct turned *t,
                            char why[GALLERY_WHY])
{
    unsigned cpus = (unsigned)CPU_COUNT(&r->series.allowed);
    unsigned threads = r->series.count ? r->series.items[0].cell->cell.threads : 0;

    why[0] = '\0';
    if (!t && (r->series.interrupted || r->series.out_of_budget))
        snprintf(why, GALLERY_WHY, "it ended before two strategies had figures of three blocks");
    else if (!t)
        snprintf(why, GALLERY_WHY, "fewer than two strategies have figures");
    else if (isnan(t->honest.low) || isnan(t->broken.low))
        snprintf(why, GALLERY_WHY, "fewer than three blocks have figures of both, which is no interval: "
                 "give it a larger --budget");
    else if (t->maybe)
        snprintf(why, GALLERY_WHY, "the medians of a pair change places, but their blocks differ too "
                 "much to tell: measure on a quieter machine, or with a larger --budget");
    else if (!t->is && threads > cpus)
        snprintf(why, GALLERY_WHY, "%u threads share %u processor%s, so they seldom meet, and what "
                 "happens when they do is what most of these mistakes change", threads, cpus,
                 cpus == 1 ? "" : "s");
    else if (!t->is && kind == BROKEN_BEST_OF)
        snprintf(why, GALLERY_WHY, "the windows of each strategy are much alike here, and the luckiest "
                 "is no other one");
    else if (!t->is)
        snprintf(why, GALLERY_WHY, "on %u processors this mistake changes how far these strategies "
                 "are apart, and not which is ahead", cpus);
    return why;
}

/* ---- the command ---- */

/* The plan has the cells of the harnesses in their order, some families' perhaps missing. */
static void name_kinds(struct gallery_results *r, const enum broken *kinds, unsigned count)
{
    const struct plan_cell *last = NULL;
    unsigned at = 0; /* twice the index into kinds, and 1 for the broken cell */

    for (unsigned i = 0; i < r->series.count; i++) {
        const struct plan_cell *cell = r->series.items[i].cell;
        at += last && cell != last;
        while (at + 1 < 2 * count &&
               strcmp(gallery[kinds[at / 2]].workload, cell->cell.workload->name) != 0)
            at++;
        last = cell;
        r->kinds[i] = kinds[at / 2];
        r->broken[i] = at % 2;
        for (unsigned b = 0; b < TURNED_BLOCKS; b++)
            r->figures[i].honest[b] = NAN;
    }
}

/* How many figures are taken, at most. */
static double figures_of(const struct gallery_results *r, unsigned harnesses)
{
    double of_block = fmin(r->series.count, 2.0 * FINALISTS * harnesses);

    return (double)GALLERY_SEARCH * r->series.count + r->options->blocks * of_block;
}

static uint64_t length_of_figure(const struct gallery_results *r, unsigned harnesses)
{
    const struct gallery_options *o = r->options;
    double share = o->run.budget_s * 0.85e9 / fmax(1, figures_of(r, harnesses)) - SETUP_NS;

    if (o->length_ms)
        return o->length_ms * UINT64_C(1000000);
    return (uint64_t)fmin(fmax(share, SHORTEST_NS), LONGEST_NS);
}

/* More blocks make the intervals narrower, longer figures do not. */
static unsigned blocks_for(const struct gallery_results *r, unsigned harnesses)
{
    const struct gallery_options *o = r->options;
    double figure_ns = SETUP_NS + (o->length_ms ? o->length_ms * 1e6 : GOOD_NS);
    double left = o->run.budget_s * 0.85e9 / figure_ns - (double)GALLERY_SEARCH * r->series.count;

    if (o->blocks)
        return o->blocks;
    return (unsigned)fmin(fmax(left / (2.0 * FINALISTS * harnesses), LEAST_BLOCKS), MOST_BLOCKS);
}

static void print_plan(const struct gallery_results *r, unsigned harnesses)
{
    const struct gallery_options *o = r->options;
    char count[TEXT_NUMBER], blocks[TEXT_NUMBER], sentence[480];

    snprintf(sentence, sizeof sentence,
             "Plan: %s, up to %d blocks of %u figures of %.0f ms, and %s of those strategies of each that seem "
             "to change places; about %.0f s (budget %u s, seed %" PRIu64 ").  Ctrl-C ends it early and "
             "keeps what was measured.",
             text_count(harnesses, "harness", "harnesses", count), GALLERY_SEARCH, r->series.count,
             (double)r->length_ns / 1e6, text_count(o->blocks, "block", "blocks", blocks),
             figures_of(r, harnesses) * ((double)r->length_ns + SETUP_NS) / 1e9, o->run.budget_s,
             o->run.seed);
    text_wrapped(stdout, sentence, 0, 80);
    putchar('\n');
    fflush(stdout);
}

int gallery_command(const struct plan *plan, const struct gallery_options *o,
                    const enum broken *kinds, unsigned count)
{
    struct gallery_options chosen = *o;
    struct gallery_results r = { .options = &chosen };
    struct gallery_run run = { .r = &r };

    if (series_begin(&r.series, plan, &o->run) != 0)
        return 1;
    chosen.blocks = blocks_for(&r, count);
    r.figures = calloc(r.series.count, sizeof *r.figures);
    r.kinds = calloc(r.series.count, sizeof *r.kinds);
    r.broken = calloc(r.series.count, sizeof *r.broken);
    r.rests = calloc(r.series.count, sizeof *r.rests);
    bool ready = r.figures && r.kinds && r.broken && r.rests;
    if (ready) {
        name_kinds(&r, kinds, count);
        r.length_ns = length_of_figure(&r, plan->count / 2);
        print_plan(&r, plan->count / 2);
        run_all(&run);
        gallery_print(stdout, &r);
    } else {
        shortage_fail(-ENOMEM);
    }
    json_t *results = ready && o->run.json ? gallery_json(&r) : NULL;
    free(r.figures);
    free(r.kinds);
    free(r.broken);
    free(r.rests);
    return series_end(&r.series, results, !ready);
}
