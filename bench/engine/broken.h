/*
 * broken.h - phases of harnesses that are broken on purpose, to show what each one says.
 *
 * Each takes a figure of an object on a stage as a usual mistake would take it.  They are for
 * `contend gallery` only: nothing that ranks strategies may call them.
 */
#ifndef CONTEND_BENCH_ENGINE_BROKEN_H
#define CONTEND_BENCH_ENGINE_BROKEN_H

#include "bench/engine/stage.h"

enum broken {
    BROKEN_UNPADDED,    /* after each operation a worker writes to a line that all of them share */
    BROKEN_DISJOINT,    /* every worker has keys of its own: the cell says so */
    BROKEN_GENERATOR,   /* keys are drawn within the loop */
    BROKEN_NO_BARRIER,  /* every worker begins when it is awake, does few operations, and again */
    BROKEN_BEST_OF,     /* of many short windows the best one */
    BROKEN_CLOSED_LOOP, /* latency from an operation's own beginning */
    BROKEN_EQUAL,       /* every worker does as many operations, however long it takes */
    BROKEN_RECLAIM,     /* the loop waits until what was removed has been freed */
    BROKEN_KINDS
};

/* How many operations are due where a figure is a latency: 6 Mu. */
enum { BROKEN_OFFERED_PER_S = 600000 };

/* The figure is a latency in ns, and less is better; otherwise operations a second. */
static inline bool broken_is_latency(enum broken kind)
{
    return kind == BROKEN_CLOSED_LOOP;
}

/*
 * The figure of one phase, as it should be taken or as `kind` takes it.  0; -ENOMEM; -ETIME if
 * nothing was done.
 */
int broken_figure(struct stage *s, enum broken kind, bool honest, uint64_t length_ns,
                  double *figure);

#endif
