/*
 * ck_ht_model.h - the checker's model of Concurrency Kit's hash table, with one writer and many readers.
 *
 * The library is compiled without instrumentation.  Code under test that defines CHECK_CK is checked against
 * this table instead, and <ck_ht.h> is left out: linear probes, and for readers what ck_ht.c of version
 * 0.7.1 gives them.  A value is stored before its key, a new value of a known key by one store, and
 * a table that has grown is published by one store of a pointer.  All that readers may read is atomic,
 * also where a table is made in memory that another one has left.  A fence between stores is a
 * release fence, which C11 has no weaker one for.
 *
 * Keys are numbers (CK_HT_MODE_DIRECT).  What is never called here has no model: removal, byte strings.
 */
#ifndef CONTEND_BENCH_MACHINE_CK_HT_MODEL_H
#define CONTEND_BENCH_MACHINE_CK_HT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- the interface, in place of the library's headers ---- */

#define CK_HT_H
#define CK_HT_MODE_DIRECT 1U
#define CK_HT_KEY_EMPTY ((uintptr_t)0)
#define CK_HT_ITERATOR_INITIALIZER { NULL, 0 }

#define ck_pr_store_ptr(at, value) __atomic_store_n(at, value, __ATOMIC_RELAXED)
#define ck_pr_store_64(at, value) __atomic_store_n(at, value, __ATOMIC_RELAXED)
#define ck_pr_fence_store() __atomic_thread_fence(__ATOMIC_RELEASE)

struct ck_malloc {
    void *(*malloc)(size_t size);
    void *(*realloc)(void *block, size_t old, size_t size, bool defer);
    void (*free)(void *block, size_t size, bool defer);
};

typedef struct ck_ht_hash {
    uint64_t value;
} ck_ht_hash_t;

typedef struct ck_ht_entry {
    uintptr_t key, value;
    uint64_t key_length, hash;
} ck_ht_entry_t;

typedef struct ck_ht_iterator {
    struct ck_ht_entry *current;
    uint64_t offset;
} ck_ht_iterator_t;

typedef void ck_ht_hash_cb_t(ck_ht_hash_t *hash, const void *key, size_t length, uint64_t seed);

typedef struct ck_ht {
    struct ck_malloc *m;
    struct ck_ht_map *map;
    unsigned mode;
    uint64_t seed;
    ck_ht_hash_cb_t *h;
} ck_ht_t;

static inline void ck_ht_iterator_init(ck_ht_iterator_t *at)
{
    *at = (ck_ht_iterator_t)CK_HT_ITERATOR_INITIALIZER;
}

static inline void ck_ht_entry_key_set_direct(ck_ht_entry_t *entry, uintptr_t key)
{
    entry->key = key;
}

static inline uintptr_t ck_ht_entry_value_direct(const ck_ht_entry_t *entry)
{
    return entry->value;
}

static inline void ck_ht_entry_set_direct(ck_ht_entry_t *entry, ck_ht_hash_t hash, uintptr_t key, uintptr_t value)
{
    entry->key = key;
    entry->value = value;
    entry->hash = hash.value;
}

/* ---- the table ---- */

struct ck_ht_map {
    uint64_t slots; /* a power of two; the same whenever this memory is taken over */
    uint64_t keys;  /* the writer's */
    struct ck_ht_entry entries[];
};

/* The slot of the key, or the empty one where it would be.  The writer's. */
static inline struct ck_ht_entry *check_ck_ht_slot(struct ck_ht_map *map, uint64_t hash, uintptr_t key)
{
    uint64_t at = hash;

    while (map->entries[at & (map->slots - 1)].key != key &&
           map->entries[at & (map->slots - 1)].key != CK_HT_KEY_EMPTY)
        at++;
    return &map->entries[at & (map->slots - 1)];
}

/* A table without keys, or NULL. */
static inline struct ck_ht_map *check_ck_ht_map(const struct ck_malloc *m, uint64_t slots)
{
    uint64_t rounded = 8;

    while (rounded < slots)
        rounded *= 2;
    struct ck_ht_map *map = (m->malloc)(sizeof *map + rounded * sizeof *map->entries);
    if (!map)
        return NULL;
    __atomic_store_n(&map->slots, rounded, __ATOMIC_RELAXED);
    map->keys = 0;
    for (uint64_t i = 0; i < rounded; i++)
        __atomic_store_n(&map->entries[i].key, CK_HT_KEY_EMPTY, __ATOMIC_RELAXED);
    return map;
}

static inline void check_ck_ht_free(const ck_ht_t *table, struct ck_ht_map *map, bool defer)
{
    (table->m->free)(map, sizeof *map + map->slots * sizeof *map->entries, defer);
}

static inline bool ck_ht_init(ck_ht_t *table, unsigned mode, ck_ht_hash_cb_t *hash, struct ck_malloc *m,
                              uint64_t slots, uint64_t seed)
{
    *table = (ck_ht_t){ .m = m, .map = check_ck_ht_map(m, slots), .mode = mode, .seed = seed, .h = hash };
    return table->map != NULL;
}

static inline void ck_ht_destroy(ck_ht_t *table)
{
    check_ck_ht_free(table, table->map, false);
}

/* The only one for readers. */
static inline bool ck_ht_get_spmc(ck_ht_t *table, ck_ht_hash_t hash, ck_ht_entry_t *entry)
{
    struct ck_ht_map *map = __atomic_load_n(&table->map, __ATOMIC_ACQUIRE);
    uint64_t slots = __atomic_load_n(&map->slots, __ATOMIC_RELAXED);

    for (uint64_t i = 0; i < slots; i++) {
        struct ck_ht_entry *e = &map->entries[(hash.value + i) & (slots - 1)];
        uintptr_t key = __atomic_load_n(&e->key, __ATOMIC_ACQUIRE);
        if (key == CK_HT_KEY_EMPTY)
            return false;
        if (key == entry->key) {
            entry->value = __atomic_load_n(&e->value, __ATOMIC_RELAXED);
            return true;
        }
    }
    return false;
}

static inline void check_ck_ht_write(struct ck_ht_map *map, uint64_t hash, uintptr_t key, uintptr_t value)
{
    struct ck_ht_entry *e = check_ck_ht_slot(map, hash, key);

    if (e->key == key) {
        ck_pr_store_ptr(&e->value, value);
        return;
    }
    e->hash = hash;
    ck_pr_store_ptr(&e->value, value);
    ck_pr_fence_store();
    ck_pr_store_ptr(&e->key, key);
    map->keys++;
}

static inline bool ck_ht_grow_spmc(ck_ht_t *table, uint64_t slots)
{
    struct ck_ht_map *old = table->map, *map = check_ck_ht_map(table->m, slots);

    if (!map)
        return false;
    for (uint64_t i = 0; i < old->slots; i++)
        if (old->entries[i].key != CK_HT_KEY_EMPTY)
            check_ck_ht_write(map, old->entries[i].hash, old->entries[i].key, old->entries[i].value);
    ck_pr_fence_store();
    ck_pr_store_ptr(&table->map, map);
    check_ck_ht_free(table, old, true);
    return true;
}

/* Also where the key is known. */
static inline bool ck_ht_set_spmc(ck_ht_t *table, ck_ht_hash_t hash, ck_ht_entry_t *entry)
{
    struct ck_ht_map *map = table->map;
    bool known = check_ck_ht_slot(map, hash.value, entry->key)->key == entry->key;

    if (!known && (map->keys + 1) * 2 > map->slots && !ck_ht_grow_spmc(table, map->slots * 2))
        return false;
    check_ck_ht_write(table->map, hash.value, entry->key, entry->value);
    return true;
}

static inline bool ck_ht_put_spmc(ck_ht_t *table, ck_ht_hash_t hash, ck_ht_entry_t *entry)
{
    bool known = check_ck_ht_slot(table->map, hash.value, entry->key)->key == entry->key;

    return !known && ck_ht_set_spmc(table, hash, entry);
}

static inline bool ck_ht_next(ck_ht_t *table, ck_ht_iterator_t *at, ck_ht_entry_t **entry)
{
    struct ck_ht_map *map = table->map;

    while (at->offset < map->slots) {
        at->current = *entry = &map->entries[at->offset++];
        if ((*entry)->key != CK_HT_KEY_EMPTY)
            return true;
    }
    return false;
}

static inline uint64_t ck_ht_count(const ck_ht_t *table)
{
    return table->map->keys;
}

#endif
