/*
 * window.h - one time window: the engine of every measurement.
 *
 * google-benchmark gives each thread the same number of iterations; we give
 * each thread the same time, so that a starved thread shows as unfairness and
 * nothing waits for it.  The phases of a window: all workers attach to a fresh
 * object; at most one a processor fills it; all warm up, and measure how many
 * operations fit between two looks at the clock; all work from a common start to
 * a common deadline.  Then the object is checked for conservation.  A window that
 * fails the check has no rate.
 */
#ifndef CONTEND_BENCH_ENGINE_WINDOW_H
#define CONTEND_BENCH_ENGINE_WINDOW_H

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/engine/stint.h"
#include "bench/engine/workload.h"

/*
 * What a command line may ask for: eight workers on each of eight processors.  A crew has no such
 * limit; threads beyond the processors measure preemption, which shows long before this one.
 */
enum { WINDOW_MAX_THREADS = 64 };

struct window_settings {
    uint64_t length_ns; /* of the timed part */
    uint64_t warmup_ns;
    uint64_t seed;      /* tapes are drawn from this and the worker's number */
    cpu_set_t allowed;  /* taken before anything was pinned */
};

struct window_result {
    int error;        /* 0, or a negative errno value: then `why` says what, and there is no rate */
    bool starved;     /* the error is due to scheduling: discard the block */
    bool skipped;     /* the error is no failure: this strategy is left out here, see `why` */
    char why[160];
    uint64_t ops;     /* of the workers, without the sweeper */
    double seconds;   /* the longest worker's own first to last stamp */
    double ops_per_s; /* the sum of each worker's operations over its own time */
    double readers_per_s; /* the readers' part of it, where workers have roles; else NAN */
    double writers_per_s; /* the writers' part of it; likewise */
    double jain;      /* Jain's fairness index over the workers' rates: 1/n .. 1 */
    double min_share; /* the slowest worker's part of an equal share: 0 .. 1 */
                      /* with roles, both are those of the less fair role */
    /* In a phase of its own behind the window, of objects that threads wait for; else NAN: */
    double hand_overs;      /* the part of the sections that followed one of another thread */
    double longest_wait_ns; /* for the object */
    double longest_gap_ns; /* between two looks at the clock of one worker */
    double cpu_ns_per_op;  /* processor time of the workers, spinning included, and of threads that
                              the object has made for itself */
    double bytes_per_item; /* held at the end, per user present or per counter, handles included */
    size_t bytes, bytes_retired_peak;
    uint64_t swept;        /* removed by the sweeper */
    struct covariates covariates;
};

/*
 * Runs one window.  0, or the negative errno value that is also in out->error:
 * -ENOMEM, -EAGAIN (no thread), -EIO (calls failed), -EILSEQ (an answer was wrong), or
 * the strategy's error.  Bounded in time: no worker waits for an operation of another.
 */
int window_run(void *unused, const struct cell *cell, const struct contestant *who,
               const struct window_settings *settings, struct window_result *out);

/* Whether a window has no rate because answers were wrong, and not for want of something. */
static inline bool window_is_wrong(const struct window_result *w)
{
    return w->error == -EILSEQ;
}

/* Measures the placement just before a window: fills line_ns and placement. */
void window_measure_placement(const struct window_settings *settings, unsigned threads,
                              struct covariates *c);

/* Makes *out the result of a window in which no worker ran before the deadline. */
void window_blame_machine(struct window_result *out, const char *why);

/* A function that runs a window: window_run on generated load, or one of a command. */
struct window_engine {
    int (*run)(void *ctx, const struct cell *cell, const struct contestant *who,
               const struct window_settings *settings, struct window_result *out);
    void (*renew)(void *ctx); /* called before each block, so that blocks share no luck; or NULL */
    void *ctx;
};

#endif
