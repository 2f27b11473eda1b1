/*
 * clock.h - the service's time: virtual milliseconds on one axis, which can run faster than real
 * ones.
 *
 * The axis begins far enough from 0 that ages of a restored state fit before it.
 */
#ifndef CONTEND_BENCH_SERVE_CLOCK_H
#define CONTEND_BENCH_SERVE_CLOCK_H

#include <stdint.h>

#include "locks/parts/platform.h"

/* Where the axis begins, in ms; nobody is remembered for as long as that. */
#define SERVE_CLOCK_FIRST_MS (UINT64_C(400) * 24 * 3600 * 1000)

struct serve_clock {
    uint64_t begun_ns;  /* real, as contend_clock_ns() gives it */
    unsigned speed;     /* virtual ms in a real one */
    uint64_t stands_ns; /* a test's: what the real time is until the test sets it anew; 0: it runs */
};

/* Begins now.  speed: 1 or more. */
static inline struct serve_clock serve_clock_begin(unsigned speed)
{
    return (struct serve_clock){ contend_clock_ns(), speed, 0 };
}

/* The real time.  Any thread may ask. */
static inline uint64_t serve_clock_ns(const struct serve_clock *c)
{
    return c->stands_ns ? c->stands_ns : contend_clock_ns();
}

/* The virtual time, in ms, at a real one.  Any thread may ask. */
static inline uint64_t serve_clock_ms_at(const struct serve_clock *c, uint64_t real_ns)
{
    return SERVE_CLOCK_FIRST_MS + (real_ns - c->begun_ns) * c->speed / 1000000;
}

/* The same, now. */
static inline uint64_t serve_clock_ms(const struct serve_clock *c)
{
    return serve_clock_ms_at(c, serve_clock_ns(c));
}

/* How many real microseconds so many virtual milliseconds last; at least 1,000. */
static inline uint64_t serve_clock_real_us(const struct serve_clock *c, uint64_t ms)
{
    uint64_t us = ms * 1000 / c->speed;

    return us < 1000 ? 1000 : us;
}

#endif
