/*
 * null.h - remembers nobody.
 *
 * Idea: every call returns at once: what is left of a benchmark is its own loop.
 * Invariant: none.
 * Linearisation points: none.
 * Progress: wait-free.
 * Read guarantee: always 0.
 * Cost: nothing.
 * Breaks when: somebody asks how many clapped.
 * Use when: you want to know what the harness costs.
 * Reference: the no-op implementation behind the same table, as in SQLite's mutex methods.
 */
#ifndef CONTEND_COUNTERS_DISTINCT_NULL_H
#define CONTEND_COUNTERS_DISTINCT_NULL_H

#include "counters/distinct.h"
#include "counters/parts/attached.h"

struct distinct_null {
    counter_attached attached;
};

ATTACHED_HANDLE(distinct, null, attached)

static inline int distinct_null_init(struct distinct_null *d, const struct distinct_config *config)
{
    struct distinct_config mine;

    atomic_init(&d->attached, 0);
    return distinct_config_resolve(&mine, config, NULL);
}

static inline int distinct_null_fini(struct distinct_null *d)
{
    return counter_attached_count(&d->attached) ? -EBUSY : 0;
}

static inline int distinct_null_insert(struct distinct_null *d, struct distinct_null_handle *h,
                                       uint64_t reader)
{
    (void)d, (void)h, (void)reader;
    return 0;
}

static inline int64_t distinct_null_count(struct distinct_null *d, struct distinct_null_handle *h)
{
    (void)d, (void)h;
    return 0;
}

static inline int distinct_null_merge(struct distinct_null *d, struct distinct_null_handle *h,
                                      struct distinct_null *from)
{
    (void)d, (void)h, (void)from;
    return 0;
}

static inline void distinct_null_stats(struct distinct_null *d, struct distinct_stats *out)
{
    out->attached = counter_attached_count(&d->attached);
    out->bytes = sizeof *d + out->attached * sizeof(struct distinct_null_handle);
}

static const struct distinct_traits distinct_null_traits = {
    .id = {
        .name = "null",
        .title = "remembers nobody: the harness's own floor",
        .reference = "a no-op behind the same table",
        .flags = CONTEND_FLOOR,
    },
    .counts = DISTINCT_UNSPECIFIED,
    .bytes = sizeof(struct distinct_null),
    .bytes_per_thread = sizeof(struct distinct_null_handle),
};

DISTINCT_STATIC_TRAITS(null)

#endif
