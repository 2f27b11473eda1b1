/*
 * ttl.h - the last beat and a fixed time to live: what a presence map does.
 *
 * Idea: a client is online for a fixed time after its last beat.  Whether it still is at exactly
 *   that time is one comparison, `<=` or `<`, and worth a factor of a hundred: see "Breaks when".
 * Invariant: `last` is the greatest instant heard; it only rises.
 * Linearisation points: heard at the swap that raises the word, or at the load that finds a later one;
 *   deadline at its load.
 * Pairings: none is needed.  The word stands for itself and publishes nothing.
 * Progress: deadline is wait-free, heard lock-free.
 * Cost: 8 bytes and one load.  The dial is the timeout in intervals.
 * Breaks when: the timeout is a whole number of intervals and the boundary is exclusive.  Without
 *   jitter the beat that would save the client arrives at the very instant at which it is given
 *   up, so that one lost beat less is enough for a mistake.
 * Use when: the timeout can be long compared with what the network does.
 * Reference: C. Gray and D. Cheriton, "Leases: An Efficient Fault-Tolerant Mechanism for
 *   Distributed File Cache Consistency", 1989.
 */
#ifndef CONTEND_BENCH_SERVE_DETECT_TTL_H
#define CONTEND_BENCH_SERVE_DETECT_TTL_H

#include "bench/serve/detect/detect.h"
#include "locks/parts/platform.h"

/* Whether a client is still online at exactly its time to live: 1 inclusive, 0 exclusive. */
#ifndef CONTEND_BOUNDARY
#define CONTEND_BOUNDARY inclusive
#endif
enum { detect_ttl_inclusive = 1, detect_ttl_exclusive = 0 };
#define DETECT_TTL_EXTRA CONTEND_JOIN3(detect_ttl_, CONTEND_BOUNDARY, )

struct detect_ttl {
    _Atomic uint64_t last;
    uint64_t ttl_us; /* constant after init; of all clients, in a map that has one */
};

static const struct detect_traits detect_ttl_traits = {
    .id = {
        .name = "ttl_" CONTEND_STRING(CONTEND_BOUNDARY),
        .title = "a fixed time to live, boundary " CONTEND_STRING(CONTEND_BOUNDARY),
        .reference = "Gray and Cheriton, Leases, 1989",
    },
    .heard = CONTEND_LOCK_FREE,
    .deadline = CONTEND_WAIT_FREE,
    .dial = "timeout in intervals",
    .preset = 3, .least = 1.25, .greatest = 5,
};

static inline void detect_ttl_init(struct detect_ttl *d, const struct detect_config *config)
{
    atomic_init(&d->last, 0);
    d->ttl_us = (uint64_t)(detect_dial(config, &detect_ttl_traits) * (double)config->interval_us);
}

static inline void detect_ttl_heard(struct detect_ttl *d, uint64_t number, uint64_t now)
{
    /* relaxed, all: the word stands for itself. */
    uint64_t last = atomic_load_explicit(&d->last, memory_order_relaxed);

    (void)number;
    while (last < now) {
        if (atomic_compare_exchange_weak_explicit(&d->last, &last, now, memory_order_relaxed,
                                                  memory_order_relaxed))
            break;
    }
}

static inline uint64_t detect_ttl_deadline(struct detect_ttl *d)
{
    /* relaxed: as above. */
    uint64_t last = atomic_load_explicit(&d->last, memory_order_relaxed);

    return last ? last + d->ttl_us + DETECT_TTL_EXTRA : 0;
}

#endif
