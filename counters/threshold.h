/*
 * threshold.h - a thread keeps a few claps to itself, and adds them to one word together.
 *
 * Idea: a locked instruction costs the same for 64 claps as for one.  A thread adds to
 *   its handle, which nobody else looks at, until it holds more than `threshold` claps;
 *   then it adds them all to the shared word.  Readers look at that word.
 * Invariant: `value` + what the attached handles hold = the sum.  Between two operations a
 *   handle holds at most `threshold` claps or undos.
 * Linearisation points: none for add: readers learn of it when it, or a later add of the
 *   thread, is handed over.  Handing over takes effect at the fetch-and-add, read at the
 *   load.  With a threshold of 0 every add is handed over at once.
 * Progress: wait-free, add as far as the processor's addition is (see faa.h).
 * Read guarantee: eventual: a read misses at most `threshold` claps of each other thread
 *   that is attached, and none from before the thread's last quiescent(), offline() or
 *   detach.  A thread finds its own claps at once.  With a threshold of 0 linearizable
 *   for every mix.
 * Cost: add: a load, an addition and a store on the thread's own memory, and one locked
 *   instruction for every `threshold` + 1 claps.  read: one load, a miss as often as others
 *   have handed over.  16 bytes, and 16 for each thread.
 * Breaks when: a thread ends, or its process is forked or killed, without detaching: the
 *   claps that it holds are lost, `threshold` of them at most.  A thread that holds a few
 *   and claps no more keeps them for ever: call quiescent() when there is time.
 * Use when: claps and reads are both frequent, and "about 12,000 claps" is what is shown.
 * Reference: S. Boyd-Wickizer et al., "An Analysis of Linux Scalability to Many Cores",
 *   2010 (sloppy counters); Linux, lib/percpu_counter.c, whose `batch` is the threshold.
 */
#ifndef CONTEND_COUNTERS_THRESHOLD_H
#define CONTEND_COUNTERS_THRESHOLD_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

/* The default: a locked instruction then is a small part of what 65 claps cost. */
enum { COUNTER_THRESHOLD_PRESET = 64 };

struct counter_threshold {
    _Atomic int64_t value;
    uint32_t threshold; /* constant after init */
    counter_attached attached;
};

static const struct contend_option counter_threshold_options[] = {
    { "threshold", COUNTER_THRESHOLD_PRESET, 0, INT32_MAX,
      "claps that a thread holds back; 0 = none" },
    CONTEND_OPTIONS_END
};

#define COUNTER_INIT_threshold { .threshold = COUNTER_THRESHOLD_PRESET }

/*
 * Only its owner touches a handle, so it needs neither atomics nor a line of its own, as
 * long as the handles of two threads do not lie side by side.
 */
struct counter_threshold_handle {
    int64_t held;       /* added, not yet handed over */
    uint32_t threshold; /* a copy: the counter's line moves whenever a thread hands over */
};

static inline int counter_threshold_init(struct counter_threshold *c,
                                         const struct counter_config *config)
{
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, counter_threshold_options);

    if (error)
        return error;
    c->threshold = (uint32_t)contend_option_value(&mine.settings, counter_threshold_options,
                                                  "threshold");
    atomic_init(&c->value, 0);
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_threshold_fini(struct counter_threshold *c)
{
    return counter_attached_count(&c->attached) ? -EBUSY : 0;
}

static inline int counter_threshold_attach(struct counter_threshold *c,
                                           struct counter_threshold_handle *h)
{
    h->held = 0;
    h->threshold = c->threshold;
    counter_attached_enter(&c->attached);
    return 0;
}

/* Adds all that the handle holds to the word that everybody sees. */
static inline void counter_threshold_hand_over(struct counter_threshold *c,
                                               struct counter_threshold_handle *h)
{
    /* relaxed: value only; a count publishes nothing else. */
    atomic_fetch_add_explicit(&c->value, h->held, memory_order_relaxed);
    h->held = 0;
}

static inline void counter_threshold_detach(struct counter_threshold *c,
                                            struct counter_threshold_handle *h)
{
    counter_threshold_hand_over(c, h);
    counter_attached_leave(&c->attached);
}

static inline int counter_threshold_add(struct counter_threshold *c,
                                        struct counter_threshold_handle *h, int64_t n)
{
    int64_t held = counter_join(h->held, n);

    h->held = held;
    if (held > (int64_t)h->threshold || held < -(int64_t)h->threshold) {
        CONTEND_STEP("threshold: more held than allowed, not yet handed over");
        counter_threshold_hand_over(c, h);
    }
    return 0;
}

static inline int64_t counter_threshold_read(struct counter_threshold *c,
                                             struct counter_threshold_handle *h)
{
    /* relaxed: value only.  No other thread can move our own claps in between. */
    return counter_join(atomic_load_explicit(&c->value, memory_order_relaxed), h->held);
}

static inline void counter_threshold_quiescent(struct counter_threshold *c,
                                               struct counter_threshold_handle *h)
{
    if (h->held != 0) /* the line is left alone where there is nothing to add */
        counter_threshold_hand_over(c, h);
}

static inline void counter_threshold_offline(struct counter_threshold *c,
                                             struct counter_threshold_handle *h)
{
    counter_threshold_quiescent(c, h);
}

static inline void counter_threshold_online(struct counter_threshold *c,
                                            struct counter_threshold_handle *h)
{
    (void)c, (void)h;
}

COUNTER_NO_ADD_GET(threshold)

static inline void counter_threshold_stats(struct counter_threshold *c, struct counter_stats *out)
{
    out->attached = counter_attached_count(&c->attached);
    out->bytes = sizeof *c + out->attached * sizeof(struct counter_threshold_handle);
}

#define COUNTER_THRESHOLD_LAGS { .kind = COUNTER_EVENTUAL, .error = COUNTER_THRESHOLD_PRESET }

static const struct counter_traits counter_threshold_traits = {
    .id = {
        .name = "threshold",
        .title = "a thread keeps a few claps to itself and adds them together",
        .reference = "Boyd-Wickizer et al., An Analysis of Linux Scalability, 2010",
        .options = counter_threshold_options,
        .flags = CONTEND_PROCESS_SHARED,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = COUNTER_THRESHOLD_LAGS,
    .batch = COUNTER_THRESHOLD_LAGS,
    .undo = COUNTER_THRESHOLD_LAGS,
    .features = COUNTER_STATIC_INIT | COUNTER_NEEDS_QUIESCENT,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_threshold),
    .bytes_per_thread = sizeof(struct counter_threshold_handle),
};

/* What the counter's own threshold makes of it; with 0 every read is the value of one word. */
static inline void counter_threshold_traits_of(struct counter_threshold *c,
                                               struct counter_traits *out)
{
    const struct counter_promise promise = {
        .kind = c->threshold ? COUNTER_EVENTUAL : COUNTER_LINEARIZABLE,
        .error = c->threshold
    };

    *out = counter_threshold_traits;
    out->unit = out->batch = out->undo = promise;
    if (c->threshold == 0)
        out->features &= ~(unsigned)COUNTER_NEEDS_QUIESCENT;
}

#endif
