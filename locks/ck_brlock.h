/*
 * ck_brlock.h - Concurrency Kit's big-reader lock: a count for each reader.
 *
 * Idea: every reader has a word of its own, in a list that the lock keeps.  To read is to mark
 *   that word and to look at the writer's flag; a writer raises the flag and then waits
 *   for each word in the list.  Readers share no line that anyone writes while they read.
 * Invariant: a thread that reads has its word set; a writer has found every word at 0 after it
 *   had raised the flag, and a reader the flag down after it had set its word.
 * Progress: blocking.  A writer waits for every reader, and looks at every attached handle.
 * Cost: one locked instruction a pair for readers, on a line of their own; for a writer one,
 *   and a line for each attached handle.  16 bytes a lock, a line pair a handle.  attach and
 *   detach are writers: they wait for readers.
 * Breaks when: writes are common, or handles are many: each write visits all of them.  A thread
 *   that holds the lock and attaches another handle waits for itself.
 * Use when: nearly all sections read, and the threads are few and known.
 * Reference: I. Molnar and D. Miller, Linux 2.4, lib/brlock.c, 2000; Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_BRLOCK_H
#define CONTEND_LOCKS_CK_BRLOCK_H

#include <ck_brlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"

struct lock_ck_brlock {
    ck_brlock_t lock;
};

struct lock_ck_brlock_handle {
    CONTEND_ALIGNED ck_brlock_reader_t reader;
};

#define LOCK_INIT_ck_brlock { CK_BRLOCK_INITIALIZER }

#define LOCK_OPTIONS_ck_brlock(part) /* none */

LOCK_CK_INIT(ck_brlock, NULL, ck_brlock_init(&l->lock))
LOCK_CK_FINI(ck_brlock, l->lock.writer)

LOCK_CK_TAKES(ck_brlock, attach, ck_brlock_read_register(&l->lock, &h->reader))
LOCK_CK_DOES(ck_brlock, detach, ck_brlock_read_unregister(&l->lock, &h->reader))

LOCK_CK_TAKES(ck_brlock, acquire, ck_brlock_write_lock(&l->lock))
LOCK_CK_TRIES(ck_brlock, try_acquire, ck_brlock_write_trylock(&l->lock, 1)) /* one step */
LOCK_CK_DOES(ck_brlock, release, ck_brlock_write_unlock(&l->lock))

LOCK_CK_TAKES(ck_brlock, acquire_shared, ck_brlock_read_lock(&l->lock, &h->reader))
LOCK_CK_TRIES(ck_brlock, try_acquire_shared, ck_brlock_read_trylock(&l->lock, &h->reader, 1))
LOCK_CK_DOES(ck_brlock, release_shared, ck_brlock_read_unlock(&h->reader))

LOCK_READERS_HOLD_IT(ck_brlock)
LOCK_CALLER_EXECUTES(ck_brlock)

enum {
    lock_ck_brlock_flags = LOCK_CK_FLAGS | CONTEND_LOOKS_INTO_HANDLES,
    lock_ck_brlock_features = LOCK_SHARED | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER,
};

static const struct lock_traits lock_ck_brlock_traits = {
    .id = {
        .name = "ck_brlock",
        .title = "Concurrency Kit's big-reader lock: a count for each reader",
        .reference = "Molnar and Miller, Linux 2.4, lib/brlock.c, 2000",
        .flags = lock_ck_brlock_flags,
    },
    .features = lock_ck_brlock_features,
    .bytes = sizeof(struct lock_ck_brlock),
};

LOCK_STATIC_TRAITS(ck_brlock)

#endif
