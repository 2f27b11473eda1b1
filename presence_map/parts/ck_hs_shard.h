/*
 * ck_hs_shard.h - a shard of ck_hs.h: a set of Concurrency Kit with one writer at a time.
 *
 * An element is not a pointer but a word as in packed.h: the id and the time.  Elements are the same
 * if their ids are; so `set` replaces a user's word by another one, and a reader gets id and time
 * with one load, and no object has to be freed.
 *
 * What the library gives (version 0.7.1): one writer, made one by the shard's lock, and readers
 * that do not wait for it.  A removed element leaves a tombstone, which is used again; `set` may
 * move an element into one.  A table that was outgrown is given back with a request to wait for
 * readers: here it is kept until fini, and all of them are smaller than the present one.
 */
#include "presence_map/parts/access.h" /* before the guard: see chosen.h */

#ifndef CONTEND_PRESENCE_MAP_PARTS_CK_HS_SHARD_H
#define CONTEND_PRESENCE_MAP_PARTS_CK_HS_SHARD_H

#include <ck_hs.h>

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/partition.h"

#define PRESENCE_CK_HS_GRANULARITY 1000 /* ms: a stamp counts seconds */
#define PRESENCE_CK_HS_ID_SHIFT 32
#define PRESENCE_CK_HS_STAMP_MASK UINT64_C(0xffffffff)
#define PRESENCE_CK_HS_MAX_USER (UINT64_C(0xffffffff) - 2) /* all ones are the library's */
#define PRESENCE_CK_HS_MAX_SPAN ((PRESENCE_CK_HS_STAMP_MASK - 1) * PRESENCE_CK_HS_GRANULARITY)

/* The library grows at one half.  A few slots at least keep its arithmetic simple. */
#define PRESENCE_CK_HS_SLOTS(users) ((users) * 2 + 16)

_Static_assert(sizeof(uintptr_t) == 8, "an element is a user and a time");

/* Stands before each block that the library asks for. */
struct presence_ck_hs_block {
    _Alignas(max_align_t) struct presence_ck_hs_block *next; /* in the list of the outgrown */
    size_t size;                                              /* with this header */
};

struct presence_ck_hs_heap {
    const struct contend_allocator *allocator;
    struct presence_ck_hs_block *outgrown;
    size_t bytes, bytes_outgrown;
    uint64_t blocks; /* ever handed out: tells one table from another */
};

/*
 * The heap for which the library is allocating.  Its callbacks get no context; they run inside calls
 * that we make.  Weak, so that all units of a process share one.
 */
CONTEND_API __attribute__((weak)) _Thread_local struct presence_ck_hs_heap *contend_ck_hs_caller;

static inline void *presence_ck_hs_malloc(size_t size)
{
    struct presence_ck_hs_heap *heap = contend_ck_hs_caller;
    struct presence_ck_hs_block *block = contend_allocate(
        heap->allocator, _Alignof(struct presence_ck_hs_block), sizeof *block + size);

    if (!block)
        return NULL;
    block->size = sizeof *block + size;
    heap->bytes += block->size;
    heap->blocks++;
    return block + 1;
}

static inline void presence_ck_hs_retire(void *memory, size_t size, bool defer)
{
    struct presence_ck_hs_heap *heap = contend_ck_hs_caller;
    struct presence_ck_hs_block *block = (struct presence_ck_hs_block *)memory - 1;

    (void)size, (void)defer; /* in any case: a reader may be in it */
    block->next = heap->outgrown;
    heap->outgrown = block;
    heap->bytes_outgrown += block->size;
}

static inline struct ck_malloc *presence_ck_hs_allocator(void)
{
    static struct ck_malloc allocator = { .malloc = presence_ck_hs_malloc,
                                          .free = presence_ck_hs_retire };

    return &allocator;
}

static inline void presence_ck_hs_free(struct presence_ck_hs_heap *heap)
{
    struct presence_ck_hs_block *block;

    while ((block = heap->outgrown) != NULL) {
        heap->outgrown = block->next;
        contend_release(heap->allocator, block, block->size);
    }
}

static inline uint64_t presence_ck_hs_user(uint64_t word)
{
    return (word >> PRESENCE_CK_HS_ID_SHIFT) - 1;
}

/* The library hands elements over as pointers. */
static inline void *presence_ck_hs_element(uint64_t user, uint64_t stamp)
{
    return (void *)(uintptr_t)((user + 1) << PRESENCE_CK_HS_ID_SHIFT | stamp);
}

static inline unsigned long presence_ck_hs_hash(const void *element, unsigned long seed)
{
    return presence_hash(presence_ck_hs_user((uintptr_t)element), seed);
}

static inline bool presence_ck_hs_equal(const void *a, const void *b)
{
    return ((uintptr_t)a ^ (uintptr_t)b) >> PRESENCE_CK_HS_ID_SHIFT == 0;
}

static const struct contend_option presence_ck_hs_options[] = {
    PRESENCE_PART_OPTION,
    CHOSEN_LOCK_OPTIONS("lock.")
    CONTEND_OPTIONS_END
};

struct presence_ck_hs_shard {
    CONTEND_ALIGNED struct presence_guard guard; /* for the one writer */
    CONTEND_ALIGNED ck_hs_t set; /* what readers read */
    uint64_t origin_s, limit_ms;
    CONTEND_ALIGNED struct presence_ck_hs_heap heap;
    uint64_t kept_ms;
    uint64_t limit;  /* users that are accepted; 0 = grows */
    uint64_t cursor; /* budgeted sweep: where it stopped ... */
    uint64_t cursor_blocks; /* ... in which table ... */
    uint64_t swept_at;      /* ... and its time */
};

static inline void presence_ck_hs_shard_fini(struct presence_ck_hs_shard *s)
{
    contend_ck_hs_caller = &s->heap;
    ck_hs_destroy(&s->set);
    presence_ck_hs_free(&s->heap);
    presence_guard_fini(&s->guard);
}

static inline int presence_ck_hs_shard_init(struct presence_ck_hs_shard *s, uint32_t number,
                                         uint64_t users, bool fixed,
                                         const struct presence_config *config,
                                         const struct contend_settings *settings)
{
    *s = (struct presence_ck_hs_shard){
        .origin_s = config->origin / PRESENCE_CK_HS_GRANULARITY,
        .limit_ms = config->ttl_ms + PRESENCE_CK_HS_GRANULARITY - 1,
        .kept_ms = presence_kept_ms(config, PRESENCE_CK_HS_GRANULARITY),
        .limit = fixed ? users : 0,
        .heap.allocator = config->allocator,
    };
    int error = presence_guard_init(&s->guard, number, config, settings);
    if (error)
        return error;
    contend_ck_hs_caller = &s->heap;
    if (ck_hs_init(&s->set, CK_HS_MODE_SPMC | CK_HS_MODE_DIRECT | CK_HS_MODE_DELETE, presence_ck_hs_hash, presence_ck_hs_equal,
                             presence_ck_hs_allocator(), PRESENCE_CK_HS_SLOTS(users),
                             config->hash_seed))
        return 0;
    presence_guard_fini(&s->guard);
    return -ENOMEM;
}

/* The time that a word's stamp stands for, in ms. */
static inline uint64_t presence_ck_hs_time(const struct presence_ck_hs_shard *s, uint64_t word)
{
    return ((word & PRESENCE_CK_HS_STAMP_MASK) - 1 + s->origin_s) * PRESENCE_CK_HS_GRANULARITY;
}

static inline uint64_t presence_ck_hs_stamp(const struct presence_ck_hs_shard *s, uint64_t now)
{
    return now / PRESENCE_CK_HS_GRANULARITY - s->origin_s + 1;
}

/* The user's word, or 0.  For readers too. */
static inline uint64_t presence_ck_hs_look_up(struct presence_ck_hs_shard *s, uint64_t hash,
                                           uint64_t user)
{
    void *element = ck_hs_get(&s->set, hash, presence_ck_hs_element(user, 0));

    return (uintptr_t)element;
}

/* A heartbeat of the user whose word is `old`, or 0: the lock is held. */
static inline int presence_ck_hs_beat(struct presence_ck_hs_shard *s, struct presence_tally *tally,
                                   uint64_t hash, uint64_t user, uint64_t now, uint64_t old)
{
    uint64_t stamp = presence_ck_hs_stamp(s, now), last = old & PRESENCE_CK_HS_STAMP_MASK;
    bool fresh = old && presence_fresh(presence_ck_hs_time(s, old), now, s->limit_ms);
    void *previous;

    if (stamp < last)
        return PRESENCE_STALE;
    if (stamp == last && fresh)
        return PRESENCE_REFRESHED; /* within one second: nothing to write */
    if (!old && s->limit && ck_hs_count(&s->set) >= s->limit)
        return -ENOSPC;
    contend_ck_hs_caller = &s->heap;
    if (!ck_hs_set(&s->set, hash, presence_ck_hs_element(user, stamp), &previous))
        return -ENOMEM;
    if (!old)
        presence_tally_count(tally, PRESENCE_INSERTED);
    else if (!presence_fresh(presence_ck_hs_time(s, stamp), s->swept_at,
                             s->kept_ms))
        s->cursor = 0; /* still due, and perhaps in another place, which the round has passed */
    return fresh ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
}

/* ---- the shard's operations: presence_map/parts/sharded.h ---- */

/* The lock is held. */
static inline int presence_ck_hs_shard_beat(struct presence_ck_hs_shard *s,
                                            struct presence_access *a, uint64_t hash,
                                            uint64_t user, uint64_t now)
{
    uint64_t old = presence_ck_hs_look_up(s, hash, user);

    CONTEND_STEP("ck_hs: heartbeat, looked up and not yet written");
    return presence_ck_hs_beat(s, &a->tally, hash, user, now, old);
}

static inline int presence_ck_hs_shard_is_online(struct presence_ck_hs_shard *s,
                                              struct presence_access *a, uint64_t hash,
                                              uint64_t user, uint64_t now)
{
    uint64_t word = presence_ck_hs_look_up(s, hash, user);

    (void)a;
    return word && presence_fresh(presence_ck_hs_time(s, word), now, s->limit_ms);
}

static inline int64_t presence_ck_hs_shard_last_seen(struct presence_ck_hs_shard *s,
                                                  struct presence_access *a, uint64_t hash,
                                                  uint64_t user)
{
    uint64_t word = presence_ck_hs_look_up(s, hash, user);

    (void)a;
    return word ? (int64_t)presence_ck_hs_time(s, word) : -ENOENT;
}

static inline int presence_ck_hs_shard_leave(struct presence_ck_hs_shard *s, struct presence_access *a,
                                          uint64_t hash, uint64_t user, uint64_t now)
{
    int error = presence_guard_enter(&s->guard, &a->keys);

    if (error)
        return error;
    uint64_t word = presence_ck_hs_look_up(s, hash, user);
    bool gone = word && (word & PRESENCE_CK_HS_STAMP_MASK) <= presence_ck_hs_stamp(s, now);
    if (gone) {
        CONTEND_STEP("ck_hs: leave, judged and not yet removed");
        contend_ck_hs_caller = &s->heap;
        ck_hs_remove(&s->set, hash, presence_ck_hs_element(user, 0));
        presence_tally_count(&a->tally, PRESENCE_LEFT);
    }
    presence_guard_leave(&s->guard, &a->keys);
    return gone;
}

static inline uint64_t *presence_ck_hs_shard_at(struct presence_ck_hs_shard *s)
{
    if (s->cursor_blocks != s->heap.blocks) /* another table: all users have moved */
        s->cursor = 0;
    s->cursor_blocks = s->heap.blocks;
    return &s->cursor;
}

/* The library's iterator counts slots, and holds nothing else that a removal could disturb. */
static inline bool presence_ck_hs_shard_scan(struct presence_ck_hs_shard *s, struct presence_access *a,
                                          uint64_t now, uint64_t *at, uint64_t *budget)
{
    ck_hs_iterator_t i = { .offset = *at };
    void *element;

    contend_ck_hs_caller = &s->heap;
    s->swept_at = now > s->swept_at ? now : s->swept_at;
    for (; *budget > 0; --*budget) {
        if (!ck_hs_next(&s->set, &i, &element))
            return true;
        *at = i.offset;
        uint64_t word = (uintptr_t)element, user = presence_ck_hs_user(word);
        if (presence_fresh(presence_ck_hs_time(s, word), now, s->kept_ms))
            continue;
        CONTEND_STEP("ck_hs: sweep, judged and not yet removed");
        ck_hs_remove(&s->set, presence_hash(user, s->set.seed), element);
        presence_access_swept(a);
    }
    return false;
}

static inline int presence_ck_hs_shard_walk(struct presence_ck_hs_shard *s, uint64_t now,
                                         presence_visit fn, void *ctx)
{
    ck_hs_iterator_t i = { .offset = 0 };
    void *element;
    int stop = 0;

    while (stop == 0 && ck_hs_next(&s->set, &i, &element)) {
        uint64_t word = (uintptr_t)element;
        if (presence_fresh(presence_ck_hs_time(s, word), now, s->limit_ms))
            stop = fn(ctx, presence_ck_hs_user(word), presence_ck_hs_time(s, word));
    }
    return stop;
}

static inline void presence_ck_hs_shard_stats(struct presence_ck_hs_shard *s, struct presence_stats *out)
{
    ck_hs_iterator_t i = { .offset = 0 };
    void *element;

    while (ck_hs_next(&s->set, &i, &element))
        out->entries++;
    out->bytes += s->heap.bytes;
    out->bytes_retired += s->heap.bytes_outgrown;
    out->bytes_retired_peak += s->heap.bytes_outgrown; /* it only grows */
}

#endif
