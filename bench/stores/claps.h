/*
 * claps.h - what every object of bounded claps in a store has in common, whatever the store.
 *
 * The system's place and link are those of bench/stores/object.h.  An object defines
 * claps_NAME_plan, then CLAPS_IN_STORE(SYSTEM, NAME, its options), then the operations on h->link
 * and c->size, and its traits.
 *
 * A reader's claps for a post have one number in the store, below 2^63 since stores count in
 * signed integers; more posts times readers than that are -ENOMEM.
 */
#ifndef CONTEND_BENCH_STORES_CLAPS_H
#define CONTEND_BENCH_STORES_CLAPS_H

#include "bench/stores/object.h"
#include "counters/claps.h"

struct store_claps_size {
    uint64_t posts, readers; /* never change */
};

static inline int store_claps_size_init(struct store_claps_size *s, const struct claps_config *config,
                                        uint64_t max_readers)
{
    s->posts = config->posts;
    s->readers = config->readers;
    if (s->readers > max_readers)
        return -ERANGE;
    return s->posts > (uint64_t)INT64_MAX / s->readers ? -ENOMEM : 0;
}

/* 0, or -ERANGE where there is no such post or reader (B9). */
static inline int store_claps_check(const struct store_claps_size *s, uint64_t post, uint64_t reader)
{
    return post < s->posts && reader < s->readers ? 0 : -ERANGE;
}

static inline int64_t store_claps_key(const struct store_claps_size *s, uint64_t post,
                                      uint64_t reader)
{
    return (int64_t)(post * s->readers + reader);
}

#define CLAPS_IN_STORE(SYSTEM, NAME, OPTIONS)                                                 \
    struct claps_##NAME {                                                                     \
        struct SYSTEM##_place place;                                                          \
        struct store_claps_size size;                                                         \
        counter_attached attached;                                                            \
    };                                                                                        \
    OBJECT_IN_STORE(claps, SYSTEM, NAME, attached)                                            \
    static const struct claps_traits claps_##NAME##_traits; /* defined at the end */          \
    static inline int claps_##NAME##_init(struct claps_##NAME *c,                             \
                                          const struct claps_config *config)                  \
    {                                                                                         \
        struct claps_config mine;                                                             \
        int error = claps_config_resolve(&mine, config, OPTIONS);                             \
                                                                                              \
        if (!error)                                                                           \
            error = store_claps_size_init(&c->size, &mine, claps_##NAME##_traits.max_readers); \
        atomic_init(&c->attached, 0);                                                         \
        return error ? error                                                                  \
                     : SYSTEM##_place_make(&c->place, #NAME, &claps_##NAME##_plan,            \
                                           &mine.settings);                                   \
    }                                                                                         \
    static inline void claps_##NAME##_stats(struct claps_##NAME *c, struct claps_stats *out)  \
    {                                                                                         \
        out->attached = counter_attached_count(&c->attached);                                 \
        out->retired = 0;                                                                     \
        out->bytes = sizeof *c + out->attached * sizeof(struct claps_##NAME##_handle);        \
    }

/* The traits that all of them share; GRANTS and TOTALS are what they promise, READERS how many. */
#define CLAPS_TRAITS_IN_STORE(NAME, GRANTS, TOTALS, READERS)                                  \
    .clap = STORE_PROGRESS, .unclap = STORE_PROGRESS, .given = STORE_PROGRESS,                \
    .total = STORE_PROGRESS, .remove = STORE_PROGRESS, .grants = (GRANTS), .totals = (TOTALS), \
    .max_readers = (READERS), .bytes = sizeof(struct claps_##NAME),                          \
    .bytes_per_thread = sizeof(struct claps_##NAME##_handle)

#endif
