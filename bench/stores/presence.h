/*
 * presence.h - what every presence map in a store has in common, whatever the store.
 *
 * The system's place and link are those of bench/stores/object.h.  A map has
 * PRESENCE_IN_STORE(SYSTEM, NAME, OPTIONS, OWN, READ, PLAN), then the operations on h->link and
 * m->books, and its traits.  OWN is the type of what it keeps of its settings, READ(own, settings,
 * options) fills it, and PLAN is a pointer to the plan, which may depend on `own`.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_H
#define CONTEND_BENCH_STORES_PRESENCE_H

#include "bench/stores/object.h"
#include "bench/stores/parts/books.h"

#define PRESENCE_IN_STORE(SYSTEM, NAME, OPTIONS, OWN, READ, PLAN)                             \
    struct presence_##NAME {                                                                  \
        struct SYSTEM##_place place;                                                          \
        struct store_books books;                                                             \
        OWN own; /* never changes */                                                          \
    };                                                                                        \
    OBJECT_IN_STORE(presence, SYSTEM, NAME, books.attached)                                   \
    static const struct presence_traits presence_##NAME##_traits; /* defined at the end */    \
    static inline int presence_##NAME##_init(struct presence_##NAME *m,                       \
                                             const struct presence_config *config)            \
    {                                                                                         \
        const struct contend_settings *settings = presence_settings(config);                  \
        struct presence_config mine;                                                          \
        int error = presence_config_resolve(&mine, config, OPTIONS);                          \
                                                                                              \
        if (error)                                                                            \
            return error;                                                                     \
        error = store_books_init(&m->books, &mine, &presence_##NAME##_traits);                \
        if (error)                                                                            \
            return error;                                                                     \
        OWN *const own = &m->own;                                                             \
        READ(own, settings, OPTIONS);                                                         \
        return SYSTEM##_place_make(&m->place, #NAME, PLAN, settings);                         \
    }                                                                                         \
    PRESENCE_NO_RESERVE(NAME)                                                                 \
    PRESENCE_NO_QUIESCENCE(NAME)

/* The traits that all of them share: any id, exact times, as many users as the store holds. */
#define PRESENCE_TRAITS_IN_STORE(NAME)                                                        \
    .heartbeat = STORE_PROGRESS, .insert = STORE_PROGRESS, .is_online = STORE_PROGRESS,       \
    .last_seen = STORE_PROGRESS, .leave = STORE_PROGRESS, .sweep = STORE_PROGRESS,            \
    .walk = STORE_PROGRESS, .backlog = PRESENCE_BACKLOG_NONE, .granularity_ms = 1,            \
    .max_span = PRESENCE_MAX_NOW, .ids = PRESENCE_IDS_64, .max_user = PRESENCE_NO_USER - 1,    \
    .bytes_fixed = sizeof(struct presence_##NAME)

#endif
