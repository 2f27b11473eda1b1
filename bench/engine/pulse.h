/*
 * pulse.h - what a thread does that completes nothing: it sleeps, it spins, or it has no processor.
 */
#ifndef CONTEND_BENCH_ENGINE_PULSE_H
#define CONTEND_BENCH_ENGINE_PULSE_H

#include <stdbool.h>
#include <stdint.h>

struct pulse {
    char state;       /* 'R', 'S' ... as in /proc; 0: not known */
    uint64_t at_ns;   /* on the clock */
    uint64_t cpu_ns;  /* how long it has run so far */
};

/* Of a thread of this process.  Calls no allocator: a thread that stands still may hold its lock. */
struct pulse pulse_of(int tid);

/*
 * Whether the thread could have gone on between the two if nothing had held it up: it sleeps
 * now, or it has run for a fiftieth of the time.  If not, it was ready and had no processor.
 */
bool pulse_waits(const struct pulse *before, const struct pulse *now);

#endif
