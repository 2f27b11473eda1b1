/*
 * costs_family.h - which operations of a family have a price, and how they are
 * measured, as in costs_counter.c.
 */
#ifndef CONTEND_BENCH_TOOL_COSTS_FAMILY_H
#define CONTEND_BENCH_TOOL_COSTS_FAMILY_H

#include "bench/tool/costs.h"
#include "counters/claps.h"
#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

/* The object of the last case, kept while the next case works on it as well. */
struct cost_bench {
    const struct cost *owner;
    void *object, *handle;
    CONTEND_ALIGNED uint64_t word; /* for primitives */
    uint64_t sink, failed;
    uint64_t asked; /* since begin: is_online calls; claps and undos */
    struct claps_outcome moved; /* for bounded claps */
    /* for maps */
    uint64_t beats;
    struct presence_outcome outcome;
    /* Positions in the round.  A new case goes on from there, or its last users would expire. */
    size_t beat_at, look_at;
    uint64_t *steps; /* a shuffled round of all users; for each operation as needed */
};

struct cost_family {
    const char *heading;           /* above the prices */
    const char *const *operations; /* in the order of the columns, ended by NULL */
    /* Makes and attaches to an object.  0 or a negative errno value. */
    int (*open)(struct cost_bench *b, const void *ops);
    void (*close)(struct cost_bench *b, const void *ops);
    /* Before the operations of one case; NULL = nothing. */
    void (*begin)(struct cost_bench *b, unsigned operation);
    void (*run)(struct cost_bench *b, const void *ops, unsigned operation, size_t n);
    /* NULL, or what was wrong with the operations; NULL = only b->failed is checked. */
    const char *(*end)(struct cost_bench *b, const void *ops, unsigned operation);
};

#define DECLARE(OBJECT) extern const struct cost_family costs_##OBJECT;
FAMILY_EACH(DECLARE)
#undef DECLARE

/* Allocates the object and the handle of these sizes.  0 or -ENOMEM. */
int cost_allocate(struct cost_bench *b, size_t object, size_t handle);

#endif
