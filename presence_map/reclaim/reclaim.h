/*
 * reclaim.h - the contract of every scheme of safe memory reclamation.
 *
 * A structure without locks unlinks a block while other threads may still stand on it.  A scheme
 * says when such a block may be used for something else.  A scheme NAME is one header,
 * presence_map/reclaim/NAME.h, with `struct reclaim_NAME` (a domain: a member of the structure
 * whose blocks it keeps), `struct reclaim_NAME_handle` (a member of each thread's handle),
 * `struct reclaim_NAME_block` (the first member of each block), and the operations below as
 * `static inline` functions such as `reclaim_NAME_enter(domain, handle)`.  A template is written
 * against `chosen_reclaim_enter` and so on; see parts/chosen.h.
 *
 * Words.  A block is *linked* while a link leads to it, *unlinked* when a swap has taken it out
 * of the last link, *retired* when the thread that unlinked it has said so, and *freed* when its
 * memory may be used again.  A *link* is an atomic word of the structure: the address of a block
 * or 0, and in the lowest three bits whatever the structure wants to mark.  A thread is *inside*
 * between enter and leave.
 *
 * What the structure promises
 *
 *  R1  A thread attaches before it uses a domain, and detaches after, both outside.
 *  R2  It touches blocks only inside, and of those only what R6 or R7 keeps for it.
 *  R3  A block comes from `allocate` of the domain.  It is linked by a store that is a release.
 *      It is retired once, by a thread inside, after it was unlinked; and nobody links it again.
 *      A block that was never linked is given back by `discard`.
 *  R4  A link that other threads can see, and whose lowest bit is 0, leads to a block that is
 *      linked, or to none.  (A structure that marks a block's own link before the block is unlinked,
 *      and never changes a marked link, keeps to this without effort: M. Michael, 2002.)
 *
 * What the scheme promises
 *
 *  R5  allocate returns a block of the domain's size, or NULL; its own part is ready, the rest is
 *      rubbish.  discard gives back a block that no other thread has seen.  A block of the
 *      structure's own memory can be linked after embed(block), and is never retired.
 *  R6  protect(domain, handle, slot, link) returns what the link was at some instant of the call,
 *      with an acquire load.  The block that this leads to is not freed until `slot` protects
 *      something else or the thread leaves, provided that the block was linked at that instant.
 *      With a lowest bit of 0 it was (R4).  There are RECLAIM_SLOTS slots.
 *  R7  With RECLAIM_SECTIONS the slots mean nothing: no block is freed that could be reached by
 *      any path at any instant since the thread entered, also through blocks that are unlinked.
 *  R8  retire frees the block some time later, perhaps at once, perhaps others with it.
 *      drain frees what it can of what this thread has retired, without waiting; outside.  What
 *      a thread still has retired when it detaches goes to a thread that attaches later, or
 *      waits for fini.
 *  R9  bound(domain) is the greatest number of blocks that are retired and not freed at any time,
 *      however long a thread stalls inside, with as many threads as have been attached until now
 *      and at most `present` blocks linked at any time; UINT64_MAX if a stalled thread holds up
 *      without limit.
 *  R10 init may fail with -ENOMEM or as its settings do, attach with -ENOMEM or -EAGAIN; nothing
 *      else fails.  fini is called when no thread is attached and no block is linked: the structure
 *      has given those to the allocator.  It frees everything, and may wait for that; may_end
 *      says whether the caller can wait here.  (The structure's own books say whether a thread is
 *      attached.)
 *  R11 What enter, protect, leave and retire do beside each other is at least lock-free, apart
 *      from the allocator, and from what the constant `modulo` says (enum contend_progress).
 *      The constant `reads` says what enter, protect and leave are.  With another setting of an
 *      option modulo_of(domain) may say more.
 *  R12 quiescent, offline and online do something with RECLAIM_ANNOUNCES only: a thread that
 *      makes no announcement is then taken to be inside for ever.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_RECLAIM_H
#define CONTEND_PRESENCE_MAP_RECLAIM_RECLAIM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "locks/parts/allocator.h"
#include "locks/parts/options.h"
#include "locks/parts/traits.h"

/* What each thread protects at once: a block, the one before it and the one behind it. */
enum { RECLAIM_SLOTS = 3 };

enum reclaim_features {
    RECLAIM_SECTIONS = 1,  /* R7 */
    RECLAIM_BOUNDED = 2,   /* bound() is a number: a stalled thread holds up no more */
    RECLAIM_REUSES = 4,    /* blocks go back to the allocator in fini only; until then to the
                              domain's next allocate */
    RECLAIM_ANNOUNCES = 8, /* R12 */
    RECLAIM_KEEPS = 16,    /* nothing is freed before fini */
};

struct reclaim_config {
    size_t align, size; /* of a block, the scheme's part included */
    const struct contend_allocator *allocator;
    struct contend_settings settings; /* for the scheme's options */
};

/* At quiescent points exact; otherwise a snapshot of moving parts. */
struct reclaim_stats {
    size_t bytes;        /* requested from the allocator and held now, blocks included */
    size_t retired;      /* blocks that are retired and not freed */
    size_t retired_peak; /* at least the greatest value of `retired` so far: the sum of what each
                            thread has held at most */
};

#endif
