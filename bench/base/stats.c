/* stats.c - medians, bootstrap intervals, fairness. */
#include "bench/base/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/random.h"

enum { RESAMPLES = 2000 };

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double quantile_of_sorted(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t below = (size_t)at;

    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

double stats_quantile(const double *values, size_t n, double q)
{
    double *copy = n ? malloc(n * sizeof *copy) : NULL;
    double result = NAN;

    if (copy) {
        memcpy(copy, values, n * sizeof *copy);
        qsort(copy, n, sizeof *copy, ascending);
        result = quantile_of_sorted(copy, n, q);
    }
    free(copy);
    return result;
}

double stats_median(const double *values, size_t n)
{
    return stats_quantile(values, n, 0.5);
}

/* The median of n values drawn with replacement; `space` is for n values. */
static double resampled_median(const double *values, size_t n, struct random *r, double *space)
{
    for (size_t i = 0; i < n; i++)
        space[i] = values[random_below(r, n)];
    qsort(space, n, sizeof *space, ascending);
    return quantile_of_sorted(space, n, 0.5);
}

/* The interval of median(x) - median(y); without y (NULL), of median(x). */
static struct interval bootstrap(const double *x, size_t n, const double *y, size_t m,
                                 uint64_t seed)
{
    struct interval result = { NAN, stats_median(x, n) - (y ? stats_median(y, m) : 0), NAN };
    double *space = malloc((n + m + 1) * sizeof *space);
    double *differences = malloc(RESAMPLES * sizeof *differences);
    struct random r = random_seeded(seed, n);

    if (n >= 3 && (!y || m >= 3) && space && differences) {
        for (int k = 0; k < RESAMPLES; k++) {
            differences[k] = resampled_median(x, n, &r, space);
            if (y)
                differences[k] -= resampled_median(y, m, &r, space);
        }
        qsort(differences, RESAMPLES, sizeof *differences, ascending);
        result.low = quantile_of_sorted(differences, RESAMPLES, 0.025);
        result.high = quantile_of_sorted(differences, RESAMPLES, 0.975);
    }
    free(space);
    free(differences);
    return result;
}

struct interval stats_bootstrap_median(const double *values, size_t n, uint64_t seed)
{
    return bootstrap(values, n, NULL, 0, seed);
}

struct interval stats_bootstrap_difference(const double *x, size_t n, const double *y, size_t m,
                                           uint64_t seed)
{
    return bootstrap(x, n, y, m, seed);
}

double stats_jain(double sum, double squares, size_t n)
{
    return squares > 0 ? sum * sum / ((double)n * squares) : NAN;
}
