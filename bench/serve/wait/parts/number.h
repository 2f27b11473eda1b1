/*
 * number.h - the number of the news, for ways to wait that only look at it.
 *
 * Pairings: the releasing addition in wait_number_raise with the acquiring load in wait_number_now.
 */
#ifndef CONTEND_BENCH_SERVE_WAIT_PARTS_NUMBER_H
#define CONTEND_BENCH_SERVE_WAIT_PARTS_NUMBER_H

#include "bench/serve/wait/wait.h"
#include "locks/parts/platform.h"

static inline uint32_t wait_number_now(_Atomic uint32_t *number)
{
    /* acquire: pairs with the release in wait_number_raise. */
    return atomic_load_explicit(number, memory_order_acquire);
}

static inline void wait_number_raise(_Atomic uint32_t *number)
{
    /* release: pairs with the acquire in wait_number_now. */
    atomic_fetch_add_explicit(number, 1, memory_order_release);
}

/* A way that waits awake: between two looks it does PAUSE. */
#define WAIT_AWAKE(NAME, PAUSE)                                                               \
    struct wait_##NAME {                                                                      \
        _Atomic uint32_t number;                                                              \
    };                                                                                        \
    static inline void wait_##NAME##_init(struct wait_##NAME *w)                              \
    {                                                                                         \
        atomic_init(&w->number, 0);                                                           \
    }                                                                                         \
    static inline void wait_##NAME##_announce(struct wait_##NAME *w)                          \
    {                                                                                         \
        wait_number_raise(&w->number);                                                        \
    }                                                                                         \
    static inline uint32_t wait_##NAME##_current(struct wait_##NAME *w)                       \
    {                                                                                         \
        return wait_number_now(&w->number);                                                   \
    }                                                                                         \
    static inline uint32_t wait_##NAME##_await(struct wait_##NAME *w, uint32_t seen)          \
    {                                                                                         \
        uint32_t now;                                                                         \
        while ((now = wait_number_now(&w->number)) == seen) {                                 \
            PAUSE;                                                                            \
        }                                                                                     \
        return now;                                                                           \
    }

#endif
