/*
 * cas.h - optimistic: read, compute, compare-and-swap, try again.
 *
 * Idea: the general recipe for a read-modify-write that no instruction offers.
 *   For an addition it is dearer than fetch-and-add, and that is the lesson.
 * Invariant: `value` is the sum.
 * Linearisation points: add and add_get at the successful compare-and-swap,
 *   read at the load.
 * Progress: add is lock-free: a swap fails only because another one succeeded.
 *   A single thread may lose for ever.  read is wait-free.
 * Read guarantee: linearizable for every mix.
 * Cost: one locked instruction per attempt on one line that all threads write.
 *   16 bytes.
 * Breaks when: many threads clap for one post: most attempts fail, and each
 *   failure has moved the line.
 * Use when: the update is not an addition (a maximum, a bound, a state machine).
 * Reference: M. Herlihy, "Wait-Free Synchronization", 1991.
 */
#ifndef CONTEND_COUNTERS_CAS_H
#define CONTEND_COUNTERS_CAS_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

struct counter_cas {
    _Atomic int64_t value;
    counter_attached attached;
};

#define COUNTER_INIT_cas { 0, 0 }

COUNTER_STATELESS_HANDLE(cas)

static inline int counter_cas_init(struct counter_cas *c, const struct counter_config *config)
{
    struct counter_config resolved;
    int error = counter_config_resolve(&resolved, config, NULL);

    if (error)
        return error;
    atomic_init(&c->value, 0);
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_cas_add_get(struct counter_cas *c, struct counter_cas_handle *h,
                                      int64_t n, int64_t *sum)
{
    (void)h;
    /* relaxed: a first guess; the swap below confirms it. */
    int64_t seen = atomic_load_explicit(&c->value, memory_order_relaxed);

    CONTEND_STEP("cas: read, not yet swapped");
    /* relaxed, on success and failure: value only; a count publishes nothing else. */
    while (!atomic_compare_exchange_weak_explicit(&c->value, &seen, seen + n,
                                                  memory_order_relaxed, memory_order_relaxed))
        contend_cpu_relax();
    *sum = seen + n;
    return 0;
}

static inline int counter_cas_add(struct counter_cas *c, struct counter_cas_handle *h, int64_t n)
{
    int64_t ignored;

    return counter_cas_add_get(c, h, n, &ignored);
}

static inline int64_t counter_cas_read(struct counter_cas *c, struct counter_cas_handle *h)
{
    (void)h;
    /* relaxed: value only. */
    return atomic_load_explicit(&c->value, memory_order_relaxed);
}

COUNTER_NO_QUIESCENCE(cas)

static const struct counter_traits counter_cas_traits = {
    .id = {
        .name = "cas",
        .title = "a compare-and-swap loop on one shared word",
        .reference = "Herlihy, Wait-Free Synchronization, 1991",
        .flags = CONTEND_SIGNAL_SAFE | CONTEND_PROCESS_SHARED,
    },
    .add = CONTEND_LOCK_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_LINEARIZABLE },
    .undo = { .kind = COUNTER_LINEARIZABLE },
    .features = COUNTER_ADD_GET | COUNTER_STATIC_INIT,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_cas),
    .bytes_per_thread = sizeof(struct counter_cas_handle),
};

COUNTER_STATIC_TRAITS(cas)

#endif
