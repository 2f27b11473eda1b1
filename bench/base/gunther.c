/* gunther.c - see gunther.h. */
#include "bench/base/gunther.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

enum { TERMS = 3 };

double gunther_rate(const struct gunther *g, double n)
{
    return g->lambda * n / (1 + g->sigma * (n - 1) + g->kappa * n * (n - 1));
}

/* What n / X is a sum of: a constant, n - 1 and n (n - 1). */
static void terms_at(double n, double term[TERMS])
{
    term[0] = 1;
    term[1] = n - 1;
    term[2] = n * (n - 1);
}

/* Solves the equations for the terms in `used`; the others are 0.  False if they have no answer. */
static bool solve(double m[TERMS][TERMS + 1], const bool used[TERMS], double answer[TERMS])
{
    for (int i = 0; i < TERMS; i++) {
        answer[i] = 0;
        if (!used[i])
            continue;
        if (!(fabs(m[i][i]) > 1e-12))
            return false;
        for (int k = 0; k < TERMS; k++) {
            double factor = m[k][i] / m[i][i];
            for (int j = i; j <= TERMS && k != i && used[k]; j++)
                m[k][j] -= factor * m[i][j];
        }
    }
    for (int i = 0; i < TERMS; i++)
        if (used[i])
            answer[i] = m[i][TERMS] / m[i][i];
    return true;
}

/* The least squares with these terms.  The sum of the squares, INFINITY if a term is negative. */
static double fit(const double *n, const double *x, unsigned count, const bool used[TERMS],
                  double answer[TERMS])
{
    double m[TERMS][TERMS + 1] = { { 0 } }, term[TERMS], sum = 0;

    for (unsigned p = 0; p < count; p++) {
        double weight = x[p] / n[p]; /* deviations count as parts of what is there */
        terms_at(n[p], term);
        for (int i = 0; i < TERMS; i++) {
            for (int k = 0; k < TERMS; k++)
                m[i][k] += used[k] ? term[i] * term[k] * weight * weight : 0;
            m[i][TERMS] += term[i] * weight;
        }
    }
    if (!solve(m, used, answer) || answer[0] <= 0 || answer[1] < 0 || answer[2] < 0)
        return INFINITY;
    for (unsigned p = 0; p < count; p++) {
        terms_at(n[p], term);
        double off = (term[0] * answer[0] + term[1] * answer[1] + term[2] * answer[2]) * x[p] / n[p] - 1;
        sum += off * off;
    }
    return sum;
}

int gunther_fit(struct gunther *out, const double *n, const double *x, unsigned count)
{
    double best = INFINITY, chosen[TERMS] = { 0 };

    if (count < TERMS || count > GUNTHER_POINTS)
        return -EINVAL;
    for (unsigned i = 0; i < count; i++)
        if (!(isfinite(n[i]) && n[i] > 0 && isfinite(x[i]) && x[i] > 0))
            return -EINVAL;
    for (int which = 0; which < 4; which++) {
        const bool used[TERMS] = { true, which & 1, which & 2 };
        double answer[TERMS], sum = fit(n, x, count, used, answer);
        if (!(sum < best))
            continue;
        best = sum;
        for (int i = 0; i < TERMS; i++)
            chosen[i] = answer[i];
    }
    if (!isfinite(best))
        return -EINVAL;
    *out = (struct gunther){ .lambda = 1 / chosen[0], .sigma = chosen[1] / chosen[0],
                             .kappa = chosen[2] / chosen[0], .peak = INFINITY };
    if (out->kappa > 0)
        out->peak = out->sigma < 1 ? fmax(1, sqrt((1 - out->sigma) / out->kappa)) : 1;
    for (unsigned i = 0; i < count; i++)
        out->worst = fmax(out->worst, fabs(x[i] / gunther_rate(out, n[i]) - 1));
    return 0;
}
