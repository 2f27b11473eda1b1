/*
 * backlog.h - bytes that are removed and not freed, before, while and after a reader stands still.
 *
 * The cell has one reader and at least one writer.  The reader is parked at whatever instruction
 * it has come to, and the leader takes samples.  A strategy that must wait for every reader
 * before it frees piles up what the writers remove; one with a bounded backlog does not.  A reader
 * that stands outside an operation holds nothing up, so there are several stops.
 *
 * Virtual time stands still meanwhile.  A sample asks the object, which may wait for a lock that the
 * parked reader holds: then it comes late, and no later than the end of the stop, which has a limit
 * of its own.
 */
#ifndef CONTEND_BENCH_ENGINE_BACKLOG_H
#define CONTEND_BENCH_ENGINE_BACKLOG_H

#include "bench/engine/stage.h"

enum backlog_phase { BACKLOG_CALM, BACKLOG_STALLED, BACKLOG_AFTER };
enum { BACKLOG_PHASES = 3, BACKLOG_SAMPLES = 20, BACKLOG_STOPS = 5 };

struct backlog_sample {
    double ms;       /* since the start */
    uint64_t writes; /* operations of the writers so far */
    size_t retired;  /* bytes */
};

struct backlog_result {
    struct backlog_sample samples[BACKLOG_PHASES][BACKLOG_SAMPLES];
    unsigned count[BACKLOG_PHASES];
    double writes_per_s[BACKLOG_PHASES];
    size_t peak[BACKLOG_PHASES]; /* bytes */
};

/* The three phases, each of `length_ns`; the stops have equal parts of theirs.  0; -ENOMEM; -EINTR if it was interrupted. */
int backlog_run(struct stage *s, uint64_t length_ns, struct backlog_result *out);

#endif
