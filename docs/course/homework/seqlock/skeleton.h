/*
 * seqlock.h - two words that belong together, read without writing anything.
 *
 * It is right as long as nobody writes while others read.  Your task: one writer and any number of
 * readers, who begin again when a write came between.  The words must be read atomically, or it is a data
 * race even where the result is thrown away; and mind which fences keep the looks at the version in place.
 */
#ifndef SEQLOCK_H
#define SEQLOCK_H

#include <sched.h>
#include <stdatomic.h>

struct seqlock {
    atomic_uint version;
    long a, b;
};

/* In every loop that waits for another thread. */
static inline void seqlock_relax(void)
{
    sched_yield();
}

/* 0, or -1 if there is no memory. */
static inline int seqlock_init(struct seqlock *s)
{
    atomic_init(&s->version, 0);
    s->a = s->b = 0;
    return 0;
}

static inline void seqlock_fini(struct seqlock *s)
{
    (void)s;
}

/* One writer at a time. */
static inline void seqlock_write(struct seqlock *s, long a, long b)
{
    s->a = a;
    s->b = b;
}

static inline void seqlock_read(struct seqlock *s, long *a, long *b)
{
    *a = s->a;
    *b = s->b;
}

#endif
