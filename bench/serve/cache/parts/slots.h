/*
 * slots.h - the two levels that most means have: entries of a thread's own, and shared slots.
 *
 * A key has one slot in each level, by its hash; another key that comes there takes it over.  A
 * slot has a generation, which every put of one of its keys raises once its value is in the store.
 * An entry carries the generation that was read before its value was loaded, its stamp.
 *
 * Invariant: if an entry's stamp is the slot's generation, no put of its key has returned since
 *   before its value was loaded.  Proof: such a put would have raised the generation after the stamp
 *   was read, and a generation never comes back.  A slot's words are changed only by the thread
 *   that made its sequence odd.
 * Linearisation points: a hit that goes by the stamp at its load of the generation; a put at its
 *   save in the store.
 * Pairings: cache_raise's release with the acquire in cache_generation: a get that finds the
 *   generation of a put finds the store's value of that put, too, if it has to load.  The sequence's
 *   release with the acquire of a reader, and the fences with each other, as in any sequence lock.
 */
#ifndef CONTEND_BENCH_SERVE_CACHE_PARTS_SLOTS_H
#define CONTEND_BENCH_SERVE_CACHE_PARTS_SLOTS_H

#include "bench/serve/cache/cache.h"
#include "locks/parts/hash.h"
#include "locks/parts/platform.h"

enum { CACHE_OWN_SLOTS = 64, CACHE_DEFAULT_SLOTS = 1024 };

/* What a level holds of a key. */
struct cache_entry {
    uint64_t key_plus_1; /* 0: nothing */
    uint64_t stamp;
    uint64_t copied_ns; /* when the first level took it: write_through.h */
    struct cache_value value;
};

enum { CACHE_ENTRY_WORDS = sizeof(struct cache_entry) / 8 };

struct cache_slot {
    CONTEND_ALIGNED _Atomic uint64_t sequence; /* odd: it is being written */
    _Atomic uint64_t generation;
    _Atomic uint32_t flight; /* a get loads the slot's value: lease.h */
    _Atomic uint32_t writer; /* a put is under way: write_through.h */
    _Atomic uint64_t words[CACHE_ENTRY_WORDS];
};

/* What the object of a means begins with. */
struct cache_shared {
    struct cache_source source;
    const struct contend_allocator *allocator;
    uint64_t ttl_ns, mask; /* constant after init */
    struct cache_slot *slots;
    _Atomic uint64_t attached;
};

/* What its handle begins with. */
struct cache_own {
    struct cache_entry entries[CACHE_OWN_SLOTS];
    uint64_t random;
};

static inline int cache_shared_init(struct cache_shared *c, const struct cache_config *config)
{
    *c = (struct cache_shared){
        .source = *config->source, .allocator = config->allocator,
        .ttl_ns = config->ttl_ns ? config->ttl_ns : UINT64_C(1000000000),
        .mask = contend_round_up_pow2(config->slots ? config->slots : CACHE_DEFAULT_SLOTS) - 1,
    };
    c->slots = contend_allocate(c->allocator, CONTEND_CACHE_LINE, (c->mask + 1) * sizeof *c->slots);
    if (!c->slots)
        return -ENOMEM;
    for (uint64_t i = 0; i <= c->mask; i++) {
        struct cache_slot *s = &c->slots[i];
        atomic_init(&s->sequence, 0);
        atomic_init(&s->generation, 1);
        atomic_init(&s->flight, 0);
        atomic_init(&s->writer, 0);
        for (unsigned w = 0; w < CACHE_ENTRY_WORDS; w++)
            atomic_init(&s->words[w], 0);
    }
    return 0;
}

static inline int cache_shared_fini(struct cache_shared *c)
{
    /* relaxed: nothing else is under way. */
    if (atomic_load_explicit(&c->attached, memory_order_relaxed))
        return -EBUSY;
    contend_release(c->allocator, c->slots, (c->mask + 1) * sizeof *c->slots);
    return 0;
}

static inline int cache_own_attach(struct cache_shared *c, struct cache_own *own)
{
    memset(own, 0, sizeof *own);
    /* relaxed, both here and below: a count. */
    own->random = atomic_fetch_add_explicit(&c->attached, 1, memory_order_relaxed) + 1;
    return 0;
}

static inline void cache_own_detach(struct cache_shared *c)
{
    atomic_fetch_sub_explicit(&c->attached, 1, memory_order_relaxed);
}

static inline struct cache_slot *cache_slot_of(struct cache_shared *c, uint64_t key)
{
    return &c->slots[presence_hash(key, 0) & c->mask];
}

static inline struct cache_entry *cache_own_entry(struct cache_own *own, uint64_t key)
{
    return &own->entries[presence_hash(key, 0) % CACHE_OWN_SLOTS];
}

static inline uint64_t cache_generation(struct cache_slot *s)
{
    /* acquire: pairs with the release in cache_raise; a load from the store comes after this. */
    return atomic_load_explicit(&s->generation, memory_order_acquire);
}

/* The last step of a put that leaves nothing in the cache. */
static inline void cache_raise(struct cache_slot *s)
{
    CONTEND_STEP("cache: saved, generation not yet raised");
    /* release: the save comes first; pairs with the acquire in cache_generation. */
    atomic_fetch_add_explicit(&s->generation, 1, memory_order_release);
}

/* The slot's words for the caller alone. */
static inline uint64_t cache_slot_lock(struct cache_slot *s)
{
    for (;;) {
        /* relaxed: the swap decides. */
        uint64_t even = atomic_load_explicit(&s->sequence, memory_order_relaxed);
        /* acquire: after the last writer; pairs with the release in cache_slot_unlock.
         * relaxed on failure: it tries again. */
        if (even % 2 == 0 && atomic_compare_exchange_weak_explicit(
                                 &s->sequence, &even, even + 1, memory_order_acquire,
                                 memory_order_relaxed))
            return even;
        contend_cpu_relax();
    }
}

static inline void cache_slot_unlock(struct cache_slot *s, uint64_t even)
{
    /* release: pairs with the acquire in cache_slot_read and in cache_slot_lock. */
    atomic_store_explicit(&s->sequence, even + 2, memory_order_release);
}

/* The holder writes the slot's words. */
static inline void cache_slot_write(struct cache_slot *s, const struct cache_entry *e)
{
    uint64_t words[CACHE_ENTRY_WORDS];

    memcpy(words, e, sizeof words);
    /* release: the odd sequence comes first; pairs with the acquire fence in cache_slot_read. */
    atomic_thread_fence(memory_order_release);
    for (unsigned i = 0; i < CACHE_ENTRY_WORDS; i++)
        /* relaxed: the fence and the unlock order them. */
        atomic_store_explicit(&s->words[i], words[i], memory_order_relaxed);
}

/* Copies the entry of a key; whether the slot has one. */
static inline bool cache_slot_read(struct cache_slot *s, uint64_t key, struct cache_entry *out)
{
    uint64_t words[CACHE_ENTRY_WORDS];

    for (;;) {
        /* acquire: pairs with the release in cache_slot_unlock. */
        uint64_t before = atomic_load_explicit(&s->sequence, memory_order_acquire);
        if (before % 2 == 0) {
            for (unsigned i = 0; i < CACHE_ENTRY_WORDS; i++)
                /* relaxed: the fence below orders them. */
                words[i] = atomic_load_explicit(&s->words[i], memory_order_relaxed);
            /* acquire: pairs with the release fence in cache_slot_write.  relaxed: after it. */
            atomic_thread_fence(memory_order_acquire);
            if (atomic_load_explicit(&s->sequence, memory_order_relaxed) == before)
                break;
        }
        contend_cpu_relax();
    }
    memcpy(out, words, sizeof *out);
    return out->key_plus_1 == key + 1;
}

/* Asks the source; the stamp must have been read before.  0 or an error. */
static inline int cache_load(struct cache_shared *c, uint64_t key, uint64_t now, uint64_t stamp,
                             struct cache_entry *e)
{
    *e = (struct cache_entry){ .key_plus_1 = key + 1, .stamp = stamp };
    return c->source.load(c->source.ctx, key, now, &e->value);
}

/* Asks the source, and keeps what it says at both levels: in *mine, and in the slot.  0 or an error. */
static inline int cache_load_both(struct cache_shared *c, struct cache_slot *s, uint64_t key,
                                  uint64_t now, struct cache_entry *mine)
{
    int error = cache_load(c, key, now, 0, mine);
    uint64_t even;

    if (error) {
        mine->key_plus_1 = 0;
        return error;
    }
    even = cache_slot_lock(s);
    cache_slot_write(s, mine);
    cache_slot_unlock(s, even);
    return 0;
}

/* Puts what was loaded into the slot, unless a put of one of its keys came in between. */
static inline void cache_fill_stamped(struct cache_slot *s, const struct cache_entry *e)
{
    uint64_t even = cache_slot_lock(s);

    CONTEND_STEP("cache: loaded, not yet in the slot");
    if (cache_generation(s) == e->stamp)
        cache_slot_write(s, e);
    cache_slot_unlock(s, even);
}

/* Whether a value that goes by time may still be used. */
static inline bool cache_is_fresh(const struct cache_shared *c, const struct cache_entry *e,
                                  uint64_t now)
{
    return now < e->value.loaded_ns + c->ttl_ns;
}

/* The parts of a means that are the two levels and nothing else. */
#define CACHE_OF_SLOTS(NAME)                                                                  \
    struct cache_##NAME {                                                                     \
        struct cache_shared shared;                                                           \
    };                                                                                        \
    struct cache_##NAME##_handle {                                                            \
        struct cache_own own;                                                                 \
    };                                                                                        \
    static inline int cache_##NAME##_init(struct cache_##NAME *c,                             \
                                          const struct cache_config *config)                  \
    {                                                                                         \
        return cache_shared_init(&c->shared, config);                                         \
    }                                                                                         \
    static inline int cache_##NAME##_fini(struct cache_##NAME *c)                             \
    {                                                                                         \
        return cache_shared_fini(&c->shared);                                                 \
    }                                                                                         \
    static inline int cache_##NAME##_attach(struct cache_##NAME *c,                           \
                                            struct cache_##NAME##_handle *h)                  \
    {                                                                                         \
        return cache_own_attach(&c->shared, &h->own);                                         \
    }                                                                                         \
    static inline void cache_##NAME##_detach(struct cache_##NAME *c,                          \
                                             struct cache_##NAME##_handle *h)                 \
    {                                                                                         \
        (void)h;                                                                              \
        cache_own_detach(&c->shared);                                                         \
    }

#endif
