/*
 * hyperloglog.h - how many readers, from what is rare about their hashes: 4 KB for any number.
 *
 * Idea: of N random hashes one begins with about log2 N zeros.  So the longest run of zeros
 *   that was seen tells how many different readers there were, and seeing one again changes nothing.
 *   One run is a poor estimate; so the first bits of a hash choose one of 4,096 registers, each
 *   of which keeps its longest run, and the estimate is taken from all of them.
 * Invariant: a register is the greatest rank (zeros and one more) of the readers that were
 *   inserted and chose it, or 0.  It never falls.  So the registers depend on the set alone, and
 *   the maximum of two objects, register by register, is the object of the union.
 * Linearisation points: insert at its compare-and-swap, or at the load that shows a rank as
 *   great.  count has none: it reads one register after the other.
 * Progress: wait-free.  A swap that fails has found the register raised, which happens 61 times
 *   at most.
 * Read guarantee: approximate: within 4.5 % with a probability of 0.99 (the standard error is
 *   1.04 / sqrt(registers), 1.6 %); of fewer than 20 readers, one may be missing.  Since registers
 *   only grow, a count lies between the estimates at its beginning and at its end.
 * Cost: insert: a hash and a load of a line that is hardly ever written: of a million readers one
 *   in forty raises a register in the end.  count: all registers, some microseconds.  4 KB, whatever
 *   the number of readers (option `precision`: twice as much takes a third off the error).
 * Breaks when: somebody must be taken out, or asked for; a post has ten clappers, whose names take
 *   less; the ids come from somebody who knows the hash and its seed and wants to be counted often.
 * Use when: "1.2 million readers" is shown, ids are sparse, and counts of days or of servers are
 *   to be merged.
 * Reference: P. Flajolet, E. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: The Analysis of a
 *   Near-Optimal Cardinality Estimation Algorithm", 2007; O. Ertl, "New Cardinality Estimation
 *   Algorithms for HyperLogLog Sketches", 2017, which is the estimate here: it needs no table of
 *   corrections, and no other formula for few readers.
 */
#ifndef CONTEND_COUNTERS_DISTINCT_HYPERLOGLOG_H
#define CONTEND_COUNTERS_DISTINCT_HYPERLOGLOG_H

#include "counters/distinct.h"
#include "counters/parts/attached.h"
#include "locks/parts/hash.h"

enum {
    DISTINCT_HYPERLOGLOG_PRECISION = 12,
    DISTINCT_HYPERLOGLOG_LEAST = 4,
    DISTINCT_HYPERLOGLOG_RANKS = 64 - DISTINCT_HYPERLOGLOG_LEAST + 2 /* from 0 to the greatest */
};

static const struct contend_option distinct_hyperloglog_options[] = {
    { "precision", DISTINCT_HYPERLOGLOG_PRECISION, DISTINCT_HYPERLOGLOG_LEAST, 16,
      "2^precision registers of a byte: two more halve the error" },
    CONTEND_OPTIONS_END
};

struct distinct_hyperloglog {
    _Atomic uint8_t *registers;
    uint64_t seed;      /* constant after init, as what follows but for the last */
    unsigned precision; /* bits of a hash that choose a register */
    const struct contend_allocator *allocator;
    counter_attached attached;
};

ATTACHED_HANDLE(distinct, hyperloglog, attached)

static inline size_t distinct_hyperloglog_registers(const struct distinct_hyperloglog *d)
{
    return (size_t)1 << d->precision;
}

static inline int distinct_hyperloglog_init(struct distinct_hyperloglog *d,
                                            const struct distinct_config *config)
{
    struct distinct_config mine;
    int error = distinct_config_resolve(&mine, config, distinct_hyperloglog_options);

    if (error)
        return error;
    d->precision = (unsigned)contend_option_value(&mine.settings, distinct_hyperloglog_options,
                                                  "precision");
    /* Reader 0 would have the hash 0 and the greatest rank there is. */
    d->seed = mine.seed ^ UINT64_C(0x9e3779b97f4a7c15);
    d->allocator = mine.allocator;
    atomic_init(&d->attached, 0);
    d->registers = contend_allocate(d->allocator, CONTEND_CACHE_LINE,
                                    distinct_hyperloglog_registers(d));
    if (!d->registers)
        return -ENOMEM;
    for (size_t i = 0; i < distinct_hyperloglog_registers(d); i++)
        atomic_init(&d->registers[i], 0);
    return 0;
}

static inline int distinct_hyperloglog_fini(struct distinct_hyperloglog *d)
{
    if (counter_attached_count(&d->attached))
        return -EBUSY;
    contend_release(d->allocator, d->registers, distinct_hyperloglog_registers(d));
    return 0;
}

/* Raises a register to this rank, if it is lower. */
static inline void distinct_hyperloglog_raise(_Atomic uint8_t *reg, uint8_t rank)
{
    /* relaxed: value only, here and below; a register publishes nothing but itself. */
    uint8_t seen = atomic_load_explicit(reg, memory_order_relaxed);

    while (seen < rank) {
        CONTEND_STEP("hyperloglog: saw a lower rank, about to raise it");
        /* relaxed, on success and failure: as above. */
        if (atomic_compare_exchange_strong_explicit(reg, &seen, rank, memory_order_relaxed,
                                                    memory_order_relaxed))
            return;
    }
}

static inline int distinct_hyperloglog_insert(struct distinct_hyperloglog *d,
                                              struct distinct_hyperloglog_handle *h,
                                              uint64_t reader)
{
    uint64_t hash = presence_hash(reader, d->seed);
    /* What is left of the hash, ended by a one so that the rank is bounded. */
    uint64_t rest = hash << d->precision | UINT64_C(1) << (d->precision - 1);

    (void)h;
    distinct_hyperloglog_raise(&d->registers[hash >> (64 - d->precision)],
                               (uint8_t)(__builtin_clzll(rest) + 1));
    return 0;
}

/*
 * What registers that are still 0 stand for: Ertl's sigma, the sum of x, x^2, 2 x^4, 4 x^8 ...
 * for x < 1.
 */
static inline double distinct_hyperloglog_sigma(double x)
{
    double sum = x, weight = 1, before;

    do {
        x *= x;
        before = sum;
        sum += x * weight;
        weight += weight;
    } while (sum > before);
    return sum;
}

/* The estimate from how many registers have which rank. */
static inline int64_t
distinct_hyperloglog_estimate(const struct distinct_hyperloglog *d,
                              const uint32_t having[DISTINCT_HYPERLOGLOG_RANKS])
{
    const double half_of_one_by_ln_2 = 0.72134752044448170368;
    const size_t registers = distinct_hyperloglog_registers(d);
    double count = (double)registers, sum = 0;

    if (having[0] == registers)
        return 0;
    for (unsigned rank = 64 - d->precision + 1; rank > 0; rank--)
        sum = (sum + having[rank]) / 2;
    sum += count * distinct_hyperloglog_sigma(having[0] / count);
    return (int64_t)(half_of_one_by_ln_2 * count * count / sum + 0.5);
}

static inline int64_t distinct_hyperloglog_count(struct distinct_hyperloglog *d,
                                                 struct distinct_hyperloglog_handle *h)
{
    uint32_t having[DISTINCT_HYPERLOGLOG_RANKS] = { 0 };

    (void)h;
    for (size_t i = 0; i < distinct_hyperloglog_registers(d); i++)
        /* relaxed: value only. */
        having[atomic_load_explicit(&d->registers[i], memory_order_relaxed)]++;
    return distinct_hyperloglog_estimate(d, having);
}

static inline int distinct_hyperloglog_merge(struct distinct_hyperloglog *d,
                                             struct distinct_hyperloglog_handle *h,
                                             struct distinct_hyperloglog *from)
{
    (void)h;
    if (from->precision != d->precision || from->seed != d->seed)
        return -EINVAL;
    for (size_t i = 0; i < distinct_hyperloglog_registers(d); i++)
        /* relaxed: value only. */
        distinct_hyperloglog_raise(&d->registers[i], atomic_load_explicit(&from->registers[i],
                                                                          memory_order_relaxed));
    return 0;
}

static inline void distinct_hyperloglog_stats(struct distinct_hyperloglog *d,
                                              struct distinct_stats *out)
{
    out->attached = counter_attached_count(&d->attached);
    out->bytes = sizeof *d + distinct_hyperloglog_registers(d) +
                 out->attached * sizeof(struct distinct_hyperloglog_handle);
}

/*
 * 2.8 standard errors, which a normal distribution exceeds 5 times in a thousand: the one here is
 * a little wider.  For the default, and for one more and one fewer bit of precision.
 */
#define DISTINCT_HYPERLOGLOG_ERROR (2.8 * 1.04 / 64)
#define DISTINCT_HYPERLOGLOG_ROOT_OF_2 1.41421356237309504880

static const struct distinct_traits distinct_hyperloglog_traits = {
    .id = {
        .name = "hyperloglog",
        .title = "the longest run of zeros in hashes, by register: an estimate in 4 KB",
        .reference = "Flajolet, Fusy, Gandouet and Meunier, HyperLogLog, 2007",
        .options = distinct_hyperloglog_options,
    },
    .insert = CONTEND_WAIT_FREE,
    .count = CONTEND_WAIT_FREE,
    .merge = CONTEND_WAIT_FREE,
    .counts = DISTINCT_APPROXIMATE,
    .relative_error = DISTINCT_HYPERLOGLOG_ERROR,
    .confidence = 0.99,
    .bytes = sizeof(struct distinct_hyperloglog) + (1 << DISTINCT_HYPERLOGLOG_PRECISION),
    .bytes_per_thread = sizeof(struct distinct_hyperloglog_handle),
};

/* Error and memory go by the number of registers. */
static inline void distinct_hyperloglog_traits_of(struct distinct_hyperloglog *d,
                                                  struct distinct_traits *out)
{
    *out = distinct_hyperloglog_traits;
    out->bytes = sizeof *d + distinct_hyperloglog_registers(d);
    for (unsigned p = d->precision; p < DISTINCT_HYPERLOGLOG_PRECISION; p++)
        out->relative_error *= DISTINCT_HYPERLOGLOG_ROOT_OF_2;
    for (unsigned p = d->precision; p > DISTINCT_HYPERLOGLOG_PRECISION; p--)
        out->relative_error /= DISTINCT_HYPERLOGLOG_ROOT_OF_2;
}

#endif
