/*
 * drive.h - one strategy driven by a load, step by step.
 *
 *     error = replay_drive_begin(&d, load, &who, ttl_ms, &allowed);
 *     replay_drive_play(d, goals, deadline_ns);   // all threads, each to its goal
 *     replay_drive_verify(d, model, why);         // while they rest
 *     ...
 *     replay_drive_end(d);
 *
 * The calling thread leads a crew; the workers rest between two calls.  Time is virtual:
 * each heartbeat carries its own.  The workers sweep a map while they play, one entry for
 * each heartbeat.  The time of a sweep is that of the earliest heartbeat that any thread
 * still has to play, or of the latest that has been played, if that is earlier.  So a
 * sweep never removes a user who is online by the log, and each answer is known, at
 * whatever pace the threads run.
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
 * errno value with a sentence in `why`.  -E2BIG and -ETIME say that the strategy would take
 * too much memory for so many users or posts, would take too long to attach to them, or
 * cannot hold stamps that lie so far apart, or the ids that the log has.
 */
int replay_drive_begin(struct replay_drive **out, const struct replay_load *load,
                       const struct contestant *who, uint64_t ttl_ms, const cpu_set_t *allowed,
                       char why[REPLAY_WHY]);
void replay_drive_end(struct replay_drive *d);

/*
 * Lets every thread play from where it is to its goal, or until `length_ns` are over (0: no
 * limit) or an interrupt comes.  `out`, which may be NULL, gets the rates, the fairness and
 * the covariates.
 */
void replay_drive_play(struct replay_drive *d, const struct replay_position *goals,
                       uint64_t length_ns, struct window_result *out);

/* The same, one operation after the other; every eighth is timed. */
void replay_drive_sample(struct replay_drive *d, const struct replay_position *goals,
                         uint64_t length_ns, struct histogram *into);

/*
 * The same at the pace of the log, `speed` times as fast: each operation waits until it is due,
 * and its latency counts from then (open loop).  `late` counts the events that began more
 * than a millisecond after they were due.
 */
void replay_drive_paced(struct replay_drive *d, const struct replay_position *goals, double speed,
                        uint64_t length_ns, struct histogram *into, uint64_t *late);

/* The position of each thread. */
const struct replay_position *replay_drive_positions(const struct replay_drive *d);

/*
 * Compares every answer with the model, which must have been played to the same positions.  For
 * maps: each user's last_seen and is_online at model->latest_ms, the users that a walk
 * meets, the number online, the number that came online, and entries = inserts - removals.
 * For counters: the claps of each post.  0, or -EILSEQ with the first difference in `why`, or
 * -EIO if calls have failed.
 */
int replay_drive_verify(struct replay_drive *d, const struct replay_model *model,
                        char why[REPLAY_WHY]);

/* Bytes that the object holds now, handles included. */
uint64_t replay_drive_bytes(const struct replay_drive *d);

#endif
