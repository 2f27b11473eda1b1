/*
 * stale.h - has a strategy's source changed since this program was built?
 */
#ifndef CONTEND_BENCH_TOOL_STALE_H
#define CONTEND_BENCH_TOOL_STALE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a file that `header` ("counters/locked.h") needs, composed with `choices`
 * ("CONTEND_LOCK=mcs", or ""), is newer than this program; its name is left in `which`.  False
 * too where there is no source.
 */
bool stale_source(const char *header, const char *choices, char *which, size_t size);

#endif
