/*
 * latency.h - how long operations take at a given rate, and which rate is too much.
 *
 * For each strategy of each cell the rate is raised until it stops coping.  Every rate tried is
 * a point: percentiles from the instant at which an operation was due, and from the one at which
 * it began, which is what a closed loop would have shown.
 */
#ifndef CONTEND_BENCH_REPORT_LATENCY_H
#define CONTEND_BENCH_REPORT_LATENCY_H

#include <stdbool.h>

#include "bench/engine/schedule.h"
#include "bench/measure/plan.h"

/* 1 Mu: a million users who beat every ten seconds, operations a second. */
#define LATENCY_MU 100000.0

enum { LATENCY_RATES = 8 };

struct latency_options {
    struct run_options run;    /* what to compare; budget, seed and files */
    enum arrivals arrivals;
    double rates[LATENCY_RATES]; /* operations a second; tried as they are, without a search */
    unsigned rate_count;
    unsigned length_ms;        /* of a point; 0: as the budget allows */
    unsigned pause_ms;         /* stops one worker so long in the middle of each point; 0: no */
};

/* Runs the plan, prints and saves.  The exit status: 0, 1 (an object lost something, a file), 130. */
int latency_run(const struct plan *plan, const struct latency_options *o);

#endif
