/*
 * pingpong.h - how long a cache line takes from one processor to another.
 */
#ifndef CONTEND_BENCH_FLOORS_PINGPONG_H
#define CONTEND_BENCH_FLOORS_PINGPONG_H

#include <sched.h>

/*
 * One way, in ns: half of the median round trip over at most about half a
 * millisecond between the processors with these indices in `allowed`.  NAN when
 * the two are the same, or no thread could be made.
 */
double pingpong_ns(const cpu_set_t *allowed, unsigned first, unsigned second);

#endif
