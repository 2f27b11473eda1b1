/*
 * storing.h - a heartbeat that finds its user online stores the new stamp (P20).
 *
 * Idea: a locked instruction waits for the stores before it; a plain store does not, and later loads
 *   need not wait for it either.  Heartbeats of users who are online, nearly all of them, become a load
 *   and a store; all others still swap.
 * Invariant: a store writes to a place that has been the user's, and will be for ever, so it can hurt
 *   nobody else, and a user never has two entries.  That is why only maps whose users keep their
 *   places have this choice: where places change hands or rows move, a late store would overwrite
 *   another user's row.
 *   A refresh has two points, the load that judges and the store.  What other operations do to the
 *   user between them is overwritten: a later stamp, a leave, a sweep's removal.  What had ended before
 *   the heartbeat began was seen by the load.  So the class is PRESENCE_STORES: last_seen may go back
 *   to an earlier heartbeat that overlaps the later one, a user who left or was swept may be there
 *   again, and the books be off by as many.
 * Progress: a refresh is wait-free; a heartbeat that brings a user online swaps.
 * Cost: no locked instruction for most heartbeats.
 * Breaks when: a heartbeat stands still between its load and its store: however long that takes, the
 *   store then undoes what came between.
 * Use when: heartbeats of one user do not overlap, or their order within a call's length does not matter.
 * Reference: P. McKenney, "Is Parallel Programming Hard", 2023, section 15.3 (plain and marked stores).
 */
#ifndef CONTEND_PRESENCE_MAP_WRITES_STORING_H
#define CONTEND_PRESENCE_MAP_WRITES_STORING_H

#define WRITE_SUFFIX_storing "_storing"
#define WRITE_TITLE_storing ", refreshed by plain stores"

enum { write_storing_stores = 1 };

#endif
