/*
 * qsbr.h - a thread says now and then that it holds nothing; between that it may hold anything.
 *
 * Idea: epoch.h without enter and leave.  A thread that has come to rest, between two requests
 *   say, announces it: whatever it read before, it holds no more.  Then it marks the present
 *   epoch, and the counter goes on when every thread has done so.  Reading costs nothing at all;
 *   the program pays with the promise to announce.
 * Invariant: parts/epochs.h's; a mark is made by an announcement.
 * Progress: everything is wait-free apart from the allocator.  A thread that does not announce
 *   holds up all freeing, without limit, whether it stalls inside, sleeps, or only forgot.
 * Cost: nothing to read.  An announcement is two loads, and a store and a fence when the epoch has
 *   gone on.  A retired block costs a fence, and a load of each thread's mark for every `batch`
 *   of them.  16 bytes a block.
 * Breaks when: a thread is attached and idle without saying that it is offline.
 * Use when: threads are the program's own and have a loop with an end to each turn.
 * Reference: P. McKenney and J. Slingwine, "Read-Copy Update: Using Execution History to Solve
 *   Concurrency Problems", PDCS 1998; as QSBR in M. Hart, P. McKenney, A. Demke Brown and J.
 *   Walpole, "Performance of Memory Reclamation for Lockless Synchronization", JPDC 2007.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_QSBR_H
#define CONTEND_PRESENCE_MAP_RECLAIM_QSBR_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/epochs.h"
#include "presence_map/reclaim/reclaim.h"

#define RECLAIM_OPTIONS_qsbr(part) RECLAIM_EPOCHS_OPTIONS(part)

RECLAIM_OF_EPOCHS(qsbr)

static inline void reclaim_qsbr_enter(struct reclaim_qsbr *d, struct reclaim_qsbr_handle *h)
{
    (void)d, (void)h;
}

static inline void reclaim_qsbr_leave(struct reclaim_qsbr *d, struct reclaim_qsbr_handle *h)
{
    (void)d, (void)h;
}

static inline void reclaim_qsbr_online(struct reclaim_qsbr *d, struct reclaim_qsbr_handle *h)
{
    reclaim_epochs_mark(&d->base, &h->base);
}

static inline void reclaim_qsbr_offline(struct reclaim_qsbr *d, struct reclaim_qsbr_handle *h)
{
    reclaim_epochs_unmark(&d->base, &h->base);
}

static inline void reclaim_qsbr_quiescent(struct reclaim_qsbr *d, struct reclaim_qsbr_handle *h)
{
    /* relaxed, both: if the counter has not gone on since our mark, there is nothing to say. */
    if (atomic_load_explicit(&h->base.mine->pinned, memory_order_relaxed) !=
        atomic_load_explicit(&d->base.now, memory_order_relaxed))
        reclaim_epochs_mark(&d->base, &h->base);
}

/* The caller is outside, so it holds nothing: an announcement as well. */
static inline void reclaim_qsbr_drain(struct reclaim_qsbr *d, struct reclaim_qsbr_handle *h)
{
    for (int i = 0; i < RECLAIM_EPOCHS_GRACE && h->base.mine->first; i++) {
        reclaim_qsbr_quiescent(d, h);
        reclaim_epochs_try(&d->base, &h->base);
    }
}

static inline int reclaim_qsbr_attach(struct reclaim_qsbr *d, struct reclaim_qsbr_handle *h)
{
    int error = reclaim_epochs_attach(&d->base, &h->base);

    if (error == 0)
        reclaim_qsbr_online(d, h);
    return error;
}

static inline void reclaim_qsbr_detach(struct reclaim_qsbr *d, struct reclaim_qsbr_handle *h)
{
    reclaim_qsbr_drain(d, h);
    reclaim_qsbr_offline(d, h);
    reclaim_records_give_up(&h->base.mine->base);
}

enum {
    reclaim_qsbr_features = RECLAIM_SECTIONS | RECLAIM_ANNOUNCES,
    reclaim_qsbr_flags = 0,
    reclaim_qsbr_modulo = 0,
    reclaim_qsbr_reads = CONTEND_WAIT_FREE,
};

#define RECLAIM_TITLE_qsbr "freed when every thread has announced that it holds nothing"
#define RECLAIM_PAPER_qsbr "McKenney and Slingwine, Read-Copy Update, 1998"

#endif
