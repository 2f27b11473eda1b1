/*
 * scale.h - `contend scale`: vertical against horizontal.  n threads on one object, and n processes with
 * a part of the users and an object each, as rates over n, and as Gunther's law says they go on.
 */
#ifndef CONTEND_BENCH_REPORT_SCALE_H
#define CONTEND_BENCH_REPORT_SCALE_H

#include "bench/base/gunther.h"
#include "bench/report/series.h"

enum scale_way { SCALE_THREADS, SCALE_PROCESSES, SCALE_WAYS };
enum { SCALE_SIZES = 8, SCALE_ROUNDS = 3 };

struct scale_options {
    struct run_options run;
    unsigned sizes[SCALE_SIZES], count; /* the n's, rising */
    unsigned length_ms;                 /* of a window; 0: as the budget allows */
};

struct scale_curve {
    double rates[SCALE_SIZES]; /* medians of the rounds; NAN: not taken */
    struct gunther law;
    bool fitted;
};

struct scale_results {
    const struct scale_options *options;
    struct series series;
    struct scale_curve (*curves)[SCALE_WAYS]; /* of each item */
    uint64_t length_ns;
    unsigned cpus;
};

/* Runs the plan.  The exit status of the command. */
int scale_command(const struct plan *plan, const struct scale_options *o);

/* For scale_command(). */
void scale_print(FILE *out, const struct scale_results *r);
json_t *scale_json(const struct scale_results *r);

#endif
