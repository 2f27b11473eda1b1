/*
 * tape.h - what a worker will do, drawn before the window.
 *
 * Drawing keys and operations inside the timed loop would measure the generator.
 * A worker plays its tape again and again.  A clap tape fits the first-level cache; a
 * tape of keys is so long that all workers together visit 98 % of the users
 * in one turn, since a short tape would use only a part of the map.  Tapes are read in
 * order, which the processor prefetches; the `null` entry shows what reading them costs.
 */
#ifndef CONTEND_BENCH_ENGINE_TAPE_H
#define CONTEND_BENCH_ENGINE_TAPE_H

#include "bench/engine/workload.h"

enum { CLAP_STEPS = 1 << 14 };

/* A step is 1 for a clap and 0 for a read; before[i] is the number of claps before step i. */
struct clap_tape {
    int8_t step[CLAP_STEPS];
    uint32_t before[CLAP_STEPS + 1];
};

/* What a step does, as a part of the cell's mix; the loops of every family number it so. */
enum tape_op { TAPE_WRITE = 0, TAPE_READ = 1, TAPE_LEAVE = 2, TAPE_WHEN = 3 };

/*
 * Each step is an operation and a user or a post, in the form in which the loops read them
 * (presence_map/presence_map.h, counters/counter.h, counters/claps.h).
 *
 * Where ids never return a tape cannot name them: its keys are users' numbers, to which each turn
 * adds `advance` more than the one before.  Worker w of T owns the numbers w, w + T, w + 2T ...;
 * its joins take the next one and its leaves the oldest one, so that as many users as before are
 * present, and both come equally often in a turn.
 */
struct key_tape {
    size_t length;
    uint64_t advance; /* 0: the keys are ids */
    uint8_t *op;
    uint64_t *key;
};

/* Draws the tape of a worker, which depends on the cell, the seed and the worker only. */
void tape_draw_claps(struct clap_tape *tape, const struct cell *cell, uint64_t seed,
                     unsigned worker);

/*
 * Lends a tape of users or posts, drawn in the same way.  Drawing takes long, so tapes are
 * kept for the next window of the cell; they are shared and must not be written.  NULL
 * without memory.  Any thread may call it.  Each borrowed tape is returned once.
 */
const struct key_tape *tape_borrow(const struct cell *cell, uint64_t seed, unsigned worker);
void tape_return(const struct key_tape *tape);

/* How many users a worker owns at the beginning, where ids never return. */
uint64_t tape_owned(const struct cell *cell, unsigned worker);

/* Frees the tapes that are kept; all must have been returned. */
void tape_free_all(void);

#endif
