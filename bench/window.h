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
#ifndef CONTEND_BENCH_WINDOW_H
#define CONTEND_BENCH_WINDOW_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/workload.h"

enum { WINDOW_MAX_THREADS = 64 };

/* Where the two processors of a contended window stood, by how long a line takes between them. */
enum placement { PLACEMENT_NONE, PLACEMENT_NEAR, PLACEMENT_FAR };

struct window_settings {
    uint64_t length_ns;    /* of the timed part; default 50 ms */
    uint64_t warmup_ns;    /* default 5 ms */
    uint64_t seed;         /* tapes are made from this and the worker's number */
    cpu_set_t allowed;     /* taken before anything was pinned */
};

/* What happened to the machine during the window: reasons to reject it, never its result. */
struct covariates {
    double run_delay_share; /* the worst worker's time ready but not running, of the window */
    uint64_t involuntary_switches;
    double steal_share;     /* of all processors' time; 0 when the kernel does not say */
    double start_skew_ns;   /* last start minus first */
    double overrun_ns;      /* the latest stop after the deadline */
    double line_ns;         /* one way between the first two processors; 0 = not measured */
    enum placement placement;
};

struct window_result {
    int error;        /* 0, or a negative errno value: then `why` says what, and there is no rate */
    char why[160];
    uint64_t ops;     /* of the workers; the sweeper's are apart */
    double seconds;   /* the longest worker's own first to last stamp */
    double ops_per_s; /* the sum of each worker's operations over its own time */
    double jain;      /* Jain's fairness index over the workers' rates: 1/n .. 1 */
    double min_share; /* the slowest worker's share, of an equal one: 0 .. 1 */
    double longest_gap_ns; /* between two looks at the clock of one worker */
    double cpu_ns_per_op;  /* processor time of the workers, spinning included */
    size_t bytes;          /* held at the end, handles included */
    size_t bytes_retired_peak;
    double bytes_per_item; /* per user present, or per counter */
    uint64_t swept;        /* removed by the sweeper */
    unsigned threads;
    uint64_t worker_ops[WINDOW_MAX_THREADS];
    struct covariates covariates;
};

/*
 * Runs one window.  0, or the negative errno value that is also in out->error.
 * Bounded in time whatever the strategy does between two looks at the clock.
 */
int window_run(const struct cell *cell, const struct contestant *who,
               const struct window_settings *settings, struct window_result *out);

#endif
