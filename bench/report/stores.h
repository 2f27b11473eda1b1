/*
 * stores.h - datastores and in-process strategies on one axis: what each operation costs, and at
 * how many Mu each stops coping.
 *
 * Each entry of each cell is taken once, on a stage of its own: a closed loop for what an operation
 * costs (round trips, bytes, processor time of client and server), then an open loop whose rate is
 * raised until the entry stops coping, and half of that rate once more for the percentiles.
 */
#ifndef CONTEND_BENCH_REPORT_STORES_H
#define CONTEND_BENCH_REPORT_STORES_H

#include "bench/measure/plan.h"

struct stores_options {
    struct run_options run;
    double rate; /* the user's load, operations a second */
};

/* Runs the plan, prints and saves.  The exit status: 0, 1 (an object lost something, a file), 130. */
int stores_run(const struct plan *plan, const struct stores_options *o);

#endif
