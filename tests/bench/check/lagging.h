/*
 * lagging.h - a counter that holds claps back: EVENTUAL, for the checker to be tried on.
 *
 * A thread keeps LAGGING_HOLDS claps to itself at most, and hands them over when it has
 * more, at quiescent() and when it detaches.  It declares that it holds back one; with
 * LAGGING_HOLDS=2, or with LAGGING_DEAF, which ignores quiescent(), that is not true.
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_LAGGING_H
#define CONTEND_TESTS_BENCH_CHECK_LAGGING_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

#ifndef LAGGING_HOLDS
#define LAGGING_HOLDS 1
#endif

struct counter_lagging {
    _Atomic int64_t value;
    counter_attached attached;
};

struct counter_lagging_handle {
    int64_t held;
};

static inline int counter_lagging_init(struct counter_lagging *c,
                                       const struct counter_config *config)
{
    (void)config;
    atomic_init(&c->value, 0);
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_lagging_fini(struct counter_lagging *c)
{
    return counter_attached_count(&c->attached) ? -EBUSY : 0;
}

static inline void counter_lagging_hand_over(struct counter_lagging *c,
                                             struct counter_lagging_handle *h)
{
    /* relaxed: value only. */
    atomic_fetch_add_explicit(&c->value, h->held, memory_order_relaxed);
    h->held = 0;
}

static inline int counter_lagging_attach(struct counter_lagging *c,
                                         struct counter_lagging_handle *h)
{
    h->held = 0;
    counter_attached_enter(&c->attached);
    return 0;
}

static inline void counter_lagging_detach(struct counter_lagging *c,
                                          struct counter_lagging_handle *h)
{
    counter_lagging_hand_over(c, h);
    counter_attached_leave(&c->attached);
}

static inline int counter_lagging_add(struct counter_lagging *c, struct counter_lagging_handle *h,
                                      int64_t n)
{
    h->held += n;
    if (h->held > LAGGING_HOLDS || h->held < -LAGGING_HOLDS)
        counter_lagging_hand_over(c, h);
    return 0;
}

static inline int64_t counter_lagging_read(struct counter_lagging *c,
                                           struct counter_lagging_handle *h)
{
    (void)h;
    /* relaxed: value only. */
    return atomic_load_explicit(&c->value, memory_order_relaxed);
}

static inline void counter_lagging_quiescent(struct counter_lagging *c,
                                             struct counter_lagging_handle *h)
{
#ifndef LAGGING_DEAF
    counter_lagging_hand_over(c, h);
#else
    (void)c, (void)h;
#endif
}

static inline void counter_lagging_offline(struct counter_lagging *c,
                                           struct counter_lagging_handle *h)
{
    counter_lagging_hand_over(c, h);
}

static inline void counter_lagging_online(struct counter_lagging *c,
                                          struct counter_lagging_handle *h)
{
    (void)c, (void)h;
}

COUNTER_NO_ADD_GET(lagging)

static inline void counter_lagging_stats(struct counter_lagging *c, struct counter_stats *out)
{
    out->attached = counter_attached_count(&c->attached);
    out->bytes = sizeof *c + out->attached * sizeof(struct counter_lagging_handle);
}

#define LAGGING_PROMISE { .kind = COUNTER_EVENTUAL, .error = 1 }

static const struct counter_traits counter_lagging_traits = {
    .id = {
        .name = "lagging",
        .title = "a counter that holds claps back",
        .reference = "none: a test's own",
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = LAGGING_PROMISE,
    .batch = LAGGING_PROMISE,
    .undo = LAGGING_PROMISE,
    .features = COUNTER_NEEDS_QUIESCENT,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_lagging),
    .bytes_per_thread = sizeof(struct counter_lagging_handle),
};

COUNTER_STATIC_TRAITS(lagging)

#endif
