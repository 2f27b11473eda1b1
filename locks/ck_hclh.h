/*
 * ck_hclh.h - Concurrency Kit's hierarchical CLH lock.
 *
 * Idea: a CLH queue for each cluster of processors.  The first thread of a local queue splices
 *   all of it into the global queue at once, so that the lock goes round within a cluster
 *   before it crosses to another.
 * Invariant: as in ck_clh.h for the global queue; a node whose `splice` is set is the last
 *   one of its batch, and the thread behind it begins the next batch.
 * Progress: blocking.  A preempted holder or waiter holds up all behind it.
 * Cost: two locked instructions for the first of a batch, one for the others; about 16 KB
 *   with 64 threads.  A thread looks at the local tail's node before it owns it, and so
 *   nodes stay in the lock until it is destroyed.
 * Breaks when: threads outnumber processors; `clusters` is not what the machine has: a thread's
 *   cluster is its number modulo `clusters`, not a look at its processor.  The shortest
 *   path in has no acquire fence: right on x86-64, where a load is one, and not on others.
 * Use when: sockets are far apart; on one socket it is a slower ck_clh.h, and says by how much.
 * Reference: V. Luchangco, D. Nussbaum and N. Shavit, "A Hierarchical CLH Queue Lock", 2006;
 *   Concurrency Kit (BSD licence).
 */
#ifndef CONTEND_LOCKS_CK_HCLH_H
#define CONTEND_LOCKS_CK_HCLH_H

#include <ck_spinlock.h>

#include "locks/lock.h"
#include "locks/parts/ck.h"
#include "locks/parts/thread_number.h"

/* A node; and, for the thread number of the same index, the node that it will use next. */
struct lock_ck_hclh_place {
    CONTEND_ALIGNED ck_spinlock_hclh_t node;
    ck_spinlock_hclh_t *spare;
};

/* A cluster's queue; it begins with a node that was never waited for. */
struct lock_ck_hclh_cluster {
    CONTEND_ALIGNED ck_spinlock_hclh_t *tail;
    ck_spinlock_hclh_t first;
};

struct lock_ck_hclh {
    CONTEND_ALIGNED ck_spinlock_hclh_t *tail;
    CONTEND_ALIGNED ck_spinlock_hclh_t first;
    struct thread_numbers numbers;
    struct lock_ck_hclh_place *places;
    struct lock_ck_hclh_cluster *clusters;
    uint32_t place_count, cluster_count;
    const struct contend_allocator *allocator;
};

struct lock_ck_hclh_handle {
    ck_spinlock_hclh_t *node; /* for the next acquisition; then that with which the lock is held */
    int number;
};

/* No LOCK_INIT_ck_hclh: the nodes are on the heap. */

#define LOCK_CK_HCLH_THREADS 64
#define LOCK_CK_HCLH_CLUSTERS 2
#define LOCK_OPTIONS_ck_hclh(part)                                                            \
    { part "clusters", LOCK_CK_HCLH_CLUSTERS, 1, 64, "local queues; threads join them by turns" },

LOCK_OPTIONS_LIST(ck_hclh)

static inline void lock_ck_hclh_release_memory(struct lock_ck_hclh *l)
{
    contend_release(l->allocator, l->places, l->place_count * sizeof *l->places);
    contend_release(l->allocator, l->clusters, l->cluster_count * sizeof *l->clusters);
}

static inline int lock_ck_hclh_init(struct lock_ck_hclh *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_ck_hclh_options);

    if (error)
        return error;
    l->allocator = c.allocator;
    l->cluster_count = (uint32_t)contend_option_value(&c.settings, lock_ck_hclh_options, "clusters");
    l->place_count = c.threads ? c.threads : LOCK_CK_HCLH_THREADS;
    if (l->place_count > THREAD_NUMBERS_MAX)
        return -ERANGE;
    l->places = contend_allocate(l->allocator, CONTEND_CACHE_LINE,
                                 l->place_count * sizeof *l->places);
    l->clusters = contend_allocate(l->allocator, CONTEND_CACHE_LINE,
                                   l->cluster_count * sizeof *l->clusters);
    if (!l->places || !l->clusters) {
        lock_ck_hclh_release_memory(l);
        return -ENOMEM;
    }
    thread_numbers_init(&l->numbers);
    ck_spinlock_hclh_init(&l->tail, &l->first, -1);
    for (uint32_t i = 0; i < l->cluster_count; i++)
        ck_spinlock_hclh_init(&l->clusters[i].tail, &l->clusters[i].first, (int)i);
    for (uint32_t i = 0; i < l->place_count; i++)
        l->places[i].spare = &l->places[i].node;
    return 0;
}

static inline int lock_ck_hclh_fini(struct lock_ck_hclh *l)
{
    if (ck_spinlock_hclh_locked(&l->tail))
        return -EBUSY;
    lock_ck_hclh_release_memory(l);
    return 0;
}

/* The number hands the node on: leave releases it, and the next owner's enter acquires it. */
static inline int lock_ck_hclh_attach(struct lock_ck_hclh *l, struct lock_ck_hclh_handle *h)
{
    h->number = thread_numbers_enter(&l->numbers, l->place_count);
    if (h->number < 0)
        return h->number;
    h->node = l->places[h->number].spare;
    return 0;
}

static inline void lock_ck_hclh_detach(struct lock_ck_hclh *l, struct lock_ck_hclh_handle *h)
{
    l->places[h->number].spare = h->node;
    thread_numbers_leave(&l->numbers, h->number);
}

LOCK_CK_TAKES(ck_hclh, acquire,
              ck_spinlock_hclh_lock(
                  &l->tail, &l->clusters[(uint32_t)h->number % l->cluster_count].tail, h->node))
LOCK_CK_LACKS(ck_hclh, try_acquire)
LOCK_CK_DOES(ck_hclh, release, ck_spinlock_hclh_unlock(&h->node))

LOCK_EXCLUSIVE_ONLY(ck_hclh)
LOCK_READERS_HOLD_IT(ck_hclh)
LOCK_CALLER_EXECUTES(ck_hclh)

enum {
    lock_ck_hclh_flags = LOCK_CK_FLAGS,
    lock_ck_hclh_features = LOCK_KNOWS_HOLDER,
    lock_ck_hclh_heap = LOCK_CK_HCLH_THREADS * sizeof(struct lock_ck_hclh_place) +
                        LOCK_CK_HCLH_CLUSTERS * sizeof(struct lock_ck_hclh_cluster),
    lock_ck_hclh_handle_heap = 0,
};

static const struct lock_traits lock_ck_hclh_traits = {
    .id = {
        .name = "ck_hclh",
        .title = "Concurrency Kit's hierarchical CLH lock",
        .reference = "Luchangco, Nussbaum and Shavit, A Hierarchical CLH Queue Lock, 2006",
        .flags = lock_ck_hclh_flags,
        .options = lock_ck_hclh_options,
    },
    .features = lock_ck_hclh_features,
    .bytes = sizeof(struct lock_ck_hclh) + lock_ck_hclh_heap,
};

static inline void lock_ck_hclh_traits_of(struct lock_ck_hclh *l, struct lock_traits *out)
{
    *out = lock_ck_hclh_traits;
    out->bytes = sizeof *l + l->place_count * sizeof *l->places +
                 l->cluster_count * sizeof *l->clusters;
}

#endif
