/*
 * parking.h - threads that sleep, found by the address of what they wait for.
 *
 * A table of queues, one for the whole process.  A lock keeps two bits and no queue: a
 * thread that waits stands in the queue that its address leads to, with a node on its own stack.
 * A million locks thus cost a million bytes, since at any time only as many nodes are needed
 * as there are threads.
 *
 * Invariant: a node is in the queue of its address from parking_wait() until parking_wake_one()
 *   takes it out; both hold that queue's `busy` while they look at the lock's bits and change the
 *   queue, so that between a look and a sleep no wake-up is lost.
 * Memory order: the queue is ordered by `busy`, acquire and release; a gate orders the one who
 *   wakes before the one who was woken.
 * Reference: F. Pizlo, "Locking in WebKit", 2016 (WTF::ParkingLot).
 */
#ifndef CONTEND_LOCKS_PARTS_PARKING_H
#define CONTEND_LOCKS_PARTS_PARKING_H

#include <stdbool.h>

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "locks/parts/traits.h"
#include "locks/parts/waiting.h"

struct parked {
    struct parked *next;
    const void *address;
    _Atomic uint32_t gate;
};

struct parking_queue {
    CONTEND_ALIGNED _Atomic uint32_t busy; /* 1: a thread looks at the queue */
    struct parked *first, *last;           /* guarded by busy; of all addresses that lead here */
};

enum { PARKING_QUEUES = 64 };

/*
 * The queue of an address.  All units of a process must have one table in common, a library and
 * the program that uses it as well.  So a weak function, of which one is chosen for all, has the
 * table; a variable would be copied into a program at the size that it was linked with.
 */
CONTEND_API __attribute__((weak)) struct parking_queue *contend_parking_queue(const void *address);
struct parking_queue *contend_parking_queue(const void *address)
{
    static struct parking_queue all[PARKING_QUEUES]; /* zero: nobody waits */

    return &all[presence_hash((uintptr_t)address, 0) % PARKING_QUEUES];
}

/* That queue for the caller alone. */
static inline struct parking_queue *parking_enter(const void *address)
{
    struct parking_queue *q = contend_parking_queue(address);

    /* acquire: pairs with the release in parking_leave. */
    while (atomic_exchange_explicit(&q->busy, 1, memory_order_acquire))
        contend_cpu_relax();
    return q;
}

static inline void parking_leave(struct parking_queue *q)
{
    /* release: pairs with the acquire in parking_enter. */
    atomic_store_explicit(&q->busy, 0, memory_order_release);
}

/* Sleeps until it is woken, unless `still(lock)` is false when nobody can wake it. */
static inline void parking_wait(const void *address, bool (*still)(void *lock), void *lock)
{
    static const struct waiting asleep = { WAITING_SLEEPS, 0 };
    struct parking_queue *q = parking_enter(address);
    struct parked me = { .address = address };

    if (!still(lock)) {
        parking_leave(q);
        return;
    }
    gate_shut(&me.gate);
    if (q->first)
        q->last->next = &me;
    else
        q->first = &me;
    q->last = &me;
    parking_leave(q);
    CONTEND_STEP("parking: in the queue, not asleep");
    gate_wait(&asleep, &me.gate);
}

/*
 * Takes the first thread that waits at that address out of its queue, if there is one, calls
 * `settle(lock, whether another one is left)` while nobody can come or go, and wakes it.
 */
static inline void parking_wake_one(const void *address, void (*settle)(void *lock, bool more),
                                    void *lock)
{
    static const struct waiting asleep = { WAITING_SLEEPS, 0 };
    struct parking_queue *q = parking_enter(address);
    struct parked *found = NULL, *before = NULL, *last = NULL;
    bool more = false;

    for (struct parked *p = q->first; p; last = p, p = p->next) {
        if (p->address != address)
            continue;
        if (found) {
            more = true;
            break;
        }
        found = p;
        before = last;
    }
    if (found) {
        if (before)
            before->next = found->next;
        else
            q->first = found->next;
        if (q->last == found)
            q->last = before;
    }
    settle(lock, more);
    parking_leave(q);
    if (found)
        gate_open(&asleep, &found->gate);
}

#endif
