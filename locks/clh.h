/*
 * clh.h - a queue of waiters, each watching the gate of the one before it.
 *
 * Idea: an arrival swaps its node into the tail and waits at the gate of the node that
 *   was there.  The queue has no links: each waiter alone knows its predecessor.  A
 *   release opens the gate of the own node and is done: it looks for no successor.  By
 *   then some successor may be reading that node, so its owner leaves it behind and takes
 *   the predecessor's, at which nobody else waited.  Nodes wander from thread to thread.
 * Invariant: while a thread is neither inside nor waiting its handle owns one node, and so
 *   does a free lock: the tail.  A node's gate is shut from its owner's arrival to its
 *   release.  Only the next in the queue waits at it, and owns the node once it has passed.
 * Progress: blocking.  A preempted holder or waiter holds up all behind it.
 * Cost: one locked instruction to enter, a store to leave; a hand-over touches one line.
 *   24 bytes a lock, 16 a handle, and a node of a cache line pair for each of them.
 * Breaks when: threads outnumber processors: the next one has no processor, and those
 *   behind it burn what it needs; wait=2 lets them sleep.  There is no try: to look at the
 *   tail's gate, a thread that does not queue would have to read a node that its owner may
 *   free meanwhile.
 * Use when: many processors contend for one lock, fairness matters, and the nodes may come
 *   from an allocator.  With one thread, it is cheaper to leave than mcs.
 * Reference: T. Craig, "Building FIFO and Priority-Queuing Spin Locks from Atomic Swap",
 *   1993; P. Magnusson, A. Landin and E. Hagersten, "Queue Locks on Cache Coherent
 *   Multiprocessors", 1994.
 */
#ifndef CONTEND_LOCKS_CLH_H
#define CONTEND_LOCKS_CLH_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_clh_node {
    CONTEND_ALIGNED _Atomic uint32_t gate; /* opened by the node's owner, for its successor */
};

/* The thread's node lies elsewhere, because it will be another thread's. */
struct lock_clh_handle {
    struct lock_clh_node *mine;
    struct lock_clh_node *before; /* the predecessor's, from acquire to release */
};

struct lock_clh {
    _Atomic(struct lock_clh_node *) tail;
    const struct contend_allocator *allocator;
    struct waiting waiting;
};

#define LOCK_OPTIONS_clh(part) WAITING_OPTIONS(part)

LOCK_OPTIONS_LIST(clh)

/* A node whose gate is open, or NULL. */
static inline struct lock_clh_node *lock_clh_node(const struct contend_allocator *allocator)
{
    struct lock_clh_node *node = contend_allocate(allocator, CONTEND_CACHE_LINE, sizeof *node);

    if (node)
        atomic_init(&node->gate, GATE_OPEN);
    return node;
}

static inline int lock_clh_attach(struct lock_clh *l, struct lock_clh_handle *h)
{
    h->mine = lock_clh_node(l->allocator);
    return h->mine ? 0 : -ENOMEM;
}

/* The node that is freed need not be the one that attach made: there are as many as before. */
static inline void lock_clh_detach(struct lock_clh *l, struct lock_clh_handle *h)
{
    contend_release(l->allocator, h->mine, sizeof *h->mine);
}

/* The first arrival finds a predecessor that has already left. */
static inline int lock_clh_init(struct lock_clh *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_clh_options);

    if (error)
        return error;
    struct lock_clh_node *first = lock_clh_node(c.allocator);
    if (!first)
        return -ENOMEM;
    atomic_init(&l->tail, first);
    l->allocator = c.allocator;
    l->waiting = waiting_of(&c.settings, lock_clh_options);
    return 0;
}

static inline int lock_clh_fini(struct lock_clh *l)
{
    /* relaxed, both: values only; no other thread is left. */
    struct lock_clh_node *last = atomic_load_explicit(&l->tail, memory_order_relaxed);

    if (atomic_load_explicit(&last->gate, memory_order_relaxed) != GATE_OPEN)
        return -EBUSY;
    contend_release(l->allocator, last, sizeof *last);
    return 0;
}

static inline int lock_clh_acquire(struct lock_clh *l, struct lock_clh_handle *h)
{
    gate_shut(&h->mine->gate);
    /*
     * release: publishes the shut gate to the successor.
     * acquire: pairs with the release of the predecessor's exchange.  Without it we might see
     * its gate as it was before: still open from the last time that the node was used.
     */
    h->before = atomic_exchange_explicit(&l->tail, h->mine, memory_order_acq_rel);
    CONTEND_STEP("clh: in the queue, not waiting");
    gate_wait(&l->waiting, &h->before->gate);
    return 0;
}

/* There is no try; see the head. */
static inline int lock_clh_try_acquire(struct lock_clh *l, struct lock_clh_handle *h)
{
    (void)l, (void)h;
    return -ENOTSUP;
}

static inline void lock_clh_release(struct lock_clh *l, struct lock_clh_handle *h)
{
    struct lock_clh_node *mine = h->mine;

    /*
     * Our predecessor has left this node to us, and we have passed its gate: nobody knows of it
     * any more.  The successor takes ours, as soon as it is open.
     */
    h->mine = h->before;
    gate_open(&l->waiting, &mine->gate);
}

LOCK_EXCLUSIVE_ONLY(clh)
LOCK_READERS_HOLD_IT(clh)
LOCK_CALLER_EXECUTES(clh)

enum {
    lock_clh_flags = CONTEND_SPINS,
    lock_clh_features = LOCK_FIFO | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
    lock_clh_heap = sizeof(struct lock_clh_node),
    lock_clh_handle_heap = sizeof(struct lock_clh_node),
};

static const struct lock_traits lock_clh_traits = {
    .id = {
        .name = "clh",
        .title = "a queue of waiters, each watching the one before it",
        .reference = "Craig, Building FIFO and Priority-Queuing Spin Locks, 1993",
        .flags = lock_clh_flags,
        .options = lock_clh_options,
    },
    .features = lock_clh_features,
    .bytes = sizeof(struct lock_clh) + lock_clh_heap,
    .handle_heap = lock_clh_handle_heap,
};

LOCK_WAITING_TRAITS(clh)

#endif
