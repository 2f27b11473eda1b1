/* clock_models.h - for the models: the clock of the program. */
#ifndef CONTEND_BENCH_MACHINE_CLOCK_MODELS_H
#define CONTEND_BENCH_MACHINE_CLOCK_MODELS_H

#include <stdint.h>
#include <time.h>

#include "bench/machine/linkage.h"

/* What time it is, in nanoseconds since this clock's beginning. */
uint64_t time_on(clockid_t clock, const void *pc) CHECK_PRIVATE(time_on);
/* A wait of the running thread has ended by its limit, a point of time or a length; NULL = it had none. */
void time_is_up(const struct timespec *until) CHECK_PRIVATE(time_is_up);
void time_is_over(const struct timespec *length) CHECK_PRIVATE(time_is_over);

#endif
