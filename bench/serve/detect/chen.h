/*
 * chen.h - expects the next beat from the mean of the last ones' delays.
 *
 * Idea: a beat's number says when it was meant to be sent, up to the difference of two clocks.  The
 *   mean of (arrival - number * interval) over the last beats estimates that difference and the mean
 *   delay together; the next beat is expected that much after its own number's instant, and the
 *   client is suspected a margin later.  A late last beat does not put the deadline off, as it does
 *   with a time to live, and a lost one does not either.
 * Invariant: under the lock, `sum` is the sum of the shifts in the window.  `fresh_until` is what
 *   followed from the greatest number heard so far, and is written by the holder alone.
 * Linearisation points: heard at its store of `fresh_until`; deadline at its load.
 * Pairings: none is needed for the word, which stands for itself; the window is the holder's.
 * Progress: deadline is wait-free; heard is blocking, with a section of some twenty steps.
 * Cost: a window of 16 shifts for each client: 200 bytes.  The dial is the margin in intervals.
 * Breaks when: the client's clock drifts from its own interval by much in a window; beats are
 *   renumbered after a restart.
 * Use when: beats are numbered and jitter is large compared with the timeout that one can afford.
 * Reference: W. Chen, S. Toueg and M. Aguilera, "On the Quality of Service of Failure Detectors",
 *   IEEE Transactions on Computers, 2002: NFD-E.
 */
#ifndef CONTEND_BENCH_SERVE_DETECT_CHEN_H
#define CONTEND_BENCH_SERVE_DETECT_CHEN_H

#include <math.h>
#include <stdbool.h>

#include "bench/serve/detect/detect.h"
#include "locks/mutex.h"

enum { DETECT_CHEN_WINDOW = 16 };

struct detect_chen {
    _Atomic uint64_t fresh_until;
    struct lock_mutex lock;
    uint64_t interval_us, last, highest;
    unsigned count, at;
    double margin_us, sum, shifts[DETECT_CHEN_WINDOW];
};

static const struct detect_traits detect_chen_traits = {
    .id = {
        .name = "chen",
        .title = "the next beat expected from the mean delay, and a margin",
        .reference = "Chen, Toueg and Aguilera, Quality of Service of Failure Detectors, 2002",
    },
    .heard = CONTEND_BLOCKING,
    .deadline = CONTEND_WAIT_FREE,
    .dial = "margin in intervals",
    .preset = 2, .least = 0.25, .greatest = 4,
};

static inline void detect_chen_init(struct detect_chen *d, const struct detect_config *config)
{
    *d = (struct detect_chen){
        .lock = LOCK_INIT_mutex, .interval_us = config->interval_us,
        .margin_us = detect_dial(config, &detect_chen_traits) * (double)config->interval_us,
    };
}

/* The holder takes note of a beat. */
static inline void detect_chen_note(struct detect_chen *d, uint64_t number, uint64_t now)
{
    double shift = (double)now - (double)number * (double)d->interval_us;

    d->last = now;
    if (d->count == DETECT_CHEN_WINDOW)
        d->sum -= d->shifts[d->at];
    else
        d->count++;
    d->sum += d->shifts[d->at] = shift;
    d->at = (d->at + 1) % DETECT_CHEN_WINDOW;
    d->highest = number > d->highest ? number : d->highest;
    double next = (double)(d->highest + 1) * (double)d->interval_us + d->sum / d->count;
    /* relaxed: the word stands for itself. */
    atomic_store_explicit(&d->fresh_until, (uint64_t)fmax(next + d->margin_us, 1),
                          memory_order_relaxed);
}

static inline void detect_chen_heard(struct detect_chen *d, uint64_t number, uint64_t now)
{
    struct lock_mutex_handle h; /* of any thread: LOCK_ANY_HANDLE */

    lock_mutex_attach(&d->lock, &h);
    lock_mutex_acquire(&d->lock, &h);
    if (now > d->last)
        detect_chen_note(d, number, now);
    lock_mutex_release(&d->lock, &h);
    lock_mutex_detach(&d->lock, &h);
}

static inline uint64_t detect_chen_deadline(struct detect_chen *d)
{
    /* relaxed: as above. */
    return atomic_load_explicit(&d->fresh_until, memory_order_relaxed);
}

#endif
