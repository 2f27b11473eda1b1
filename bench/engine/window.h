/*
 * window.h - one time window: the engine of every measurement.
 *
 * google-benchmark gives each thread the same number of iterations; we give
 * each thread the same time, so that a starved thread shows as unfairness and
 * nothing waits for it.  One window: a fresh object, prefilled in parallel by
 * the pinned workers; everybody attaches and warms up (and measures how many
 * operations fit between two looks at the clock); a common start instant and a
 * common deadline; then the object is checked for conservation.  A window that
 * fails the check has no rate.
 */
#ifndef CONTEND_BENCH_ENGINE_WINDOW_H
#define CONTEND_BENCH_ENGINE_WINDOW_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/engine/workload.h"

enum { WINDOW_MAX_THREADS = 64 };

/* Where the two processors of a contended window stood, by how long a line takes between them. */
enum placement { PLACEMENT_NONE, PLACEMENT_NEAR, PLACEMENT_FAR };

struct window_settings {
    uint64_t length_ns; /* of the timed part */
    uint64_t warmup_ns;
    uint64_t seed;      /* tapes are drawn from this and the worker's number */
    cpu_set_t allowed;  /* taken before anything was pinned */
};

/* What happened to the machine during the window: reasons to reject it, never its result. */
struct covariates {
    double run_delay;   /* of the window: the worst worker's time ready but not running;
                           NAN = unavailable */
    double steal;       /* of all processors' time; NAN = unavailable */
    uint64_t involuntary_switches;
    double start_skew;  /* last start minus first, of the window */
    double overrun;     /* the latest stop after the deadline, of the window */
    double line_ns;     /* one way between the first two processors; NAN = not measured */
    enum placement placement;
};

struct window_result {
    int error;        /* 0, or a negative errno value: then `why` says what, and there is no rate */
    bool starved;     /* ... and that is the machine's doing: no worker got to run; the block goes */
    bool skipped;     /* ... and that is no failure: this strategy is left out here, see `why` */
    char why[160];
    uint64_t ops;     /* of the workers; the sweeper's are apart */
    double seconds;   /* the longest worker's own first to last stamp */
    double ops_per_s; /* the sum of each worker's operations over its own time */
    double readers_per_s; /* where workers have roles: the readers' part of it ... */
    double writers_per_s; /* ... and the writers'; NAN elsewhere */
    double jain;      /* Jain's fairness index over the workers' rates: 1/n .. 1 */
    double min_share; /* the slowest worker's part of an equal share: 0 .. 1 */
                      /* with roles, both are those of the less fair role */
    double longest_gap_ns; /* between two looks at the clock of one worker */
    double cpu_ns_per_op;  /* processor time of the workers, spinning included */
    double bytes_per_item; /* held at the end, per user present or per counter, handles included */
    size_t bytes, bytes_retired_peak;
    uint64_t swept;        /* removed by the sweeper */
    struct covariates covariates;
};

/*
 * Runs one window.  0, or the negative errno value that is also in out->error:
 * -ENOMEM, -EAGAIN (no thread), -EILSEQ (the object lost something), or what the
 * strategy answered.  Bounded in time: nobody waits for an operation of another.
 */
int window_run(void *unused, const struct cell *cell, const struct contestant *who,
               const struct window_settings *settings, struct window_result *out);

/* Where the processors stand just before a window: fills line_ns and placement. */
void window_measure_placement(const struct window_settings *settings, unsigned threads,
                              struct covariates *c);

/* Nobody got to work before the deadline: an error that is the machine's doing. */
void window_blame_machine(struct window_result *out);

/* What runs a window: window_run on generated load, or a command's own. */
struct window_engine {
    int (*run)(void *ctx, const struct cell *cell, const struct contestant *who,
               const struct window_settings *settings, struct window_result *out);
    void *ctx;
};

#endif
