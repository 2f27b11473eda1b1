/*
 * ck_bytelock.h - Concurrency Kit's byte lock: a byte for each reader, in one line.
 *
 * Idea: a read-write lock of one cache line: the owner, a byte for each of 56 reading threads,
 *   and a count for the threads beyond.  A reader with a byte writes it with a plain exchange
 *   and needs no read-modify-write on a count; a writer looks at all bytes with seven loads.
 * Invariant: a thread that reads has set its byte, or is in the count; a writer has found all
 *   of them at 0 after it had put its number into `owner`, and a reader found no owner after
 *   it had set its byte.
 * Progress: blocking.  A writer keeps new readers out, and waits for those inside.
 * Cost: one locked instruction a pair for readers and for writers; 64 bytes, and 128 to number
 *   the threads.  All of it is one line, which every reader writes: what a byte a reader
 *   saves is the count, not the traffic; ck_brlock.h saves that.
 * Breaks when: readers are many and short: the line moves at each of them.  Threads outnumber
 *   processors.  There is no try.
 * Use when: transactions of a few hundred nanoseconds lock many small objects for reading.
 * Reference: D. Dice and N. Shavit, "TLRW: Return of the Read-Write Lock", SPAA 2010;
 *   Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_BYTELOCK_H
#define CONTEND_LOCKS_CK_BYTELOCK_H

#include <ck_bytelock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"
#include "locks/parts/thread_number.h"

struct lock_ck_bytelock {
    CONTEND_ALIGNED ck_bytelock_t lock;
    struct thread_numbers numbers;
};

struct lock_ck_bytelock_handle {
    unsigned slot; /* from 1; beyond the bytes it is only an owner's number */
};

#define LOCK_INIT_ck_bytelock { CK_BYTELOCK_INITIALIZER, { { 0 } } }

#define LOCK_OPTIONS_ck_bytelock(part) /* none */

LOCK_CK_INIT(ck_bytelock, NULL, ck_bytelock_init(&l->lock); thread_numbers_init(&l->numbers))
LOCK_CK_FINI(ck_bytelock, l->lock.owner != 0)

static inline int lock_ck_bytelock_attach(struct lock_ck_bytelock *l,
                                          struct lock_ck_bytelock_handle *h)
{
    int number = thread_numbers_enter(&l->numbers, THREAD_NUMBERS_MAX);

    h->slot = (unsigned)number + 1;
    return number < 0 ? number : 0;
}

LOCK_CK_DOES(ck_bytelock, detach, thread_numbers_leave(&l->numbers, (int)h->slot - 1))

LOCK_CK_TAKES(ck_bytelock, acquire, ck_bytelock_write_lock(&l->lock, h->slot))
LOCK_CK_LACKS(ck_bytelock, try_acquire)
LOCK_CK_DOES(ck_bytelock, release, ck_bytelock_write_unlock(&l->lock))

LOCK_CK_TAKES(ck_bytelock, acquire_shared, ck_bytelock_read_lock(&l->lock, h->slot))
LOCK_CK_LACKS(ck_bytelock, try_acquire_shared)
LOCK_CK_DOES(ck_bytelock, release_shared, ck_bytelock_read_unlock(&l->lock, h->slot))

LOCK_READERS_HOLD_IT(ck_bytelock)
LOCK_CALLER_EXECUTES(ck_bytelock)

enum {
    lock_ck_bytelock_flags = LOCK_CK_FLAGS,
    lock_ck_bytelock_features = LOCK_SHARED | LOCK_KNOWS_HOLDER,
};

static const struct lock_traits lock_ck_bytelock_traits = {
    .id = {
        .name = "ck_bytelock",
        .title = "Concurrency Kit's byte lock: a byte for each reader, in one line",
        .reference = "Dice and Shavit, TLRW: Return of the Read-Write Lock, 2010",
        .flags = lock_ck_bytelock_flags,
    },
    .features = lock_ck_bytelock_features,
    .bytes = sizeof(struct lock_ck_bytelock),
};

LOCK_STATIC_TRAITS(ck_bytelock)

#endif
