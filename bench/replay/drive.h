/*
 * drive.h - one strategy driven by a load, step by step.
 *
 *     error = replay_drive_begin(&d, load, &who, ttl_ms, &allowed);
 *     replay_drive_play(d, goals, deadline_ns);   // all threads, each to its goal
 *     replay_drive_verify(d, model, why);         // while they rest
 *     ...
 *     replay_drive_end(d);
 *
 * The calling thread leads; the workers rest between two calls.  Time is virtual:
 * each heartbeat carries its own.  Maps are swept as they go, one entry examined for each
 * heartbeat.  A sweep's time is the earliest heartbeat that is still to come of any
 * thread, or the latest that any has played if that is earlier.  So it removes nobody
 * whom the log would have found online, and each answer is known whatever the
 * threads' pace.
 */
#ifndef CONTEND_BENCH_REPLAY_DRIVE_H
#define CONTEND_BENCH_REPLAY_DRIVE_H

#include <sched.h>

#include "bench/floors/histogram.h"
#include "bench/replay/load.h"
#include "bench/replay/model.h"
#include "bench/engine/window.h"

struct replay_drive;

enum { REPLAY_WHY = 160 };

/*
 * Makes the object and attaches a pinned thread for each part of the load.  0, or a negative
 * errno value with a sentence in `why`; -E2BIG and -ETIME say that the strategy would
 * take too much memory, or too long to attach, for so many posts, or cannot hold stamps
 * so far apart.
 */
int replay_drive_begin(struct replay_drive **out, const struct replay_load *load,
                       const struct contestant *who, uint64_t ttl_ms, const cpu_set_t *allowed,
                       char why[REPLAY_WHY]);
void replay_drive_end(struct replay_drive *d);

/*
 * Lets every thread play from where it is to its goal, or until the deadline (0 = none)
 * or an interrupt.  With `out`, the rates, the fairness and the covariates of this stretch.
 */
void replay_drive_play(struct replay_drive *d, const struct replay_position *goals,
                       uint64_t length_ns, struct window_result *out);

/* The same with the duration of one operation in eight, measured one by one. */
void replay_drive_sample(struct replay_drive *d, const struct replay_position *goals,
                         uint64_t length_ns, struct histogram *into);

/*
 * The same at the log's own pace, `speed` times as fast: each operation waits until it is due
 * and its latency counts from then (open loop).  `late` counts those that began more than a
 * millisecond after they were due.
 */
void replay_drive_paced(struct replay_drive *d, const struct replay_position *goals, double speed,
                        uint64_t length_ns, struct histogram *into, uint64_t *late);

/* Where each thread is. */
const struct replay_position *replay_drive_positions(const struct replay_drive *d);

/*
 * Holds every answer against the model, which must have been played to the same positions: each user's
 * last_seen and is_online at model->latest_ms, how many are online and who, how many came online,
 * entries = inserts - removals; or each post's claps.  0, or -EILSEQ with the first
 * difference in `why`.
 */
int replay_drive_verify(struct replay_drive *d, const struct replay_model *model,
                        char why[REPLAY_WHY]);

/* Held now, handles included. */
uint64_t replay_drive_bytes(const struct replay_drive *d);

#endif
