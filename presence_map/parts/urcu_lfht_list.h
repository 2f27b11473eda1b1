/*
 * urcu_lfht_list.h - the nodes of urcu_lfht.h: made, found, claimed, unlinked, freed.
 *
 * A node's life: linked with a stamp; claimed, when a swap makes its stamp DEAD;
 * unlinked, by the first thread that comes; freed after a grace period.  It never goes
 * back.  Everything but make, init and fini runs in a read section.
 *
 * Licence: liburcu is LGPL-2.1; see locks/parts/urcu_thread.h.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_URCU_LFHT_LIST_H
#define CONTEND_PRESENCE_MAP_PARTS_URCU_LFHT_LIST_H

#include "locks/parts/urcu_thread.h"

#include <errno.h>
#include <urcu/rculfhash.h>

#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/quota.h"
#include "presence_map/reclaim/parts/urcu_memory.h"

_Static_assert(sizeof(unsigned long) == 8, "the library's hashes are unsigned long");

/* Fills bytes_retired and its peak, and adds to bytes. */
static inline void presence_memory_read(struct contend_urcu_memory *m, struct presence_stats *out)
{
    /* relaxed: statistics. */
    out->bytes += atomic_load_explicit(&m->held, memory_order_relaxed);
    out->bytes_retired = atomic_load_explicit(&m->retired, memory_order_relaxed);
    out->bytes_retired_peak = atomic_load_explicit(&m->peak, memory_order_relaxed);
}

enum { PRESENCE_URCU_LFHT_THREADS = 2 }; /* one frees, one resizes */

#define PRESENCE_URCU_LFHT_DEAD UINT64_C(0) /* not on the time axis */

struct presence_urcu_lfht_node {
    struct cds_lfht_node link; /* first, so that a pointer to it is a pointer to the node */
    uint64_t user;             /* never changes; PRESENCE_NO_USER: a sweeper's mark */
    _Atomic uint64_t last;
    struct contend_urcu_retired retired;
};

struct presence_urcu_lfht_list {
    struct cds_lfht *table;
    _Atomic uint64_t buckets; /* requested from the library, a power of two; only rises */
    CONTEND_ALIGNED struct contend_urcu_memory memory; /* of the nodes */
    CONTEND_ALIGNED struct presence_quota quota;
};

/* `limit` users are accepted; 0 = any number.  0, -ENOMEM, or -EAGAIN without threads. */
static inline int presence_urcu_lfht_list_init(struct presence_urcu_lfht_list *l, uint64_t users,
                                               uint64_t limit,
                                               const struct contend_allocator *allocator)
{
    int error = contend_urcu_prepare(PRESENCE_URCU_LFHT_THREADS);

    if (error)
        return error;
    contend_urcu_memory_init(&l->memory, allocator);
    presence_quota_init(&l->quota, limit);
    uint64_t buckets = contend_round_up_pow2(users);
    atomic_init(&l->buckets, buckets);
    l->table = cds_lfht_new_flavor(buckets, buckets, 0,
                                   CDS_LFHT_AUTO_RESIZE | CDS_LFHT_ACCOUNTING,
                                   &urcu_memb_flavor, NULL);
    return l->table ? 0 : -ENOMEM;
}

/* A node that is not linked yet, or NULL. */
static inline struct presence_urcu_lfht_node *
presence_urcu_lfht_make(struct presence_urcu_lfht_list *l, uint64_t user, uint64_t last)
{
    struct presence_urcu_lfht_node *n = contend_urcu_memory_take(
        &l->memory, _Alignof(struct presence_urcu_lfht_node), sizeof *n);

    if (!n)
        return NULL;
    cds_lfht_node_init(&n->link);
    n->user = user;
    atomic_init(&n->last, last);
    return n;
}

/* Frees a node that no other thread has seen. */
static inline void presence_urcu_lfht_discard(struct presence_urcu_lfht_list *l,
                                              struct presence_urcu_lfht_node *n)
{
    contend_urcu_memory_give_back(&l->memory, n, sizeof *n);
}

/* After a grace period. */
static inline void presence_urcu_lfht_reclaim(struct rcu_head *rcu)
{
    struct presence_urcu_lfht_node *n =
        (void *)((char *)rcu - offsetof(struct presence_urcu_lfht_node, retired.rcu));
    struct contend_urcu_memory *m = n->retired.memory;

    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&m->retired, sizeof *n, memory_order_relaxed);
    contend_urcu_memory_give_back(m, n, sizeof *n);
}

/* Unlinks a node.  Several threads may try; the one that succeeds retires it. */
static inline void presence_urcu_lfht_unlink(struct presence_urcu_lfht_list *l,
                                             struct presence_urcu_lfht_node *n)
{
    if (cds_lfht_del(l->table, &n->link) != 0)
        return;
    contend_urcu_retire(&n->retired, &l->memory, sizeof *n, presence_urcu_lfht_reclaim);
}

static inline int presence_urcu_lfht_match(struct cds_lfht_node *link, const void *user)
{
    return ((struct presence_urcu_lfht_node *)link)->user == *(const uint64_t *)user;
}

/* The user's linked node, or NULL.  In a read section; the node is valid until its end. */
static inline struct presence_urcu_lfht_node *
presence_urcu_lfht_find(struct presence_urcu_lfht_list *l, uint64_t hash, uint64_t user)
{
    struct cds_lfht_iter at;

    cds_lfht_lookup(l->table, hash, presence_urcu_lfht_match, &user, &at);
    return (struct presence_urcu_lfht_node *)cds_lfht_iter_get_node(&at);
}

/*
 * relaxed, here and in the swaps below: a stamp publishes nothing but itself.  The
 * node that carries it was published by the library's insertion, which is a full
 * barrier, and it is read through the library's dependency-ordered look-up.
 */
static inline uint64_t presence_urcu_lfht_stamp(struct presence_urcu_lfht_node *n)
{
    return atomic_load_explicit(&n->last, memory_order_relaxed);
}

/*
 * The first half of a removal: the stamp `last`, which was judged, becomes DEAD, or nothing
 * happens.  The quota is told before, so that it never counts a user who is not there.
 */
static inline bool presence_urcu_lfht_claim(struct presence_urcu_lfht_list *l,
                                            struct presence_urcu_lfht_node *n, uint64_t *last)
{
    CONTEND_STEP("urcu_lfht: judged and not yet claimed");
    presence_quota_count_out(&l->quota);
    CONTEND_STEP("urcu_lfht: counted out and not yet claimed");
    /*
     * release: the count comes first; pairs with the fence in presence_quota_is_full.
     * relaxed on failure: see presence_urcu_lfht_stamp.
     */
    if (!atomic_compare_exchange_strong_explicit(&n->last, last, PRESENCE_URCU_LFHT_DEAD,
                                                 memory_order_release, memory_order_relaxed)) {
        presence_quota_count_in(&l->quota);
        return false;
    }
    CONTEND_STEP("urcu_lfht: claimed and not yet unlinked");
    return true;
}

/* A match function: this very node, and no other node with the same hash. */
static inline int presence_urcu_lfht_is_node(struct cds_lfht_node *link, const void *node)
{
    return (const void *)link == node;
}

/* How many nodes there are; they may change meanwhile. */
static inline uint64_t presence_urcu_lfht_list_count(struct presence_urcu_lfht_list *l)
{
    unsigned long count;
    long before, after; /* the library's own guesses */

    urcu_memb_read_lock();
    cds_lfht_count_nodes(l->table, &before, &count, &after);
    urcu_memb_read_unlock();
    return count;
}

/*
 * P19.  Not in a read section: the library waits for the thread that resizes.  It would shrink
 * the table as readily, so it is never asked for less than was reserved before, nor for fewer
 * users than there are, for whom it has grown by itself.
 */
static inline void presence_urcu_lfht_list_reserve(struct presence_urcu_lfht_list *l,
                                                   uint64_t users)
{
    if (users <= presence_urcu_lfht_list_count(l))
        return;
    uint64_t wanted = contend_round_up_pow2(users), asked;
    /* relaxed, here and below: a number that only rises; the library orders what it stands for. */
    uint64_t buckets = atomic_load_explicit(&l->buckets, memory_order_relaxed);

    while (buckets < wanted &&
           !atomic_compare_exchange_weak_explicit(&l->buckets, &buckets, wanted,
                                                  memory_order_relaxed, memory_order_relaxed))
        contend_cpu_relax(); /* another thread reserves */
    do { /* again, if our call came after another thread's, which asked for more */
        asked = atomic_load_explicit(&l->buckets, memory_order_relaxed);
        cds_lfht_resize(l->table, asked);
    } while (asked < atomic_load_explicit(&l->buckets, memory_order_relaxed));
}

/* Unlinks what is left and waits until it is freed.  No thread is attached. */
static inline int presence_urcu_lfht_list_fini(struct presence_urcu_lfht_list *l)
{
    struct cds_lfht_node *link;
    struct cds_lfht_iter at;

    contend_urcu_enter_thread();
    urcu_memb_read_lock();
    /* Through a grace period like all nodes: the resizing thread may be looking at it. */
    cds_lfht_for_each(l->table, &at, link)
        presence_urcu_lfht_unlink(l, (struct presence_urcu_lfht_node *)link);
    urcu_memb_read_unlock();
    contend_urcu_leave_thread();
    urcu_memb_barrier(); /* every reclaim has run: they use l->memory */
    return cds_lfht_destroy(l->table, NULL);
}

/* Fills entries, and the bytes of the list and of its nodes. */
static inline void presence_urcu_lfht_list_read(struct presence_urcu_lfht_list *l,
                                                struct presence_stats *out)
{
    struct presence_urcu_lfht_node *n;
    struct cds_lfht_iter at;
    /* relaxed: an estimate. */
    uint64_t buckets = atomic_load_explicit(&l->buckets, memory_order_relaxed);

    contend_urcu_enter_thread(); /* the caller need not be attached */
    urcu_memb_read_lock();
    cds_lfht_first(l->table, &at);
    for (; (n = (void *)cds_lfht_iter_get_node(&at)) != NULL; cds_lfht_next(l->table, &at))
        out->entries += presence_urcu_lfht_stamp(n) != PRESENCE_URCU_LFHT_DEAD;
    urcu_memb_read_unlock();
    contend_urcu_leave_thread();
    /*
     * An estimate: the library does not tell how many buckets it has.  It never goes
     * below the initial number (but gives reserved ones back after removals), and grows,
     * with some delay, to the greatest power of two up to the entries.  The head of its
     * table is not counted.
     */
    while (buckets * 2 <= out->entries)
        buckets *= 2;
    out->bytes += buckets * sizeof(struct cds_lfht_node);
    presence_memory_read(&l->memory, out);
}

#endif
