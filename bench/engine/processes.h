/*
 * processes.h - the same load on several processes, each with a part of the users and an object of its
 * own: what is added by adding machines, as far as one machine can show it.
 */
#ifndef CONTEND_BENCH_ENGINE_PROCESSES_H
#define CONTEND_BENCH_ENGINE_PROCESSES_H

#include "bench/engine/window.h"

enum { PROCESSES_MOST = 64 };

/*
 * Runs one window in each of `count` processes, of one worker each and a `count`th of the cell's users
 * or posts, all at about the same time, and puts the sum of their rates into *ops_per_s.  A store that
 * was started must have been ended: each process then starts one of its own.  For a process of one
 * thread.  0, or the first negative errno value of a window, with its reason in `why`.
 */
int processes_run(unsigned count, const struct cell *cell, const struct contestant *who,
                  const struct window_settings *settings, double *ops_per_s, char *why, size_t size);

#endif
