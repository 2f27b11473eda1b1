/*
 * counted.h - workers that publish how many operations they have done, for a leader that watches.
 *
 * What they do between two samples of the leader, or while one of them stands still, is the
 * difference of two looks.  Each operation is one call, so that the count is never behind by more
 * than one.
 */
#ifndef CONTEND_BENCH_ENGINE_COUNTED_H
#define CONTEND_BENCH_ENGINE_COUNTED_H

#include "bench/engine/stage.h"

/* A stage_worker's own. */
struct counted_worker {
    CONTEND_ALIGNED _Atomic uint64_t ops;
};

/* What a worker does: operations until the phase ends, at virtual times. */
int counted_part(struct crew_worker *me);

/* Makes one for each worker of the stage, or NULL; free() it after counted_forget(). */
struct counted_worker *counted_make(struct stage *s);
void counted_forget(struct stage *s, struct counted_worker *workers);

static inline uint64_t counted_ops(const struct counted_worker *w)
{
    /* relaxed: only compared with an earlier look. */
    return atomic_load_explicit(&w->ops, memory_order_relaxed);
}

#endif
