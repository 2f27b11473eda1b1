/*
 * access.h - what a thread needs for a map made of shards: its counts and its locks' handles.
 */
#include "presence_map/parts/guard.h" /* before the guard: see chosen.h */

#ifndef CONTEND_PRESENCE_MAP_PARTS_ACCESS_H
#define CONTEND_PRESENCE_MAP_PARTS_ACCESS_H

#include "presence_map/parts/tally.h"

struct presence_access {
    struct presence_tally tally;
    struct presence_keys keys; /* at most one lock is held at a time */
    int64_t removed;           /* by the sweep under way */
};

/* 0, or the error of the allocator or of the lock; then nothing is held. */
static inline int presence_access_attach(struct presence_access *a, struct presence_ledger *ledger,
                                         const struct presence_guards *all)
{
    int error = presence_keys_attach(&a->keys, all);

    if (error)
        return error;
    error = presence_ledger_enter(ledger, &a->tally);
    if (error)
        presence_keys_detach(&a->keys, all);
    return error;
}

static inline void presence_access_detach(struct presence_access *a, struct presence_ledger *ledger,
                                          const struct presence_guards *all)
{
    presence_ledger_leave(ledger, &a->tally);
    presence_keys_detach(&a->keys, all);
}

/* A sweep has removed one more. */
static inline void presence_access_swept(struct presence_access *a)
{
    presence_tally_count(&a->tally, PRESENCE_SWEPT);
    a->removed++;
}

#endif
