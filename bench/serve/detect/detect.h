/*
 * detect.h - the contract of a failure detector: from beats that arrive, is the client still there?
 *
 * A detector watches one client, which sends a numbered beat every so often until it crashes.  A
 * means NAME is one header, bench/serve/detect/HEADER.h, with `struct detect_HEADER`, the
 * operations below as `static inline` functions `detect_HEADER_heard(detector, number, now)` and so
 * on, and its traits.  Instants are microseconds on the watcher's own clock, from 1 on.
 *
 * Guarantees
 *
 *  F1  heard(number, now) takes note of a beat that arrives at `now`.  Numbers rise from 1 by one
 *      for each beat that was sent, whether it arrives or not; an instant that is not later than
 *      one heard before changes nothing.
 *  F2  deadline() returns the first instant at which the client is suspected, unless another beat is
 *      heard before.  Before the first beat it is 0: a client that was never heard is offline.  So the
 *      client is suspected at `now` exactly if now >= deadline().
 *  F3  The dial trades detection time against mistakes: a higher one never makes the deadline that
 *      follows from the same beats earlier.  Its unit is the means' own, see the traits.
 *  F4  Several threads may call heard, and others deadline, at once.  A deadline then belongs to
 *      some set of beats that holds all of which heard() has returned; one that is still being noted
 *      may count in a part of its figures.
 *  F5  Nothing allocates and nothing fails.  init is called before anything else, by one thread.
 */
#ifndef CONTEND_BENCH_SERVE_DETECT_H
#define CONTEND_BENCH_SERVE_DETECT_H

#include <stddef.h>
#include <stdint.h>

#include "bench/serve/means.h"

struct detect_config {
    uint64_t interval_us; /* between two beats, as the client means to send them; at least 1 */
    double dial;          /* 0 = the traits' preset */
};

struct detect_traits {
    struct contend_identity id;
    unsigned heard, deadline; /* progress, enum contend_progress */
    const char *dial;         /* what it is: "timeout in intervals" */
    double preset, least, greatest;
};

#define DETECT_OPERATIONS(GIVES, DOES)                                                        \
    DOES(init, (void *detector, const struct detect_config *config), (detector, config))      \
    DOES(heard, (void *detector, uint64_t number, uint64_t now), (detector, number, now))     \
    GIVES(uint64_t, deadline, (void *detector), (detector))

/* The loop of a benchmark: asks whether the client is suspected, `n` times; how often it was. */
struct detect_loops {
    uint64_t (*ask)(void *detector, uint64_t now, uint64_t n);
};

/* The dial of a configuration, or the preset. */
static inline double detect_dial(const struct detect_config *config,
                                 const struct detect_traits *traits)
{
    return config->dial > 0 ? config->dial : traits->preset;
}

/* The table, and the registry. */
SERVE_MEANS(detect, DETECT_OPERATIONS);

#endif
