/*
 * eventual.h - a thread of the counter's own adds up what the others counted; reads are one load.
 *
 * Idea: composed with per_thread.h.  There a reader adds up all threads' counts, which is dear
 *   where reads are frequent.  Here a thread of the counter does so once in a while, and
 *   publishes the sum in one word.  Both add and read are then as cheap as they can be, and
 *   a read shows the past.
 * Invariant: each value of `total` is a sum that per_thread's read gave, and they are
 *   published in the order of those reads: the lock `folding` spans the read and the store.
 * Linearisation points: none for add: readers learn of it from the next fold.  read at its load.
 * Progress: wait-free, both.  A folder that stalls holds nobody up; `total` then ages.
 *   quiescent and offline are blocking: they fold, under two mutexes.
 * Read guarantee: eventual: a read shows a sum that per_thread gave about a period ago at most,
 *   as far as the folder's thread is given a processor.  It may miss any number of claps, those
 *   of its own thread too, but none from before a quiescent(), offline() or detach of any
 *   thread that has returned.  Later reads show later sums.
 * Cost: add: as per_thread.h, no locked instruction.  read: one load, a miss once a period.
 *   The folder wakes 1,000 times a second by default, for a miss for each thread; a thread's stack
 *   and 136 bytes for each thread that is attached.
 * Breaks when: there are many counters (a thread for each), a decision needs the present sum, or
 *   the process forks: the child has no folder, and `total` moves at quiescent() and detach only.
 * Use when: one number is updated and shown very often: statistics of a server.
 * Reference: P. McKenney, "Is Parallel Programming Hard, And, If So, What Can You Do About
 *   It?", 2023, section 5.2.3 (count_stat_eventual).
 */
#ifndef CONTEND_COUNTERS_EVENTUAL_H
#define CONTEND_COUNTERS_EVENTUAL_H

#include <pthread.h>
#include <time.h>

#include "counters/counter.h"
#include "counters/per_thread.h"
#include "locks/parts/platform.h"

enum { COUNTER_EVENTUAL_PERIOD_US = 1000 };

struct counter_eventual {
    struct counter_per_thread exact;
    pthread_mutex_t folding;
    pthread_t folder;
    uint32_t period_us; /* constant after init */
    _Atomic uint32_t stop;
    CONTEND_ALIGNED _Atomic int64_t total; /* on a line of its own: readers look at nothing else */
};

static const struct contend_option counter_eventual_options[] = {
    { "period_us", COUNTER_EVENTUAL_PERIOD_US, 1, 50000,
      "microseconds from one fold to the next" },
    CONTEND_OPTIONS_END
};

struct counter_eventual_handle {
    struct counter_per_thread_handle exact;
};

/* Publishes the sum as it is now, or as another thread has just found it. */
static inline void counter_eventual_fold(struct counter_eventual *c)
{
    pthread_mutex_lock(&c->folding);
    int64_t sum = counter_per_thread_read(&c->exact, NULL);
    CONTEND_STEP("eventual: added up, not yet published");
    /*
     * relaxed, both: value only; the mutex keeps the stores in order, and coherence the readers,
     * whose line is left alone where nothing has changed.
     */
    if (atomic_load_explicit(&c->total, memory_order_relaxed) != sum)
        atomic_store_explicit(&c->total, sum, memory_order_relaxed);
    pthread_mutex_unlock(&c->folding);
}

static inline void *counter_eventual_run(void *counter)
{
    struct counter_eventual *c = counter;
    const struct timespec period = { .tv_nsec = c->period_us * 1000L };

    /* relaxed: nothing is read on the strength of it; fini waits for the thread's end. */
    while (!atomic_load_explicit(&c->stop, memory_order_relaxed)) {
        counter_eventual_fold(c);
        nanosleep(&period, NULL); /* a signal that ends it early only costs a fold */
    }
    return NULL;
}

static inline int counter_eventual_init(struct counter_eventual *c,
                                        const struct counter_config *config)
{
    struct counter_config mine, inner;
    int error = counter_config_resolve(&mine, config, counter_eventual_options);

    if (error)
        return error;
    inner = mine;
    inner.settings = (struct contend_settings){ 0 }; /* per_thread has no options */
    c->period_us = (uint32_t)contend_option_value(&mine.settings, counter_eventual_options,
                                                  "period_us");
    atomic_init(&c->stop, 0);
    atomic_init(&c->total, 0);
    error = counter_per_thread_init(&c->exact, &inner);
    if (error)
        return error;
    error = -pthread_mutex_init(&c->folding, NULL);
    if (error) {
        counter_per_thread_fini(&c->exact);
        return error;
    }
    error = -pthread_create(&c->folder, NULL, counter_eventual_run, c);
    if (error) {
        pthread_mutex_destroy(&c->folding);
        counter_per_thread_fini(&c->exact);
    }
    return error;
}

/* Waits for the folder's thread, a period at most. */
static inline int counter_eventual_fini(struct counter_eventual *c)
{
    if (roster_count(&c->exact.roster))
        return -EBUSY;
    /* relaxed: see counter_eventual_run. */
    atomic_store_explicit(&c->stop, 1, memory_order_relaxed);
    pthread_join(c->folder, NULL);
    pthread_mutex_destroy(&c->folding);
    return counter_per_thread_fini(&c->exact);
}

static inline int counter_eventual_attach(struct counter_eventual *c,
                                          struct counter_eventual_handle *h)
{
    return counter_per_thread_attach(&c->exact, &h->exact);
}

static inline void counter_eventual_detach(struct counter_eventual *c,
                                           struct counter_eventual_handle *h)
{
    counter_per_thread_detach(&c->exact, &h->exact);
    counter_eventual_fold(c);
}

static inline int counter_eventual_add(struct counter_eventual *c,
                                       struct counter_eventual_handle *h, int64_t n)
{
    return counter_per_thread_add(&c->exact, &h->exact, n);
}

static inline int64_t counter_eventual_read(struct counter_eventual *c,
                                            struct counter_eventual_handle *h)
{
    (void)h;
    /* relaxed: value only. */
    return atomic_load_explicit(&c->total, memory_order_relaxed);
}

static inline void counter_eventual_quiescent(struct counter_eventual *c,
                                              struct counter_eventual_handle *h)
{
    (void)h;
    counter_eventual_fold(c);
}

static inline void counter_eventual_offline(struct counter_eventual *c,
                                            struct counter_eventual_handle *h)
{
    counter_eventual_quiescent(c, h);
}

static inline void counter_eventual_online(struct counter_eventual *c,
                                           struct counter_eventual_handle *h)
{
    (void)c, (void)h;
}

COUNTER_NO_ADD_GET(eventual)

#define COUNTER_EVENTUAL_BYTES                                                                \
    (sizeof(struct counter_per_thread_record) + sizeof(struct counter_eventual_handle))

static inline void counter_eventual_stats(struct counter_eventual *c, struct counter_stats *out)
{
    out->attached = roster_count(&c->exact.roster);
    out->bytes = sizeof *c + out->attached * COUNTER_EVENTUAL_BYTES;
}

/* As many as there are: a thread may clap any number of times in a period. */
#define COUNTER_EVENTUAL_LAGS                                                                 \
    { .kind = COUNTER_EVENTUAL, .error = COUNTER_LIMIT,                                       \
      .staleness_ns = COUNTER_EVENTUAL_PERIOD_US * 1000 }

static const struct counter_traits counter_eventual_traits = {
    .id = {
        .name = "eventual",
        .title = "a thread of its own adds up the others' counts, a read is one load",
        .reference = "McKenney, Is Parallel Programming Hard, 2023 (count_stat_eventual)",
        .flags = CONTEND_RUNS_THREAD,
        .options = counter_eventual_options,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = COUNTER_EVENTUAL_LAGS,
    .batch = COUNTER_EVENTUAL_LAGS,
    .undo = COUNTER_EVENTUAL_LAGS,
    .features = COUNTER_PLAIN_ADD,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_eventual),
    .bytes_per_thread = COUNTER_EVENTUAL_BYTES,
};

/* The staleness is the counter's own period. */
static inline void counter_eventual_traits_of(struct counter_eventual *c,
                                              struct counter_traits *out)
{
    *out = counter_eventual_traits;
    out->unit.staleness_ns = out->batch.staleness_ns = out->undo.staleness_ns =
        c->period_us * UINT64_C(1000);
}

#endif
