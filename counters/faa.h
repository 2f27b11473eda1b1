/*
 * faa.h - fetch-and-add on one shared word.
 *
 * Idea: let the processor do it: one locked addition.
 * Invariant: `value` is the sum.
 * Linearisation points: add and add_get at the fetch-and-add, read at the load.
 * Progress: wait-free on processors with a locked add (x86-64, aarch64 with
 *   LSE); lock-free where the compiler must emit a load-exclusive loop.
 * Read guarantee: linearizable for every mix.
 * Cost: one locked instruction on one line that all threads write.  16 bytes.
 * Breaks when: many processors clap for one post: the line moves once per clap.
 * Use when: in doubt.  Among the exact counters it is the simplest, and add_get
 *   comes for nothing.
 * Reference: A. Gottlieb, B. Lubachevsky and L. Rudolph, "Basic Techniques for
 *   the Efficient Coordination of Very Large Numbers of Cooperating Sequential
 *   Processors", 1983.
 */
#ifndef CONTEND_COUNTERS_FAA_H
#define CONTEND_COUNTERS_FAA_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

struct counter_faa {
    _Atomic int64_t value;
    counter_attached attached;
};

#define COUNTER_INIT_faa { 0, 0 }

COUNTER_STATELESS_HANDLE(faa)

static inline int counter_faa_init(struct counter_faa *c, const struct counter_config *config)
{
    struct counter_config resolved;
    int error = counter_config_resolve(&resolved, config, NULL);

    if (error)
        return error;
    atomic_init(&c->value, 0);
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_faa_add_get(struct counter_faa *c, struct counter_faa_handle *h,
                                      int64_t n, int64_t *sum)
{
    (void)h;
    /* relaxed: value only; a count publishes nothing else. */
    *sum = atomic_fetch_add_explicit(&c->value, n, memory_order_relaxed) + n;
    return 0;
}

static inline int counter_faa_add(struct counter_faa *c, struct counter_faa_handle *h, int64_t n)
{
    int64_t ignored;

    return counter_faa_add_get(c, h, n, &ignored);
}

static inline int64_t counter_faa_read(struct counter_faa *c, struct counter_faa_handle *h)
{
    (void)h;
    /* relaxed: value only. */
    return atomic_load_explicit(&c->value, memory_order_relaxed);
}

COUNTER_NO_QUIESCENCE(faa)

static const struct counter_traits counter_faa_traits = {
    .id = {
        .name = "faa",
        .title = "fetch-and-add on one shared word",
        .reference = "Gottlieb, Lubachevsky and Rudolph, Basic Techniques for Coordination, 1983",
        .flags = CONTEND_SIGNAL_SAFE | CONTEND_PROCESS_SHARED,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_LINEARIZABLE },
    .undo = { .kind = COUNTER_LINEARIZABLE },
    .features = COUNTER_ADD_GET | COUNTER_STATIC_INIT,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_faa),
    .bytes_per_thread = sizeof(struct counter_faa_handle),
};

COUNTER_STATIC_TRAITS(faa)

#endif
