/*
 * attached.h - how many threads use a counter that keeps nothing per thread.
 *
 * Four bytes that let fini answer -EBUSY (guarantee C6).  Written only when a
 * thread attaches or detaches.
 */
#ifndef CONTEND_COUNTERS_PARTS_ATTACHED_H
#define CONTEND_COUNTERS_PARTS_ATTACHED_H

#include "counters/counter.h"
#include "locks/parts/platform.h"

typedef _Atomic uint32_t counter_attached;

static inline void counter_attached_enter(counter_attached *a)
{
    /* relaxed: a tally; fini runs after the threads have been joined. */
    atomic_fetch_add_explicit(a, 1, memory_order_relaxed);
}

static inline void counter_attached_leave(counter_attached *a)
{
    /*
     * release: the thread's last operation comes before; pairs with the acquire in
     * counter_attached_count.
     */
    atomic_fetch_sub_explicit(a, 1, memory_order_release);
}

static inline uint32_t counter_attached_count(counter_attached *a)
{
    /* acquire: pairs with the release in counter_attached_leave. */
    return atomic_load_explicit(a, memory_order_acquire);
}

/*
 * Attach, detach and stats of a counter with a member `attached` and an empty
 * handle.
 */
#define COUNTER_EMPTY_HANDLE(NAME)                                                            \
    struct counter_##NAME##_handle {                                                          \
        char unused; /* ISO C has no empty struct */                                          \
    };                                                                                        \
    static inline int counter_##NAME##_attach(struct counter_##NAME *c,                       \
                                              struct counter_##NAME##_handle *h)              \
    {                                                                                         \
        h->unused = 0;                                                                        \
        counter_attached_enter(&c->attached);                                                 \
        return 0;                                                                             \
    }                                                                                         \
    static inline void counter_##NAME##_detach(struct counter_##NAME *c,                      \
                                               struct counter_##NAME##_handle *h)             \
    {                                                                                         \
        (void)h;                                                                              \
        counter_attached_leave(&c->attached);                                                 \
    }                                                                                         \
    static inline void counter_##NAME##_stats(struct counter_##NAME *c,                       \
                                              struct counter_stats *out)                      \
    {                                                                                         \
        out->attached = counter_attached_count(&c->attached);                                 \
        out->bytes = sizeof *c + out->attached * sizeof(struct counter_##NAME##_handle);      \
    }

/* The same, and fini, of a counter that holds nothing else. */
#define COUNTER_STATELESS_HANDLE(NAME)                                                        \
    COUNTER_EMPTY_HANDLE(NAME)                                                                \
    static inline int counter_##NAME##_fini(struct counter_##NAME *c)                         \
    {                                                                                         \
        return counter_attached_count(&c->attached) ? -EBUSY : 0;                             \
    }

#endif
