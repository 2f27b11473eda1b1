/*
 * results.h - a run as JSON, for programs.
 */
#ifndef CONTEND_BENCH_REPORT_RESULTS_H
#define CONTEND_BENCH_REPORT_RESULTS_H

#include <jansson.h>

#include "bench/measure/launch.h"
#include "bench/report/report.h"

/* The version of the schema; docs/results.md describes it. */
#define RESULTS_SCHEMA "contend.run"
#define RESULTS_VERSION 1

/* Where and with what it was made. */
json_t *results_session_json(const struct session *s);

/* In how many processes the windows ran. */
json_t *results_launches(const struct launcher *l);

/* What report_answer() prints. */
json_t *report_answer_json(const struct report *r);

/* The run as JSON text; free() it.  NULL without memory. */
char *results_json(const struct report *r);

/*
 * The same as CSV: the table, a line for each strategy of each cell, and the raw
 * windows of the complete blocks.  What is not known is an empty field.  free() it.
 */
char *results_csv(const struct report *r);
char *results_windows(const struct report *r);

/* The figures of a window by name, in the order of both files; a NULL name ends them. */
struct window_field {
    const char *name;
    size_t offset; /* in struct window_result */
    enum { FIELD_REAL, FIELD_U64, FIELD_SIZE } type;
};
extern const struct window_field window_fields[];
double window_field_value(const struct window_result *w, const struct window_field *f);

/* JSON has no NAN: what is not known is null. */
json_t *results_number(double x);
json_t *results_interval(const struct interval *i); /* { "low", "median", "high" } */

const char *results_placement(enum placement p); /* "none", "near", "far" */

#endif
