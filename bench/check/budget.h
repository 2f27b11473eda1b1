/*
 * budget.h - when a search must end: so many executions, so much time, or an interrupt.
 */
#ifndef CONTEND_BENCH_CHECK_BUDGET_H
#define CONTEND_BENCH_CHECK_BUDGET_H

#include "bench/check/check.h"
#include "bench/machine/linkage.h"

/* From now on the time counts.  Both stay the caller's until the search has ended. */
void budget_begin(const struct check_options *options, struct check_result *result) CHECK_PRIVATE(budget_begin);

/* After an execution: whether it was the last one. */
bool budget_spent(void) CHECK_PRIVATE(budget_spent);

/* Asked now and then by what may take long within an execution or behind it. */
bool budget_ends_it(void) CHECK_PRIVATE(budget_ends_it);

/* Seconds since budget_begin(). */
double budget_seconds(void) CHECK_PRIVATE(budget_seconds);

#endif
