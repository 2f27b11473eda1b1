/*
 * plain.h - read, add one, write: the counter that loses claps.
 *
 * Idea: what one writes without thinking of threads.  It ships as an exhibit:
 *   the tests must see it lose, and ThreadSanitizer must see it race.
 * Invariant: none survives a second thread: two threads that read the same sum
 *   both write it plus one, and one clap is gone.
 * Linearisation points: none.
 * Progress: wait-free, and wrong.
 * Read guarantee: none.
 * Cost: a load, an add and a store; with several threads also the line that
 *   moves between them, so it is not even fast.  16 bytes a counter.
 * Breaks when: two threads use it.
 * Use when: never; with one thread, use a plain variable.
 * Reference: P. McKenney, "Is Parallel Programming Hard, And, If So, What Can
 *   You Do About It?", 2023, section 5.1 (count_nonatomic).
 */
#ifndef CONTEND_COUNTERS_PLAIN_H
#define CONTEND_COUNTERS_PLAIN_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

struct counter_plain {
    int64_t value; /* not atomic: the point of the exhibit */
    counter_attached attached;
};

#define COUNTER_INIT_plain { 0, 0 }

COUNTER_STATELESS_HANDLE(plain)

static inline int counter_plain_init(struct counter_plain *c, const struct counter_config *config)
{
    struct counter_config resolved;
    int error = counter_config_resolve(&resolved, config, NULL);

    if (error)
        return error;
    c->value = 0;
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_plain_add(struct counter_plain *c, struct counter_plain_handle *h,
                                    int64_t n)
{
    (void)h;
    int64_t seen = c->value;
    CONTEND_STEP("plain: read, not yet written");
    c->value = seen + n;
    return 0;
}

static inline int64_t counter_plain_read(struct counter_plain *c, struct counter_plain_handle *h)
{
    (void)h;
    return c->value;
}

COUNTER_NO_ADD_GET(plain)
COUNTER_NO_QUIESCENCE(plain)

static const struct counter_traits counter_plain_traits = {
    .id = {
        .name = "plain",
        .title = "read, add, write: loses claps",
        .reference = "McKenney, Is Parallel Programming Hard, 2023 (count_nonatomic)",
        .flags = CONTEND_EXHIBIT,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_UNSPECIFIED },
    .batch = { .kind = COUNTER_UNSPECIFIED },
    .undo = { .kind = COUNTER_UNSPECIFIED },
    .features = COUNTER_STATIC_INIT | COUNTER_PLAIN_ADD | COUNTER_RACES,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_plain),
    .bytes_per_thread = sizeof(struct counter_plain_handle),
};

COUNTER_STATIC_TRAITS(plain)

#endif
