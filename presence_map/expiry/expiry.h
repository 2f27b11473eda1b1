/*
 * expiry.h - the contract of every expiry policy: how a map finds the entries that a sweep removes.
 *
 * A policy NAME is one header, presence_map/expiry/NAME.h, with `struct expiry_NAME` and the
 * functions below as `static inline` ones such as expiry_NAME_filled().  Maps are written against
 * chosen_expiry_filled() and so on (presence_map/expiry/chosen.h), and composed with each policy.
 *
 * Its subject is slots, not users: the numbered places of one table, each free or with an entry that
 * has a stamp, the time of its last heartbeat.  A policy never learns whose entry it is.  It decides
 * no answer either: readers judge an entry by its stamp, and a policy only finds what is to be freed.
 *
 *  E1  Every function is called under the exclusive lock of the table, whose slots and policy it
 *      protects together.  So a policy has no atomics, and reads no clock.
 *  E2  The table tells what has happened to a slot, after it has happened: filled (it was free and now
 *      has an entry), refreshed (its stamp has risen), moved (an entry went, with its stamp, from one
 *      slot to another that was free), freed (its entry is gone; the slot's content is then no longer
 *      looked at).  None of these can fail.
 *  E3  An entry is due at `now` if its age is more than kept_ms; UINT64_MAX means never.  The age is 0
 *      if the stamp is later than `now`.  Calls come with any `now`, also with earlier ones than
 *      before, and after any pause.
 *  E4  Safety: due() returns only a slot whose entry is due at visit->now, or EXPIRY_NONE.  The table
 *      removes that entry before it calls due() again.
 *  E5  Completeness: if a visit has begun with `whole` and due() has set `ended`, then no entry is left
 *      that has been due since the visit began.  The same holds after a round of budgeted visits, from
 *      one that ended to the next one that ends, if nobody else swept.  A policy that cannot promise it
 *      has PRESENCE_SWEEP_MAY_MISS in its features.
 *  E6  due() examines at most visit->budget entries or free slots, and takes what it has examined from
 *      the budget.  It sets `ended` if the visit, or with a budget the round, is at its end.  A visit
 *      may be made in several sections of the lock, with other calls between them.
 *  E7  A table that gets more slots makes a new policy with renew(), and fills the new table in the
 *      order of after(), which begins after EXPIRY_NONE and ends at EXPIRY_NONE or beyond the last
 *      slot.  init and renew may answer -ENOMEM or an error of their options, and then hold nothing.
 *
 * Besides, a policy has macros: EXPIRY_OPTIONS_NAME(PART), its options; EXPIRY_SUFFIX_NAME and
 * EXPIRY_TITLE_NAME, what it adds to the name and title of a map; EXPIRY_WORDS_NAME, what it does in a
 * few words; and EXPIRY_SLOT_BYTES_NAME and EXPIRY_TABLE_BYTES_NAME, its memory for each slot and for
 * each table.
 */
#ifndef CONTEND_PRESENCE_MAP_EXPIRY_EXPIRY_H
#define CONTEND_PRESENCE_MAP_EXPIRY_EXPIRY_H

#include "locks/parts/allocator.h"
#include "presence_map/presence_map.h"

#define EXPIRY_NONE UINT64_MAX /* no slot */

/* What a policy is made for. */
struct expiry_config {
    uint64_t kept_ms; /* the greatest age at which an entry is left alone */
    uint64_t seed;    /* of a policy that chooses at random */
    const struct contend_allocator *allocator;
    const struct contend_settings *settings; /* the map's, or NULL */
};

/* A table as a policy sees it. */
struct expiry_view {
    const void *table;
    uint64_t slots;
    uint64_t (*stamp)(const void *table, uint64_t slot); /* 0: the slot is free */
};

/* One call of sweep, in this table. */
struct expiry_visit {
    uint64_t now;
    uint64_t budget; /* how much may still be examined in this section */
    bool whole;      /* everything is examined, wherever the budgeted round stands */
    bool ended;      /* the visit, or the round, is complete */
    uint64_t mark, place; /* of a whole visit, for the policy; 0 at first */
};

/* E3. */
static inline bool expiry_is_due(uint64_t stamp, uint64_t now, uint64_t kept_ms)
{
    return !presence_fresh(stamp, now, kept_ms);
}

/* For a policy that has nothing to do when a slot is filled, refreshed or freed. */
#define EXPIRY_IGNORES_ENTRIES(NAME)                                                          \
    static inline void expiry_##NAME##_filled(struct expiry_##NAME *e,                        \
                                              const struct expiry_view *v, uint64_t slot)     \
    {                                                                                         \
        (void)e, (void)v, (void)slot;                                                         \
    }                                                                                         \
    static inline void expiry_##NAME##_refreshed(struct expiry_##NAME *e,                     \
                                                 const struct expiry_view *v, uint64_t slot)  \
    {                                                                                         \
        (void)e, (void)v, (void)slot;                                                         \
    }                                                                                         \
    static inline void expiry_##NAME##_freed(struct expiry_##NAME *e, uint64_t slot)          \
    {                                                                                         \
        (void)e, (void)slot;                                                                  \
    }

/* For a policy that need not know where an entry is. */
#define EXPIRY_IGNORES_MOVES(NAME)                                                            \
    static inline void expiry_##NAME##_moved(struct expiry_##NAME *e, uint64_t from, uint64_t to) \
    {                                                                                         \
        (void)e, (void)from, (void)to;                                                        \
    }

/* For a policy that has no wish in which order entries move to a larger table: slot by slot. */
#define EXPIRY_MOVES_IN_ORDER(NAME)                                                           \
    static inline uint64_t expiry_##NAME##_after(const struct expiry_##NAME *e, uint64_t slot) \
    {                                                                                         \
        (void)e;                                                                              \
        return slot + 1; /* EXPIRY_NONE + 1 is 0 */                                           \
    }

/* For a policy without memory of its own. */
#define EXPIRY_HOLDS_NOTHING(NAME)                                                            \
    static inline void expiry_##NAME##_fini(struct expiry_##NAME *e)                          \
    {                                                                                         \
        (void)e;                                                                              \
    }                                                                                         \
    static inline size_t expiry_##NAME##_bytes(const struct expiry_##NAME *e)                 \
    {                                                                                         \
        (void)e;                                                                              \
        return 0;                                                                             \
    }

#endif
