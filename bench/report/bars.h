/*
 * bars.h - a run's ratios as bars on a terminal, for those without a browser.
 */
#ifndef CONTEND_BENCH_REPORT_BARS_H
#define CONTEND_BENCH_REPORT_BARS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * For each cell of the results of a run: a line for each strategy, with a bar from the reference to the
 * median of its ratios and the 95 % interval of them, on one logarithmic axis.  80 columns.
 */
void bars_print(FILE *out, const json_t *run, bool unicode);

#endif
