/*
 * counter.h - what every clap counter in a store has in common, whatever the store.
 *
 * A system (SQLite, Redis ...) brings two things, `struct SYSTEM_place`, where an object's data
 * are, and `struct SYSTEM_link`, one thread's connection to them, and
 *
 *   int SYSTEM_place_make(struct SYSTEM_place *, const char *name, const struct SYSTEM_plan *,
 *                         const struct contend_settings *)
 *   void SYSTEM_place_end(struct SYSTEM_place *)
 *   void SYSTEM_place_traffic(struct SYSTEM_place *, struct store_traffic *)
 *   int SYSTEM_link_open(struct SYSTEM_place *, struct SYSTEM_link *)
 *   void SYSTEM_link_close(struct SYSTEM_link *)
 *
 * The first returns 0, or a negative errno value after trouble_note(), and so does link_open.  A
 * plan says what is prepared in each place and each connection: tables, statements, scripts.
 *
 * A counter defines counter_NAME_plan, then COUNTER_IN_STORE(SYSTEM, NAME, its options), then add,
 * read and add_get on h->link, and its traits.
 */
#ifndef CONTEND_BENCH_STORES_COUNTER_H
#define CONTEND_BENCH_STORES_COUNTER_H

#include "counters/parts/attached.h"

/* Of every operation: others can hold it up, and it calls the system. */
#define STORE_PROGRESS ((unsigned)CONTEND_BLOCKING | CONTEND_MODULO_SYSCALL)

#define COUNTER_IN_STORE(SYSTEM, NAME, OPTIONS)                                               \
    struct counter_##NAME {                                                                   \
        struct SYSTEM##_place place;                                                          \
        counter_attached attached;                                                            \
    };                                                                                        \
    struct counter_##NAME##_handle {                                                          \
        struct SYSTEM##_link link;                                                            \
    };                                                                                        \
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
    static inline int counter_##NAME##_fini(struct counter_##NAME *c)                         \
    {                                                                                         \
        if (counter_attached_count(&c->attached))                                             \
            return -EBUSY;                                                                    \
        SYSTEM##_place_end(&c->place);                                                        \
        return 0;                                                                             \
    }                                                                                         \
    static inline int counter_##NAME##_attach(struct counter_##NAME *c,                       \
                                              struct counter_##NAME##_handle *h)              \
    {                                                                                         \
        int error = SYSTEM##_link_open(&c->place, &h->link);                                  \
                                                                                              \
        if (!error)                                                                           \
            counter_attached_enter(&c->attached);                                             \
        return error;                                                                         \
    }                                                                                         \
    static inline void counter_##NAME##_detach(struct counter_##NAME *c,                      \
                                               struct counter_##NAME##_handle *h)             \
    {                                                                                         \
        SYSTEM##_link_close(&h->link);                                                        \
        counter_attached_leave(&c->attached);                                                 \
    }                                                                                         \
    static inline void counter_##NAME##_stats(struct counter_##NAME *c,                       \
                                              struct counter_stats *out)                      \
    {                                                                                         \
        out->attached = counter_attached_count(&c->attached);                                 \
        out->bytes = sizeof *c + out->attached * sizeof(struct counter_##NAME##_handle);      \
    }                                                                                         \
    static inline void counter_##NAME##_traffic(struct counter_##NAME *c,                     \
                                                struct store_traffic *out)                    \
    {                                                                                         \
        SYSTEM##_place_traffic(&c->place, out);                                               \
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
