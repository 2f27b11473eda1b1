/*
 * rows_shorten.h - leaves out of the rows what only repeats itself.
 */
#ifndef CONTEND_BENCH_CHECK_ROWS_SHORTEN_H
#define CONTEND_BENCH_CHECK_ROWS_SHORTEN_H

#include "bench/check/rows.h"

/*
 * Rows that follow one another again and again become the first and the last of them around a
 * line that counts the others; of what is still long the middle is left out.  Returns how
 * many rows there are then.
 */
unsigned rows_shorten(struct row *rows, unsigned count) CHECK_PRIVATE(rows_shorten);

#endif
