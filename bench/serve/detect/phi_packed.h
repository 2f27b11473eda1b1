/*
 * phi_packed.h - phi accrual, its mean and deviation in one word that is swapped.
 *
 * Idea: intervals between arrivals have a mean and a deviation, and the client is suspected when a
 *   beat is later than these make likely.  Both fit into one word: 32 bits each, in microseconds, so
 *   that they are always of the same beats.
 * Invariant: `last` is the greatest instant heard, and each rise of it is counted once in `moments`, by
 *   the thread that made it.  `moments` is always the result of a whole number of updates.
 * Linearisation points: heard rises `last` at one swap and counts its interval at another; deadline
 *   reads `last` and then `moments`.  A beat between the two swaps counts in its instant only, and
 *   of two beats that overlap the later one's interval may count first; F4 allows for both.
 * Pairings: none.  Neither word publishes the other: a newer `moments` with an older `last` gives a
 *   deadline that belongs to the beats in `last`, with a better estimate.
 * Progress: deadline is wait-free, heard lock-free.
 * Cost: 16 bytes a client beside what all share.  An interval is known to a microsecond and at most
 *   71 minutes long.
 * Breaks when: intervals are longer than that; two servers hear the same client.
 * Use when: phi is wanted for a million clients.
 * Reference: N. Hayashibara, X. Defago, R. Yared and T. Katayama, "The phi Accrual Failure Detector",
 *   SRDS 2004; the packing is ours.
 */
#ifndef CONTEND_BENCH_SERVE_DETECT_PHI_PACKED_H
#define CONTEND_BENCH_SERVE_DETECT_PHI_PACKED_H

#include "bench/serve/detect/parts/phi.h"
#include "locks/parts/platform.h"

struct detect_phi_packed {
    _Atomic uint64_t last, moments;
    struct detect_phi phi;
};

static const struct detect_traits detect_phi_packed_traits = {
    .id = {
        .name = "phi_packed",
        .title = "phi accrual, mean and deviation in one word that is swapped",
        .reference = DETECT_PHI_PAPER,
    },
    .heard = CONTEND_LOCK_FREE,
    .deadline = CONTEND_WAIT_FREE,
    DETECT_PHI_DIAL,
};

static inline uint64_t detect_phi_pack(struct detect_moments m)
{
    const double most = UINT32_MAX;
    uint64_t mean = (uint64_t)(m.mean_us < most ? m.mean_us + 0.5 : most);

    return mean << 32 | (uint64_t)(m.deviation_us < most ? m.deviation_us + 0.5 : most);
}

static inline struct detect_moments detect_phi_unpack(uint64_t word)
{
    return (struct detect_moments){ (double)(word >> 32), (double)(word & UINT32_MAX) };
}

static inline void detect_phi_packed_init(struct detect_phi_packed *d,
                                          const struct detect_config *config)
{
    d->phi = detect_phi_of(config, detect_dial(config, &detect_phi_packed_traits));
    atomic_init(&d->last, 0);
    atomic_init(&d->moments, detect_phi_pack(detect_phi_first(&d->phi)));
}

static inline void detect_phi_packed_heard(struct detect_phi_packed *d, uint64_t number,
                                           uint64_t now)
{
    /* relaxed, all: each word stands for itself; see the pairings above. */
    uint64_t last = atomic_load_explicit(&d->last, memory_order_relaxed);
    uint64_t seen;

    (void)number;
    do {
        if (last >= now)
            return;
        /* relaxed: as above. */
    } while (!atomic_compare_exchange_weak_explicit(&d->last, &last, now, memory_order_relaxed,
                                                    memory_order_relaxed));
    if (last == 0)
        return;
    CONTEND_STEP("phi_packed: instant raised, interval not yet counted");
    /* relaxed, both: as above. */
    seen = atomic_load_explicit(&d->moments, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        &d->moments, &seen,
        detect_phi_pack(detect_phi_next(detect_phi_unpack(seen), (double)(now - last))),
        memory_order_relaxed, memory_order_relaxed))
        contend_compiler_barrier();
}

static inline uint64_t detect_phi_packed_deadline(struct detect_phi_packed *d)
{
    /* relaxed, both: as above. */
    uint64_t last = atomic_load_explicit(&d->last, memory_order_relaxed);
    uint64_t moments = atomic_load_explicit(&d->moments, memory_order_relaxed);

    return last ? detect_phi_deadline(&d->phi, last, detect_phi_unpack(moments)) : 0;
}

#endif
