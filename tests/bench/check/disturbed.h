/*
 * disturbed.h - a counter for the progress oracle to be tried on.
 *
 * A read announces itself, and looks again if a thread attaches meanwhile.  An add looks
 * DISTURBED_LOOKS times before it adds; with DISTURBED_RETRIES it does so again for as long
 * as others add meanwhile; with DISTURBED_WAITS it waits until no thread reads; with DISTURBED_RACES it
 * counts itself plainly.  DISTURBED_ADD and DISTURBED_READ are what they declare.
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_DISTURBED_H
#define CONTEND_TESTS_BENCH_CHECK_DISTURBED_H

#include <stdbool.h>

#include "counters/parts/attached.h"
#include "counters/counter.h"

#ifndef DISTURBED_READ
#define DISTURBED_READ CONTEND_LOCK_FREE
#endif
#ifndef DISTURBED_LOOKS
#define DISTURBED_LOOKS 0
#endif

struct counter_disturbed {
    _Atomic int64_t value;
    _Atomic uint32_t readers, attaches;
#ifdef DISTURBED_RACES
    unsigned adds;
#endif
    counter_attached attached;
};

struct counter_disturbed_handle {
    char unused;
};

static inline int counter_disturbed_fini(struct counter_disturbed *c)
{
    return counter_attached_count(&c->attached) ? -EBUSY : 0;
}

static inline int counter_disturbed_attach(struct counter_disturbed *c,
                                           struct counter_disturbed_handle *h)
{
    h->unused = 0;
    /* relaxed: value only. */
    atomic_fetch_add_explicit(&c->attaches, 1, memory_order_relaxed);
    counter_attached_enter(&c->attached);
    return 0;
}

static inline void counter_disturbed_detach(struct counter_disturbed *c,
                                            struct counter_disturbed_handle *h)
{
    (void)h;
    counter_attached_leave(&c->attached);
}

static inline void counter_disturbed_stats(struct counter_disturbed *c, struct counter_stats *out)
{
    out->attached = counter_attached_count(&c->attached);
    out->bytes = sizeof *c + out->attached * sizeof(struct counter_disturbed_handle);
}

static inline int counter_disturbed_init(struct counter_disturbed *c,
                                         const struct counter_config *config)
{
    (void)config;
    atomic_init(&c->value, 0);
    atomic_init(&c->readers, 0);
    atomic_init(&c->attaches, 0);
    atomic_init(&c->attached, 0);
#ifdef DISTURBED_RACES
    c->adds = 0;
#endif
    return 0;
}

/* Whether it has added. */
static inline bool counter_disturbed_try(struct counter_disturbed *c, int64_t seen, int64_t n)
{
    /* relaxed, in either case: value only. */
#ifdef DISTURBED_RETRIES
    return atomic_compare_exchange_strong_explicit(&c->value, &seen, seen + n,
                                                   memory_order_relaxed, memory_order_relaxed);
#else
    (void)seen;
    atomic_fetch_add_explicit(&c->value, n, memory_order_relaxed);
    return true;
#endif
}

static inline int counter_disturbed_add(struct counter_disturbed *c,
                                        struct counter_disturbed_handle *h, int64_t n)
{
    int64_t seen;

    (void)h;
#ifdef DISTURBED_WAITS
    /* relaxed: value only. */
    while (atomic_load_explicit(&c->readers, memory_order_relaxed))
        contend_cpu_relax();
#endif
    do {
        /* relaxed: values only. */
        seen = atomic_load_explicit(&c->value, memory_order_relaxed);
        for (int i = 0; i < DISTURBED_LOOKS; i++)
            seen = atomic_load_explicit(&c->value, memory_order_relaxed);
    } while (!counter_disturbed_try(c, seen, n));
#ifdef DISTURBED_RACES
    c->adds++;
#endif
    return 0;
}

static inline int64_t counter_disturbed_read(struct counter_disturbed *c,
                                             struct counter_disturbed_handle *h)
{
    uint32_t seen;
    int64_t sum;

    (void)h;
    /* relaxed, here and below: values only. */
    atomic_fetch_add_explicit(&c->readers, 1, memory_order_relaxed);
    do {
        seen = atomic_load_explicit(&c->attaches, memory_order_relaxed);
        sum = atomic_load_explicit(&c->value, memory_order_relaxed);
    } while (atomic_load_explicit(&c->attaches, memory_order_relaxed) != seen);
    atomic_fetch_sub_explicit(&c->readers, 1, memory_order_relaxed);
    return sum;
}

COUNTER_NO_ADD_GET(disturbed)
COUNTER_NO_QUIESCENCE(disturbed)

static const struct counter_traits counter_disturbed_traits = {
    .id = {
        .name = "disturbed",
        .title = "a counter that others keep busy",
        .reference = "none: a test's own",
    },
    .add = DISTURBED_ADD,
    .read = DISTURBED_READ,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_LINEARIZABLE },
    .undo = { .kind = COUNTER_LINEARIZABLE },
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_disturbed),
    .bytes_per_thread = sizeof(struct counter_disturbed_handle),
};

COUNTER_STATIC_TRAITS(disturbed)

#endif
