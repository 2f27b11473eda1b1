/*
 * detect_quality.h - how good a detector is: how soon it notices, and how often it is wrong.
 *
 * The measures are those of W. Chen, S. Toueg and M. Aguilera, "On the Quality of Service of Failure
 * Detectors", 2002.  All of it is simulated, and follows from the seed.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_DETECT_QUALITY_H
#define CONTEND_BENCH_SERVE_LABS_DETECT_QUALITY_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/serve/detect/beats.h"
#include "bench/serve/detect/detect.h"

struct quality_run {
    const struct detect_ops *ops;
    const struct beats_network *network;
    double interval_us, dial;
    uint64_t clients;
    uint64_t beats; /* that each client sends before it crashes */
    uint64_t seed;
    bool (*is_over)(void *ctx); /* looked at between clients; then the run counts as it is */
    void *ctx;
};

struct quality {
    uint64_t clients, mistakes;  /* whose lives were whole; live clients that were suspected */
    double lived_us;             /* all clients together, from the first beat heard to the crash */
    double wrong_us;             /* of these: suspected */
    double detection_us;         /* mean, from the crash to the suspicion that stays */
    double detection_worst_us;
};

/* 0, or -ENOMEM. */
int quality_measure(const struct quality_run *run, struct quality *out);

static inline double quality_mistakes_per_minute(const struct quality *q)
{
    return q->lived_us > 0 ? (double)q->mistakes / q->lived_us * 60e6 : 0; /* of a client */
}

/* The chance that a look at a live client finds it online. */
static inline double quality_accuracy(const struct quality *q)
{
    return q->lived_us > 0 ? 1 - q->wrong_us / q->lived_us : 1;
}

static inline double quality_mistake_us(const struct quality *q)
{
    return q->mistakes ? q->wrong_us / (double)q->mistakes : 0;
}

#endif
