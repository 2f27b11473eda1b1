/*
 * pooled.h - N connections to a store for T threads, whatever the store.
 *
 * POOLED_IN_STORE(SYSTEM) makes a system SYSTEM_pooled of SYSTEM, with the functions that
 * bench/stores/object.h asks for.  Its links are nothing: a thread borrows one of the place's for each
 * operation, by SYSTEM_pooled_take() and SYSTEM_pooled_give().  With `size` 0 there is no pool: every
 * operation connects, asks, and closes, which is what a pool is there to spare.
 *
 * SYSTEM_link_check(link) asks a connection for a sign of life and, if there is none, leaves it so that
 * its next call makes another.
 */
#ifndef CONTEND_BENCH_STORES_POOLED_H
#define CONTEND_BENCH_STORES_POOLED_H

#include <stdbool.h>
#include <stdlib.h>

#include "bench/stores/counter.h"
#include "bench/stores/parts/trouble.h"
#include "bench/stores/pool.h"
#include "locks/parts/options.h"

/* MOST: as many connections as the system takes. */
#define POOLED_OPTIONS(MOST)                                                                  \
    { "size", 4, 0, (MOST), "connections; 0: none is kept, each operation makes its own" },   \
    { "admission", 0, 0, POOL_ADMISSIONS - 1,                                                 \
      "how to wait for a free one: 0 sem_t, 1 a futex, 2 a condition variable, 3 not at all: -EAGAIN" }, \
    { "wait_ms", 10000, 0, 600000, "how long; then -EAGAIN" },                                \
    { "health_check", 0, 0, 1, "a connection is asked for a sign of life before each use" },

/* What a pool is made with; reads the settings.  0, or a negative errno value. */
static inline int pooled_init(struct pool *pool, unsigned *size, bool *checks,
                              const struct contend_settings *settings)
{
    static const struct contend_option options[] = { POOLED_OPTIONS(POOL_LARGEST) CONTEND_OPTIONS_END };

    *size = (unsigned)contend_option_value(settings, options, "size");
    *checks = contend_option_value(settings, options, "health_check");
    return pool_init(pool, (enum pool_admission)contend_option_value(settings, options, "admission"),
                     (uint32_t)contend_option_value(settings, options, "wait_ms"));
}

/* An item of the pool, or -EAGAIN after a complaint: nothing has been sent. */
static inline int pooled_borrow(struct pool *pool, const char *name, unsigned size, void **item)
{
    int error = pool_take(pool, item);

    if (error)
        trouble_note(name, "all %u connections of the pool are in use", size);
    return error;
}

#define POOLED_IN_STORE(SYSTEM)                                                               \
    struct SYSTEM##_pooled_plan {                                                             \
        struct SYSTEM##_plan store;                                                           \
    };                                                                                        \
    struct SYSTEM##_pooled_place {                                                            \
        struct SYSTEM##_place store;                                                          \
        unsigned size;                                                                        \
        bool checks;                                                                          \
        struct SYSTEM##_link *links; /* `size` of them */                                     \
        unsigned opened;             /* so many are open */                                   \
        struct pool pool;                                                                     \
    };                                                                                        \
    struct SYSTEM##_pooled_link {                                                             \
        char unused;                                                                          \
    };                                                                                        \
    static inline void SYSTEM##_pooled_place_end(struct SYSTEM##_pooled_place *p)             \
    {                                                                                         \
        for (unsigned i = 0; i < p->opened; i++)                                              \
            SYSTEM##_link_close(&p->links[i]);                                                \
        free(p->links);                                                                       \
        pool_fini(&p->pool);                                                                  \
        SYSTEM##_place_end(&p->store);                                                        \
    }                                                                                         \
    /* All connections are made now: that is what a pool is for. */                           \
    static inline int SYSTEM##_pooled_open(struct SYSTEM##_pooled_place *p)                   \
    {                                                                                         \
        int error;                                                                            \
                                                                                              \
        p->opened = 0;                                                                        \
        p->links = calloc(p->size ? p->size : 1, sizeof *p->links);                           \
        error = p->links ? 0 : -ENOMEM;                                                       \
        while (!error && p->opened < p->size) {                                               \
            error = SYSTEM##_link_open(&p->store, &p->links[p->opened]);                      \
            if (!error)                                                                       \
                pool_give(&p->pool, &p->links[p->opened++]);                                  \
        }                                                                                     \
        return error;                                                                         \
    }                                                                                         \
    static inline int SYSTEM##_pooled_place_make(struct SYSTEM##_pooled_place *p, const char *name, \
                                                 const struct SYSTEM##_pooled_plan *plan,     \
                                                 const struct contend_settings *settings)     \
    {                                                                                         \
        int error = SYSTEM##_place_make(&p->store, name, &plan->store, settings);             \
                                                                                              \
        if (error)                                                                            \
            return error;                                                                     \
        error = pooled_init(&p->pool, &p->size, &p->checks, settings);                        \
        if (error) {                                                                          \
            SYSTEM##_place_end(&p->store);                                                    \
            return error;                                                                     \
        }                                                                                     \
        error = SYSTEM##_pooled_open(p);                                                      \
        if (error)                                                                            \
            SYSTEM##_pooled_place_end(p);                                                     \
        return error;                                                                         \
    }                                                                                         \
    static inline void SYSTEM##_pooled_place_traffic(struct SYSTEM##_pooled_place *p,         \
                                                     struct store_traffic *out)               \
    {                                                                                         \
        SYSTEM##_place_traffic(&p->store, out);                                               \
    }                                                                                         \
    static inline int SYSTEM##_pooled_link_open(struct SYSTEM##_pooled_place *p,              \
                                                struct SYSTEM##_pooled_link *l)               \
    {                                                                                         \
        (void)p, (void)l;                                                                     \
        return 0;                                                                             \
    }                                                                                         \
    static inline void SYSTEM##_pooled_link_close(struct SYSTEM##_pooled_link *l)             \
    {                                                                                         \
        (void)l;                                                                              \
    }                                                                                         \
    /* 0, -EAGAIN if none was free in time, or the error of one that could not be made. */    \
    static inline int SYSTEM##_pooled_take(struct SYSTEM##_pooled_place *p,                   \
                                           struct SYSTEM##_link **link)                       \
    {                                                                                         \
        void *item = NULL;                                                                    \
        int error;                                                                            \
                                                                                              \
        if (p->size == 0) {                                                                   \
            *link = calloc(1, sizeof **link);                                                 \
            error = *link ? SYSTEM##_link_open(&p->store, *link) : -ENOMEM;                   \
            if (error)                                                                        \
                free(*link);                                                                  \
            return error;                                                                     \
        }                                                                                     \
        error = pooled_borrow(&p->pool, p->store.name, p->size, &item);                       \
        *link = item;                                                                         \
        if (!error && p->checks)                                                              \
            SYSTEM##_link_check(*link);                                                       \
        return error;                                                                         \
    }                                                                                         \
    static inline void SYSTEM##_pooled_give(struct SYSTEM##_pooled_place *p,                  \
                                            struct SYSTEM##_link *link)                       \
    {                                                                                         \
        if (p->size > 0) {                                                                    \
            pool_give(&p->pool, link);                                                        \
            return;                                                                           \
        }                                                                                     \
        SYSTEM##_link_close(link);                                                            \
        free(link);                                                                           \
    }

/*
 * A counter over such a pool, counter_NAME_plan and its options being there.  ADD(link, n, &sum) and
 * LOOK(link, &n) answer 0 or a negative errno value.
 */
#define COUNTER_POOLED(SYSTEM, NAME, OPTIONS, ADD, LOOK)                                      \
    COUNTER_IN_STORE(SYSTEM##_pooled, NAME, OPTIONS)                                          \
    static inline int counter_##NAME##_add_get(struct counter_##NAME *c,                      \
                                               struct counter_##NAME##_handle *h, int64_t n,  \
                                               int64_t *sum)                                  \
    {                                                                                         \
        struct SYSTEM##_link *link;                                                           \
        int error = SYSTEM##_pooled_take(&c->place, &link);                                   \
                                                                                              \
        (void)h;                                                                              \
        if (error)                                                                            \
            return error;                                                                     \
        error = ADD(link, n, sum);                                                            \
        SYSTEM##_pooled_give(&c->place, link);                                                \
        return error;                                                                         \
    }                                                                                         \
    COUNTER_ADD_BY_ADD_GET(NAME)                                                              \
    static inline int64_t counter_##NAME##_read(struct counter_##NAME *c,                     \
                                                struct counter_##NAME##_handle *h)            \
    {                                                                                         \
        struct SYSTEM##_link *link;                                                           \
        int64_t n = 0;                                                                        \
                                                                                              \
        (void)h;                                                                              \
        if (SYSTEM##_pooled_take(&c->place, &link) != 0)                                      \
            return COUNTER_UNREADABLE;                                                        \
        int error = LOOK(link, &n);                                                           \
        SYSTEM##_pooled_give(&c->place, link);                                                \
        return error ? COUNTER_UNREADABLE : n;                                                \
    }

#endif
