/*
 * reduce.h - what the steps of an execution touch, so that schedules which differ only in the
 * order of steps that do not meet are tried once.
 *
 * A step here lasts from one choice of a thread to the next.
 */
#ifndef CONTEND_BENCH_CHECK_REDUCE_H
#define CONTEND_BENCH_CHECK_REDUCE_H

#include <stdbool.h>

#include "bench/machine/linkage.h"

/* The running thread reads or writes these bytes of the eight at `base`, or an object there. */
void reduce_touch(const void *base, unsigned mask, bool write) CHECK_PRIVATE(reduce_touch);

/* The present step depends on every other thread's. */
void reduce_touch_all(void) CHECK_PRIVATE(reduce_touch_all);

/* An operation whose place on the common axis counts begins or ends with this step. */
void reduce_operation(bool begins) CHECK_PRIVATE(reduce_operation);

/* The running thread has let thread t go on; or nobody has, since no other thread could. */
void reduce_woke(unsigned t, bool somebody) CHECK_PRIVATE(reduce_woke);

/* Whether the present execution leaves out what follows a turn of a loop in vain: see futile.c. */
bool reduce_cuts(void) CHECK_PRIVATE(reduce_cuts);

/*
 * Repeats the execution that has just failed, and leaves nothing out: then its choices are those that
 * a replay has.  Whether it has failed in the same way.
 */
bool reduce_repeat(void) CHECK_PRIVATE(reduce_repeat);

#endif
