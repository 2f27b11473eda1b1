/*
 * null.h - grants nothing and counts nothing.
 *
 * Idea: every call returns at once.  What a benchmark measures here is its own loop, which
 *   is what the other entries' figures contain as well.
 * Invariant: none.
 * Linearisation points: none.
 * Progress: wait-free.
 * Read guarantee: always 0.
 * Cost: nothing.
 * Breaks when: a caller wants a clap.
 * Use when: you want to know what the harness costs.
 * Reference: the no-op implementation behind the same table, as in SQLite's mutex methods.
 */
#ifndef CONTEND_COUNTERS_CLAPS_NULL_H
#define CONTEND_COUNTERS_CLAPS_NULL_H

#include "counters/claps/parts/ledger.h"

struct claps_null {
    struct claps_ledger ledger;
};

CLAPS_EMPTY_HANDLE(null)

static inline int claps_null_init(struct claps_null *c, const struct claps_config *config)
{
    struct claps_config mine;
    int error = claps_config_resolve(&mine, config, NULL);

    claps_ledger_init(&c->ledger, &mine);
    return error;
}

static inline int claps_null_fini(struct claps_null *c)
{
    return counter_attached_count(&c->ledger.attached) ? -EBUSY : 0;
}

static inline int claps_null_clap(struct claps_null *c, struct claps_null_handle *h, uint64_t post,
                                  uint64_t reader, unsigned n)
{
    (void)c, (void)h, (void)post, (void)reader, (void)n;
    return 0;
}

static inline int claps_null_unclap(struct claps_null *c, struct claps_null_handle *h,
                                    uint64_t post, uint64_t reader, unsigned n)
{
    (void)c, (void)h, (void)post, (void)reader, (void)n;
    return 0;
}

static inline int claps_null_given(struct claps_null *c, struct claps_null_handle *h, uint64_t post,
                                   uint64_t reader)
{
    (void)c, (void)h, (void)post, (void)reader;
    return 0;
}

static inline int64_t claps_null_total(struct claps_null *c, struct claps_null_handle *h,
                                       uint64_t post)
{
    (void)c, (void)h, (void)post;
    return 0;
}

static inline int64_t claps_null_remove(struct claps_null *c, struct claps_null_handle *h,
                                        uint64_t post)
{
    (void)c, (void)h, (void)post;
    return 0;
}

CLAPS_LEDGER_STATS(null, 0)

static const struct claps_traits claps_null_traits = {
    .id = {
        .name = "null",
        .title = "grants nothing: the harness's own floor",
        .reference = "a no-op behind the same table",
        .flags = CONTEND_FLOOR,
    },
    .grants = CLAPS_UNSPECIFIED,
    .totals = CLAPS_UNSPECIFIED,
    .max_readers = UINT64_MAX,
    .bytes = sizeof(struct claps_null),
    .bytes_per_thread = sizeof(struct claps_null_handle),
};

CLAPS_STATIC_TRAITS(null)

#endif
