/*
 * histogram.h - durations from a nanosecond to centuries in 8 KB.
 *
 * Log-linear: sixteen buckets to each power of two, so a value is known to within
 * 1/16 of itself; below 16 exactly.  The layout is that of G. Tene,
 * "HdrHistogram", 2012.  One writer; merge to combine threads.
 */
#ifndef CONTEND_BENCH_FLOORS_HISTOGRAM_H
#define CONTEND_BENCH_FLOORS_HISTOGRAM_H

#include <math.h>
#include <stdint.h>

enum {
    HISTOGRAM_BITS = 4,
    HISTOGRAM_STEPS = 1 << HISTOGRAM_BITS, /* buckets to a power of two */
    HISTOGRAM_BUCKETS = (64 - HISTOGRAM_BITS + 1) * HISTOGRAM_STEPS
};

struct histogram {
    uint64_t count, max;
    uint64_t bucket[HISTOGRAM_BUCKETS];
};

static inline unsigned histogram_index(uint64_t value)
{
    if (value < HISTOGRAM_STEPS)
        return (unsigned)value;
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - HISTOGRAM_BITS;

    return (shift + 1) * HISTOGRAM_STEPS + (unsigned)((value >> shift) & (HISTOGRAM_STEPS - 1));
}

/* The largest value that falls into a bucket. */
static inline uint64_t histogram_top(unsigned index)
{
    if (index < HISTOGRAM_STEPS)
        return index;
    unsigned shift = index / HISTOGRAM_STEPS - 1;
    uint64_t first = (uint64_t)(HISTOGRAM_STEPS + index % HISTOGRAM_STEPS) << shift;

    return first + (((uint64_t)1 << shift) - 1);
}

static inline void histogram_add(struct histogram *h, uint64_t value)
{
    h->bucket[histogram_index(value)]++;
    h->count++;
    if (value > h->max)
        h->max = value;
}

static inline void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        into->bucket[i] += from->bucket[i];
    into->count += from->count;
    if (from->max > into->max)
        into->max = from->max;
}

/*
 * The q-quantile, 0 .. 1: at least that part of the values is no greater.  Too high
 * by 1/16 at most, never above the greatest value.  NAN when there is none.
 */
static inline double histogram_quantile(const struct histogram *h, double q)
{
    uint64_t wanted = (uint64_t)ceil(q * (double)h->count), seen = 0;

    if (h->count == 0)
        return NAN;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen >= wanted && seen > 0)
            return (double)(histogram_top(i) < h->max ? histogram_top(i) : h->max);
    }
    return (double)h->max;
}

#endif
