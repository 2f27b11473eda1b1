/*
 * results.h - a run as JSON, for programs.
 */
#ifndef CONTEND_BENCH_RESULTS_H
#define CONTEND_BENCH_RESULTS_H

#include "bench/report.h"

/* The version of the schema; docs/results.md describes it. */
#define RESULTS_SCHEMA "contend.run"
#define RESULTS_VERSION 1

/*
 * Writes `text` as the file `path`: beside it first, then renamed, so that a
 * reader never sees half of it and a failure leaves the old file.  What is not a
 * regular file (a pipe, /dev/full) is written in place.  0 or a negative errno value.
 */
int results_write(const char *path, const char *text);

/* The run as JSON text; free() it.  NULL without memory. */
char *results_json(const struct report *r);

#endif
