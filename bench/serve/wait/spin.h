/*
 * spin.h - a waiter looks again and again.
 *
 * Idea: nothing is faster than to be looking when the news come.
 * Invariant: the number only rises, but for its end at 2^32.
 * Linearisation points: announce at its addition, await at the load that finds another number.
 * Pairings: parts/number.h.
 * Progress: announce is wait-free.
 * Cost: a processor for each waiter, all the time; nothing for the announcer.
 * Breaks when: waiters outnumber the processors: they keep the announcer from running.
 * Use when: the news come within a microsecond, and a processor is free.
 * Reference: T. Anderson, "The Performance of Spin Lock Alternatives", 1990.
 */
#ifndef CONTEND_BENCH_SERVE_WAIT_SPIN_H
#define CONTEND_BENCH_SERVE_WAIT_SPIN_H

#include "bench/serve/wait/parts/number.h"

WAIT_AWAKE(spin, contend_cpu_relax())

static const struct wait_traits wait_spin_traits = {
    .id = { .name = "spin", .title = "looks again and again",
            .reference = "Anderson, The Performance of Spin Lock Alternatives, 1990",
            .flags = CONTEND_SPINS },
    .announce = CONTEND_WAIT_FREE,
};

#endif
