/*
 * ck_ht_shard.h - one shard of ck_ht.h: a table of Concurrency Kit with one writer
 * at a time, many readers, and memory that readers can never lose.
 *
 * What the library gives and what it does not (version 0.7.1):
 *  - One writer and many readers at a time: the shard's mutex makes one writer.
 *  - ck_ht_get_spmc() does not wait for the writer, and the writer replaces a
 *    table that has grown by one store of a pointer.
 *  - A removed key leaves a tombstone for ever (ck_ht_gc() shortens probes but
 *    empties no slot); and when set() moves a key into an earlier tombstone, a
 *    reader may take the key from before and the value from after a reuse of the
 *    slot.  So nothing is removed here: the value becomes DEAD, a key keeps its
 *    slot, and a reader's pair of key and value always belongs together.
 *  - Dead keys therefore pile up under churn.  When the table is half full, which
 *    is where the library would double it, and a quarter or more of its keys are
 *    dead, the shard is rebuilt into a new table of the same size instead.
 *
 * Memory.  A reader may still be inside a table that was replaced.  No table's
 * memory goes back to the allocator before fini: it is kept, and the next table of
 * exactly that size takes it over.  A reader that is still inside then reads
 * meaningless values but never foreign memory: the sizes, the mask and the address of the
 * entries are the same.  It finds out by `generation`, which every rebuild
 * raises, and looks again: a seqlock around rare events.  Growth needs no such
 * check, because no table is ever followed by a smaller one, so its old memory is
 * not taken over.  At most three times the current table is held besides it: one
 * spare, and the halves, quarters ... that were outgrown, with their spares.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_CK_HT_SHARD_H
#define CONTEND_PRESENCE_MAP_PARTS_CK_HT_SHARD_H

#include <ck_ht.h>
#include <pthread.h>

#include "locks/parts/platform.h"
#include "locks/parts/hash.h"
#include "presence_map/presence_map.h"

_Static_assert(sizeof(uintptr_t) == 8, "a key is a user, a value is a time");
#ifdef CK_HT_PP
#error "Concurrency Kit was built to pack hashes into values, which are times here"
#endif

#define PRESENCE_CK_HT_DEAD UINT64_C(0) /* a value off the time axis: not present */

/* The library grows at one half.  A few slots at least keep its arithmetic simple. */
#define PRESENCE_CK_HT_SLOTS(users) ((users) * 2 + 16)

/* The library's sizes have 32 bits: what it cannot round up to a power of two becomes 0. */
#define PRESENCE_CK_HT_MAX_SHARE ((UINT64_C(1) << 30) - 8) /* users */
_Static_assert(PRESENCE_CK_HT_SLOTS(PRESENCE_CK_HT_MAX_SHARE) == UINT64_C(1) << 31,
               "the largest share asks for the largest power of two of 32 bits");

/* Stands before each block that the library asks for. */
struct presence_ck_ht_block {
    _Alignas(max_align_t) struct presence_ck_ht_block *next; /* in the list of the retired */
    size_t size;                                             /* without this header */
};

struct presence_ck_ht_shard {
    /* What readers read; written by growth and rebuilds only. */
    CONTEND_ALIGNED ck_ht_t table;
    _Atomic uint64_t generation;

    /* What writers write; all of it guarded by the mutex. */
    CONTEND_ALIGNED pthread_mutex_t mutex;
    uint64_t live;   /* keys whose value is not DEAD */
    uint64_t limit;  /* of live; 0 = none */
    uint64_t blocks; /* ever handed out: tells one table from another */
    const struct contend_allocator *allocator;
    struct presence_ck_ht_block *retired;
    size_t bytes, bytes_retired, bytes_retired_peak;
    ck_ht_iterator_t cursor; /* budgeted sweep: where it stopped ... */
    uint64_t cursor_blocks;  /* ... in which table */
};

/*
 * The shard for which the library is allocating.  Its callbacks get no context; they
 * run inside calls that we make.  Weak, so that all units of a process share one.
 */
CONTEND_API __attribute__((weak)) _Thread_local struct presence_ck_ht_shard *contend_ck_ht_caller;

static inline void *presence_ck_ht_malloc(size_t size)
{
    struct presence_ck_ht_shard *s = contend_ck_ht_caller;
    struct presence_ck_ht_block **link = &s->retired, *block;

    while ((block = *link) != NULL && block->size != size)
        link = &block->next;
    if (block) {
        *link = block->next;
        s->bytes_retired -= sizeof *block + size;
    } else {
        block = contend_allocate(s->allocator, _Alignof(struct presence_ck_ht_block),
                                 sizeof *block + size);
        if (!block)
            return NULL;
        block->size = size;
        s->bytes += sizeof *block + size;
    }
    s->blocks++;
    return block + 1;
}

/* Defers in any case: a rebuild that failed may hold memory that readers have seen. */
static inline void presence_ck_ht_retire(void *memory, size_t size, bool defer)
{
    struct presence_ck_ht_shard *s = contend_ck_ht_caller;
    struct presence_ck_ht_block *block = (struct presence_ck_ht_block *)memory - 1;

    (void)defer, (void)size;
    block->next = s->retired;
    s->retired = block;
    s->bytes_retired += sizeof *block + block->size;
    if (s->bytes_retired > s->bytes_retired_peak)
        s->bytes_retired_peak = s->bytes_retired;
}

static inline struct ck_malloc *presence_ck_ht_allocator(void)
{
    static struct ck_malloc allocator = { .malloc = presence_ck_ht_malloc,
                                          .free = presence_ck_ht_retire };

    return &allocator;
}

/* Keys 0 and the greatest are the library's; the users move up by one. */
static inline uintptr_t presence_ck_ht_key(uint64_t user)
{
    return (uintptr_t)(user + 1);
}

static inline uint64_t presence_ck_ht_user(const ck_ht_entry_t *entry)
{
    return entry->key - 1;
}

/* The library's hash function; it asks only where it has not kept the hash in the entry. */
static inline void presence_ck_ht_hash(ck_ht_hash_t *h, const void *key, size_t length,
                                       uint64_t seed)
{
    (void)length;
    h->value = presence_hash(*(const uintptr_t *)key - 1, seed);
}

static inline bool presence_ck_ht_new_table(ck_ht_t *table, uint64_t slots, uint64_t seed)
{
    return ck_ht_init(table, CK_HT_MODE_DIRECT, presence_ck_ht_hash, presence_ck_ht_allocator(),
                      slots, seed);
}

/* A shard for `users`.  0 or a negative errno value. */
static inline int presence_ck_ht_shard_init(struct presence_ck_ht_shard *s, uint64_t users,
                                            bool fixed, const struct presence_config *config)
{
    *s = (struct presence_ck_ht_shard){ .limit = fixed ? users : 0,
                                        .allocator = config->allocator };
    atomic_init(&s->generation, 0);
    int error = -pthread_mutex_init(&s->mutex, NULL);
    if (error)
        return error;
    contend_ck_ht_caller = s;
    if (!presence_ck_ht_new_table(&s->table, PRESENCE_CK_HT_SLOTS(users), config->hash_seed)) {
        pthread_mutex_destroy(&s->mutex);
        return -ENOMEM;
    }
    return 0;
}

static inline void presence_ck_ht_shard_fini(struct presence_ck_ht_shard *s)
{
    struct presence_ck_ht_block *block;

    contend_ck_ht_caller = s;
    ck_ht_destroy(&s->table);
    while ((block = s->retired) != NULL) {
        s->retired = block->next;
        contend_release(s->allocator, block, sizeof *block + block->size);
    }
    pthread_mutex_destroy(&s->mutex);
}

static inline void presence_ck_ht_shard_lock(struct presence_ck_ht_shard *s)
{
    pthread_mutex_lock(&s->mutex);
    contend_ck_ht_caller = s;
}

static inline void presence_ck_ht_shard_unlock(struct presence_ck_ht_shard *s)
{
    pthread_mutex_unlock(&s->mutex);
}

/* The value of the user's key in *last; false if there is no such key. */
static inline bool presence_ck_ht_get(ck_ht_t *table, uint64_t hash, uint64_t user, uint64_t *last)
{
    ck_ht_entry_t entry = { .key = 0 };
    bool found;

    ck_ht_entry_key_set_direct(&entry, presence_ck_ht_key(user));
    found = ck_ht_get_spmc(table, (ck_ht_hash_t){ .value = hash }, &entry);
    *last = found ? ck_ht_entry_value_direct(&entry) : PRESENCE_CK_HT_DEAD;
    return found;
}

/* The user's stamp, or DEAD.  For readers: takes no lock. */
static inline uint64_t presence_ck_ht_look_up(struct presence_ck_ht_shard *s, uint64_t hash,
                                              uint64_t user)
{
    uint64_t before, last;

    for (;;) {
        /* acquire: pairs with the release in presence_ck_ht_rebuild, which made the table. */
        before = atomic_load_explicit(&s->generation, memory_order_acquire);
        presence_ck_ht_get(&s->table, hash, user, &last);
        CONTEND_STEP("ck_ht: looked up and not yet validated");
        /*
         * Keeps the library's loads before the load below.  Without it we could
         * read a table that is being taken over and yet see the old generation.
         * Pairs with the fence in presence_ck_ht_rebuild.
         */
        atomic_thread_fence(memory_order_acquire);
        /* relaxed: ordered by the fence. */
        if (atomic_load_explicit(&s->generation, memory_order_relaxed) == before)
            return last;
        contend_cpu_relax();
    }
}

/* Gives an existing key a new value.  Holding the mutex. */
static inline void presence_ck_ht_set(struct presence_ck_ht_shard *s, uint64_t hash, uint64_t user,
                                      uint64_t last)
{
    ck_ht_entry_t entry = { .key = 0 };
    ck_ht_hash_t h = { .value = hash };

    ck_ht_entry_set_direct(&entry, h, presence_ck_ht_key(user), last);
    ck_ht_set_spmc(&s->table, h, &entry); /* there is no tombstone: one store, in place */
}

static inline bool presence_ck_ht_put(ck_ht_t *table, uint64_t hash, uint64_t user, uint64_t last)
{
    ck_ht_entry_t entry = { .key = 0 };
    ck_ht_hash_t h = { .value = hash };

    ck_ht_entry_set_direct(&entry, h, presence_ck_ht_key(user), last);
    return ck_ht_put_spmc(table, h, &entry);
}

/* How many slots the current table has.  The library adds less than 8 slots' worth to them. */
static inline uint64_t presence_ck_ht_slots(const struct presence_ck_ht_shard *s)
{
    const struct presence_ck_ht_block *block = (struct presence_ck_ht_block *)s->table.map - 1;
    uint64_t slots = 16; /* the least that presence_ck_ht_shard_init asks for */

    while (slots * 2 * sizeof(ck_ht_entry_t) <= block->size)
        slots *= 2;
    return slots;
}

/*
 * A new table of the same size with the living only.  Holding the mutex.  If memory
 * runs out, the old table simply stays.
 */
static inline void presence_ck_ht_rebuild(struct presence_ck_ht_shard *s)
{
    ck_ht_iterator_t at = CK_HT_ITERATOR_INITIALIZER;
    struct ck_ht_map *old = s->table.map;
    ck_ht_entry_t *entry;
    ck_ht_t fresh;

    /*
     * release: keeps the generation's last store before the writes to memory that is being
     * taken over: a thread that reads one of these sees that store.  Pairs with the fence
     * in presence_ck_ht_look_up.
     */
    atomic_thread_fence(memory_order_release);
    if (!presence_ck_ht_new_table(&fresh, presence_ck_ht_slots(s), s->table.seed))
        return;
    while (ck_ht_next(&s->table, &at, &entry)) {
        if (entry->value == PRESENCE_CK_HT_DEAD)
            continue;
        if (!presence_ck_ht_put(&fresh, entry->hash, presence_ck_ht_user(entry), entry->value)) {
            ck_ht_destroy(&fresh);
            return;
        }
    }
    CONTEND_STEP("ck_ht: rebuilt and not yet published");
    ck_pr_fence_store(); /* the entries before the pointer to them, as the library's growth does */
    ck_pr_store_ptr(&s->table.map, fresh.map);
    /* relaxed: only the mutex's holder writes it. */
    uint64_t generation = atomic_load_explicit(&s->generation, memory_order_relaxed);
    /* release: pairs with the acquire in presence_ck_ht_look_up. */
    atomic_store_explicit(&s->generation, generation + 1, memory_order_release);
    presence_ck_ht_retire(old, 0, true);
}

/*
 * P19, holding the mutex: 0 or -ENOMEM.  The library makes the greater table as its own growth
 * does: the old one is retired, and readers inside it still find all users.
 */
static inline int presence_ck_ht_shard_reserve(struct presence_ck_ht_shard *s, uint64_t users)
{
    uint64_t slots = contend_round_up_pow2(PRESENCE_CK_HT_SLOTS(users));

    if (slots <= presence_ck_ht_slots(s) || ck_ht_grow_spmc(&s->table, slots))
        return 0;
    return -ENOMEM;
}

/* Inserts a user who has no entry, with or without a dead key.  Holding the mutex. */
static inline int presence_ck_ht_insert(struct presence_ck_ht_shard *s, uint64_t hash,
                                        uint64_t user, uint64_t now, bool dead_key)
{
    if (s->limit && s->live >= s->limit)
        return -ENOSPC;
    if (dead_key) {
        presence_ck_ht_set(s, hash, user, now);
    } else {
        uint64_t keys = ck_ht_count(&s->table), dead = keys - s->live;
        if (dead * 4 >= keys && dead > 0 && (keys + 1) * 2 > presence_ck_ht_slots(s))
            presence_ck_ht_rebuild(s);
        if (!presence_ck_ht_put(&s->table, hash, user, now))
            return -ENOMEM;
    }
    s->live++;
    return 0;
}

#endif
