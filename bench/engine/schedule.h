/*
 * schedule.h - when operations are due: an arrival process, drawn before the run.
 *
 * In an open loop requests come whether or not the last one is done.  So the instants are
 * fixed beforehand, and nothing that the strategy does can move them.
 */
#ifndef CONTEND_BENCH_ENGINE_SCHEDULE_H
#define CONTEND_BENCH_ENGINE_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

enum arrivals {
    ARRIVALS_EXPONENTIAL, /* independent users: a Poisson process */
    ARRIVALS_UNIFORM,     /* one every so often, like a clock */
    ARRIVALS_BURSTS       /* SCHEDULE_BURST at the same instant: heartbeats that are aligned */
};

enum { ARRIVALS_COUNT = 3, SCHEDULE_BURST = 1000 };

struct schedule {
    uint64_t *at_ns; /* from the start, never falling */
    size_t count;
};

/*
 * Draws the arrivals of one worker of `length_ns` at `per_s` operations a second.  0, or
 * -ENOMEM.  A burst is that of all `workers` together: each has its part, at the same instants.
 */
int schedule_draw(struct schedule *s, enum arrivals kind, double per_s, uint64_t length_ns,
                  unsigned workers, uint64_t seed);
void schedule_free(struct schedule *s);

const char *arrivals_name(enum arrivals kind); /* "exponential" */

#endif
