/*
 * memory.h - how much memory a run may ask for.
 *
 * In a control group the kernel ends a process that takes more than its share, without a word
 * and long before malloc() fails.  What is large therefore asks here first.
 */
#ifndef CONTEND_BENCH_BASE_MEMORY_H
#define CONTEND_BENCH_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes that are free on the machine and that the control groups and the limits of this process
 * (ulimit -v, ulimit -d) still allow; UINT64_MAX: unknown.
 */
uint64_t memory_available(void);

/* The same by the files below `root` in place of "/": no limit of this process counts. */
uint64_t memory_available_below(const char *root);

/*
 * Whether an allocation of that size leaves as much again.  To be asked where data may grow to
 * any size; what is small is granted without a look.
 */
bool memory_grants(size_t bytes);

enum { MEMORY_REASON = 160 };

/*
 * Whether `bytes` are at most `limit`, or with 0 at most half of what is available.  0, or -E2BIG
 * with a sentence in `why` that begins with `what`: "1000000 users".
 */
int memory_check(double bytes, uint64_t limit, const char *what, char why[MEMORY_REASON]);

#endif
