/*
 * counter.h - a counter that several threads add to.
 *
 * It counts right as long as one thread uses it.  Your task: as many threads as like to, no addition
 * lost, and each read between what had been added before it and what was added by its end.
 */
#ifndef COUNTER_H
#define COUNTER_H

#include <stdatomic.h>

struct counter {
    long value;
};

/* 0, or -1 if there is no memory. */
static inline int counter_init(struct counter *c)
{
    c->value = 0;
    return 0;
}

static inline void counter_fini(struct counter *c)
{
    (void)c;
}

static inline void counter_add(struct counter *c, long n)
{
    c->value += n;
}

static inline long counter_read(struct counter *c)
{
    return c->value;
}

#endif
