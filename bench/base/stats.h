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

/* The 0.975 quantile of the normal distribution. */
#define STATS_NORMAL 1.959964

/*
 * The median with its 95 % interval: percentile bootstrap, 2,000 resamples from
 * the given seed (B. Efron, 1979).  With fewer than 3 values the ends are NAN:
 * such a sample has no interval, and so no verdict.
 *
 * The values stand in the order in which they were measured.  The bootstrap takes them for
 * independent, and is too narrow for few of them; so its ends are moved away from the median by
 * two factors.  One is that of few values, t(n-1) / z times sqrt(n / (n-1)) (T. Hesterberg, "What
 * Teachers Should Know About the Bootstrap", 2015).  The other is for a drift that neighbours
 * share: with a correlation of r between them, n values tell as much as n (1-r) / (1+r) would that
 * have none, so it is sqrt((1+r) / (1-r)).  r is at least 0: no interval becomes narrower.
 */
struct interval stats_bootstrap_median(const double *values, size_t n, uint64_t seed);

/* The difference of the medians of two independent samples, x - y, in the same manner. */
struct interval stats_bootstrap_difference(const double *x, size_t n, const double *y, size_t m,
                                           uint64_t seed);

/* The 0.975 quantile of Student's t for so many degrees of freedom (Abramowitz, Stegun, 26.7.5). */
double stats_student(double freedom);

/*
 * Fairness among n values by their sum and the sum of their squares, (sum x)^2 / (n sum x^2):
 * 1 when all are equal, 1/n when one has it all (R. Jain et al., 1984).
 */
double stats_jain(double sum, double squares, size_t n);

#endif
