/*
 * stint.h - one worker's time at work, and what all of them come to.
 *
 * A worker stamps its own begin and end, so that its rate is over its own time,
 * and reads its meters outside of them: reading opens a file, which may take long.
 */
#ifndef CONTEND_BENCH_ENGINE_STINT_H
#define CONTEND_BENCH_ENGINE_STINT_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/engine/window.h"

struct stint {
    uint64_t ops, first_ns, last_ns, longest_gap_ns;
    uint64_t cpu_ns, involuntary;
    double run_delay_ns; /* NAN = unavailable */
};

/* The calling thread's meters: -1 before the first stamp, +1 after the last. */
void stint_read_meters(struct stint *s, int sign);

/* Steal ticks and all ticks of all processors since boot; false when the kernel does not say. */
bool stint_read_steal(double *steal, double *all);

/*
 * Fills the rates, the fairness and the covariates that come from the workers.
 * `length_ns` is the planned length, `deadline_ns` its end.
 */
void stint_summarise(const struct stint *const *stints, unsigned count, uint64_t length_ns,
                     uint64_t deadline_ns, struct window_result *out);

/*
 * After that, where the first `readers` workers only read: the rates by role.  Fairness is then
 * that of the less fair role, since reads and writes need not be as fast as each other.
 */
void stint_split_roles(const struct stint *const *stints, unsigned count, unsigned readers,
                       struct window_result *out);

#endif
