/*
 * log_stamp.h - time stamps of logs, in milliseconds since 1970; see parse.h.
 *
 * false = it is none, and *reason (a constant string) says why.
 */
#ifndef CONTEND_BENCH_LOG_STAMP_H
#define CONTEND_BENCH_LOG_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_TIME_HTTP_LENGTH = 26 };

/* "17/May/2015:10:05:03 +0000", exactly. */
bool log_time_http(const char *text, size_t length, uint64_t *time_ms, const char **reason);

/* What a column holds: a number or ISO 8601, blanks around it. */
bool log_time_column(const char *text, size_t length, uint64_t *time_ms, const char **reason);

/* A number with a fraction that is binary already. */
bool log_time_real(double number, uint64_t *time_ms, const char **reason);

#endif
