/* turned.c - every pair, judged by either kind of figures. */
#include "bench/judge/turned.h"

#include <math.h>

#include "bench/judge/verdict.h"

double turned_figure(const double *blocks, unsigned count, bool best_of, bool less)
{
    double kept[TURNED_BLOCKS], best = NAN;
    unsigned n = 0;

    for (unsigned i = 0; i < count; i++)
        if (!isnan(blocks[i]))
            kept[n++] = blocks[i];
    if (!best_of)
        return stats_median(kept, n);
    for (unsigned i = 0; i < n; i++)
        best = isnan(best) ? kept[i] : less ? fmin(best, kept[i]) : fmax(best, kept[i]);
    return best;
}

/* a over b within blocks, or b over a where less is better. */
static struct interval ratio(const double *a, const double *b, unsigned blocks, bool less,
                             uint64_t seed)
{
    double logs[TURNED_BLOCKS];
    unsigned n = 0;

    for (unsigned i = 0; i < blocks; i++)
        if (!isnan(a[i]) && !isnan(b[i]))
            logs[n++] = less ? log(b[i] / a[i]) : log(a[i] / b[i]);
    struct interval r = stats_bootstrap_median(logs, n, seed);
    return (struct interval){ exp(r.low), exp(r.middle), exp(r.high) };
}

static struct interval broken_ratio(const struct turned_figures *a, const struct turned_figures *b,
                                    bool less, bool best_of, uint64_t seed)
{
    if (!best_of)
        return ratio(a->broken, b->broken, a->blocks, less, seed);
    double x = turned_figure(a->broken, a->blocks, true, less);
    double y = turned_figure(b->broken, b->blocks, true, less);
    double r = less ? y / x : x / y;
    return (struct interval){ r, r, r }; /* such a harness has no interval */
}

/* How far a pair is turned: the lesser of both distances from a tie; below 0 if it is not. */
static double turn(const struct turned *t)
{
    return fmin(log(t->honest.low), -log(t->broken.high));
}

static double moved(const struct turned *t)
{
    return fabs(log(t->honest.middle / t->broken.middle));
}

/* Whether `t` is the better example. */
static bool beats(const struct turned *t, const struct turned *than)
{
    if (t->is != than->is)
        return t->is;
    if (t->maybe != than->maybe)
        return t->maybe;
    return t->is ? turn(t) > turn(than) : moved(t) > moved(than);
}

bool turned_find(const struct turned_figures *f, unsigned count, bool less, bool best_of,
                 uint64_t seed, struct turned *out)
{
    bool any = false;

    for (unsigned a = 0; a < count; a++)
        for (unsigned b = 0; b < count; b++) {
            struct turned t = { .better = a, .worse = b };
            if (a == b)
                continue;
            t.honest = ratio(f[a].honest, f[b].honest, f[a].blocks, less, seed);
            t.broken = broken_ratio(&f[a], &f[b], less, best_of, seed);
            if (!(t.honest.middle >= 1) || isnan(t.broken.middle))
                continue;
            t.is = t.honest.low > VERDICT_MARGIN && t.broken.high < 1 / VERDICT_MARGIN;
            t.maybe = !t.is && t.honest.middle > VERDICT_MARGIN && t.broken.middle < 1 / VERDICT_MARGIN;
            if (!any || beats(&t, out))
                *out = t;
            any = true;
        }
    return any;
}
