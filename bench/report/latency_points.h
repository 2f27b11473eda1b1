/*
 * latency_points.h - the figures of `contend latency`, as the table and JSON read them.
 */
#ifndef CONTEND_BENCH_REPORT_LATENCY_POINTS_H
#define CONTEND_BENCH_REPORT_LATENCY_POINTS_H

#include "bench/judge/knee.h"
#include "bench/report/latency.h"
#include "bench/report/series.h"

struct latency_figures {
    double p50, p90, p99, p999, max; /* ns; NAN where there were too few operations */
};

struct latency_point {
    double per_s;             /* offered */
    bool copes;
    uint64_t due, served;
    double busy;              /* part of the workers' time */
    double run_delay;         /* how long the worst worker waited for a processor, as a part */
    struct latency_figures response, service; /* from due, and from begun */
};

enum { LATENCY_POINTS = 48 };

struct latency_curve {
    struct knee knee;
    struct latency_point points[LATENCY_POINTS]; /* in the order in which they were tried */
    unsigned count;
};

struct latency_results {
    const struct latency_options *options;
    struct series series;
    struct latency_curve *curves; /* one for each item of the series */
    uint64_t length_ns;           /* of a point */
};

/* Whether the machine disturbed so many points that they tell more of it than of the strategies. */
bool latency_is_noisy(const struct latency_results *r, unsigned *disturbed, unsigned *all);

/* The point at that rate that was tried last, or NULL. */
const struct latency_point *latency_point_at(const struct latency_curve *c, double per_s);

void latency_print(FILE *out, const struct latency_results *r);
/* NULL without memory. */
json_t *latency_json(const struct latency_results *r);

#endif
