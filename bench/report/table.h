/*
 * table.h - the table of a cell on a terminal.
 */
#ifndef CONTEND_BENCH_REPORT_TABLE_H
#define CONTEND_BENCH_REPORT_TABLE_H

#include "bench/report/report.h"

/* Says what the columns are; before the first table. */
void table_legend(FILE *out);
/* The cell at its placement, and at the other one where that was seen often enough. */
void table_print(FILE *out, const struct report *r, const struct cell_verdict *v);

#endif
