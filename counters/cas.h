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
 *   16 bytes.  The option `backoff` lets a loser pause, twice as long each time: fewer
 *   attempts fail, and a loser falls further behind.  `strong` asks for a swap that
 *   fails only because of another thread: with load-linked and store-conditional the
 *   compiler adds a loop for it, and the loop here does not need it.  On x86-64 both
 *   are one instruction.
 * Breaks when: many threads clap for one post: most attempts fail, and each
 *   failure has moved the line.
 * Use when: the update is not an addition (a maximum, a bound, a state machine).
 * Reference: M. Herlihy, "Wait-Free Synchronization", 1991; D. Dice, D. Hendler and
 *   I. Mirsky, "Lightweight Contention Management for Efficient Compare-and-Swap
 *   Operations", 2013 (backoff).
 */
#ifndef CONTEND_COUNTERS_CAS_H
#define CONTEND_COUNTERS_CAS_H

#include <stdbool.h>

#include "counters/parts/attached.h"
#include "counters/counter.h"

struct counter_cas {
    _Atomic int64_t value;
    counter_attached attached;
    uint16_t backoff, strong; /* constant after init */
};

static const struct contend_option counter_cas_options[] = {
    { "backoff", 1, 1, 10000, "most pauses after a lost swap; they double up to it, 1 is no backoff" },
    { "strong", 0, 0, 1, "1: a swap that does not fail by itself" },
    CONTEND_OPTIONS_END
};

#define COUNTER_INIT_cas { 0, 0, 1, 0 }

COUNTER_STATELESS_HANDLE(cas)

static inline int counter_cas_init(struct counter_cas *c, const struct counter_config *config)
{
    struct counter_config resolved;
    int error = counter_config_resolve(&resolved, config, counter_cas_options);

    if (error)
        return error;
    atomic_init(&c->value, 0);
    atomic_init(&c->attached, 0);
    c->backoff = (uint16_t)contend_option_value(&resolved.settings, counter_cas_options, "backoff");
    c->strong = (uint16_t)contend_option_value(&resolved.settings, counter_cas_options, "strong");
    return 0;
}

/* Whether *seen was still the sum, which is then `next`; otherwise *seen is what it is now. */
static inline bool counter_cas_swap(struct counter_cas *c, int64_t *seen, int64_t next)
{
    /* relaxed, on success and failure: value only; a count publishes nothing else. */
    if (c->strong)
        return atomic_compare_exchange_strong_explicit(&c->value, seen, next, memory_order_relaxed,
                                                       memory_order_relaxed);
    return atomic_compare_exchange_weak_explicit(&c->value, seen, next, memory_order_relaxed,
                                                 memory_order_relaxed);
}

static inline int counter_cas_add_get(struct counter_cas *c, struct counter_cas_handle *h,
                                      int64_t n, int64_t *sum)
{
    (void)h;
    /* relaxed: a first guess; the swap below confirms it. */
    int64_t seen = atomic_load_explicit(&c->value, memory_order_relaxed);
    uint32_t pauses = 1;

    CONTEND_STEP("cas: read, not yet swapped");
    while (!counter_cas_swap(c, &seen, seen + n)) {
        for (uint32_t i = 0; i < pauses; i++)
            contend_cpu_relax();
        if (pauses < c->backoff)
            pauses *= 2;
    }
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
        .options = counter_cas_options,
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
