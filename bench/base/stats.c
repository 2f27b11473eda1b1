/* stats.c - medians, bootstrap intervals, fairness. */
#include "bench/base/stats.h"

#include <math.h>
#include <stdbool.h>
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

/* A sample that is drawn from again and again. */
struct sample {
    double *sorted;
    unsigned *drawn; /* how often each value was, in the draw under way */
    size_t n;
};

static bool sample_make(struct sample *s, const double *values, size_t n)
{
    *s = (struct sample){ .sorted = malloc((n + 1) * sizeof *values),
                          .drawn = malloc((n + 1) * sizeof *s->drawn), .n = n };
    if (!s->sorted || !s->drawn)
        return false;
    memcpy(s->sorted, values, n * sizeof *values);
    qsort(s->sorted, n, sizeof *values, ascending);
    return true;
}

static void sample_free(struct sample *s)
{
    free(s->sorted);
    free(s->drawn);
}

/* The median of n of its values, drawn with replacement. */
static double resampled_median(const struct sample *s, struct random *r)
{
    size_t below = (s->n - 1) / 2, above = s->n / 2, i = 0, passed;

    memset(s->drawn, 0, s->n * sizeof *s->drawn);
    for (size_t k = 0; k < s->n; k++)
        s->drawn[random_below(r, s->n)]++;
    for (passed = s->drawn[0]; passed <= below; passed += s->drawn[i])
        i++;
    double low = s->sorted[i];
    while (passed <= above)
        passed += s->drawn[++i];
    return (low + s->sorted[i]) / 2;
}

/*
 * How much a value resembles the one before it, by their ranks: 0 if not at all.  The estimate
 * from a short series is too low by about (1 + 3 r) / n (F. Marriott and J. Pope, 1954).
 */
static double resemblance(const double *values, size_t n)
{
    double before = 0, products = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        double rank = 0;
        for (size_t j = 0; j < n; j++)
            rank += (values[i] > values[j]) - (values[i] < values[j]);
        products += before * rank;
        squares += rank * rank;
        before = rank;
    }
    double r = squares > 0 ? products / squares : 0;
    return fmin(fmax(r + (1 + 3 * fmax(r, 0)) / (double)n, 0), 0.8);
}

double stats_student(double freedom)
{
    const double z = STATS_NORMAL, z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z, z9 = z7 * z * z;

    if (freedom < 2)
        return 12.706; /* of 1; the series below is for more */
    return z + (z3 + z) / 4 / freedom + (5 * z5 + 16 * z3 + 3 * z) / 96 / pow(freedom, 2) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384 / pow(freedom, 3) +
           (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160 / pow(freedom, 4);
}

/* What the bootstrap's interval lacks; see stats.h. */
static double stretch(const double *values, size_t n)
{
    double r = resemblance(values, n), freedom = (double)n - 1;

    return stats_student(freedom) / STATS_NORMAL * sqrt((double)n / freedom * (1 + r) / (1 - r));
}

/* The interval of median(x) - median(y); without y (NULL), of median(x). */
static struct interval bootstrap(const double *x, size_t n, const double *y, size_t m,
                                 uint64_t seed)
{
    struct interval result = { NAN, stats_median(x, n) - (y ? stats_median(y, m) : 0), NAN };
    struct sample from = { 0 }, less = { 0 };
    double *differences = malloc(RESAMPLES * sizeof *differences);
    struct random r = random_seeded(seed, n);

    if (n >= 3 && (!y || m >= 3) && differences && sample_make(&from, x, n) &&
        (!y || sample_make(&less, y, m))) {
        for (int k = 0; k < RESAMPLES; k++)
            differences[k] = resampled_median(&from, &r) - (y ? resampled_median(&less, &r) : 0);
        qsort(differences, RESAMPLES, sizeof *differences, ascending);
        double wider = y ? fmax(stretch(x, n), stretch(y, m)) : stretch(x, n);
        double low = quantile_of_sorted(differences, RESAMPLES, 0.025);
        double high = quantile_of_sorted(differences, RESAMPLES, 0.975);
        result.low = result.middle + wider * fmin(low - result.middle, 0);
        result.high = result.middle + wider * fmax(high - result.middle, 0);
    }
    sample_free(&from);
    sample_free(&less);
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
