/*
 * stamp.h - time stamps of logs, in milliseconds since 1970; see parse.h.
 */
#ifndef CONTEND_BENCH_LOG_STAMP_H
#define CONTEND_BENCH_LOG_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a number counts.  AUTO: seconds below 1e10, then milli-, micro- and nanoseconds. */
enum log_unit { LOG_UNIT_AUTO, LOG_UNIT_S, LOG_UNIT_MS, LOG_UNIT_US, LOG_UNIT_NS };

/*
 * A time stamp of any shape, blanks or brackets around it.  False: it is none, and *reason
 * (valid until the next call) says why.  By one thread at a time.
 */
bool log_time(const char *text, size_t length, enum log_unit unit, uint64_t *time_ms,
              const char **reason);

#endif
