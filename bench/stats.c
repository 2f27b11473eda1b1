/* stats.c - medians, bootstrap intervals, fairness. */
#include "bench/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/random.h"

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

struct interval stats_bootstrap_median(const double *values, size_t n, uint64_t seed)
{
    struct interval result = { NAN, stats_median(values, n), NAN };
    double *sample = malloc((n ? n : 1) * sizeof *sample);
    double *medians = malloc(RESAMPLES * sizeof *medians);
    struct random r = random_seeded(seed, n);

    if (n >= 3 && sample && medians) {
        for (int k = 0; k < RESAMPLES; k++) {
            for (size_t i = 0; i < n; i++)
                sample[i] = values[random_below(&r, n)];
            qsort(sample, n, sizeof *sample, ascending);
            medians[k] = quantile_of_sorted(sample, n, 0.5);
        }
        qsort(medians, RESAMPLES, sizeof *medians, ascending);
        result.low = quantile_of_sorted(medians, RESAMPLES, 0.025);
        result.high = quantile_of_sorted(medians, RESAMPLES, 0.975);
    }
    free(sample);
    free(medians);
    return result;
}

double stats_jain(const double *values, size_t n)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        sum += values[i];
        squares += values[i] * values[i];
    }
    return squares > 0 ? sum * sum / ((double)n * squares) : NAN;
}
