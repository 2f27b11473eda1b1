/*
 * attached.h - how many threads use a counter that keeps nothing per thread.
 *
 * Four bytes that let fini answer -EBUSY (guarantee C6).  Written only when a
 * thread attaches or detaches.
 */
#ifndef CONTEND_COUNTERS_PARTS_ATTACHED_H
#define CONTEND_COUNTERS_PARTS_ATTACHED_H

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

/* An empty handle, attach and detach of an object that keeps nothing for a thread but MEMBER. */
#define ATTACHED_HANDLE(OBJECT, NAME, MEMBER)                                                 \
    struct OBJECT##_##NAME##_handle {                                                         \
        char unused; /* ISO C has no empty struct */                                          \
    };                                                                                        \
    static inline int OBJECT##_##NAME##_attach(struct OBJECT##_##NAME *o,                     \
                                               struct OBJECT##_##NAME##_handle *h)            \
    {                                                                                         \
        h->unused = 0;                                                                        \
        counter_attached_enter(&o->MEMBER);                                                   \
        return 0;                                                                             \
    }                                                                                         \
    static inline void OBJECT##_##NAME##_detach(struct OBJECT##_##NAME *o,                    \
                                                struct OBJECT##_##NAME##_handle *h)           \
    {                                                                                         \
        (void)h;                                                                              \
        counter_attached_leave(&o->MEMBER);                                                   \
    }

/* The same of a counter with a member `attached`, and stats. */
#define COUNTER_EMPTY_HANDLE(NAME)                                                            \
    ATTACHED_HANDLE(counter, NAME, attached)                                                  \
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
