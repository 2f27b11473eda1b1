/*
 * yield.h - a waiter looks again and again, and lets others run in between.
 *
 * Idea: as spin.h, but what else wants to run on this processor comes first.
 * Invariant, linearisation points, pairings: as spin.h.
 * Progress: announce is wait-free.
 * Cost: a system call for each look; on a processor with nothing else to do all of its time.
 * Breaks when: nothing else wants to run: it burns as much as spinning, with a worse latency.
 * Use when: more threads than processors spin, and the code cannot be changed to sleep.
 * Reference: J. Ousterhout, "Scheduling Techniques for Concurrent Systems", 1982.
 */
#ifndef CONTEND_BENCH_SERVE_WAIT_YIELD_H
#define CONTEND_BENCH_SERVE_WAIT_YIELD_H

#include "bench/serve/wait/parts/number.h"

WAIT_AWAKE(yield, contend_cpu_relax(); contend_yield())

static const struct wait_traits wait_yield_traits = {
    .id = { .name = "yield", .title = "looks again and again, and lets others run",
            .reference = "Ousterhout, Scheduling Techniques for Concurrent Systems, 1982" },
    .announce = CONTEND_WAIT_FREE,
};

#endif
