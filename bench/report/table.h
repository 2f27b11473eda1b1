/*
 * table.h - the table of a cell on a terminal.
 */
#ifndef CONTEND_BENCH_REPORT_TABLE_H
#define CONTEND_BENCH_REPORT_TABLE_H

#include "bench/judge/ratio.h"
#include "bench/report/report.h"

/* Says what the columns are; before the first table. */
void table_legend(FILE *out);
/*
 * A ratio and its interval for a column: as text_interval(), but none of the three is wider than it
 * would be at 1: a number below 0.01 has four decimals, 0.0067.
 */
const char *table_interval(const struct interval *i, char buffer[TEXT_INTERVAL]);
/* The cell at its placement, and at the other one where that was seen often enough. */
void table_print(FILE *out, const struct report *r, const struct cell_verdict *v);

#endif
