/*
 * views_counter.h - how often each post was read: a counter for each, of one strategy.
 *
 * Views have no bound and nobody takes one back, so they are what an unbounded counter is for.
 * Posts and sides are as in applause_claps.h.
 */
#ifndef CONTEND_BENCH_SERVE_VIEWS_COUNTER_H
#define CONTEND_BENCH_SERVE_VIEWS_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include "locks/parts/options.h"

struct views;

struct views_plan {
    const void *strategy; /* an entry of the family's registry */
    struct contend_settings settings;
    uint64_t posts;
    unsigned sides;
};

/* Makes it.  0, -ENOMEM, or what a counter's init answered. */
int views_make(struct views **out, const struct views_plan *plan);
/* All sides have detached.  NULL is allowed. */
void views_end(struct views *v);

/* To be called by the thread of that side.  0, or an error, and the side is not attached. */
int views_attach(struct views *v, unsigned side);
void views_detach(struct views *v, unsigned side);

/* Adds n views.  0, or a negative errno value: -ERANGE for a post that is not provided for. */
int views_add(struct views *v, unsigned side, uint64_t post, int64_t n);
/*
 * As exact as the strategy's reads are; 0 for a post that is not provided for; below 0 if a store does not
 * answer.
 */
int64_t views_read(struct views *v, unsigned side, uint64_t post);

const char *views_strategy(const struct views *v);
size_t views_bytes(struct views *v);

#endif
