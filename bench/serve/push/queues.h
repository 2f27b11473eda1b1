/*
 * queues.h - a queue for each reader: the writer puts every event into all of them.
 *
 * Idea: each reader has a bounded queue with one writer and one reader (L. Lamport, 1983).  A full queue
 *   does not take the event, which is lost to that reader alone; events carry their numbers, so
 *   a gap says how many are missing.
 * Invariant: a queue's events are those between `taken` and `put`, in the order of their numbers;
 *   only the writer raises `put`, and only the queue's reader raises `taken`.  What is in the queue
 *   has numbers from the reader's `next` on.  Before head is n + 1, event n is in the queue or is
 *   lost to it.
 * Linearisation points: publish at its store of head; a read that gives an event at its load of
 *   `put`, one that gives none at its load of head.
 * Pairings: the release of `put` with the reader's acquire of it: the event is there.  The release of
 *   `taken` with the writer's acquire of it: the reader is done with the slot.  The release of head
 *   with the reader's acquire of it: a reader that knows that event n was published finds it in the
 *   queue, unless it is lost.  The release of `state` with the writer's acquire of it and with the next
 *   attach's: what one reader has taken, the next one does not take again.
 * Progress: publish is wait-free, with a step for each reader; read is wait-free.
 * Cost: the writer pays for each reader, whether it is interested or not, and each reader has memory of
 *   its own, two cache lines and its slots.  A reader that is behind still finds its oldest events.
 * Breaks when: readers are many, or most of them idle: the writer's time and the memory grow with
 *   their number.
 * Use when: readers are few, and none may be overrun by the others' pace.
 * Reference: L. Lamport, "Specifying Concurrent Program Modules", 1983; queues for each connection are
 *   what most servers of WebSockets do.
 */
#ifndef CONTEND_BENCH_SERVE_PUSH_QUEUES_H
#define CONTEND_BENCH_SERVE_PUSH_QUEUES_H

#include <stdatomic.h>

#include "bench/serve/push/push.h"

struct push_numbered {
    uint64_t number;
    struct push_event event;
};

enum { PUSH_QUEUE_FREE, PUSH_QUEUE_TAKEN, PUSH_QUEUE_OPEN };

struct push_queue {
    CONTEND_ALIGNED _Atomic uint64_t put; /* the writer's */
    _Atomic uint32_t state;               /* PUSH_QUEUE_... */
    CONTEND_ALIGNED _Atomic uint64_t taken; /* the reader's */
    struct push_numbered *slots;
};

struct push_queues {
    /* The number of the next event.  The writer stores it, readers look. */
    CONTEND_ALIGNED _Atomic uint64_t head;
    CONTEND_ALIGNED uint64_t mask;
    uint64_t most;
    struct push_queue *list;
    struct push_numbered *slots;
    const struct contend_allocator *allocator;
};

struct push_queues_handle {
    struct push_queue *mine;
    uint64_t next; /* the number of the next event that this reader wants */
};

static inline size_t push_queues_slot_bytes(const struct push_queues *q)
{
    return (size_t)(q->most * (q->mask + 1)) * sizeof *q->slots;
}

static inline size_t push_queues_bytes(const struct push_queues *q)
{
    return sizeof *q + (size_t)q->most * sizeof *q->list + push_queues_slot_bytes(q);
}

static inline void push_queues_fini(struct push_queues *q)
{
    contend_release(q->allocator, q->slots, push_queues_slot_bytes(q));
    contend_release(q->allocator, q->list, (size_t)q->most * sizeof *q->list);
    q->slots = NULL;
    q->list = NULL;
}

static inline int push_queues_init(struct push_queues *q, const struct push_config *config)
{
    if (config->slots == 0 || config->slots & (config->slots - 1) || config->slots > UINT32_MAX ||
        config->readers == 0 || config->readers > UINT32_MAX / config->slots)
        return -EINVAL;
    q->allocator = config->allocator;
    q->mask = config->slots - 1;
    q->most = config->readers;
    q->list = (struct push_queue *)contend_allocate(q->allocator, CONTEND_CACHE_LINE,
                                                    (size_t)q->most * sizeof *q->list);
    q->slots = (struct push_numbered *)contend_allocate(q->allocator, CONTEND_CACHE_LINE,
                                                        push_queues_slot_bytes(q));
    if (!q->list || !q->slots) {
        push_queues_fini(q);
        return -ENOMEM;
    }
    atomic_init(&q->head, 0);
    for (uint64_t i = 0; i < q->most; i++) {
        atomic_init(&q->list[i].put, 0);
        atomic_init(&q->list[i].taken, 0);
        atomic_init(&q->list[i].state, PUSH_QUEUE_FREE);
        q->list[i].slots = &q->slots[i * (q->mask + 1)];
    }
    return 0;
}

/* The event goes into the queue, or is lost to its reader. */
static inline void push_queues_put(const struct push_queues *q, struct push_queue *one, uint64_t n,
                                   const struct push_event *e)
{
    /* relaxed: this thread alone stores it. */
    uint64_t put = atomic_load_explicit(&one->put, memory_order_relaxed);

    /* acquire: pairs with the release in push_queues_read(), which is done with the slot. */
    if (put - atomic_load_explicit(&one->taken, memory_order_acquire) > q->mask)
        return;
    one->slots[put & q->mask] = (struct push_numbered){ n, *e };
    /* release: pairs with the acquire in push_queues_read(). */
    atomic_store_explicit(&one->put, put + 1, memory_order_release);
}

static inline void push_queues_publish(struct push_queues *q, const struct push_event *e)
{
    /* relaxed: this thread alone stores it. */
    uint64_t n = atomic_load_explicit(&q->head, memory_order_relaxed);

    for (uint64_t i = 0; i < q->most; i++)
        /* acquire: pairs with the release in push_queues_attach(). */
        if (atomic_load_explicit(&q->list[i].state, memory_order_acquire) == PUSH_QUEUE_OPEN)
            push_queues_put(q, &q->list[i], n, e);
    CONTEND_STEP("queues: put, not yet published");
    /* release: pairs with the acquire in push_queues_head(). */
    atomic_store_explicit(&q->head, n + 1, memory_order_release);
}

static inline uint64_t push_queues_head(const struct push_queues *q)
{
    /* acquire: pairs with the release in push_queues_publish(). */
    return atomic_load_explicit(&q->head, memory_order_acquire);
}

static inline int push_queues_attach(struct push_queues *q, struct push_queues_handle *h)
{
    for (uint64_t i = 0; i < q->most; i++) {
        struct push_queue *one = &q->list[i];
        uint32_t free_one = PUSH_QUEUE_FREE;
        /* acquire: pairs with the release in push_queues_detach(); relaxed: another queue is tried. */
        if (!atomic_compare_exchange_strong_explicit(&one->state, &free_one, PUSH_QUEUE_TAKEN,
                                                     memory_order_acquire, memory_order_relaxed))
            continue;
        h->mine = one;
        /*
         * The number first: an event that the writer still puts here for the reader before is not older
         * than what this finds, since the writer is not done with it.
         */
        h->next = push_queues_head(q);
        /*
         * acquire: pairs with the release in push_queues_put().  release: pairs with the acquire there; a
         * writer that found the queue open before passes on the slots that the reader before has read.
         */
        atomic_store_explicit(&one->taken, atomic_load_explicit(&one->put, memory_order_acquire),
                              memory_order_release);
        /* release: pairs with the acquire in push_queues_publish(). */
        atomic_store_explicit(&one->state, PUSH_QUEUE_OPEN, memory_order_release);
        return 0;
    }
    return -EAGAIN;
}

static inline void push_queues_detach(struct push_queues *q, struct push_queues_handle *h)
{
    (void)q;
    /* release: pairs with the acquire in push_queues_attach(). */
    atomic_store_explicit(&h->mine->state, PUSH_QUEUE_FREE, memory_order_release);
    h->mine = NULL;
}

static inline int push_queues_read(struct push_queues *q, struct push_queues_handle *h,
                                   struct push_event *out, uint64_t *lost)
{
    struct push_queue *one = h->mine;
    /* Before the queue is looked at: what was published by now is in it, or lost. */
    uint64_t head = push_queues_head(q);
    /* relaxed: this thread alone stores it. */
    uint64_t taken = atomic_load_explicit(&one->taken, memory_order_relaxed);

    CONTEND_STEP("queues: knows head, not yet looked into the queue");
    /* acquire: pairs with the release in push_queues_put(). */
    if (atomic_load_explicit(&one->put, memory_order_acquire) == taken) {
        if (head > h->next) {
            *lost += head - h->next;
            h->next = head;
        }
        return 0;
    }
    const struct push_numbered *first = &one->slots[taken & q->mask];
    *lost += first->number - h->next;
    h->next = first->number + 1;
    *out = first->event;
    /* release: pairs with the acquire in push_queues_put(). */
    atomic_store_explicit(&one->taken, taken + 1, memory_order_release);
    return 1;
}

static const struct push_traits push_queues_traits = {
    .id = { .name = "queues", .title = "a queue for each reader; the writer fills them all",
            .reference = "Lamport, Specifying Concurrent Program Modules, 1983" },
    .publish = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .each = true,
    .keeps_oldest = true,
};

#endif
