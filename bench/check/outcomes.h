/*
 * outcomes.h - how often a litmus test ended in what, as herd and litmus print it.
 */
#ifndef CONTEND_BENCH_CHECK_OUTCOMES_H
#define CONTEND_BENCH_CHECK_OUTCOMES_H

#include "bench/check/check.h"
#include "bench/machine/linkage.h"

/* Forgets what was counted. */
void outcomes_reset(void) CHECK_PRIVATE(outcomes_reset);

/* Prints the table, and whether the outcome that the test asks for was among them; or nothing. */
void outcomes_print(const struct check_test *test, FILE *out) CHECK_PRIVATE(outcomes_print);

#endif
