/*
 * phi.h - the arithmetic of the phi accrual detector.
 *
 * phi(t) = -log10 of the probability that a beat comes later than t after the last one, if intervals
 * between arrivals are normally distributed.  A threshold of phi is a number z of standard deviations
 * beyond the mean, found once.  Mean and variance are weighted ones: a beat counts for 1/64.
 */
#ifndef CONTEND_BENCH_SERVE_DETECT_PARTS_PHI_H
#define CONTEND_BENCH_SERVE_DETECT_PARTS_PHI_H

#include <math.h>
#include <stdint.h>

#include "bench/serve/detect/detect.h"

enum { DETECT_PHI_WEIGHT = 64 };

/* What is constant after init. */
struct detect_phi {
    double z;         /* standard deviations beyond the mean */
    double least_us;  /* of the standard deviation: beats that come like clockwork have none */
    double interval_us;
};

struct detect_moments {
    double mean_us, deviation_us;
};

/* How many standard deviations beyond the mean a normal variable is with probability 10^-phi. */
static inline double detect_phi_deviations(double phi)
{
    double low = -10, high = 40;

    for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2;
        if (-log10(0.5 * erfc(middle / sqrt(2))) < phi)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static inline struct detect_phi detect_phi_of(const struct detect_config *config, double phi)
{
    return (struct detect_phi){ .z = detect_phi_deviations(phi),
                                .least_us = (double)config->interval_us / 100,
                                .interval_us = (double)config->interval_us };
}

/* Before anything was heard: the interval as it is meant, and a wide guess. */
static inline struct detect_moments detect_phi_first(const struct detect_phi *p)
{
    return (struct detect_moments){ p->interval_us, p->interval_us / 4 };
}

/* After one more interval between two arrivals. */
static inline struct detect_moments detect_phi_next(struct detect_moments m, double interval_us)
{
    double off = interval_us - m.mean_us, part = 1.0 / DETECT_PHI_WEIGHT;
    double variance = (1 - part) * (m.deviation_us * m.deviation_us + part * off * off);

    return (struct detect_moments){ m.mean_us + part * off, sqrt(variance) };
}

/* Without the calls that fmax() may be. */
static inline double detect_phi_greater(double a, double b)
{
    return a > b ? a : b;
}

static inline uint64_t detect_phi_deadline(const struct detect_phi *p, uint64_t last,
                                           struct detect_moments m)
{
    double wait = m.mean_us + p->z * detect_phi_greater(m.deviation_us, p->least_us);

    return last + (uint64_t)detect_phi_greater(wait, 1);
}

#define DETECT_PHI_DIAL .dial = "phi", .preset = 8, .least = 0.5, .greatest = 16
#define DETECT_PHI_PAPER "Hayashibara, Defago, Yared and Katayama, The phi Accrual Failure Detector, 2004"

#endif
