/*
 * split_table.h - the buckets of split_ordered.h: places to begin in one list.
 *
 * Idea: buckets lie in segments, of which the next one is as large as all before it.  So the table
 *   doubles by one more segment, and nothing that a thread has seen ever moves.  A bucket is a
 *   sentinel of the list; the first insertion that needs it links it.
 * Invariant: buckets below `size` have their segment.  A bucket's state goes from NEW to LINKING,
 *   by the one swap that makes its linker, and to READY, once its sentinel is linked.  Both
 *   `size` and states only rise.
 */
#include "presence_map/reclaim/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_PARTS_SPLIT_TABLE_H
#define CONTEND_PRESENCE_MAP_PARTS_SPLIT_TABLE_H

#include "locks/parts/platform.h"
#include "presence_map/parts/marked_list.h"

enum {
    PRESENCE_SPLIT_LOAD = 2,       /* users a bucket, beyond which the table doubles: default */
    PRESENCE_SPLIT_TELLS = 32,     /* entries that a thread makes before it tells the table ... */
    PRESENCE_SPLIT_SMALL = 1024,   /* ... unless it is smaller than this */
    PRESENCE_SPLIT_SEGMENTS = 41,  /* more than PRESENCE_MAX_EXPECTED buckets */
};

enum presence_split_state { PRESENCE_SPLIT_NEW, PRESENCE_SPLIT_LINKING, PRESENCE_SPLIT_READY };

struct presence_split_bucket {
    struct presence_node sentinel;
    _Atomic uint32_t state;
};

struct presence_split_table {
    _Atomic uint64_t size; /* buckets in use, a power of two; only rises */
    _Atomic(struct presence_split_bucket *) segments[PRESENCE_SPLIT_SEGMENTS];
    const struct contend_allocator *allocator; /* constant after init, as is `load` */
    uint64_t load;
    CONTEND_ALIGNED _Atomic int64_t users; /* roughly: threads tell it now and then */
    _Atomic uint32_t growing;              /* 1 while a thread makes a segment */
};

static inline uint64_t presence_split_reverse(uint64_t x)
{
    x = (x >> 1 & UINT64_C(0x5555555555555555)) | (x & UINT64_C(0x5555555555555555)) << 1;
    x = (x >> 2 & UINT64_C(0x3333333333333333)) | (x & UINT64_C(0x3333333333333333)) << 2;
    x = (x >> 4 & UINT64_C(0x0f0f0f0f0f0f0f0f)) | (x & UINT64_C(0x0f0f0f0f0f0f0f0f)) << 4;
    return __builtin_bswap64(x);
}

/* The inverse of presence_hash(). */
static inline uint64_t presence_split_unhash(uint64_t x, uint64_t seed)
{
    x = (x ^ x >> 31 ^ x >> 62) * UINT64_C(0x319642b2d24d8ec3);
    x = (x ^ x >> 27 ^ x >> 54) * UINT64_C(0x96de1b173f119089);
    return (x ^ x >> 30 ^ x >> 60) ^ seed;
}

/* Segment 0 has bucket 0; segment s has those from 2^(s-1) to 2^s - 1. */
static inline unsigned presence_split_segment(uint64_t bucket)
{
    return bucket ? 64u - (unsigned)__builtin_clzll(bucket) : 0;
}

static inline uint64_t presence_split_segment_first(unsigned segment)
{
    return segment ? UINT64_C(1) << (segment - 1) : 0;
}

static inline uint64_t presence_split_segment_count(unsigned segment)
{
    return segment ? UINT64_C(1) << (segment - 1) : 1;
}

static inline size_t presence_split_segment_bytes(unsigned segment)
{
    return presence_split_segment_count(segment) * sizeof(struct presence_split_bucket);
}

static inline struct presence_split_bucket *presence_split_at(struct presence_split_table *t,
                                                              uint64_t bucket)
{
    unsigned s = presence_split_segment(bucket);

    /* relaxed: the acquire of `size` came first, and the segment before that. */
    return atomic_load_explicit(&t->segments[s], memory_order_relaxed) +
           (bucket - presence_split_segment_first(s));
}

static inline uint64_t presence_split_size(struct presence_split_table *t)
{
    /* acquire: pairs with the release in presence_split_double. */
    return atomic_load_explicit(&t->size, memory_order_acquire);
}

/* A segment of new buckets, or NULL. */
static inline struct presence_split_bucket *presence_split_make(struct presence_split_table *t,
                                                                unsigned segment)
{
    struct presence_split_bucket *b = contend_allocate(
        t->allocator, CONTEND_CACHE_LINE, presence_split_segment_bytes(segment));
    uint64_t first = presence_split_segment_first(segment);

    for (uint64_t i = 0; b && i < presence_split_segment_count(segment); i++) {
        chosen_reclaim_embed(&b[i].sentinel.block);
        b[i].sentinel.user = presence_split_reverse(first + i);
        atomic_init(&b[i].sentinel.last, PRESENCE_NODE_SENTINEL);
        atomic_init(&b[i].sentinel.next, 0);
        atomic_init(&b[i].state, PRESENCE_SPLIT_NEW);
    }
    return b;
}

/* Doubles the table: 0, -ENOMEM, or -EAGAIN if another thread is about it. */
static inline int presence_split_double(struct presence_split_table *t)
{
    /* acquire: pairs with the release below, by the thread that doubled before. */
    if (atomic_exchange_explicit(&t->growing, 1, memory_order_acquire))
        return -EAGAIN;
    /* relaxed: only the thread that is growing changes it. */
    uint64_t size = atomic_load_explicit(&t->size, memory_order_relaxed);
    unsigned segment = presence_split_segment(size);
    struct presence_split_bucket *b = presence_split_make(t, segment);
    if (b) {
        CONTEND_STEP("split_table: made a segment, not yet shown");
        /* relaxed: `size` publishes it. */
        atomic_store_explicit(&t->segments[segment], b, memory_order_relaxed);
        /* release: the segment comes first; pairs with the acquire in presence_split_size. */
        atomic_store_explicit(&t->size, 2 * size, memory_order_release);
    }
    /* release: pairs with the acquire above. */
    atomic_store_explicit(&t->growing, 0, memory_order_release);
    return b ? 0 : -ENOMEM;
}

static inline int presence_split_grow_to(struct presence_split_table *t, uint64_t users)
{
    int error = 0;

    while (error != -ENOMEM && presence_split_size(t) * t->load < users) {
        error = presence_split_double(t);
        if (error == -EAGAIN)
            contend_cpu_relax();
    }
    return error == -ENOMEM ? error : 0;
}

/*
 * Tells the table of `more` entries, or fewer, once `most` have gathered in *came; and doubles it if
 * there are too many.  Where there is no memory the lists become longer, until the next attempt.
 */
static inline void presence_split_tell(struct presence_split_table *t, int64_t *came, int64_t more,
                                       int64_t most)
{
    *came += more;
    if (*came < most && -*came < most &&
        presence_split_size(t) * t->load >= PRESENCE_SPLIT_SMALL)
        return;
    if (*came == 0)
        return;
    /* relaxed: a number that decides when to grow, and nothing else. */
    int64_t users = atomic_fetch_add_explicit(&t->users, *came, memory_order_relaxed) + *came;
    *came = 0;
    if (more > 0 && users > 0 &&
        (uint64_t)users > presence_split_size(t) * t->load)
        (void)presence_split_double(t);
}

static inline void presence_split_fini(struct presence_split_table *t)
{
    for (unsigned s = 0; s < PRESENCE_SPLIT_SEGMENTS; s++)
        /* relaxed: no other thread is left. */
        contend_release(t->allocator,
                        atomic_load_explicit(&t->segments[s], memory_order_relaxed),
                        presence_split_segment_bytes(s));
}

/* A table for so many users: 0 or -ENOMEM. */
static inline int presence_split_init(struct presence_split_table *t, uint64_t users,
                                      int64_t load, const struct contend_allocator *allocator)
{
    t->allocator = allocator;
    t->load = (uint64_t)load;
    atomic_init(&t->size, 1);
    atomic_init(&t->users, 0);
    atomic_init(&t->growing, 0);
    for (unsigned s = 0; s < PRESENCE_SPLIT_SEGMENTS; s++)
        atomic_init(&t->segments[s], NULL);
    struct presence_split_bucket *first = presence_split_make(t, 0);
    if (!first)
        return -ENOMEM;
    /* relaxed, both: no other thread is here yet. */
    atomic_store_explicit(&first->state, PRESENCE_SPLIT_READY, memory_order_relaxed);
    atomic_store_explicit(&t->segments[0], first, memory_order_relaxed);
    int error = presence_split_grow_to(t, users);
    if (error)
        presence_split_fini(t);
    return error;
}

static inline size_t presence_split_bytes(struct presence_split_table *t)
{
    return presence_split_size(t) * sizeof(struct presence_split_bucket);
}

/* Releases the users' nodes; no other thread is left. */
static inline void presence_split_release_users(struct presence_split_table *t)
{
    /* relaxed, here and below: no other thread is left. */
    uintptr_t at = atomic_load_explicit(&presence_split_at(t, 0)->sentinel.next,
                                        memory_order_relaxed);
    struct presence_node *n;

    while ((n = presence_node_of(at)) != NULL) {
        at = atomic_load_explicit(&n->next, memory_order_relaxed);
        if (atomic_load_explicit(&n->last, memory_order_relaxed) != PRESENCE_NODE_SENTINEL)
            contend_release(t->allocator, n, sizeof *n);
    }
}

/* ---- where a search begins ---- */

static inline bool presence_split_ready(struct presence_split_bucket *b)
{
    /* acquire: pairs with the release in presence_split_link. */
    return atomic_load_explicit(&b->state, memory_order_acquire) == PRESENCE_SPLIT_READY;
}

/* The bucket that was there before the table had one for b's highest bit. */
static inline uint64_t presence_split_parent(uint64_t bucket)
{
    return bucket & ~presence_split_segment_first(presence_split_segment(bucket));
}

static inline uint64_t presence_split_bucket_of(struct presence_split_table *t, uint64_t order)
{
    return presence_split_reverse(order) & (presence_split_size(t) - 1);
}

/* The nearest place before `order` that is ready.  Changes nothing. */
static inline presence_link *presence_split_head(struct presence_split_table *t, uint64_t order)
{
    uint64_t bucket = presence_split_bucket_of(t, order);

    while (!presence_split_ready(presence_split_at(t, bucket)))
        bucket = presence_split_parent(bucket);
    return &presence_split_at(t, bucket)->sentinel.next;
}

/* Links the bucket's sentinel behind the place `from`; we are its linker.  Inside. */
static inline void presence_split_link(struct presence_nodes *all, struct chosen_reclaim_handle *h,
                                       presence_link *from, struct presence_split_bucket *b)
{
    struct presence_place p;
    uintptr_t expected;

    do {
        presence_list_find(all, h, from, b->sentinel.user, &p);
        expected = (uintptr_t)p.node;
        /* relaxed: the swap publishes it. */
        atomic_store_explicit(&b->sentinel.next, expected, memory_order_relaxed);
        CONTEND_STEP("split_table: about to link a sentinel");
        /*
         * release: the sentinel's link comes first; pairs with the acquires of links.  relaxed on
         * failure: the search begins again.
         */
    } while (!atomic_compare_exchange_strong_explicit(p.link, &expected, (uintptr_t)&b->sentinel,
                                                      memory_order_release,
                                                      memory_order_relaxed));
    CONTEND_STEP("split_table: linked a sentinel, not yet ready");
    /* release: the sentinel is in the list; pairs with the acquire in presence_split_ready. */
    atomic_store_explicit(&b->state, PRESENCE_SPLIT_READY, memory_order_release);
}

/* The same as presence_split_head, but makes the bucket and its parents ready on the way. */
static inline presence_link *presence_split_ensure(struct presence_split_table *t,
                                                   struct presence_nodes *all,
                                                   struct chosen_reclaim_handle *h, uint64_t order)
{
    uint64_t wanted = presence_split_bucket_of(t, order), bucket;

    /* From the top down: each turn makes the first ancestor ready that is not yet. */
    for (;;) {
        struct presence_split_bucket *next = NULL;
        for (bucket = wanted; !presence_split_ready(presence_split_at(t, bucket));
             bucket = presence_split_parent(bucket))
            next = presence_split_at(t, bucket);
        presence_link *head = &presence_split_at(t, bucket)->sentinel.next;
        uint32_t state = PRESENCE_SPLIT_NEW;
        /* relaxed: whose it is to link; the swap on the list publishes. */
        if (!next || !atomic_compare_exchange_strong_explicit(&next->state, &state,
                                                              PRESENCE_SPLIT_LINKING,
                                                              memory_order_relaxed,
                                                              memory_order_relaxed))
            return head; /* ready, or another thread is about it */
        presence_split_link(all, h, head, next);
    }
}

#endif
