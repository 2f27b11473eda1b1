/*
 * counter.h - what every clap counter in a store has in common, whatever the store.
 *
 * Of the system, bench/stores/object.h says what it brings.
 * A counter defines counter_NAME_plan, then COUNTER_IN_STORE(SYSTEM, NAME, its options), then add,
 * read and add_get on h->link, and its traits.
 */
#ifndef CONTEND_BENCH_STORES_COUNTER_H
#define CONTEND_BENCH_STORES_COUNTER_H

#include "bench/stores/object.h"
#include "counters/counter.h"

#define COUNTER_IN_STORE(SYSTEM, NAME, OPTIONS)                                               \
    struct counter_##NAME {                                                                   \
        struct SYSTEM##_place place;                                                          \
        counter_attached attached;                                                            \
    };                                                                                        \
    OBJECT_IN_STORE(counter, SYSTEM, NAME, attached)                                          \
    static inline int counter_##NAME##_init(struct counter_##NAME *c,                         \
                                            const struct counter_config *config)              \
    {                                                                                         \
        struct counter_config mine;                                                           \
        int error = counter_config_resolve(&mine, config, OPTIONS);                           \
                                                                                              \
        atomic_init(&c->attached, 0);                                                         \
        return error ? error                                                                  \
                     : SYSTEM##_place_make(&c->place, #NAME, &counter_##NAME##_plan,          \
                                           &mine.settings);                                   \
    }                                                                                         \
    static inline void counter_##NAME##_stats(struct counter_##NAME *c,                       \
                                              struct counter_stats *out)                      \
    {                                                                                         \
        out->attached = counter_attached_count(&c->attached);                                 \
        out->bytes = sizeof *c + out->attached * sizeof(struct counter_##NAME##_handle);      \
    }                                                                                         \
    COUNTER_NO_QUIESCENCE(NAME)

/* add of a counter that learns the new sum anyway. */
#define COUNTER_ADD_BY_ADD_GET(NAME)                                                          \
    static inline int counter_##NAME##_add_get(struct counter_##NAME *c,                      \
                                               struct counter_##NAME##_handle *h, int64_t n,  \
                                               int64_t *sum);                                 \
    static inline int counter_##NAME##_add(struct counter_##NAME *c,                          \
                                           struct counter_##NAME##_handle *h, int64_t n)      \
    {                                                                                         \
        int64_t ignored;                                                                      \
                                                                                              \
        return counter_##NAME##_add_get(c, h, n, &ignored);                                   \
    }

/* The traits that all of them share; what reads promise, KIND, is the same for every mix. */
#define COUNTER_TRAITS_IN_STORE(NAME, KIND)                                                   \
    .add = STORE_PROGRESS, .read = STORE_PROGRESS, .unit = { .kind = (KIND) },                \
    .batch = { .kind = (KIND) }, .undo = { .kind = (KIND) }, .min = -COUNTER_LIMIT,           \
    .max = COUNTER_LIMIT, .bytes = sizeof(struct counter_##NAME),                             \
    .bytes_per_thread = sizeof(struct counter_##NAME##_handle)

#endif
