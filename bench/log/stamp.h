/*
 * stamp.h - time stamps of logs, in milliseconds since 1970; see parse.h.
 *
 * Each function returns false if the text is no time stamp; *reason (a constant string) then
 * says why.
 */
#ifndef CONTEND_BENCH_LOG_STAMP_H
#define CONTEND_BENCH_LOG_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_TIME_HTTP_LENGTH = 26 };

/* What a number counts.  AUTO: seconds below 1e10, then milli-, micro- and nanoseconds. */
enum log_unit { LOG_UNIT_AUTO, LOG_UNIT_S, LOG_UNIT_MS, LOG_UNIT_US, LOG_UNIT_NS };

/* "17/May/2015:10:05:03 +0000", exactly: the shape of nearly all lines, and fast. */
bool log_time_http(const char *text, size_t length, uint64_t *time_ms, const char **reason);

/* Any of the shapes, blanks or brackets around it. */
bool log_time_column(const char *text, size_t length, enum log_unit unit, uint64_t *time_ms,
                     const char **reason);

/* A date with its time of day, and no number. */
bool log_time_date(const char *text, size_t length, uint64_t *time_ms, const char **reason);

/* A number with a fraction that is binary already. */
bool log_time_real(double number, enum log_unit unit, uint64_t *time_ms, const char **reason);

#endif
