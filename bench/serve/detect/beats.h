/*
 * beats.h - the beats of a client as a watcher receives them: loss, jitter, pauses, drift.
 *
 * Everything follows from a seed.  Beats arrive in the order in which they were sent, as over one
 * connection: one that is late holds up those behind it.
 */
#ifndef CONTEND_BENCH_SERVE_DETECT_BEATS_H
#define CONTEND_BENCH_SERVE_DETECT_BEATS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/base/random.h"

struct beats_network {
    const char *name;
    double loss;         /* of a beat */
    double delay_us;     /* that every beat has */
    double jitter_us;    /* the mean of an exponentially distributed delay beyond that */
    double pause_chance; /* that the client stands still before a beat */
    double pause_us;     /* for so long; what was due meanwhile is sent as one beat */
    double drift_ppm;    /* by which the client's interval is too long, in millionths */
};

struct beats {
    const struct beats_network *network;
    struct random random;
    double interval_us, due_us; /* of the next beat, on the watcher's clock */
    uint64_t number, last;      /* of the latest beat that was sent; its arrival if it arrived */
};

struct beat {
    uint64_t number;
    uint64_t sent_us, arrival_us; /* arrival 0: lost */
};

/* The first beat is due at a random instant of the first interval. */
static inline void beats_begin(struct beats *b, const struct beats_network *n, double interval_us,
                               uint64_t seed, uint64_t client)
{
    b->network = n;
    b->random = random_seeded(seed, client);
    b->interval_us = interval_us * (1 + n->drift_ppm / 1e6);
    /* Whole microseconds: without jitter a beat may arrive at exactly a deadline. */
    b->due_us = floor(1 + random_unit(&b->random) * interval_us);
    b->number = b->last = 0;
}

static inline struct beat beats_next(struct beats *b)
{
    const struct beats_network *n = b->network;
    struct beat out;
    double sent = b->due_us, delay = n->delay_us;

    b->number++;
    if (n->pause_chance > 0 && random_unit(&b->random) < n->pause_chance)
        sent += n->pause_us;
    b->due_us += b->interval_us;
    while (b->due_us < sent) { /* what was due meanwhile */
        b->due_us += b->interval_us;
        b->number++;
    }
    out = (struct beat){ .number = b->number, .sent_us = (uint64_t)sent };
    if (n->jitter_us > 0)
        delay -= n->jitter_us * log(1 - random_unit(&b->random));
    if (random_unit(&b->random) < n->loss)
        return out;
    out.arrival_us = (uint64_t)(sent + delay);
    if (out.arrival_us <= b->last)
        out.arrival_us = b->last + 1;
    b->last = out.arrival_us;
    return out;
}

#endif
