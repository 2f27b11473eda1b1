/*
 * epoch.h - what is retired waits until every thread has been seen in a later epoch.
 *
 * Idea: a counter of epochs for all.  A thread that enters writes down the epoch that it finds;
 *   it is then *pinned* there.  The counter goes on only when every pinned thread is pinned in the
 *   present epoch.  So a block that was retired some epochs ago cannot be in the hands of anyone.
 * Invariant: a block that is retired carries an epoch g, which the counter had when it could no
 *   longer be reached.  A thread that may hold it has entered before, so its mark is at most g.
 *   Its mark lets the counter go on by one at most, and so does an advance that did not see the
 *   mark yet, which began at g or before.  Hence the counter is at most g + 1 while that thread
 *   is inside, and at g + 2 the block may be freed.
 * Progress: enter, leave and retire are wait-free apart from the allocator.  A thread that
 *   stalls inside holds up all freeing: without limit.
 * Cost: a store and a full fence to enter, a store to leave; reading costs nothing.  A retired
 *   block costs a fence, and a load of each thread's mark for every `batch` of them.  16 bytes a
 *   block.
 * Breaks when: a thread stalls inside (it is preempted, waits for a page, or calls a slow
 *   function): everything that all threads retire meanwhile is kept.
 * Use when: operations are short, threads are few for the processors, and readers must be cheap.
 *   The default among the schemes.
 * Reference: K. Fraser, "Practical Lock-Freedom", 2004, section 5.2.3.  There blocks wait in three
 *   lists, one for each epoch; here in one, and each carries its epoch.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_EPOCH_H
#define CONTEND_PRESENCE_MAP_RECLAIM_EPOCH_H

#include "locks/parts/platform.h"
#include "presence_map/reclaim/parts/epochs.h"
#include "presence_map/reclaim/reclaim.h"

#define RECLAIM_OPTIONS_epoch(part) RECLAIM_EPOCHS_OPTIONS(part)

RECLAIM_OF_EPOCHS(epoch)
RECLAIM_NO_ANNOUNCEMENTS(epoch)

static inline int reclaim_epoch_attach(struct reclaim_epoch *d, struct reclaim_epoch_handle *h)
{
    return reclaim_epochs_attach(&d->base, &h->base);
}

/* A section: pinned in the epoch that it finds, from here ... */
static inline void reclaim_epoch_enter(struct reclaim_epoch *d, struct reclaim_epoch_handle *h)
{
    reclaim_epochs_mark(&d->base, &h->base);
}

/* ... to here. */
static inline void reclaim_epoch_leave(struct reclaim_epoch *d, struct reclaim_epoch_handle *h)
{
    reclaim_epochs_unmark(&d->base, &h->base);
}

static inline void reclaim_epoch_drain(struct reclaim_epoch *d, struct reclaim_epoch_handle *h)
{
    for (int i = 0; i < RECLAIM_EPOCHS_GRACE && h->base.mine->first; i++)
        reclaim_epochs_try(&d->base, &h->base);
}

static inline void reclaim_epoch_detach(struct reclaim_epoch *d, struct reclaim_epoch_handle *h)
{
    reclaim_epoch_drain(d, h);
    reclaim_records_give_up(&h->base.mine->base);
}

enum {
    reclaim_epoch_features = RECLAIM_SECTIONS,
    reclaim_epoch_flags = 0,
    reclaim_epoch_modulo = 0,
    reclaim_epoch_reads = CONTEND_WAIT_FREE,
};

#define RECLAIM_TITLE_epoch "freed when every thread has been seen in a later epoch"
#define RECLAIM_PAPER_epoch "Fraser, Practical Lock-Freedom, 2004"

#endif
