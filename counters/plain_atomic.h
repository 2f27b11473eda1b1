/*
 * plain_atomic.h - read, add one, write, each of them atomic: loses claps all the same.
 *
 * Idea: what remains of plain.h when ThreadSanitizer has complained and somebody has made the
 *   variable atomic.  There is no data race any more, the behaviour is defined, the
 *   sanitizer is silent; and the claps are lost as before.  It ships as an exhibit:
 *   atomic operations do not make an atomic operation.
 * Invariant: none survives a second thread: two threads that load the same sum both store
 *   it plus one, and one clap is gone.
 * Linearisation points: none for add: between its load and its store others have theirs.
 * Progress: wait-free, and wrong.
 * Read guarantee: none.
 * Cost: as plain.h: on every common processor the same three instructions.  16 bytes.
 * Breaks when: two threads use it.
 * Use when: one thread adds and others only read: then it is right, and what a thread's own
 *   count in per_thread.h does.
 * Reference: H.-J. Boehm, "How to Miscompile Programs with "Benign" Data Races", 2011, for
 *   what atomic accesses give; P. McKenney, "Is Parallel Programming Hard, And, If
 *   So, What Can You Do About It?", 2023, section 5.1, for what they do not.
 */
#ifndef CONTEND_COUNTERS_PLAIN_ATOMIC_H
#define CONTEND_COUNTERS_PLAIN_ATOMIC_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

struct counter_plain_atomic {
    _Atomic int64_t value;
    counter_attached attached;
};

#define COUNTER_INIT_plain_atomic { 0, 0 }

COUNTER_STATELESS_HANDLE(plain_atomic)

static inline int counter_plain_atomic_init(struct counter_plain_atomic *c,
                                            const struct counter_config *config)
{
    struct counter_config resolved;
    int error = counter_config_resolve(&resolved, config, NULL);

    if (error)
        return error;
    atomic_init(&c->value, 0);
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_plain_atomic_add(struct counter_plain_atomic *c,
                                           struct counter_plain_atomic_handle *h, int64_t n)
{
    (void)h;
    /* relaxed: a stronger order would not help; what is missing is that nobody comes between. */
    int64_t seen = atomic_load_explicit(&c->value, memory_order_relaxed);

    CONTEND_STEP("plain_atomic: loaded, not yet stored");
    /* relaxed: as above. */
    atomic_store_explicit(&c->value, seen + n, memory_order_relaxed);
    return 0;
}

static inline int64_t counter_plain_atomic_read(struct counter_plain_atomic *c,
                                                struct counter_plain_atomic_handle *h)
{
    (void)h;
    /* relaxed: value only. */
    return atomic_load_explicit(&c->value, memory_order_relaxed);
}

COUNTER_NO_ADD_GET(plain_atomic)
COUNTER_NO_QUIESCENCE(plain_atomic)

static const struct counter_traits counter_plain_atomic_traits = {
    .id = {
        .name = "plain_atomic",
        .title = "atomic load, add, atomic store: no race, and loses claps",
        .reference = "McKenney, Is Parallel Programming Hard, 2023",
        .flags = CONTEND_EXHIBIT,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_UNSPECIFIED },
    .batch = { .kind = COUNTER_UNSPECIFIED },
    .undo = { .kind = COUNTER_UNSPECIFIED },
    .features = COUNTER_STATIC_INIT | COUNTER_PLAIN_ADD,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_plain_atomic),
    .bytes_per_thread = sizeof(struct counter_plain_atomic_handle),
};

COUNTER_STATIC_TRAITS(plain_atomic)

#endif
