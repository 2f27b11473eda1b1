/*
 * torn.h - a sum in two words, added to and read one after the other.
 *
 * Idea: the sum is wider than a word of the machine: 64 bits on a processor of 32, or more
 *   than 64 on any.  So it is kept in two, and the carry goes from one to the other.
 *   It ships as an exhibit: no clap is ever lost, so a test that only counts at the
 *   end is content; but a read between the two steps is off by a whole upper unit.
 * Invariant: at rest, high * 256 + low is the sum.  While a carry is under way it is not.
 * Linearisation points: none for an add that carries: it has two steps, and in between the
 *   sum is 256 too small or too great.
 * Progress: wait-free, and wrong.
 * Read guarantee: none.
 * Cost: one locked instruction, two for an add that carries.  24 bytes.
 * Breaks when: a read meets a carry.  The lower word has only 8 bits here, so that it does
 *   within 256 claps; with 32 bits it takes four thousand million, long after the tests.
 * Use when: never.  One word (faa.h), a lock, or a version that readers check (a seqlock).
 * Reference: Java Language Specification, section 17.7, "Non-Atomic Treatment of double and
 *   long"; L. Lamport, "Concurrent Reading and Writing", 1977, for how to read digits.
 */
#ifndef CONTEND_COUNTERS_TORN_H
#define CONTEND_COUNTERS_TORN_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

enum { COUNTER_TORN_UNIT = 256 }; /* what one in the upper word stands for */

struct counter_torn {
    _Atomic int64_t high;
    _Atomic uint8_t low;
    counter_attached attached;
};

#define COUNTER_INIT_torn { 0, 0, 0 }

COUNTER_STATELESS_HANDLE(torn)

static inline int counter_torn_init(struct counter_torn *c, const struct counter_config *config)
{
    struct counter_config resolved;
    int error = counter_config_resolve(&resolved, config, NULL);

    if (error)
        return error;
    atomic_init(&c->high, 0);
    atomic_init(&c->low, 0);
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_torn_add(struct counter_torn *c, struct counter_torn_handle *h, int64_t n)
{
    uint8_t part = (uint8_t)n; /* n modulo 256, also of a negative n */
    int64_t units = (n - part) / COUNTER_TORN_UNIT;

    (void)h;
    /* relaxed: each word is exact by itself, and no order would make one word of both. */
    uint8_t before = atomic_fetch_add_explicit(&c->low, part, memory_order_relaxed);
    units += (before + part) / COUNTER_TORN_UNIT; /* the carry */
    CONTEND_STEP("torn: one word of two added");
    /* relaxed: as above. */
    if (units)
        atomic_fetch_add_explicit(&c->high, units, memory_order_relaxed);
    return 0;
}

static inline int64_t counter_torn_read(struct counter_torn *c, struct counter_torn_handle *h)
{
    (void)h;
    /* relaxed, both: as above. */
    int64_t high = atomic_load_explicit(&c->high, memory_order_relaxed);
    CONTEND_STEP("torn: one word of two read");
    return high * COUNTER_TORN_UNIT + atomic_load_explicit(&c->low, memory_order_relaxed);
}

COUNTER_NO_ADD_GET(torn)
COUNTER_NO_QUIESCENCE(torn)

static const struct counter_traits counter_torn_traits = {
    .id = {
        .name = "torn",
        .title = "two words, one after the other: loses nothing, and reads are torn",
        .reference = "Java Language Specification, section 17.7",
        .flags = CONTEND_EXHIBIT | CONTEND_SIGNAL_SAFE | CONTEND_PROCESS_SHARED,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_UNSPECIFIED },
    .batch = { .kind = COUNTER_UNSPECIFIED },
    .undo = { .kind = COUNTER_UNSPECIFIED },
    .features = COUNTER_STATIC_INIT,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_torn),
    .bytes_per_thread = sizeof(struct counter_torn_handle),
};

COUNTER_STATIC_TRAITS(torn)

#endif
