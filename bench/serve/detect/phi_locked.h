/*
 * phi_locked.h - phi accrual, three numbers under a lock or a sequence.
 *
 * Idea: the last instant, the mean and the deviation are changed together under the lock.  With a
 *   sequence lock a reader takes them without writing anything and looks again.
 * Invariant: between two sections the three belong to the same beats.
 * Linearisation points: heard at its release; deadline at the read that was not sent back.
 * Pairings: the lock's own.
 * Progress: blocking: a writer that is preempted holds up readers.
 * Cost: the lock and 24 bytes a client.
 * Breaks when: a holder is preempted.
 * Use when: the three must be of the same beats, or be doubles.
 * Reference: as phi_packed.h; H. Boehm, 2012, for the sequence.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_BENCH_SERVE_DETECT_PHI_LOCKED_H
#define CONTEND_BENCH_SERVE_DETECT_PHI_LOCKED_H

#include <stdbool.h>
#include <string.h>

#include "bench/serve/detect/parts/phi.h"
#include "locks/parts/platform.h"

struct detect_phi_locked {
    struct chosen_lock lock;
    _Atomic uint64_t last, mean, deviation; /* the latter two are the bits of doubles */
    struct detect_phi phi;
};

static const struct detect_traits detect_phi_locked_traits = {
    .id = {
        .name = "phi_" CHOSEN_LOCK_NAME,
        .title = "phi accrual, its numbers under " CHOSEN_LOCK_NAME,
        .reference = DETECT_PHI_PAPER,
        .lock = CHOSEN_LOCK_NAME,
    },
    .heard = CONTEND_BLOCKING,
    .deadline = CONTEND_BLOCKING,
    DETECT_PHI_DIAL,
};

static inline uint64_t detect_phi_bits(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double detect_phi_double(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline void detect_phi_locked_init(struct detect_phi_locked *d,
                                          const struct detect_config *config)
{
    d->phi = detect_phi_of(config, detect_dial(config, &detect_phi_locked_traits));
    struct detect_moments first = detect_phi_first(&d->phi);

    chosen_lock_init(&d->lock, NULL);
    atomic_init(&d->last, 0);
    atomic_init(&d->mean, detect_phi_bits(first.mean_us));
    atomic_init(&d->deviation, detect_phi_bits(first.deviation_us));
}

/* relaxed, all of them: the lock, or the reader's second look at its sequence, orders them. */
static inline struct detect_moments detect_phi_locked_moments(struct detect_phi_locked *d)
{
    return (struct detect_moments){
        detect_phi_double(atomic_load_explicit(&d->mean, memory_order_relaxed)),
        detect_phi_double(atomic_load_explicit(&d->deviation, memory_order_relaxed)),
    };
}

static inline void detect_phi_locked_heard(struct detect_phi_locked *d, uint64_t number,
                                           uint64_t now)
{
    struct chosen_lock_handle h; /* of any thread: LOCK_ANY_HANDLE */

    (void)number;
    chosen_lock_attach(&d->lock, &h);
    chosen_lock_acquire(&d->lock, &h);
    /* relaxed, all: as above. */
    uint64_t last = atomic_load_explicit(&d->last, memory_order_relaxed);
    if (last < now) {
        struct detect_moments m = detect_phi_locked_moments(d);
        if (last)
            m = detect_phi_next(m, (double)(now - last));
        atomic_store_explicit(&d->last, now, memory_order_relaxed);
        atomic_store_explicit(&d->mean, detect_phi_bits(m.mean_us), memory_order_relaxed);
        atomic_store_explicit(&d->deviation, detect_phi_bits(m.deviation_us), memory_order_relaxed);
    }
    chosen_lock_release(&d->lock, &h);
    chosen_lock_detach(&d->lock, &h);
}

static inline uint64_t detect_phi_locked_deadline(struct detect_phi_locked *d)
{
    struct chosen_lock_handle h; /* as above */
    struct detect_moments m;
    uint64_t version, last;

    chosen_lock_attach(&d->lock, &h);
    do {
        while (chosen_lock_read_begin(&d->lock, &h, &version) != 0)
            contend_cpu_relax();
        /* relaxed: as above. */
        last = atomic_load_explicit(&d->last, memory_order_relaxed);
        m = detect_phi_locked_moments(d);
    } while (chosen_lock_read_retry(&d->lock, &h, version));
    chosen_lock_detach(&d->lock, &h);
    return last ? detect_phi_deadline(&d->phi, last, m) : 0;
}

#endif
