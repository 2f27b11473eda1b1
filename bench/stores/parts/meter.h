/*
 * meter.h - what an object has sent to its store, counted by all its threads.
 */
#ifndef CONTEND_BENCH_STORES_PARTS_METER_H
#define CONTEND_BENCH_STORES_PARTS_METER_H

#include "bench/stores/stores.h"
#include "locks/parts/platform.h"

struct store_meter {
    _Atomic uint64_t round_trips, sent, received, written;
};

/* relaxed, in all of these: statistics, which order nothing. */
static inline void store_meter_init(struct store_meter *m)
{
    atomic_init(&m->round_trips, 0);
    atomic_init(&m->sent, 0);
    atomic_init(&m->received, 0);
    atomic_init(&m->written, 0);
}

static inline void store_meter_trip(struct store_meter *m)
{
    atomic_fetch_add_explicit(&m->round_trips, 1, memory_order_relaxed);
}

static inline void store_meter_bytes(struct store_meter *m, uint64_t sent, uint64_t received)
{
    if (sent)
        atomic_fetch_add_explicit(&m->sent, sent, memory_order_relaxed);
    if (received)
        atomic_fetch_add_explicit(&m->received, received, memory_order_relaxed);
}

static inline void store_meter_wrote(struct store_meter *m, uint64_t bytes)
{
    atomic_fetch_add_explicit(&m->written, bytes, memory_order_relaxed);
}

/* Fills the part of *out that is counted here; the rest is 0. */
static inline void store_meter_read(struct store_meter *m, struct store_traffic *out)
{
    *out = (struct store_traffic){
        .round_trips = atomic_load_explicit(&m->round_trips, memory_order_relaxed),
        .sent = atomic_load_explicit(&m->sent, memory_order_relaxed),
        .received = atomic_load_explicit(&m->received, memory_order_relaxed),
        .written = atomic_load_explicit(&m->written, memory_order_relaxed),
    };
}

#endif
