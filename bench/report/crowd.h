/*
 * crowd.h - strategies under a growing number of threads: `contend oversubscribe` and `fairness`.
 *
 * Both take the same points: a strategy with so many workers, and with so many busy threads
 * beside.  One shows what is left of the rate once threads outnumber the processors, the
 * other how the operations are shared out.
 */
#ifndef CONTEND_BENCH_REPORT_CROWD_H
#define CONTEND_BENCH_REPORT_CROWD_H

#include "bench/report/series.h"

enum crowd_view { CROWD_OVERSUBSCRIBE, CROWD_FAIRNESS };

struct crowd_options {
    struct run_options run; /* what to compare; budget, seed and file */
    enum crowd_view view;
    unsigned length_ms;     /* of each of a point's two phases; 0: as the budget allows */
};

struct crowd_point {
    double ops_per_s, cpu_ns_per_op;
    double jain, min_share, longest_gap_ns;
    double p50_ns, p99_ns, p999_ns; /* NAN: too few operations */
    double run_delay;
};

struct crowd_results {
    const struct crowd_options *options;
    struct series series;
    struct crowd_point *points; /* one for each item of the series */
    uint64_t length_ns;
    unsigned cpus;              /* that the workers may use */
};

/* Whether a cell has more threads that want to run than processors. */
bool crowd_preempts(const struct crowd_results *r, const struct cell *c);
/* Whether there are figures of this item. */
bool crowd_has(const struct crowd_results *r, unsigned item);

void crowd_print(FILE *out, const struct crowd_results *r);

/* Runs the plan.  The exit status of the command. */
int crowd_command(const struct plan *plan, const struct crowd_options *o);

#endif
