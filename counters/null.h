/*
 * null.h - counts nothing.
 *
 * Idea: every call returns at once.  What a benchmark measures here is its own
 *   loop, which is what the other entries' figures contain as well.
 * Invariant: none.
 * Linearisation points: none.
 * Progress: wait-free.
 * Read guarantee: always 0.
 * Cost: nothing.
 * Breaks when: a caller wants a count.
 * Use when: you want to know what the harness costs.
 * Reference: the no-op implementation behind the same table, as in SQLite's
 *   mutex methods.
 */
#ifndef CONTEND_COUNTERS_NULL_H
#define CONTEND_COUNTERS_NULL_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

struct counter_null {
    counter_attached attached;
};

#define COUNTER_INIT_null { 0 }

COUNTER_STATELESS_HANDLE(null)

static inline int counter_null_init(struct counter_null *c, const struct counter_config *config)
{
    struct counter_config resolved;
    int error = counter_config_resolve(&resolved, config, NULL);

    if (error)
        return error;
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_null_add(struct counter_null *c, struct counter_null_handle *h, int64_t n)
{
    (void)c, (void)h, (void)n;
    return 0;
}

static inline int64_t counter_null_read(struct counter_null *c, struct counter_null_handle *h)
{
    (void)c, (void)h;
    return 0;
}

COUNTER_NO_ADD_GET(null)
COUNTER_NO_QUIESCENCE(null)

static const struct counter_traits counter_null_traits = {
    .id = {
        .name = "null",
        .title = "counts nothing: the harness's own floor",
        .reference = "a no-op behind the same table",
        .flags = CONTEND_FLOOR,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_UNSPECIFIED },
    .batch = { .kind = COUNTER_UNSPECIFIED },
    .undo = { .kind = COUNTER_UNSPECIFIED },
    .features = COUNTER_STATIC_INIT | COUNTER_PLAIN_ADD,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_null),
    .bytes_per_thread = sizeof(struct counter_null_handle),
};

COUNTER_STATIC_TRAITS(null)

#endif
