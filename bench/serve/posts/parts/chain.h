/*
 * chain.h - posts in lock-free chains, over any scheme of reclamation with destructors.
 *
 * A record's life: linked; claimed, when a swap makes its state DEAD; emptied, when its link to
 * the text is closed; marked, when its own link's lowest bit is set, so that nothing can be linked
 * behind it any more; unlinked, by the one swap that takes it out of the link before it; retired by
 * the thread that did that.  It never goes back.  All but init runs inside (reclaim/reclaim.h).
 *
 * Invariant: a chain is in rising order of ids, without repetition.  A link that is not marked leads
 *   to a linked record or to none, and a marked link never changes (R4).  Only DEAD records are
 *   marked, and only emptied ones.  A text's link is the address of a text that is linked, or closed,
 *   and a closed one never changes.
 * Pairings: the releasing swap that links a record or a text with the acquiring load of whatever
 *   comes there by that link; the releasing claim with the acquiring load of the state, so that a
 *   thread that finds DEAD has seen what came before.
 * Reference: T. Harris, 2001; M. Michael, "High Performance Dynamic Lock-Free Hash Tables and
 *   List-Based Sets", SPAA 2002: as presence_map/parts/marked_list.h, whose nodes are heartbeats.
 */
#include "presence_map/reclaim/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_BENCH_SERVE_POSTS_PARTS_CHAIN_H
#define CONTEND_BENCH_SERVE_POSTS_PARTS_CHAIN_H

#include "bench/serve/posts/parts/words.h"
#include "bench/serve/posts/posts.h"
#include "locks/parts/platform.h"
#include "presence_map/reclaim/reclaim.h"

/* The state of a post: what it is, and since when it is deleted. */
#define POSTS_LIVE UINT64_C(0)
#define POSTS_DEAD UINT64_C(1)
#define POSTS_DELETED UINT64_C(2) /* with the time above the lowest two bits */
#define POSTS_STATE(word) ((word) & 3)
#define POSTS_SINCE(word) ((word) >> 2)

#define POSTS_LINK_MARK ((uintptr_t)1) /* of a record's link: nothing is linked behind it */
#define POSTS_TEXT_CLOSED ((uintptr_t)1) /* of a text's link: there is none any more */

enum posts_block_kind { POSTS_RECORD = 1, POSTS_TEXT_BLOCK };

/* What a block of the domain begins with. */
struct posts_head {
    struct chosen_reclaim_block block;
    enum posts_block_kind kind;
};

/* Title, body and date, which never change while they are linked. */
struct posts_text {
    struct posts_head head;
    uint64_t published_at;
    uint32_t title_size, body_size;
    char *body; /* NULL if it is empty */
    char title[POSTS_TITLE];
};

struct posts_record {
    struct posts_head head;
    uint64_t id, blog, author; /* never change */
    _Atomic uint64_t state, views;
    _Atomic uintptr_t text, next;
    struct posts_words bio;
    _Atomic uint64_t bio_words[POSTS_BIO / 8];
};

union posts_block {
    struct posts_record record;
    struct posts_text text;
};

/* Where a search has stopped: at the first id that is not less than the one sought. */
struct posts_place {
    _Atomic uintptr_t *link;
    struct posts_record *record; /* NULL: all ids are less */
    unsigned before, at;         /* the slots that protect the link's record and `record` */
    unsigned passed;             /* records before it */
};

static inline struct posts_record *posts_record_of(uintptr_t link)
{
    return (struct posts_record *)(link & ~POSTS_LINK_MARK);
}

static inline unsigned posts_place_free_slot(const struct posts_place *p)
{
    return RECLAIM_SLOTS - p->before - p->at;
}

static inline uint64_t posts_state(struct posts_record *r)
{
    /* acquire: pairs with the release of a claim: a thread that finds DEAD comes after it. */
    return atomic_load_explicit(&r->state, memory_order_acquire);
}

/* The state `seen`, which was judged, becomes `next`, or nothing happens and *seen is the new one. */
static inline bool posts_change(struct posts_record *r, uint64_t *seen, uint64_t next)
{
    CONTEND_STEP("posts: judged and not yet changed");
    /*
     * release: what the caller did comes before, and pairs with the acquire in posts_state.
     * acquire: both ways, as there.
     */
    return atomic_compare_exchange_strong_explicit(&r->state, seen, next, memory_order_acq_rel,
                                                   memory_order_acquire);
}

/* The second step of a removal: edits find the link closed, and the last text goes. */
static inline void posts_record_empty(struct chosen_reclaim *d, struct chosen_reclaim_handle *h,
                                      struct posts_record *r)
{
    /*
     * acquire: the text comes with it; pairs with the release that linked it.  relaxed would do
     * for the other way: a closed link carries nothing, and what is retired orders itself.
     */
    uintptr_t text = atomic_exchange_explicit(&r->text, POSTS_TEXT_CLOSED, memory_order_acquire);

    CONTEND_STEP("posts: closed and not yet retired");
    if (!(text & POSTS_TEXT_CLOSED))
        chosen_reclaim_retire(d, h, (void *)text);
}

/* The third: nothing is linked behind the record any more. */
static inline uintptr_t posts_record_mark(struct posts_record *r)
{
    /*
     * release: the claim comes first; pairs with the acquire of a thread that meets the mark.
     * acquire: the record behind comes with it; pairs with the release that linked it.
     */
    return atomic_fetch_or_explicit(&r->next, POSTS_LINK_MARK, memory_order_acq_rel) &
           ~POSTS_LINK_MARK;
}

/* The fourth: the one thread for which it succeeds retires the record. */
static inline bool posts_record_unlink(struct chosen_reclaim *d, struct chosen_reclaim_handle *h,
                                       _Atomic uintptr_t *link, struct posts_record *r,
                                       uintptr_t behind)
{
    uintptr_t expected = (uintptr_t)r;

    CONTEND_STEP("posts: marked and not yet unlinked");
    /*
     * release: the record behind was published by another thread's swap, whose effect we have
     * acquired; pairs with the acquire of a thread that comes there by this link.  relaxed on
     * failure: the caller looks again.
     */
    if (!atomic_compare_exchange_strong_explicit(link, &expected, behind, memory_order_release,
                                                 memory_order_relaxed))
        return false;
    chosen_reclaim_retire(d, h, r);
    return true;
}

static inline struct posts_place posts_chain_begin(struct chosen_reclaim *d,
                                                   struct chosen_reclaim_handle *h,
                                                   _Atomic uintptr_t *head)
{
    struct posts_place p = { .link = head, .before = 1, .at = 0 };

    p.record = posts_record_of(chosen_reclaim_protect(d, h, p.at, head));
    return p;
}

/*
 * Finds where `id` is or belongs in the chain that begins at `head`; whether it is there, perhaps
 * DEAD.  Unlinks the marked records on the way: each turn back follows another thread's swap.
 */
static inline bool posts_chain_find(struct chosen_reclaim *d, struct chosen_reclaim_handle *h,
                                    _Atomic uintptr_t *head, uint64_t id, struct posts_place *p)
{
    *p = posts_chain_begin(d, h, head);
    while (p->record) {
        unsigned slot = posts_place_free_slot(p);
        uintptr_t next = chosen_reclaim_protect(d, h, slot, &p->record->next);
        if (next & POSTS_LINK_MARK) {
            uintptr_t behind = next & ~POSTS_LINK_MARK;
            if (posts_record_unlink(d, h, p->link, p->record, behind)) {
                /* The record behind was linked at that swap, so it was when we protected it. */
                p->record = posts_record_of(behind);
                p->at = slot;
            } else {
                *p = posts_chain_begin(d, h, head);
            }
            continue;
        }
        if (p->record->id >= id)
            return p->record->id == id;
        p->link = &p->record->next;
        p->before = p->at;
        p->at = slot;
        p->record = posts_record_of(next);
        p->passed++;
    }
    return false;
}

/*
 * What follows a claim: the record is emptied, marked, and unlinked if the link still leads to it.
 * If it does not, a search for any greater id unlinks it, or another thread has.
 */
static inline void posts_chain_bury(struct chosen_reclaim *d, struct chosen_reclaim_handle *h,
                                    struct posts_place *p)
{
    CONTEND_STEP("posts: claimed and not yet emptied");
    posts_record_empty(d, h, p->record);
    posts_record_unlink(d, h, p->link, p->record, posts_record_mark(p->record));
}

#endif
