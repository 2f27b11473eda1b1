/*
 * times.h - the clock of the checked program, which is the same in each execution of the same choices.
 */
#ifndef CONTEND_BENCH_CHECK_TIMES_H
#define CONTEND_BENCH_CHECK_TIMES_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/machine/linkage.h"

void times_reset(void) CHECK_PRIVATE(times_reset);

/* The running thread reads the clock, a step: nanoseconds since the execution began. */
uint64_t times_read(const void *pc) CHECK_PRIVATE(times_read);

/* For the running thread so many nanoseconds have passed, or `until` they have since the beginning. */
void times_pass(uint64_t ns, bool until) CHECK_PRIVATE(times_pass);

/* It reads or writes these bytes of the eight at `base`, or an object there; or its step depends on all others. */
void times_meet(const void *base, unsigned mask, bool write) CHECK_PRIVATE(times_meet);
void times_meet_all(void) CHECK_PRIVATE(times_meet_all);

/* Thread `from` lets thread `to` go on, or starts it. */
void times_hand_on(unsigned from, unsigned to) CHECK_PRIVATE(times_hand_on);

/* All that has happened comes before all that will: no thread could go on, or they have ended. */
void times_alike(void) CHECK_PRIVATE(times_alike);

/* The running thread takes a turn without a reason, for the nth time; only spinners are left, and take another turn. */
void times_pass_idly(unsigned nth) CHECK_PRIVATE(times_pass_idly);
void times_leap(void) CHECK_PRIVATE(times_leap);

#endif
