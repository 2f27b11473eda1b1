/*
 * ck_ticket.h - Concurrency Kit's ticket lock, with both numbers in one word.
 *
 * Idea: as ticket.h, but the next number and the number that is served are the halves of one
 *   32-bit word.  A fetch-and-add on the upper half draws a number and reads the other one
 *   in the same step; and a try is one compare-and-swap of the whole word, which cannot
 *   mistake an old state for a new one within 2^16 turns.
 * Invariant: upper half less lower half (modulo 2^16) threads hold or await the lock; the
 *   holder is the one whose number equals the lower half.
 * Progress: blocking.  A preempted waiter holds up everybody behind it.
 * Cost: two locked instructions a pair on x86-64, since the lower half is incremented in a
 *   word that others change; 8 bytes, half of them for the option.
 * Breaks when: threads outnumber processors; more than 65,535 threads wait.  Off x86 the
 *   library keeps two words and has no try.
 * Use when: a fair lock must fit into a word.
 * Reference: J. Mellor-Crummey and M. Scott, "Algorithms for Scalable Synchronization on
 *   Shared-Memory Multiprocessors", 1991; Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_TICKET_H
#define CONTEND_LOCKS_CK_TICKET_H

#include <ck_spinlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_ticket {
    ck_spinlock_ticket_t lock;
    unsigned backoff; /* constant after init */
};

#define LOCK_INIT_ck_ticket { CK_SPINLOCK_TICKET_INITIALIZER, 0 }

#define LOCK_OPTIONS_ck_ticket(part) \
    { part "backoff", 0, 0, 10, "n > 0: pauses 2^n turns for each thread ahead" },

LOCK_OPTIONS_LIST(ck_ticket)

LOCK_STATELESS_HANDLE(ck_ticket)

LOCK_CK_INIT(ck_ticket, lock_ck_ticket_options, ck_spinlock_ticket_init(&l->lock);
             l->backoff = (unsigned)contend_option_value(&c.settings, lock_ck_ticket_options,
                                                         "backoff"))
LOCK_CK_FINI(ck_ticket, ck_spinlock_ticket_locked(&l->lock))

LOCK_CK_TAKES(ck_ticket, acquire,
              if (l->backoff) ck_spinlock_ticket_lock_pb(&l->lock, l->backoff);
              else ck_spinlock_ticket_lock(&l->lock))
LOCK_CK_DOES(ck_ticket, release, ck_spinlock_ticket_unlock(&l->lock))

#ifdef CK_F_SPINLOCK_TICKET_TRYLOCK
LOCK_CK_TRIES(ck_ticket, try_acquire, ck_spinlock_ticket_trylock(&l->lock))
enum { LOCK_CK_TICKET_TRIES = LOCK_TRY | LOCK_TRY_SHARED };
#else
LOCK_CK_LACKS(ck_ticket, try_acquire)
enum { LOCK_CK_TICKET_TRIES = 0 };
#endif

LOCK_EXCLUSIVE_ONLY(ck_ticket)
LOCK_READERS_HOLD_IT(ck_ticket)
LOCK_CALLER_EXECUTES(ck_ticket)

enum {
    lock_ck_ticket_flags = LOCK_CK_FLAGS | CONTEND_PROCESS_SHARED,
    lock_ck_ticket_features =
        LOCK_FIFO | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE | LOCK_CK_TICKET_TRIES,
};

static const struct lock_traits lock_ck_ticket_traits = {
    .id = {
        .name = "ck_ticket",
        .title = "Concurrency Kit's ticket lock, with both numbers in one word",
        .reference = "Mellor-Crummey and Scott, Algorithms for Scalable Synchronization, 1991",
        .flags = lock_ck_ticket_flags,
        .options = lock_ck_ticket_options,
    },
    .features = lock_ck_ticket_features,
    .bytes = sizeof(struct lock_ck_ticket),
};

LOCK_STATIC_TRAITS(ck_ticket)

#endif
