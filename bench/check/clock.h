/*
 * clock.h - vector clocks of a fixed width.
 *
 * One lane for each thread, and one more that carries the place of the last
 * sequentially consistent fence that happens before: it travels along the same
 * edges as the others, so that "a fence that happens before this load" is a look
 * at one lane.  Sixteen lanes of 32 bits are two to four vector instructions.
 */
#ifndef CONTEND_BENCH_CHECK_CLOCK_H
#define CONTEND_BENCH_CHECK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CLOCK_LANES = 16,
    CLOCK_FENCE = 15, /* the lane of sequentially consistent fences */
    CLOCK_THREADS = 15
};

#define CLOCK_NEVER UINT32_MAX

struct clock {
    _Alignas(32) uint32_t lane[CLOCK_LANES];
};

static inline void clock_join(struct clock *into, const struct clock *from)
{
    for (int i = 0; i < CLOCK_LANES; i++)
        into->lane[i] = into->lane[i] > from->lane[i] ? into->lane[i] : from->lane[i];
}

static inline void clock_fill(struct clock *c, uint32_t value)
{
    for (int i = 0; i < CLOCK_LANES; i++)
        c->lane[i] = value;
}

/* Whether some lane of `a` is at most that of `b`: one of the events of `a` is known to `b`. */
static inline bool clock_any_known(const struct clock *a, const struct clock *b)
{
    unsigned known = 0;

    for (int i = 0; i < CLOCK_LANES; i++)
        known |= a->lane[i] <= b->lane[i];
    return known;
}

/* Whether every event of `a` is known to `b`. */
static inline bool clock_covers(const struct clock *b, const struct clock *a)
{
    unsigned beyond = 0;

    for (int i = 0; i < CLOCK_LANES; i++)
        beyond |= a->lane[i] > b->lane[i];
    return !beyond;
}

#endif
