/*
 * tape.h - what a worker will do, drawn before the window.
 *
 * Drawing keys and operations inside the timed loop would measure the generator.
 * A tape is played in a circle.  A clap tape fits the first-level cache; a tape of
 * keys is long enough that all workers together visit 98 % of the users
 * in one turn, since a short one would quietly shrink the map.  It is read in
 * order, which the processor foresees; what it costs shows in the `null` entry.
 */
#ifndef CONTEND_BENCH_ENGINE_TAPE_H
#define CONTEND_BENCH_ENGINE_TAPE_H

#include "bench/engine/workload.h"

enum { CLAP_STEPS = 1 << 14 };

/* +1 or, for a read, 0; before[i] is how many claps stand in front of step i. */
struct clap_tape {
    int8_t step[CLAP_STEPS];
    uint32_t before[CLAP_STEPS + 1];
};

/*
 * An operation and a user or a post each, as the loops over many of them read them
 * (presence_map/parts/emit.h, counters/parts/emit.h).
 */
struct key_tape {
    size_t length;
    uint64_t *step;
};

/* The tape of worker `worker`: the same for the same seed, whatever the strategy. */
void tape_draw_claps(struct clap_tape *tape, const struct cell *cell, uint64_t seed,
                     unsigned worker);

/*
 * The same for users and posts.  Drawing takes long, so tapes are kept for the next
 * window of the cell; they are shared and must not be written.  NULL without
 * memory.  Thread-safe.  Each borrowed tape is returned once.
 */
const struct key_tape *tape_borrow(const struct cell *cell, uint64_t seed, unsigned worker);
void tape_return(const struct key_tape *tape);

/* Frees the tapes that are kept; none may be out. */
void tape_free_all(void);

#endif
