/*
 * ck_tflock.h - Concurrency Kit's task-fair read-write lock.
 *
 * Idea: a ticket lock for readers and writers.  A request draws a number of its kind and sees
 *   in the same step how many of the other kind came before it: a reader waits for the
 *   writers ahead of it, a writer for everybody ahead.  Readers that stand side by side
 *   enter together, and nobody overtakes.
 * Invariant: `request` and `completion` count readers in their upper and writers in their
 *   lower half; a writer enters when both words were equal at its number, a reader when the
 *   lower halves were.
 * Progress: blocking.  Nobody starves, but a preempted waiter holds up all behind it.
 * Cost: two compare-and-swap loops a pair, for readers as for writers; 8 bytes.
 * Breaks when: reads and writes alternate: then no two readers ever meet, and it is a slow
 *   ticket lock.  More than 32,767 threads of a kind.  There is no try.
 * Use when: the order of arrival must hold between readers and writers, too; ck_pflock.h
 *   bounds the wait of a reader to one writer instead.
 * Reference: J. Mellor-Crummey and M. Scott, "Scalable Reader-Writer Synchronization for
 *   Shared-Memory Multiprocessors", 1991; Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_TFLOCK_H
#define CONTEND_LOCKS_CK_TFLOCK_H

#include <ck_tflock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_tflock {
    ck_tflock_ticket_t lock;
};

#define LOCK_INIT_ck_tflock { CK_TFLOCK_TICKET_INITIALIZER }

#define LOCK_OPTIONS_ck_tflock(part) /* none */

LOCK_STATELESS_HANDLE(ck_tflock)

LOCK_CK_INIT(ck_tflock, NULL, ck_tflock_ticket_init(&l->lock))
LOCK_CK_FINI(ck_tflock, l->lock.request != l->lock.completion)

LOCK_CK_TAKES(ck_tflock, acquire, ck_tflock_ticket_write_lock(&l->lock))
LOCK_CK_LACKS(ck_tflock, try_acquire)
LOCK_CK_DOES(ck_tflock, release, ck_tflock_ticket_write_unlock(&l->lock))

LOCK_CK_TAKES(ck_tflock, acquire_shared, ck_tflock_ticket_read_lock(&l->lock))
LOCK_CK_LACKS(ck_tflock, try_acquire_shared)
LOCK_CK_DOES(ck_tflock, release_shared, ck_tflock_ticket_read_unlock(&l->lock))

LOCK_READERS_HOLD_IT(ck_tflock)
LOCK_CALLER_EXECUTES(ck_tflock)

enum {
    lock_ck_tflock_flags = LOCK_CK_FLAGS | CONTEND_PROCESS_SHARED,
    lock_ck_tflock_features = LOCK_FIFO | LOCK_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_ck_tflock_traits = {
    .id = {
        .name = "ck_tflock",
        .title = "Concurrency Kit's task-fair read-write lock",
        .reference = "Mellor-Crummey and Scott, Scalable Reader-Writer Synchronization, 1991",
        .flags = lock_ck_tflock_flags,
    },
    .features = lock_ck_tflock_features,
    .bytes = sizeof(struct lock_ck_tflock),
};

LOCK_STATIC_TRAITS(ck_tflock)

#endif
