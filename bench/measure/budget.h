/*
 * budget.h - how much of a run's time is left.
 *
 * The budget is for all that a command does: reading, checks, calibration and measuring.
 */
#ifndef CONTEND_BENCH_MEASURE_BUDGET_H
#define CONTEND_BENCH_MEASURE_BUDGET_H

#include "bench/measure/run_options.h"
#include "locks/parts/platform.h"

enum { CALIBRATION_S = 4 }; /* about */

/* At most, behind the blocks: how late operations are (report/tails.h). */
static inline double budget_for_tails(const struct run_options *o)
{
    return o->budget_s < 170 ? o->budget_s / 17.0 : 10;
}

/* Seconds, at least 0; all of it before anything has begun. */
static inline double budget_left(const struct run_options *o)
{
    double spent = o->begun_ns ? (double)(contend_clock_ns() - o->begun_ns) / 1e9 : 0;

    return spent < o->budget_s ? o->budget_s - spent : 0;
}

#endif
