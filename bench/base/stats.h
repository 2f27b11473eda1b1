/*
 * stats.h - medians, bootstrap intervals, fairness.
 */
#ifndef CONTEND_BENCH_BASE_STATS_H
#define CONTEND_BENCH_BASE_STATS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The q-quantile (0 .. 1) by linear interpolation; sorts a copy.  NAN for n = 0 or without
 * memory.
 */
double stats_quantile(const double *values, size_t n, double q);
double stats_median(const double *values, size_t n);

struct interval {
    double low, middle, high; /* NAN when there is nothing to estimate */
};

/*
 * The median with its 95 % interval: percentile bootstrap, 2,000 resamples from
 * the given seed (B. Efron, 1979).  With fewer than 3 values the ends are NAN:
 * such a sample has no interval, and so no verdict.
 */
struct interval stats_bootstrap_median(const double *values, size_t n, uint64_t seed);

/* The difference of the medians of two independent samples, x - y, in the same manner. */
struct interval stats_bootstrap_difference(const double *x, size_t n, const double *y, size_t m,
                                           uint64_t seed);

/*
 * Fairness among n values by their sum and the sum of their squares, (sum x)^2 / (n sum x^2):
 * 1 when all are equal, 1/n when one has it all (R. Jain et al., 1984).
 */
double stats_jain(double sum, double squares, size_t n);

#endif
