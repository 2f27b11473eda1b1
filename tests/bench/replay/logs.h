/*
 * logs.h - logs made by hand, and a strategy driven through one of them with
 * every answer compared on the way.
 */
#ifndef CONTEND_TESTS_BENCH_REPLAY_LOGS_H
#define CONTEND_TESTS_BENCH_REPLAY_LOGS_H

#include "bench/log/log.h"
#include "bench/replay/drive.h"
#include "tests/support/support.h"

enum { REPLAY_LOGS_TTL = 30000 };

/* One event.  A negative post is none. */
void replay_logs_add(struct log *log, uint64_t time_ms, unsigned user, int post);

/*
 * Many visitors, stamps that run backwards here and there, and users whose age is
 * exactly the greatest that counts as online, for maps of 1 and of 1000 ms, at an
 * instant at which replay_logs_play() compares.
 */
void replay_logs_busy(struct log *log);
void replay_logs_single(struct log *log); /* one event */

/* Plays two passes, comparing at many instants.  0, what the drive answered, or -EINTR. */
int replay_logs_play(const struct log *log, const struct contestant *who, unsigned threads,
                     uint64_t scale, char why[REPLAY_WHY]);

/* Plays two passes by single steps, sampled or paced, and compares once. */
int replay_logs_single_steps(const struct log *log, const struct contestant *who,
                             unsigned threads, bool paced, char why[REPLAY_WHY]);

#endif
