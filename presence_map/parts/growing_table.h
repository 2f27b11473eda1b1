/*
 * growing_table.h - the tables of packed_growing.h, and how users move from one to the next.
 *
 * A slot is a word as in packed.h, with one bit more: FROZEN.  A frozen word never changes again:
 * its user, if it has one, is in the next table from now on, and an empty one is SEALED.
 *
 * Invariant: in a table an id keeps its slot, and from an id's home to its slot no slot is 0 or
 * SEALED; so all who look for an id meet the same first slot that is.  An id that is not in a
 * table gets into the next one only after that slot has been sealed, and one that is in it only
 * after its slot has been frozen: then with the frozen time, if it had one, before anything
 * else happens to it there.  A table gets a successor only while it is the present one, and
 * becomes the present one when all slots of its predecessor are frozen and all their users are
 * in it.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_GROWING_TABLE_H
#define CONTEND_PRESENCE_MAP_PARTS_GROWING_TABLE_H

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "locks/parts/urcu_thread.h"
#include "presence_map/presence_map.h"
#include "presence_map/reclaim/parts/urcu_memory.h"

/* The word: id + 1, the bit, and the seconds since the origin, plus 1; 0 says "not present". */
#define GROWING_ID_SHIFT 33
#define GROWING_ID_MASK (~UINT64_C(0) << GROWING_ID_SHIFT)
#define GROWING_FROZEN (UINT64_C(1) << 32)
#define GROWING_STAMP_MASK UINT64_C(0xffffffff)
#define GROWING_MAX_USER ((UINT64_C(1) << 31) - 2)
#define GROWING_MAX_CAPACITY (UINT64_C(1) << 31)

/* How many slots a thread moves at once: so much a heartbeat during growth is late at most. */
#define GROWING_CHUNK 32

struct growing_tables;

struct growing_table {
    struct rcu_head rcu;
    struct growing_tables *all;
    uint64_t slot_count; /* 3/2 of the capacity, in whole lines; below 2^32 */
    uint64_t capacity;   /* ids, dead ones too */
    struct growing_table *_Atomic next; /* NULL; the table itself: closed; or its successor */
    CONTEND_ALIGNED _Atomic uint64_t used;    /* slots with an id, and those about to get one */
    CONTEND_ALIGNED _Atomic uint64_t claimed; /* slots that somebody moves, or has moved */
    _Atomic uint64_t moved;                   /* slots that have been moved */
    _Atomic uint64_t cursor;                  /* where the next budgeted sweep begins */
    CONTEND_ALIGNED _Atomic uint64_t slots[];
};

struct growing_tables {
    struct growing_table *_Atomic present;
    uint64_t hash_seed;
    uint64_t least; /* capacity, that a table has at least */
    const struct contend_allocator *allocator;
    CONTEND_ALIGNED _Atomic uint64_t live; /* users with an entry, and those about to get one */
    _Atomic uint64_t bytes, retired, retired_peak;
};

static inline uint64_t growing_id(uint64_t user)
{
    return (user + 1) << GROWING_ID_SHIFT;
}

static inline uint64_t growing_user(uint64_t word)
{
    return (word >> GROWING_ID_SHIFT) - 1;
}

static inline uint64_t growing_stamp(uint64_t word)
{
    return word & GROWING_STAMP_MASK;
}

static inline uint64_t growing_load(_Atomic uint64_t *slot)
{
    /*
     * acquire: pairs with the release in growing_freeze: a thread that sees the bit finds the
     * next table.
     */
    return atomic_load_explicit(slot, memory_order_acquire);
}

/* Replaces *seen, or shows in it what is there now. */
static inline bool growing_swap(_Atomic uint64_t *slot, uint64_t *seen, uint64_t wanted)
{
    /*
     * release: what freezes a word comes after the pointer to the next table, and what removes a
     * user after its count; pairs with the acquire in growing_load.  relaxed on failure: all
     * callers look again.
     */
    return atomic_compare_exchange_weak_explicit(slot, seen, wanted, memory_order_release,
                                                 memory_order_relaxed);
}

/* The successor, or NULL if there is none yet. */
static inline struct growing_table *growing_next(struct growing_table *t)
{
    /* acquire: pairs with the release in growing_link; the table is there. */
    struct growing_table *next = atomic_load_explicit(&t->next, memory_order_acquire);

    return next == t ? NULL : next;
}

/* In a read section. */
static inline struct growing_table *growing_present(struct growing_tables *a)
{
    /* acquire: pairs with the release in growing_finish and in growing_init. */
    return atomic_load_explicit(&a->present, memory_order_acquire);
}

static inline size_t growing_bytes(uint64_t slot_count)
{
    return sizeof(struct growing_table) + slot_count * sizeof(uint64_t);
}

/* NULL if there is no memory, or no table of that capacity. */
static inline struct growing_table *growing_make(struct growing_tables *a, uint64_t capacity)
{
    uint64_t slot_count = (capacity + capacity / 2 + 8) & ~UINT64_C(7);

    if (capacity > GROWING_MAX_CAPACITY)
        return NULL;
    struct growing_table *t =
        contend_allocate(a->allocator, CONTEND_CACHE_LINE, growing_bytes(slot_count));
    if (!t)
        return NULL;
    t->all = a;
    t->slot_count = slot_count;
    t->capacity = capacity;
    atomic_init(&t->next, NULL);
    atomic_init(&t->used, 0);
    atomic_init(&t->claimed, 0);
    atomic_init(&t->moved, 0);
    atomic_init(&t->cursor, 0);
    for (uint64_t i = 0; i < slot_count; i++)
        atomic_init(&t->slots[i], 0);
    /* relaxed: statistics. */
    atomic_fetch_add_explicit(&a->bytes, growing_bytes(slot_count), memory_order_relaxed);
    return t;
}

/* Frees a table that no thread can find. */
static inline void growing_discard(struct growing_table *t)
{
    size_t bytes = growing_bytes(t->slot_count);

    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&t->all->bytes, bytes, memory_order_relaxed);
    contend_release(t->all->allocator, t, bytes);
}

static inline int growing_init(struct growing_tables *a, uint64_t capacity, uint64_t hash_seed,
                               const struct contend_allocator *allocator)
{
    int error = contend_urcu_prepare(1); /* the thread that frees what was outgrown */

    if (error)
        return error;
    a->hash_seed = hash_seed;
    a->least = capacity;
    a->allocator = allocator;
    atomic_init(&a->live, 0);
    atomic_init(&a->bytes, 0);
    atomic_init(&a->retired, 0);
    atomic_init(&a->retired_peak, 0);
    struct growing_table *t = growing_make(a, capacity);
    atomic_init(&a->present, t);
    return t ? 0 : -ENOMEM;
}

/* No other thread is left. */
static inline void growing_fini(struct growing_tables *a)
{
    struct growing_table *t = growing_present(a), *next;

    urcu_memb_barrier(); /* what was retired is free: it uses the statistics */
    for (; t; t = next) {
        next = growing_next(t);
        growing_discard(t);
    }
}

/* ---- slots ---- */

/* Where a probe for the user begins. */
static inline uint64_t growing_home(const struct growing_table *t, uint64_t user)
{
    return ((presence_hash(user, t->all->hash_seed) >> 32) * t->slot_count) >> 32;
}

/*
 * The slot that carries the user's id, or the first one that is 0 or sealed, with its word; NULL
 * if a whole turn met neither.
 */
static inline _Atomic uint64_t *growing_probe(struct growing_table *t, uint64_t user,
                                              uint64_t *word)
{
    uint64_t id = growing_id(user), i = growing_home(t, user);

    for (uint64_t probed = 0; probed < t->slot_count; probed++) {
        *word = growing_load(&t->slots[i]);
        uint64_t found = *word & GROWING_ID_MASK;
        if (found == id || found == 0)
            return &t->slots[i];
        i = i + 1 == t->slot_count ? 0 : i + 1;
    }
    return NULL;
}

/* Freezes the slot; returns its word, which stays. */
static inline uint64_t growing_freeze(_Atomic uint64_t *slot)
{
    uint64_t word = growing_load(slot);

    while (!(word & GROWING_FROZEN)) {
        CONTEND_STEP("growing: about to freeze");
        /* release, in the swap: the next table comes first; pairs with the acquire above. */
        if (growing_swap(slot, &word, word | GROWING_FROZEN))
            return word | GROWING_FROZEN;
    }
    return word;
}

static inline void growing_give_back(struct growing_table *t)
{
    /* relaxed: as in growing_take. */
    atomic_fetch_sub_explicit(&t->used, 1, memory_order_relaxed);
}

/*
 * Counts an id that is about to get a slot; false: the table has its capacity.  relaxed, all three: the
 * number of those who take one is what counts, and each change is a read-modify-write.
 */
static inline bool growing_take(struct growing_table *t)
{
    if (atomic_load_explicit(&t->used, memory_order_relaxed) >= t->capacity)
        return false;
    if (atomic_fetch_add_explicit(&t->used, 1, memory_order_relaxed) < t->capacity)
        return true;
    growing_give_back(t);
    return false;
}

/*
 * The user of a frozen word is in the next table when this returns, with at least that time: or
 * it was there already, whatever has become of it since.
 */
static inline void growing_transfer(struct growing_table *next, uint64_t frozen)
{
    uint64_t word;

    if (growing_stamp(frozen) == 0)
        return; /* a dead id moves nowhere */
    for (;;) {
        _Atomic uint64_t *slot = growing_probe(next, growing_user(frozen), &word);
        if (!slot || word != 0)
            return; /* it is there; a sealed one tells that all of our table are, and none is full */
        CONTEND_STEP("growing: frozen, and about to be put into the next table");
        if (growing_swap(slot, &word, frozen & ~GROWING_FROZEN)) {
            /* relaxed: as above; whatever the capacity, this one has its slot. */
            atomic_fetch_add_explicit(&next->used, 1, memory_order_relaxed);
            return;
        }
    }
}

/* ---- users, in whatever table they are ---- */

/*
 * Where the user's live word is, from table *t on: its slot, or, in a table without a successor, the
 * one with its dead id or an empty one, where it may come.  NULL: all slots of *t have other ids, and
 * it has no successor.  Freezes and moves what it has to, so that the user cannot be in an earlier table.
 */
static inline _Atomic uint64_t *growing_find(struct growing_table **t, uint64_t user,
                                             uint64_t *word)
{
    for (;;) {
        _Atomic uint64_t *slot = growing_probe(*t, user, word);
        struct growing_table *next = growing_next(*t);

        if (slot && !(*word & GROWING_FROZEN)) {
            if (growing_stamp(*word) != 0 || !next)
                return slot;
            CONTEND_STEP("growing: met a slot without a user, and about to seal it");
            growing_swap(slot, word, *word | GROWING_FROZEN);
            continue;
        }
        if (!next)
            return NULL;
        if (slot)
            growing_transfer(next, *word);
        *t = next;
    }
}

/* The user's word, from table t on; of stamp 0 if there is no entry. */
static inline uint64_t growing_look_up(struct growing_table *t, uint64_t user)
{
    uint64_t word, later;

    for (; t; t = growing_next(t)) {
        if (!growing_probe(t, user, &word))
            continue;
        if (!(word & GROWING_FROZEN))
            return word;
        if (growing_stamp(word) == 0)
            continue;
        /* It has moved, unless it is not in the next table yet: then this is still its word. */
        if (!growing_probe(growing_next(t), user, &later) || (later & GROWING_ID_MASK) == 0)
            return word;
    }
    return 0;
}

/* The word in slot i of table t, or, if its user has moved, where it is now. */
static inline uint64_t growing_at(struct growing_table *t, uint64_t i)
{
    uint64_t word = growing_load(&t->slots[i]);

    return word & GROWING_FROZEN && growing_stamp(word) != 0
               ? growing_look_up(t, growing_user(word)) : word;
}

/* ---- growth ---- */

static inline void growing_reclaim(struct rcu_head *head)
{
    struct growing_table *t = (struct growing_table *)(void *)head;

    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&t->all->retired, growing_bytes(t->slot_count), memory_order_relaxed);
    growing_discard(t);
}

/* All slots have been moved: the next table is the present one.  The first thread retires the old. */
static inline void growing_finish(struct growing_table *t)
{
    struct growing_tables *a = t->all;
    struct growing_table *seen = t, *next = growing_next(t);
    uint64_t bytes = growing_bytes(t->slot_count);

    /* release: all transfers come first; pairs with the acquire in growing_present. */
    if (!atomic_compare_exchange_strong_explicit(&a->present, &seen, next, memory_order_release,
                                                 memory_order_relaxed)) /* relaxed: not looked at */
        return;
    /* relaxed, all: statistics. */
    uint64_t held = atomic_fetch_add_explicit(&a->retired, bytes, memory_order_relaxed) + bytes;
    uint64_t peak = atomic_load_explicit(&a->retired_peak, memory_order_relaxed);
    while (held > peak &&
           !atomic_compare_exchange_weak_explicit(&a->retired_peak, &peak, held,
                                                  memory_order_relaxed, memory_order_relaxed)) {
        /* another thread has raised it meanwhile */
    }
    urcu_memb_call_rcu(&t->rcu, growing_reclaim);
}

static inline void growing_move(struct growing_table *t, struct growing_table *next,
                                uint64_t begin, uint64_t end)
{
    for (uint64_t i = begin; i < end; i++)
        growing_transfer(next, growing_freeze(&t->slots[i]));
}

/* A share of the work, if there is any left that nobody has taken. */
static inline void growing_help(struct growing_table *t)
{
    struct growing_table *next = growing_next(t);

    /* relaxed, both: a look that keeps the line shared; the addition divides the work. */
    if (!next || atomic_load_explicit(&t->claimed, memory_order_relaxed) >= t->slot_count)
        return;
    uint64_t begin = atomic_fetch_add_explicit(&t->claimed, GROWING_CHUNK, memory_order_relaxed);
    if (begin >= t->slot_count)
        return;
    uint64_t left = t->slot_count - begin, n = left < GROWING_CHUNK ? left : GROWING_CHUNK;
    growing_move(t, next, begin, begin + n);
    /*
     * acq_rel: release, for the moves come before they are counted; pairs with the acquire of
     * the thread that counts the last ones.
     */
    if (atomic_fetch_add_explicit(&t->moved, n, memory_order_acq_rel) + n == t->slot_count)
        growing_finish(t);
}

/* Does all the work, also what another thread has taken, which may stand still. */
static inline void growing_complete(struct growing_table *t)
{
    struct growing_table *next = growing_next(t);

    if (!next)
        return;
    growing_move(t, next, 0, t->slot_count);
    growing_finish(t);
}

/* For `users`, and more than twice those who have to move. */
static inline uint64_t growing_wanted(struct growing_tables *a, uint64_t users)
{
    /* seq_cst: behind the closing; growing_admit has the other half. */
    uint64_t wanted = 2 * atomic_load_explicit(&a->live, memory_order_seq_cst) + 2;

    wanted = wanted < a->least ? a->least : wanted;
    return wanted < users ? users : wanted;
}

/* Whether the table, which was seen without a successor, is closed by this thread. */
static inline bool growing_close(struct growing_table *t)
{
    struct growing_table *seen = NULL;

    /* seq_cst: before the look at `live`; growing_admit has the other half. */
    return atomic_compare_exchange_strong_explicit(&t->next, &seen, t, memory_order_seq_cst,
                                                   memory_order_relaxed); /* relaxed: not looked at */
}

static inline bool growing_link(struct growing_table *t, struct growing_table *next)
{
    struct growing_table *seen = t;

    /* release: the table is there; pairs with the acquire in growing_next.  relaxed: not looked at. */
    return atomic_compare_exchange_strong_explicit(&t->next, &seen, next, memory_order_release,
                                                   memory_order_relaxed);
}

/*
 * Gives the present table a successor for `users`, and for twice those who are here.  0, also if
 * another thread was faster, or -ENOMEM.  It is made before the table is closed, so that without memory
 * a table stays open, and again if it turns out to be too small: then it is closed, and that is the last time
 * unless another thread is faster.
 */
static inline int growing_start(struct growing_table *t, uint64_t users)
{
    struct growing_tables *a = t->all;

    while (!growing_next(t)) {
        /* seq_cst: if it is closed, what is wanted is looked at behind that. */
        bool closed = atomic_load_explicit(&t->next, memory_order_seq_cst) == t;
        uint64_t capacity = growing_wanted(a, users);
        struct growing_table *next = growing_make(a, capacity);
        if (!next)
            return growing_next(t) ? 0 : -ENOMEM;
        CONTEND_STEP("growing: made and not yet linked");
        if (!closed)
            closed = growing_close(t) && growing_wanted(a, users) <= capacity;
        if (closed && growing_link(t, next))
            return 0;
        growing_discard(next);
    }
    return 0;
}

static inline void growing_dismiss(struct growing_tables *a)
{
    /* relaxed: a word is dead before it is counted out, and is not moved then, whenever this is seen. */
    atomic_fetch_sub_explicit(&a->live, 1, memory_order_relaxed);
}

/*
 * Counts a user who is about to get an entry in table t, which was seen without a successor.  0;
 * -EAGAIN: it has one now; or -ENOMEM.
 */
static inline int growing_admit(struct growing_table *t)
{
    struct growing_tables *a = t->all;

    CONTEND_STEP("growing: saw no successor, and about to count a user");
    /*
     * seq_cst, both: of this count and look, and of closing and growing_wanted()'s look, one look sees
     * the other thread's write: either this user is counted among those who move, or stays out.
     */
    atomic_fetch_add_explicit(&a->live, 1, memory_order_seq_cst);
    if (!atomic_load_explicit(&t->next, memory_order_seq_cst))
        return 0;
    growing_dismiss(a);
    int error = growing_start(t, 0);
    return error ? error : -EAGAIN;
}

#endif
