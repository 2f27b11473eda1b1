/*
 * morris.h - one small word that counts in steps which grow with the sum.
 *
 * Idea: an error of a percent needs only the leading bits of the sum.  The word is a
 *   floating-point number with 12 bits of mantissa; at a million one of its steps is 128
 *   claps, so a clap takes that step with a probability of 1/128.  What is seldom written
 *   stays in every processor's cache: the counter scales with one shared word, and without
 *   memory for each thread.
 * Invariant: the expected value of the estimate is the sum.  The word is exact below 4,096.
 * Linearisation points: add at its successful compare-and-swap, or at the load, if the word
 *   stays as it is; read at the load.
 * Progress: add is lock-free: a swap fails only because another one succeeded.  read is
 *   wait-free.
 * Read guarantee: approximate for claps: within 2.5 % with a probability of 0.99; the standard
 *   error approaches sqrt(3 / (8 * 4096)), a little less than 1 %.  With undos: none, since
 *   the errors of all claps and undos add up and the sum need not grow.  With a `max` below
 *   4,096: linearizable for every mix.
 * Cost: add: a load of a line that is seldom written, a few shifts and a multiplication or
 *   two; a locked instruction as often as the word changes.  read: a load.  32 bytes, and 8
 *   for each thread.
 * Breaks when: somebody counts on the last digit, or undoes; below 8,192 each clap is
 *   written, at the price of cas.h.
 * Use when: a post gets a million claps, "1.2 million" is shown, and memory for each thread
 *   is too dear.
 * Reference: R. Morris, "Counting Large Numbers of Events in Small Registers", 1978;
 *   P. Flajolet, "Approximate Counting: A Detailed Analysis", 1985; M. Csuros, "Approximate
 *   Counting with a Floating-Point Counter", 2010; D. Dice, Y. Lev and M. Moir, "Scalable
 *   Statistics Counters", 2013.
 */
#ifndef CONTEND_COUNTERS_MORRIS_H
#define CONTEND_COUNTERS_MORRIS_H

#include "counters/parts/attached.h"
#include "counters/counter.h"
#include "locks/parts/hash.h"

enum { COUNTER_MORRIS_BITS = 12, COUNTER_MORRIS_EXACT = 1 << COUNTER_MORRIS_BITS };

struct counter_morris {
    _Atomic uint32_t word; /* exponent above, mantissa in the lowest COUNTER_MORRIS_BITS bits */
    counter_attached attached;
    _Atomic uint64_t handles; /* that have ever been attached: each draws from its own stream */
    uint64_t seed;            /* constant after init */
    int64_t max;              /* constant after init */
};

static const struct contend_option counter_morris_options[] = {
    { "max", COUNTER_LIMIT, 1, COUNTER_LIMIT, "the greatest sum; below 4,096 it is exact" },
    CONTEND_OPTIONS_END
};

#define COUNTER_INIT_morris { .max = COUNTER_LIMIT }

struct counter_morris_handle {
    uint64_t random; /* state of the generator */
};

static inline int counter_morris_init(struct counter_morris *c,
                                      const struct counter_config *config)
{
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, counter_morris_options);

    if (error)
        return error;
    c->max = contend_option_value(&mine.settings, counter_morris_options, "max");
    c->seed = mine.seed;
    atomic_init(&c->word, 0);
    atomic_init(&c->handles, 0);
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_morris_fini(struct counter_morris *c)
{
    return counter_attached_count(&c->attached) ? -EBUSY : 0;
}

static inline int counter_morris_attach(struct counter_morris *c, struct counter_morris_handle *h)
{
    /* relaxed: any number will do, as long as no other handle gets it. */
    uint64_t number = atomic_fetch_add_explicit(&c->handles, 1, memory_order_relaxed);

    h->random = presence_hash(number, c->seed);
    counter_attached_enter(&c->attached);
    return 0;
}

static inline void counter_morris_detach(struct counter_morris *c, struct counter_morris_handle *h)
{
    (void)h;
    counter_attached_leave(&c->attached);
}

/* 64 random bits: splitmix64 (G. Steele, D. Lea and C. Flood, 2014). */
static inline uint64_t counter_morris_draw(struct counter_morris_handle *h)
{
    h->random += UINT64_C(0x9e3779b97f4a7c15);
    return presence_hash(h->random, 0);
}

/* The sum that a word stands for: (4096 + mantissa) * 2^exponent - 4096. */
static inline int64_t counter_morris_estimate(uint32_t word)
{
    uint32_t exponent = word >> COUNTER_MORRIS_BITS;
    uint64_t mantissa = word & (COUNTER_MORRIS_EXACT - 1);

    return (int64_t)((COUNTER_MORRIS_EXACT + mantissa) << exponent) - COUNTER_MORRIS_EXACT;
}

/*
 * The word below `sum` or the one above it, with the probabilities that make `sum` the
 * expected value.  The mantissa of the one above may carry into the exponent, as it should.
 */
static inline uint32_t counter_morris_word(int64_t sum, uint64_t draw)
{
    uint64_t scaled = (uint64_t)sum + COUNTER_MORRIS_EXACT;
    uint32_t exponent = 63 - (uint32_t)__builtin_clzll(scaled) - COUNTER_MORRIS_BITS;
    uint64_t step = UINT64_C(1) << exponent;
    uint32_t below = (exponent << COUNTER_MORRIS_BITS) +
                     (uint32_t)((scaled >> exponent) - COUNTER_MORRIS_EXACT);

    return below + ((draw & (step - 1)) < (scaled & (step - 1)));
}

static inline int counter_morris_add(struct counter_morris *c, struct counter_morris_handle *h,
                                     int64_t n)
{
    /*
     * Drawn once.  An add that drew again after a failed swap would have another chance of
     * writing nothing: only adds that write are tried again, and the estimate would fall short.
     */
    uint64_t draw = counter_morris_draw(h);
    /* relaxed: a first guess; the swap below confirms it. */
    uint32_t seen = atomic_load_explicit(&c->word, memory_order_relaxed);

    for (;;) {
        int64_t sum = counter_morris_estimate(seen);
        if (n < -sum || n > c->max - sum)
            return -EOVERFLOW;
        uint32_t next = counter_morris_word(sum + n, draw);
        if (next == seen)
            return 0;
        CONTEND_STEP("morris: decided to write, not yet swapped");
        /* relaxed, on success and failure: value only; a count publishes nothing else. */
        if (atomic_compare_exchange_weak_explicit(&c->word, &seen, next, memory_order_relaxed,
                                                  memory_order_relaxed))
            return 0;
        contend_cpu_relax();
    }
}

static inline int64_t counter_morris_read(struct counter_morris *c, struct counter_morris_handle *h)
{
    (void)h;
    /* relaxed: value only.  Rounding up may go a step beyond max. */
    int64_t sum = counter_morris_estimate(atomic_load_explicit(&c->word, memory_order_relaxed));

    return sum < c->max ? sum : c->max;
}

COUNTER_NO_ADD_GET(morris)
COUNTER_NO_QUIESCENCE(morris)

static inline void counter_morris_stats(struct counter_morris *c, struct counter_stats *out)
{
    out->attached = counter_attached_count(&c->attached);
    out->bytes = sizeof *c + out->attached * sizeof(struct counter_morris_handle);
}

#define COUNTER_MORRIS_CLAPS \
    { .kind = COUNTER_APPROXIMATE, .relative_error = 0.025, .confidence = 0.99 }

static const struct counter_traits counter_morris_traits = {
    .id = {
        .name = "morris",
        .title = "a small word whose steps grow with the sum, taken at random",
        .reference = "Morris, Counting Large Numbers of Events in Small Registers, 1978",
        .options = counter_morris_options,
        .flags = CONTEND_PROCESS_SHARED,
    },
    .add = CONTEND_LOCK_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = COUNTER_MORRIS_CLAPS,
    .batch = COUNTER_MORRIS_CLAPS,
    .undo = { .kind = COUNTER_UNSPECIFIED },
    .features = COUNTER_STATIC_INIT,
    .min = 0,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_morris),
    .bytes_per_thread = sizeof(struct counter_morris_handle),
};

/* As long as its steps are of one, it is a word under compare-and-swap. */
static inline void counter_morris_traits_of(struct counter_morris *c, struct counter_traits *out)
{
    *out = counter_morris_traits;
    out->max = c->max;
    if (c->max < COUNTER_MORRIS_EXACT)
        out->unit = out->batch = out->undo =
            (struct counter_promise){ .kind = COUNTER_LINEARIZABLE };
}

#endif
