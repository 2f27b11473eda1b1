/*
 * lfht_model.h - the checker's model of liburcu's hash table, cds_lfht.
 *
 * The library is compiled without instrumentation.  Code under test that defines CHECK_LIBURCU and includes
 * <urcu/rculfhash.h> is checked against this instead: one list in the order of hashes, after M. Michael,
 * without buckets, so that there is nothing to resize.  As in the library an insertion and a removal
 * are full barriers, a walk follows pointers as rcu_dereference() does, a node goes behind those of
 * the same hash, and its link outlives its removal until the end of a grace period.
 */
#ifndef CONTEND_BENCH_MACHINE_LFHT_MODEL_H
#define CONTEND_BENCH_MACHINE_LFHT_MODEL_H

#include <errno.h>
#include <stdbool.h>
#include <urcu/rculfhash.h>

#define cds_lfht_new_flavor(first, least, most, flags, flavor, attributes) check_lfht_new()
#define cds_lfht_destroy(t, attributes) check_lfht_destroy(t)
#define cds_lfht_lookup(t, hash, match, key, at) check_lfht_lookup(t, hash, match, key, at)
#define cds_lfht_first(t, at) check_lfht_first(t, at)
#define cds_lfht_next(t, at) check_lfht_next(at)
#define cds_lfht_add(t, hash, node) check_lfht_add(t, hash, node)
#define cds_lfht_add_unique(t, hash, match, key, node) check_lfht_add_unique(t, hash, match, key, node)
#define cds_lfht_del(t, node) check_lfht_del(t, node)
#define cds_lfht_count_nodes(t, before, count, after) check_lfht_count(t, before, count, after)
#define cds_lfht_resize(t, buckets) ((void)(t), (void)(buckets))

/* A node is removed when this bit is set in its link; then it is unlinked. */
#define CHECK_LFHT_REMOVED ((uintptr_t)1)

struct cds_lfht {
    uintptr_t first;
};

static inline uintptr_t check_lfht_follow(const uintptr_t *link)
{
    return __atomic_load_n(link, __ATOMIC_ACQUIRE);
}

static inline struct cds_lfht_node *check_lfht_node(uintptr_t link)
{
    return (struct cds_lfht_node *)(link & ~CHECK_LFHT_REMOVED);
}

static inline uintptr_t *check_lfht_link(struct cds_lfht_node *node)
{
    return (uintptr_t *)&node->next;
}

static inline bool check_lfht_swap(uintptr_t *link, uintptr_t from, uintptr_t to)
{
    return __atomic_compare_exchange_n(link, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static inline void check_lfht_barrier(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline struct cds_lfht *check_lfht_new(void)
{
    return (struct cds_lfht *)check_calloc(1, sizeof(struct cds_lfht));
}

static inline int check_lfht_destroy(struct cds_lfht *t)
{
    if (check_lfht_follow(&t->first))
        return -EPERM;
    check_free(t);
    return 0;
}

/*
 * The link behind which nodes of greater hashes begin, and what it leads to; or the link to the first node
 * with that hash that matches.  Unlinks on the way what is removed, and begins anew if another thread was faster.
 */
static inline uintptr_t *check_lfht_seek(struct cds_lfht *t, unsigned long hash, cds_lfht_match_fct match,
                                         const void *key, struct cds_lfht_node **found)
{
    uintptr_t *link = &t->first, seen;

    while ((seen = check_lfht_follow(link)) != 0) {
        struct cds_lfht_node *node = check_lfht_node(seen);
        uintptr_t next = seen & CHECK_LFHT_REMOVED ? CHECK_LFHT_REMOVED : check_lfht_follow(check_lfht_link(node));
        if (next & CHECK_LFHT_REMOVED) {
            /* A node that is removed itself, or one behind it. */
            if (seen & CHECK_LFHT_REMOVED || !check_lfht_swap(link, seen, next & ~CHECK_LFHT_REMOVED))
                link = &t->first;
            continue;
        }
        if (node->reverse_hash > hash || (node->reverse_hash == hash && match && match(node, key)))
            break;
        link = check_lfht_link(node);
    }
    *found = (struct cds_lfht_node *)seen;
    return link;
}

static inline struct cds_lfht_node *check_lfht_add_unique(struct cds_lfht *t, unsigned long hash,
                                                          cds_lfht_match_fct match, const void *key,
                                                          struct cds_lfht_node *node)
{
    struct cds_lfht_node *next;
    uintptr_t *link;

    node->reverse_hash = hash;
    check_lfht_barrier();
    do {
        link = check_lfht_seek(t, hash, match, key, &next);
        if (next && next->reverse_hash == hash)
            return next;
        __atomic_store_n(check_lfht_link(node), (uintptr_t)next, __ATOMIC_RELAXED);
    } while (!check_lfht_swap(link, (uintptr_t)next, (uintptr_t)node));
    check_lfht_barrier();
    return node;
}

static inline void check_lfht_add(struct cds_lfht *t, unsigned long hash, struct cds_lfht_node *node)
{
    check_lfht_add_unique(t, hash, NULL, NULL, node);
}

/* 0 for the thread that removes it, -ENOENT for those that come later. */
static inline int check_lfht_del(struct cds_lfht *t, struct cds_lfht_node *node)
{
    struct cds_lfht_node *behind;

    if (!node || __atomic_fetch_or(check_lfht_link(node), CHECK_LFHT_REMOVED, __ATOMIC_SEQ_CST) & CHECK_LFHT_REMOVED)
        return -ENOENT;
    check_lfht_seek(t, node->reverse_hash, NULL, NULL, &behind);
    check_lfht_barrier();
    return 0;
}

/* The first from this link on that is not removed. */
static inline void check_lfht_stand(struct cds_lfht_iter *at, uintptr_t link)
{
    uintptr_t next = 0;
    struct cds_lfht_node *node;

    while ((node = check_lfht_node(link)) != NULL) {
        next = check_lfht_follow(check_lfht_link(node));
        if (!(next & CHECK_LFHT_REMOVED))
            break;
        link = next;
    }
    at->node = node;
    at->next = node ? check_lfht_node(next) : NULL;
}

static inline void check_lfht_first(struct cds_lfht *t, struct cds_lfht_iter *at)
{
    check_lfht_stand(at, check_lfht_follow(&t->first));
}

static inline void check_lfht_next(struct cds_lfht_iter *at)
{
    check_lfht_stand(at, (uintptr_t)at->next);
}

static inline void check_lfht_lookup(struct cds_lfht *t, unsigned long hash, cds_lfht_match_fct match,
                                     const void *key, struct cds_lfht_iter *at)
{
    for (check_lfht_first(t, at); at->node; check_lfht_next(at)) {
        if (at->node->reverse_hash == hash && match(at->node, key))
            return;
        if (at->node->reverse_hash > hash)
            break;
    }
    at->node = at->next = NULL;
}

static inline void check_lfht_count(struct cds_lfht *t, long *before, unsigned long *count, long *after)
{
    struct cds_lfht_iter at;

    *before = *after = 0;
    *count = 0;
    for (check_lfht_first(t, &at); at.node; check_lfht_next(&at))
        ++*count;
}

#endif
