/*
 * swapping.h - every heartbeat is a compare-and-swap: exact.
 *
 * Idea: a swap names the word that the heartbeat has judged, so nothing that came between is lost.
 * Invariant: a user's stamp only rises, but for removals.
 * Progress: lock-free.
 * Cost: a locked instruction, which waits for the stores before it.
 * Breaks when: nothing.
 * Use when: last_seen must never go back, or the books must be exact.
 * Reference: J. Preshing, "You Can Do Any Kind of Atomic Read-Modify-Write Operation", 2015.
 */
#ifndef CONTEND_PRESENCE_MAP_WRITES_SWAPPING_H
#define CONTEND_PRESENCE_MAP_WRITES_SWAPPING_H

#define WRITE_SUFFIX_swapping ""
#define WRITE_TITLE_swapping ""

enum { write_swapping_stores = 0 };

#endif
