/*
 * replays.h - the part of a replay string that says how an execution was explored.
 *
 * "weak@lifo@3:1,7:2": the memory, what becomes of freed blocks, and the choices.
 * "sc+races@..." went on past data races; "sc+malloc@..." let allocations fail.  Progress runs:
 * "sc+stop1.7.3@..." stopped thread 1 after seven of its steps, of which it made the first three
 * alone; "sc+starve1.2@..." starved thread 1, with two operations of others between its steps, for
 * STARVING_STEPS of them, and "sc+starve1.2.50@..." for 50.
 */
#ifndef CONTEND_BENCH_CHECK_REPLAYS_H
#define CONTEND_BENCH_CHECK_REPLAYS_H

#include "bench/check/check.h"
#include "bench/machine/linkage.h"

void replay_print(const struct check_options *options, const char *choices, char *text, size_t size)
    CHECK_PRIVATE(replay_print);

enum { STOPPED_STEPS = 4000, STARVING_STEPS = 200 };

/* How progress runs are made, so that a replay makes them in the same way. */
void replay_stops(struct check_options *o, unsigned thread, unsigned after, unsigned alone)
    CHECK_PRIVATE(replay_stops);
void replay_starves(struct check_options *o, unsigned thread, unsigned meal)
    CHECK_PRIVATE(replay_starves);

/*
 * Reads it into *options, whose choices become a copy in `choices`.  False if it is not written
 * so; whether the choices are a list of choices is left to the run.
 */
bool replay_parse(const char *text, struct check_options *options, char choices[CHECK_CHOICES])
    CHECK_PRIVATE(replay_parse);

/*
 * After a replay with this verdict: whether its choices are none of this execution, and why.  One that another
 * verdict ends early needs not come to all of them.
 */
bool replay_misfits(enum check_verdict verdict, char *why, size_t size) CHECK_PRIVATE(replay_misfits);

#endif
