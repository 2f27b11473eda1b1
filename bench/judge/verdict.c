/* verdict.c - ratios within blocks, intervals over blocks. */
#include "bench/judge/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY_BLOCKS = 1000 };
static const double max_rejected = 0.30;
static const double settled_width = 1.015; /* half-width of a ratio's interval */

const char *verdict_word(enum verdict v)
{
    static const char *const words[] = { "reference", "faster", "slower", "tie",
                                         "too few",   "noisy",  "floor",  "skipped",
                                         "failed",    "WRONG" };

    return words[v];
}

static bool block_shows(const struct cell_verdict *v, const struct block *b)
{
    return v->of_rejected ? b->done == v->cell->plan->count : block_counts(v->cell, b);
}

static bool usable(const struct cell_verdict *v, const struct block *b, unsigned contestant)
{
    const struct window_result *w = &b->windows[contestant];

    return block_shows(v, b) && !w->error && w->covariates.placement == v->placement;
}

struct interval verdict_of_logs(const struct interval *logs, unsigned sessions)
{
    double m = logs->middle, between = STATS_NORMAL * VERDICT_BETWEEN * sqrt(sessions);

    return (struct interval){ exp(m - hypot(m - logs->low, between)), exp(m),
                              exp(m + hypot(logs->high - m, between)) };
}

struct interval verdict_ratio(const struct cell_verdict *v, unsigned a, unsigned b, uint64_t seed)
{
    const struct measured_cell *c = v->cell;
    double logs[MANY_BLOCKS];
    size_t n = 0;

    for (unsigned i = 0; i < c->plan->blocks && n < MANY_BLOCKS; i++) {
        const struct block *block = &c->blocks[i];
        if (usable(v, block, a) && usable(v, block, b))
            logs[n++] = log(block->windows[a].ops_per_s / block->windows[b].ops_per_s);
    }
    struct interval r = stats_bootstrap_median(logs, n, seed);
    return verdict_of_logs(&r, a == b ? 0 : 1); /* nothing differs from itself */
}

/* The index of the contestant for which `is` holds, or -1. */
static int find(const struct plan_cell *p, bool (*is)(const struct contestant *))
{
    for (unsigned k = 0; k < p->count; k++)
        if (is(&p->contestants[k]))
            return (int)k;
    return -1;
}

static bool is_floor(const struct contestant *c)
{
    return contestant_identity(c)->flags & CONTEND_FLOOR;
}

static bool is_again(const struct contestant *c)
{
    return c->again;
}

/* The reference: the strategy that was entered a second time. */
static int find_reference(const struct plan_cell *p)
{
    int again = find(p, is_again);

    for (unsigned k = 0; again >= 0 && k < p->count; k++)
        if ((int)k != again && !p->contestants[k].variant &&
            contestant_identity(&p->contestants[k]) == contestant_identity(&p->contestants[again]))
            return (int)k;
    return -1;
}

/* The median of one member of the usable windows. */
static double median_of(const struct cell_verdict *v, unsigned contestant, size_t member)
{
    const struct measured_cell *c = v->cell;
    double values[MANY_BLOCKS];
    size_t n = 0;

    for (unsigned i = 0; i < c->plan->blocks && n < MANY_BLOCKS; i++)
        if (usable(v, &c->blocks[i], contestant))
            memcpy(&values[n++], (char *)&c->blocks[i].windows[contestant] + member,
                   sizeof values[0]);
    return stats_median(values, n);
}

/* VERDICT_WRONG, _FAILED or _SKIPPED of a window without a rate; UNKNOWN if it may have one. */
static enum verdict failure_of(const struct window_result *w)
{
    if (!w->error || w->starved)
        return VERDICT_UNKNOWN;
    return w->skipped ? VERDICT_SKIPPED : window_is_wrong(w) ? VERDICT_WRONG : VERDICT_FAILED;
}

/* The gravest failure of the contestant's windows, and the reason of the first such one. */
static enum verdict gravest_failure(const struct measured_cell *c, unsigned contestant,
                                    const char **why)
{
    enum verdict gravest = VERDICT_UNKNOWN;

    *why = NULL;
    for (unsigned i = 0; i < c->plan->blocks; i++) {
        const struct block *b = &c->blocks[i];
        enum verdict failure = failure_of(&b->windows[contestant]);
        if (b->done < c->plan->count || failure <= gravest)
            continue;
        gravest = failure;
        *why = b->windows[contestant].why;
    }
    return gravest;
}

enum verdict verdict_within(const struct interval *r, double margin)
{
    if (isnan(r->low) || isnan(r->high))
        return VERDICT_UNKNOWN;
    if (r->low > margin)
        return VERDICT_FASTER;
    if (r->high < 1 / margin)
        return VERDICT_SLOWER;
    return VERDICT_TIE;
}

enum verdict verdict_for(const struct interval *r)
{
    return verdict_within(r, VERDICT_MARGIN);
}

static struct standing stand(const struct cell_verdict *v, unsigned k, int reference, int floor,
                             uint64_t seed)
{
    const struct measured_cell *c = v->cell;
    static const struct interval none = { NAN, NAN, NAN };
    struct standing s = {
        .contestant = k,
        .ops_per_s = median_of(v, k, offsetof(struct window_result, ops_per_s)),
        .jain = median_of(v, k, offsetof(struct window_result, jain)),
        .min_share = median_of(v, k, offsetof(struct window_result, min_share)),
        .longest_gap_ns = median_of(v, k, offsetof(struct window_result, longest_gap_ns)),
        .hand_overs = median_of(v, k, offsetof(struct window_result, hand_overs)),
        .longest_wait_ns = median_of(v, k, offsetof(struct window_result, longest_wait_ns)),
        .cpu_ns_per_op = median_of(v, k, offsetof(struct window_result, cpu_ns_per_op)),
        .bytes_per_item = median_of(v, k, offsetof(struct window_result, bytes_per_item)),
        .ratio = reference < 0 ? none : verdict_ratio(v, k, (unsigned)reference, seed),
        .floor = floor < 0 ? none : verdict_ratio(v, k, (unsigned)floor, seed),
        .readers_per_s = median_of(v, k, offsetof(struct window_result, readers_per_s)),
        .writers_per_s = median_of(v, k, offsetof(struct window_result, writers_per_s)),
    };
    enum verdict failure = gravest_failure(c, k, &s.why);

    for (unsigned i = 0; i < c->plan->blocks; i++)
        s.blocks += usable(v, &c->blocks[i], k);
    s.at_floor = verdict_ranks(v) && s.floor.high >= 1 / v->margin &&
                 !is_floor(&c->plan->contestants[k]);
    if (s.why)
        s.verdict = failure;
    else if (is_floor(&c->plan->contestants[k]))
        s.verdict = VERDICT_FLOOR;
    else if ((int)k == reference)
        s.verdict = VERDICT_REFERENCE;
    else
        s.verdict = verdict_ranks(v) ? verdict_within(&s.ratio, v->margin) : VERDICT_NOISY;
    return s;
}

static int by_rank(const void *a, const void *b)
{
    const struct standing *x = a, *y = b;
    int tail_x = x->verdict >= VERDICT_FLOOR, tail_y = y->verdict >= VERDICT_FLOOR;

    if (tail_x != tail_y || (tail_x && x->verdict != y->verdict))
        return tail_x != tail_y ? tail_x - tail_y : (int)x->verdict - (int)y->verdict;
    return (x->ops_per_s < y->ops_per_s) - (x->ops_per_s > y->ops_per_s);
}

static void count_placements(struct cell_verdict *v)
{
    const struct measured_cell *c = v->cell;

    for (unsigned i = 0; i < c->plan->blocks; i++) {
        if (!block_shows(v, &c->blocks[i]))
            continue;
        v->blocks += block_counts(c, &c->blocks[i]);
        for (unsigned k = 0; k < c->plan->count; k++) {
            v->at_near += c->blocks[i].windows[k].covariates.placement == PLACEMENT_NEAR;
            v->at_far += c->blocks[i].windows[k].covariates.placement == PLACEMENT_FAR;
        }
    }
}

/* How well the cell tells two strategies apart: not better than the reference from itself. */
static void find_resolution(struct cell_verdict *v, unsigned reference, unsigned again,
                            uint64_t seed)
{
    v->again = verdict_ratio(v, again, reference, seed);
    enum verdict word = verdict_for(&v->again);
    v->again_differs = word == VERDICT_FASTER || word == VERDICT_SLOWER;
    if (word == VERDICT_UNKNOWN)
        return;
    v->margin = fmax(v->margin, fmax(v->again.high, 1 / v->again.low));
    v->coarse = v->margin > VERDICT_COARSEST;
}

int verdict_make(struct cell_verdict *v, const struct measured_cell *c, enum placement placement,
                 uint64_t seed)
{
    int reference = find_reference(c->plan), again = find(c->plan, is_again);
    int floor = find(c->plan, is_floor);

    *v = (struct cell_verdict){ .cell = c, .count = c->plan->count, .pick = -1,
                                .again = { NAN, NAN, NAN }, .margin = VERDICT_MARGIN };
    v->standings = calloc(v->count, sizeof *v->standings);
    if (!v->standings)
        return -ENOMEM;
    v->of_rejected = c->complete && c->rejected == c->complete;
    count_placements(v);
    v->placement = placement != PLACEMENT_NONE        ? placement
                   : v->at_near + v->at_far == 0      ? PLACEMENT_NONE
                   : v->at_near >= v->at_far          ? PLACEMENT_NEAR
                                                      : PLACEMENT_FAR;
    v->noisy = c->complete && c->rejected > max_rejected * c->complete;
    if (reference >= 0 && again >= 0)
        find_resolution(v, (unsigned)reference, (unsigned)again, seed);
    for (unsigned k = 0; k < v->count; k++)
        v->standings[k] = stand(v, k, reference, floor, seed);
    qsort(v->standings, v->count, sizeof *v->standings, by_rank);
    return 0;
}

void verdict_free(struct cell_verdict *v)
{
    free(v->standings);
}

bool verdict_is_settled(const struct measured_cell *c, uint64_t seed)
{
    struct cell_verdict v;
    bool settled = verdict_make(&v, c, PLACEMENT_NONE, seed) == 0 && verdict_ranks(&v);

    for (unsigned i = 0; settled && i < v.count; i++) {
        const struct interval *r = &v.standings[i].ratio;
        if (v.standings[i].verdict < VERDICT_SKIPPED)
            settled = r->high / r->middle < settled_width && r->middle / r->low < settled_width;
    }
    verdict_free(&v);
    return settled;
}
