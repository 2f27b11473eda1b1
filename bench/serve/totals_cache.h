/*
 * totals_cache.h - what a post has received, kept by a cache of bench/serve/cache before the claps.
 *
 * A post's text lies in memory, and is read by reference.  What a read of a post may have to wait for
 * is its total, which the strategy for claps, or a database behind it, adds up.  So that is what the
 * cache keeps: its source's load asks for a total, and its save is the clap itself, which leaves the
 * new total.  A total from here is as stale as the means allows (C3 of cache.h); what is pushed to
 * clients asks the claps directly, since its last message must show the last state.
 *
 * Sides are as in users_presence.h.
 */
#ifndef CONTEND_BENCH_SERVE_TOTALS_CACHE_H
#define CONTEND_BENCH_SERVE_TOTALS_CACHE_H

#include <stdint.h>

#include "bench/serve/cache/cache.h"

struct totals;

/* A clap: what is wanted, and what became of it. */
struct totals_clap {
    uint64_t reader;
    int wanted, granted, given; /* below 0: taken back */
};

/* Where totals come from.  Called by the thread of the side that asks. */
struct totals_source {
    int64_t (*total)(void *ctx, unsigned side, uint64_t post); /* or a negative errno value */
    int (*clap)(void *ctx, unsigned side, uint64_t post, struct totals_clap *clap); /* 0 or an error */
    void *ctx;
};

/* Makes it.  0, -ENOMEM, or what the means' init answered. */
int totals_make(struct totals **out, const struct cache_ops *ops,
                const struct totals_source *source, unsigned sides);
/* All sides have detached.  NULL is allowed. */
void totals_end(struct totals *t);

/* To be called by the thread of that side.  0, or what the means answered. */
int totals_attach(struct totals *t, unsigned side);
void totals_detach(struct totals *t, unsigned side);

/* A post's total, and in *level where it came from; or a negative errno value. */
int64_t totals_read(struct totals *t, unsigned side, uint64_t post, enum cache_level *level);
/* Claps.  The new total, or a negative errno value. */
int64_t totals_clap(struct totals *t, unsigned side, uint64_t post, struct totals_clap *clap);

const char *totals_means(const struct totals *t);

#endif
