/*
 * stale.h - has a strategy's source changed since this program was built?
 */
#ifndef CONTEND_BENCH_TOOL_STALE_H
#define CONTEND_BENCH_TOOL_STALE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether a file that `header` ("counters/locked.h") needs, with `lock` where a lock is
 * chosen (or NULL), is newer than this program; its name is left in `which`.  False too
 * where there is no source.
 */
bool stale_source(const char *header, const char *lock, char *which, size_t size);

#endif
