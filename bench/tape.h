/*
 * tape.h - what a worker will do, drawn before the window.
 *
 * Drawing keys and operations inside the timed loop would measure the generator.
 * A tape is short enough for the second-level cache and is played in a circle.
 */
#ifndef CONTEND_BENCH_TAPE_H
#define CONTEND_BENCH_TAPE_H

#include "bench/workload.h"

enum { TAPE_STEPS = 1 << 15 };

/* Claps: +1 or, for a read, 0; before[i] is how many claps stand in front of step i. */
struct clap_tape {
    int8_t step[TAPE_STEPS];
    uint32_t before[TAPE_STEPS + 1];
};

/* Presence: an operation and a user, as the loop in presence_map/emit.h reads them. */
struct presence_tape {
    uint64_t step[TAPE_STEPS];
};

/* The tape of worker `worker`: the same for the same seed, whatever the strategy. */
void tape_draw_claps(struct clap_tape *tape, const struct cell *cell, uint64_t seed,
                     unsigned worker);
void tape_draw_presence(struct presence_tape *tape, const struct cell *cell, uint64_t seed,
                        unsigned worker);

#endif
