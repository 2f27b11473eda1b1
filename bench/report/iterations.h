/*
 * iterations.h - `contend iterations`: equal numbers of operations beside equal times, for teaching.
 */
#ifndef CONTEND_BENCH_REPORT_ITERATIONS_H
#define CONTEND_BENCH_REPORT_ITERATIONS_H

#include "bench/measure/plan.h"

/* Runs the plan, which has one cell.  The exit status: 0, 1 (an item or a file failed), 130. */
int iterations_command(const struct plan *plan, const struct run_options *o);

#endif
