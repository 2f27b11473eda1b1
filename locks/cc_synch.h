/*
 * cc_synch.h - a queue of requests, whose first thread serves those behind it.
 *
 * Idea: a thread swaps an empty node into the tail, and writes its request into the node
 *   that it found there.  The first thread in the queue makes the calls of the others in
 *   order, node after node, and hands its role over to the next node when it has served
 *   `most` requests or finds no further one.  Nobody looks at a thread that asks for
 *   nothing, and a request costs one swap.
 * Invariant: the nodes form a queue from the server's to the tail.  All but the tail have
 *   an owner, which has written a request there or is about to; the tail is the node
 *   that the next request goes into.  One gate in the queue is open on a node that was not
 *   served: its owner, or the next thread to swap if it is the tail, is the server.  There
 *   is one node more than handles, and a handle leaves each request with another node
 *   than it came with.
 * Progress: blocking.  A preempted server stops everybody, and a thread that swapped but
 *   has not linked its node cuts off all behind it.
 * Cost: one locked instruction an operation, alone as well; the server reads one line for
 *   each request and writes it back.  A node of a line pair for the lock and for each handle.
 * Breaks when: threads outnumber processors: the queue is served in order, and the next
 *   server may have no processor (wait=2 lets the others sleep, for a system call at each
 *   answer).  There is no try: a node that looks free may have gone.
 * Use when: as flat_combining.h, with more threads, or with many that seldom ask; and
 *   where requests must be served in the order in which they came.
 * Reference: P. Fatourou and N. Kallimanis, "Revisiting the Combining Synchronization
 *   Technique", PPoPP 2012.  H-Synch in the same paper is one such queue for each group of
 *   processors, and a lock around them.
 */
#ifndef CONTEND_LOCKS_CC_SYNCH_H
#define CONTEND_LOCKS_CC_SYNCH_H

#include <stdbool.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_cc_synch_node {
    CONTEND_ALIGNED _Atomic uint32_t gate;     /* shut while the owner must wait */
    bool served;                               /* what it learns behind its gate */
    _Atomic(struct lock_cc_synch_node *) next; /* NULL until the request is written */
    void (*fn)(void *ctx); /* NULL: the owner wants a section of its own */
    void *ctx;
};

struct lock_cc_synch_handle {
    struct lock_cc_synch_node *node; /* for the next request; during one, that with the request */
};

struct lock_cc_synch {
    _Atomic(struct lock_cc_synch_node *) tail;
    uint32_t most; /* constant after init */
    struct waiting waiting;
    const struct contend_allocator *allocator;
};

#define LOCK_CC_SYNCH_MOST 64

#define LOCK_OPTIONS_cc_synch(part) \
    { part "most", LOCK_CC_SYNCH_MOST, 1, 1000000, "most requests that a thread serves in a row" }, \
    WAITING_OPTIONS(part)

LOCK_OPTIONS_LIST(cc_synch)

/* A node whose gate is open, or NULL. */
static inline struct lock_cc_synch_node *lock_cc_synch_node(const struct contend_allocator *a)
{
    struct lock_cc_synch_node *node = contend_allocate(a, CONTEND_CACHE_LINE, sizeof *node);

    if (node) {
        atomic_init(&node->gate, GATE_OPEN);
        atomic_init(&node->next, NULL);
        node->served = false;
    }
    return node;
}

static inline int lock_cc_synch_init(struct lock_cc_synch *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_cc_synch_options);

    if (error)
        return error;
    struct lock_cc_synch_node *first = lock_cc_synch_node(c.allocator);
    if (!first)
        return -ENOMEM;
    atomic_init(&l->tail, first);
    l->most = (uint32_t)contend_option_value(&c.settings, lock_cc_synch_options, "most");
    l->waiting = waiting_of(&c.settings, lock_cc_synch_options);
    l->allocator = c.allocator;
    return 0;
}

static inline int lock_cc_synch_fini(struct lock_cc_synch *l)
{
    /* relaxed, both: values only; no other thread is left. */
    struct lock_cc_synch_node *tail = atomic_load_explicit(&l->tail, memory_order_relaxed);

    if (atomic_load_explicit(&tail->gate, memory_order_relaxed) != GATE_OPEN)
        return -EBUSY; /* a section has not ended */
    contend_release(l->allocator, tail, sizeof *tail);
    return 0;
}

static inline int lock_cc_synch_attach(struct lock_cc_synch *l, struct lock_cc_synch_handle *h)
{
    h->node = lock_cc_synch_node(l->allocator);
    return h->node ? 0 : -ENOMEM;
}

/* The node that is freed need not be the one that attach made: there are as many as before. */
static inline void lock_cc_synch_detach(struct lock_cc_synch *l, struct lock_cc_synch_handle *h)
{
    contend_release(l->allocator, h->node, sizeof *h->node);
}

/* Queues a request, and waits until it has been served (true) or this thread holds the lock. */
static inline bool lock_cc_synch_ask(struct lock_cc_synch *l, struct lock_cc_synch_handle *h,
                                     void (*fn)(void *ctx), void *ctx)
{
    struct lock_cc_synch_node *empty = h->node;

    gate_shut(&empty->gate);
    empty->served = false;
    /* relaxed: no other thread sees the node before the exchange publishes it. */
    atomic_store_explicit(&empty->next, NULL, memory_order_relaxed);
    /*
     * release: publishes these stores to the thread whose request goes in there.
     * acquire: pairs with the release of the exchange that put our node there, so that what
     * we store into it comes after.
     */
    struct lock_cc_synch_node *mine =
        atomic_exchange_explicit(&l->tail, empty, memory_order_acq_rel);
    h->node = mine;
    CONTEND_STEP("cc_synch: in the queue, not linked");
    mine->fn = fn;
    mine->ctx = ctx;
    /* release: pairs with the acquire of `next` in lock_cc_synch_execute. */
    atomic_store_explicit(&mine->next, empty, memory_order_release);
    gate_wait(&l->waiting, &mine->gate);
    return mine->served;
}

static inline int lock_cc_synch_execute(struct lock_cc_synch *l, struct lock_cc_synch_handle *h,
                                        void (*fn)(void *ctx), void *ctx)
{
    if (lock_cc_synch_ask(l, h, fn, ctx))
        return 0;

    fn(ctx);
    /* relaxed: this thread has stored it. */
    struct lock_cc_synch_node *at = atomic_load_explicit(&h->node->next, memory_order_relaxed);
    for (uint32_t calls = 1; calls < l->most; calls++) {
        /* acquire: pairs with the release in lock_cc_synch_ask; the request is there. */
        struct lock_cc_synch_node *next = atomic_load_explicit(&at->next, memory_order_acquire);
        if (!next || !at->fn)
            break;
        at->fn(at->ctx);
        CONTEND_STEP("cc_synch: served, not yet answered");
        at->served = true;
        gate_open(&l->waiting, &at->gate); /* from here on the node is its owner's, to free it too */
        at = next;
    }
    gate_open(&l->waiting, &at->gate); /* not served: the owner is the next server */
    return 0;
}

/* ---- sections: a request that the server does not serve, but hands its role to ---- */

static inline int lock_cc_synch_acquire(struct lock_cc_synch *l, struct lock_cc_synch_handle *h)
{
    lock_cc_synch_ask(l, h, NULL, NULL);
    return 0;
}

static inline int lock_cc_synch_try_acquire(struct lock_cc_synch *l,
                                            struct lock_cc_synch_handle *h)
{
    (void)l, (void)h;
    return -ENOTSUP;
}

static inline void lock_cc_synch_release(struct lock_cc_synch *l, struct lock_cc_synch_handle *h)
{
    /* relaxed: this thread has stored it. */
    gate_open(&l->waiting, &atomic_load_explicit(&h->node->next, memory_order_relaxed)->gate);
}

LOCK_EXCLUSIVE_ONLY(cc_synch)
LOCK_READERS_HOLD_IT(cc_synch)

enum {
    lock_cc_synch_flags = CONTEND_SPINS,
    lock_cc_synch_features = LOCK_FIFO | LOCK_KNOWS_HOLDER | LOCK_DELEGATES | LOCK_ANY_HANDLE,
    lock_cc_synch_heap = sizeof(struct lock_cc_synch_node),
    lock_cc_synch_handle_heap = sizeof(struct lock_cc_synch_node),
};

static const struct lock_traits lock_cc_synch_traits = {
    .id = {
        .name = "cc_synch",
        .title = "a queue of requests, whose first thread serves the others",
        .reference = "Fatourou and Kallimanis, Revisiting the Combining Synchronization, 2012",
        .flags = lock_cc_synch_flags,
        .options = lock_cc_synch_options,
    },
    .features = lock_cc_synch_features,
    .bytes = sizeof(struct lock_cc_synch) + lock_cc_synch_heap,
    .handle_heap = lock_cc_synch_handle_heap,
};

LOCK_WAITING_TRAITS(cc_synch)

#endif
