/*
 * marked_list.h - a lock-free list of users, in order, over any scheme of reclamation.
 *
 * A node's life: linked with a stamp; claimed, when a swap makes its stamp DEAD; marked, when
 * its own link's lowest bit is set, so that nothing can be linked behind it any more; unlinked, by
 * the one swap that takes it out of the link before it; retired by the thread that did that.
 * It never goes back.  Everything but make, init and fini runs inside (reclaim/reclaim.h).
 *
 * Invariant: a list is in rising order of users, without repetition.  A link that is not
 *   marked leads to a linked node or to none, and a marked link never changes (R4).  Only DEAD
 *   nodes are marked.  A node is inserted, and unlinked, by a swap on a link that is not
 *   marked, hence one that is part of the list.
 * A look-up that finds nobody takes effect when it read the link from a smaller user to a
 *   greater one and that link was not marked; with RECLAIM_SECTIONS, where a look-up walks
 *   on through what was unlinked, see presence_list_seek.
 * Reference: T. Harris, "A Pragmatic Implementation of Non-Blocking Linked-Lists", DISC 2001;
 *   M. Michael, "High Performance Dynamic Lock-Free Hash Tables and List-Based Sets", SPAA 2002.
 */
#include "presence_map/reclaim/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_PARTS_MARKED_LIST_H
#define CONTEND_PRESENCE_MAP_PARTS_MARKED_LIST_H

#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/quota.h"
#include "presence_map/presence_map.h"
#include "presence_map/reclaim/reclaim.h"

#define PRESENCE_NODE_DEAD UINT64_C(0) /* not on the time axis */
#define PRESENCE_LINK_MARK ((uintptr_t)1)

/*
 * The stamp of a node that is there for ever and stands for no user: a place to begin a search.
 * A map that has such nodes defines PRESENCE_LIST_SENTINELS.  A user may have the same number
 * in the order, and comes behind it.
 */
#define PRESENCE_NODE_SENTINEL UINT64_MAX

typedef _Atomic uintptr_t presence_link;

struct presence_node {
    struct chosen_reclaim_block block;
    uint64_t user; /* never changes while the node is linked */
    _Atomic uint64_t last;
    presence_link next;
};

/* What all lists of a map share. */
struct presence_nodes {
    struct chosen_reclaim domain;
    CONTEND_ALIGNED struct presence_quota quota;
};

/*
 * Where a search has stopped: at the first user that is not less than the one sought.  Another
 * search takes the slots away, so there is one place at a time.
 */
struct presence_place {
    presence_link *link;        /* that leads there */
    struct presence_node *node; /* NULL: all users are less */
    unsigned before, at;        /* the slots that protect the link's node and `node` */
};

static inline struct presence_node *presence_node_of(uintptr_t link)
{
    return (struct presence_node *)(link & ~PRESENCE_LINK_MARK);
}

/*
 * acquire: a thread that sees DEAD has seen what came before the claim, its count in the quota;
 * pairs with the release in presence_node_claim.
 */
static inline uint64_t presence_node_stamp(struct presence_node *n)
{
    return atomic_load_explicit(&n->last, memory_order_acquire);
}

/* Whether the node comes before the place where `user` is or belongs. */
static inline bool presence_node_precedes(struct presence_node *n, uint64_t user)
{
#ifdef PRESENCE_LIST_SENTINELS
    return n->user < user ||
           (n->user == user && presence_node_stamp(n) == PRESENCE_NODE_SENTINEL);
#else
    return n->user < user;
#endif
}

/* A node that is not linked yet, or NULL. */
static inline struct presence_node *presence_node_make(struct presence_nodes *all,
                                                       struct chosen_reclaim_handle *h,
                                                       uint64_t user, uint64_t last)
{
    struct presence_node *n = chosen_reclaim_allocate(&all->domain, h);

    if (!n)
        return NULL;
    n->user = user;
    /* relaxed, and in the search below: the swap that links the node publishes it. */
    atomic_store_explicit(&n->last, last, memory_order_relaxed);
    atomic_store_explicit(&n->next, 0, memory_order_relaxed);
    return n;
}

/*
 * The first half of a removal: the stamp `last`, which was judged, becomes DEAD, or nothing
 * happens and *last is the new one.  The quota is told before, so that it never counts a user who
 * is not there.
 */
static inline bool presence_node_claim(struct presence_nodes *all, struct presence_node *n,
                                       uint64_t *last)
{
    CONTEND_STEP("marked_list: judged and not yet claimed");
    presence_quota_count_out(&all->quota);
    /*
     * release: the count comes first; pairs with the acquire in presence_node_stamp.
     * acquire: for a failure, as there.
     */
    if (!atomic_compare_exchange_strong_explicit(&n->last, last, PRESENCE_NODE_DEAD,
                                                 memory_order_acq_rel, memory_order_acquire)) {
        presence_quota_count_in(&all->quota);
        return false;
    }
    CONTEND_STEP("marked_list: claimed and not yet marked");
    return true;
}

/* The second: nothing is linked behind the node any more.  It is DEAD. */
static inline uintptr_t presence_node_mark(struct presence_node *n)
{
    /*
     * release: the claim comes first, and pairs with the acquire of a thread that meets the
     * mark.  acquire: the node behind comes with it; pairs with the release that linked it.
     */
    return atomic_fetch_or_explicit(&n->next, PRESENCE_LINK_MARK, memory_order_acq_rel) &
           ~PRESENCE_LINK_MARK;
}

/* The third: the one thread for which it succeeds retires the node.  `behind`: what it links to. */
static inline bool presence_node_unlink(struct presence_nodes *all,
                                        struct chosen_reclaim_handle *h, presence_link *link,
                                        struct presence_node *n, uintptr_t behind)
{
    uintptr_t expected = (uintptr_t)n;

    CONTEND_STEP("marked_list: marked and not yet unlinked");
    /*
     * release: the node behind was published by another thread's swap, whose effect we have
     * acquired; pairs with the acquire of a thread that comes there by this link.  relaxed on failure:
     * the caller looks again.
     */
    if (!atomic_compare_exchange_strong_explicit(link, &expected, behind, memory_order_release,
                                                 memory_order_relaxed))
        return false;
    CONTEND_STEP("marked_list: unlinked and not yet retired");
    chosen_reclaim_retire(&all->domain, h, n);
    return true;
}

/* Goes from p->node to the one behind it, to which the link leads that was read in slot `at`. */
static inline void presence_place_advance(struct presence_place *p, uintptr_t next, unsigned at)
{
    p->link = &p->node->next;
    p->before = p->at;
    p->at = at;
    p->node = presence_node_of(next);
}

/* The slot that a place does not use. */
static inline unsigned presence_place_free_slot(const struct presence_place *p)
{
    return RECLAIM_SLOTS - p->before - p->at;
}

/*
 * Finds where `user` is or belongs in the list that begins at `head`; whether it is there, perhaps
 * DEAD.  Unlinks the marked nodes on the way: each turn back follows another thread's swap.
 */
static inline bool presence_list_find(struct presence_nodes *all, struct chosen_reclaim_handle *h,
                                      presence_link *head, uint64_t user,
                                      struct presence_place *p)
{
    struct chosen_reclaim *d = &all->domain;

    *p = (struct presence_place){ .link = head, .before = 1, .at = 0 };
    p->node = presence_node_of(chosen_reclaim_protect(d, h, p->at, head));
    while (p->node) {
        unsigned slot = presence_place_free_slot(p);
        uintptr_t next = chosen_reclaim_protect(d, h, slot, &p->node->next);
        if (next & PRESENCE_LINK_MARK) {
            uintptr_t behind = next & ~PRESENCE_LINK_MARK;
            if (presence_node_unlink(all, h, p->link, p->node, behind)) {
                /* The node behind was linked at that swap, so it was when we protected it. */
                p->node = presence_node_of(behind);
                p->at = slot;
            } else {
                *p = (struct presence_place){ .link = head, .before = 1, .at = 0 };
                p->node = presence_node_of(chosen_reclaim_protect(d, h, p->at, head));
            }
            continue;
        }
        if (!presence_node_precedes(p->node, user))
            return p->node->user == user;
        presence_place_advance(p, next, slot);
    }
    return false;
}

/* The same for the place behind `user`. */
static inline void presence_list_find_behind(struct presence_nodes *all,
                                             struct chosen_reclaim_handle *h,
                                             presence_link *head, uint64_t user,
                                             struct presence_place *p)
{
    bool last = user == UINT64_MAX;

    presence_list_find(all, h, head, last ? user : user + 1, p);
    if (last)
        p->node = NULL;
}

/*
 * The same for a thread that only looks.  With RECLAIM_SECTIONS it changes nothing and is
 * wait-free: it walks on through marked nodes.  That it met no node of the user, or a DEAD one, is
 * right at some instant of the call.  From a node that was linked when the call began only linked
 * nodes can be reached, or such as were linked later: a marked link does not change, and what it
 * leads to cannot be unlinked before it.  So a DEAD node that it meets was linked at some
 * instant of the call, and a newer node of that user was not linked before that; a link from a
 * smaller to a greater user was in the list at some instant of the call, and the user was not.
 */
static inline void presence_list_seek(struct presence_nodes *all, struct chosen_reclaim_handle *h,
                                      presence_link *head, uint64_t user, struct presence_place *p)
{
    struct chosen_reclaim *d = &all->domain;

    if (!(chosen_reclaim_features & RECLAIM_SECTIONS)) {
        presence_list_find(all, h, head, user, p);
        return;
    }
    *p = (struct presence_place){ .link = head, .before = 1, .at = 0 };
    p->node = presence_node_of(chosen_reclaim_protect(d, h, 0, head));
    while (p->node && presence_node_precedes(p->node, user))
        presence_place_advance(p, chosen_reclaim_protect(d, h, 0, &p->node->next), 0);
}

/* The user's node, perhaps DEAD, or NULL. */
static inline struct presence_node *presence_list_look(struct presence_nodes *all,
                                                       struct chosen_reclaim_handle *h,
                                                       presence_link *head, uint64_t user)
{
    struct presence_place p;

    presence_list_seek(all, h, head, user, &p);
    return p.node && p.node->user == user ? p.node : NULL;
}

/* The node behind p->node, or the first one with a greater user; p->node must not be NULL. */
static inline void presence_list_next(struct presence_nodes *all, struct chosen_reclaim_handle *h,
                                      presence_link *head, struct presence_place *p)
{
    unsigned slot = presence_place_free_slot(p);
    uintptr_t next = chosen_reclaim_protect(&all->domain, h, slot, &p->node->next);

    if (chosen_reclaim_features & RECLAIM_SECTIONS || !(next & PRESENCE_LINK_MARK))
        presence_place_advance(p, next, slot);
    else
        presence_list_find_behind(all, h, head, p->node->user, p);
}

/*
 * What follows a claim: the node at that place is marked, and unlinked if the link still leads to
 * it.  If it does not, a search for any greater user unlinks it, or another thread has.
 */
static inline bool presence_list_bury(struct presence_nodes *all, struct chosen_reclaim_handle *h,
                                      struct presence_place *p)
{
    return presence_node_unlink(all, h, p->link, p->node, presence_node_mark(p->node));
}

/* A heartbeat on the user's node: an answer, or -EAGAIN if the node is DEAD. */
static inline int presence_node_refresh(struct presence_node *n, uint64_t now, uint64_t ttl_ms)
{
    uint64_t last = presence_node_stamp(n);

    while (last != PRESENCE_NODE_DEAD) {
        if (now < last)
            return PRESENCE_STALE;
        if (now == last)
            return PRESENCE_REFRESHED; /* nothing to write */
        CONTEND_STEP("marked_list: heartbeat, looked up and about to swap");
        /* acquire: for a failure, which may show DEAD; pairs with the release in _claim. */
        if (atomic_compare_exchange_weak_explicit(&n->last, &last, now, memory_order_acquire,
                                                  memory_order_acquire))
            return presence_raised(last, now, ttl_ms);
    }
    return -EAGAIN;
}

/*
 * A heartbeat of a user who was not found: *inserted, and CAME_ONLINE; or the answer of a
 * heartbeat, if another thread came first; -ENOSPC, -ENOMEM.  Each further turn follows
 * another thread's swap, or a removal from a full map.
 */
static inline int presence_list_insert(struct presence_nodes *all, struct chosen_reclaim_handle *h,
                                       presence_link *head, uint64_t user, uint64_t now,
                                       uint64_t ttl_ms, bool *inserted)
{
    struct presence_node *made = NULL;
    struct presence_place p;
    int result = -EAGAIN;

    *inserted = false;
    while (result == -EAGAIN && !*inserted) {
        uint64_t came;
        bool room = presence_quota_has_room(&all->quota, &came);
        CONTEND_STEP("marked_list: heartbeat, asked for a place and about to search");
        if (presence_list_find(all, h, head, user, &p)) {
            result = presence_node_refresh(p.node, now, ttl_ms);
            if (result == -EAGAIN)
                presence_node_mark(p.node); /* the next search unlinks it */
        } else if (!room) {
            if (presence_quota_is_full(&all->quota, came))
                result = -ENOSPC;
        } else if (!made && !(made = presence_node_make(all, h, user, now))) {
            result = -ENOMEM;
        } else {
            uintptr_t expected = (uintptr_t)p.node;
            /* relaxed: the swap publishes it. */
            atomic_store_explicit(&made->next, expected, memory_order_relaxed);
            CONTEND_STEP("marked_list: heartbeat, found nobody and about to link");
            /*
             * release: the node's contents come first; pairs with the acquires of links.
             * relaxed on failure: the search begins again.
             */
            *inserted = atomic_compare_exchange_strong_explicit(
                p.link, &expected, (uintptr_t)made, memory_order_release, memory_order_relaxed);
        }
    }
    if (*inserted) {
        CONTEND_STEP("marked_list: heartbeat, linked and not yet counted");
        presence_quota_count_in(&all->quota);
        return PRESENCE_CAME_ONLINE;
    }
    if (made)
        chosen_reclaim_discard(&all->domain, h, made);
    return result;
}

#endif
