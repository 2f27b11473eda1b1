/*
 * gunther.h - how a rate grows with the number of those who work: Gunther's universal scalability law.
 *
 *   X(n) = lambda n / (1 + sigma (n - 1) + kappa n (n - 1))
 *
 * lambda is the rate of one, sigma the part that is done one after the other (Amdahl's law is kappa = 0),
 * and kappa what each pair costs to keep in agreement, which makes the rate fall beyond a peak.
 *
 * Reference: N. J. Gunther, Guerrilla Capacity Planning, 2007.
 */
#ifndef CONTEND_BENCH_BASE_GUNTHER_H
#define CONTEND_BENCH_BASE_GUNTHER_H

enum { GUNTHER_POINTS = 16 };

struct gunther {
    double lambda, sigma, kappa; /* sigma and kappa are not negative */
    double peak;                 /* the n of the highest rate; INFINITY: it only rises */
    double worst;                /* the largest deviation of a point from the curve, as a part of it */
};

/*
 * Fits the law to `count` points, at least 3 and at most GUNTHER_POINTS: rates x[i] at n[i], which are
 * finite and above 0.  n / X is linear in its unknowns; the least squares of the relative deviations are
 * taken, without terms that would come out negative.  0, or -EINVAL.
 */
int gunther_fit(struct gunther *out, const double *n, const double *x, unsigned count);

double gunther_rate(const struct gunther *g, double n);

#endif
