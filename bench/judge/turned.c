/* turned.c - every pair, judged by either kind of figures. */
#include "bench/judge/turned.h"

#include <math.h>

#include "bench/judge/verdict.h"

double turned_figure(const double *blocks, unsigned count)
{
    double kept[TURNED_BLOCKS];
    unsigned n = 0;

    for (unsigned i = 0; i < count; i++)
        if (!isnan(blocks[i]))
            kept[n++] = blocks[i];
    return stats_median(kept, n);
}

/* The logarithms of a over b within blocks, or of b over a where less is better.  How many. */
static unsigned ratios(const double *a, const double *b, unsigned blocks, bool less,
                       double logs[TURNED_BLOCKS])
{
    unsigned n = 0;

    for (unsigned i = 0; i < blocks; i++)
        if (!isnan(a[i]) && !isnan(b[i]))
            logs[n++] = less ? log(b[i] / a[i]) : log(a[i] / b[i]);
    return n;
}

static struct interval ratio(const double *a, const double *b, unsigned blocks, bool less,
                             uint64_t seed)
{
    double logs[TURNED_BLOCKS];
    unsigned n = ratios(a, b, blocks, less, logs);
    struct interval r = stats_bootstrap_median(logs, n, seed);

    return (struct interval){ exp(r.low), exp(r.middle), exp(r.high) };
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

bool turned_find(const struct turned_figures *f, unsigned count, unsigned first, bool less,
                 uint64_t seed, struct turned *out)
{
    bool any = false;

    for (unsigned a = 0; a < count; a++)
        for (unsigned b = 0; b < count; b++) {
            struct turned t = { .better = a, .worse = b };
            if (a == b)
                continue;
            unsigned blocks = f[a].blocks - first;
            t.honest = ratio(f[a].honest + first, f[b].honest + first, blocks, less, seed);
            t.broken = ratio(f[a].broken + first, f[b].broken + first, blocks, less, seed);
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

/* The lesser of both distances from a tie, by medians; NAN without figures of both. */
static double promise(const struct turned_figures *a, const struct turned_figures *b, unsigned blocks,
                      bool less)
{
    double logs[TURNED_BLOCKS];
    double honest = stats_median(logs, ratios(a->honest, b->honest, blocks, less, logs));
    double broken = stats_median(logs, ratios(a->broken, b->broken, blocks, less, logs));

    return isnan(honest) || isnan(broken) ? NAN : fmin(honest, -broken);
}

static bool is_among(unsigned one, const unsigned *some, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (some[i] == one)
            return true;
    return false;
}

unsigned turned_candidates(const struct turned_figures *f, unsigned count, unsigned blocks, bool less,
                           unsigned *chosen, unsigned most)
{
    unsigned n = 0;

    while (n + 2 <= most) {
        double best = NAN;
        for (unsigned a = 0; a < count; a++)
            for (unsigned b = 0; b < count; b++) {
                double p = is_among(a, chosen, n) || is_among(b, chosen, n) || a == b
                               ? NAN : promise(&f[a], &f[b], blocks, less);
                if (isnan(p) || p <= best)
                    continue;
                best = p;
                chosen[n] = a;
                chosen[n + 1] = b;
            }
        if (isnan(best))
            break;
        n += 2;
    }
    return n;
}
