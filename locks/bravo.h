/*
 * bravo.h - readers that leave the lock alone while no writer comes.
 *
 * Idea: a template.  While the lock is biased towards readers, a reader only marks a slot of
 *   a table, which its handle's hash chooses, and is inside.  A writer takes the lock below,
 *   removes the bias and waits until every slot is empty.  After that readers use the lock
 *   below as well, for a while.  With CONTEND_LOCK defined as the name of a lock (see
 *   locks/parts/chosen.h) it is that lock, biased.
 * Invariant: a reader inside has its slot marked or holds the lock below.  A slot is marked
 *   for good only if `biased` was 1 afterwards; `biased` becomes 1 only under the lock below,
 *   held shared, and a thread that holds that exclusively makes it 0 and sees the slots empty.
 * Progress: blocking, as the lock below.  A writer that removes the bias waits for readers,
 *   and yields its processor meanwhile.
 * Cost: a biased shared pair is a compare-and-swap and a store on a slot that readers seldom
 *   have in common; removing the bias is a fence and a load of every slot.  Otherwise the
 *   lock's own.  32 bytes beside the lock, and 4 a slot.
 * Breaks when: writers come often: each one removes a bias that has just been set.  `rest`
 *   bounds what that costs, and with one writer in a hundred the lock is at rest nearly
 *   always: as slow as the lock below, and larger.  Where all write it is slower than that lock
 *   at every length of section, and so than mutex.h.
 * Use when: a lock must stay small and as it is, and is nearly always taken shared.
 * Reference: D. Dice and A. Kogan, "BRAVO: Biased Locking for Reader-Writer Locks", USENIX
 *   ATC 2019.  There one table of 4096 slots serves all locks of a process, so that a lock
 *   grows by two words only, and the time that it took to remove the bias decides how long
 *   the lock goes without.  Here each lock has a table and counts, so that nothing is shared
 *   behind the program's back and no clock is read.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_LOCKS_BRAVO_H
#define CONTEND_LOCKS_BRAVO_H

#include <stdbool.h>

#include "locks/lock.h"
#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

enum { BRAVO_SLOTS = 64, BRAVO_SLOTS_MOST = 4096 };

struct lock_bravo {
    struct chosen_lock lock; /* the one below */
    _Atomic uint32_t biased;
    _Atomic uint32_t resting; /* so many more readers before the next bias, roughly */
    uint32_t slots, rest;     /* constant after init */
    _Atomic uint32_t *table;  /* 1: a reader that has not touched the lock below */
    const struct contend_allocator *allocator;
};

struct lock_bravo_handle {
    struct chosen_lock_handle lock;
    _Atomic uint32_t *slot; /* the one that we have marked; NULL: we hold the lock below */
};

#define LOCK_OPTIONS_bravo(part)                                                              \
    { part "table", BRAVO_SLOTS, 1, BRAVO_SLOTS_MOST,                                         \
      "slots for readers; rounded up to a power of two" },                                   \
    { part "rest", 100, 0, 1000000,                                                           \
      "readers that use the lock below before the next bias" },                               \
    CHOSEN_LOCK_OPTIONS(part "lock.")

LOCK_OPTIONS_LIST(bravo)

static inline int lock_bravo_init(struct lock_bravo *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_bravo_options);

    if (error)
        return error;
    l->slots = (uint32_t)contend_round_up_pow2(
        (uint64_t)contend_option_value(&c.settings, lock_bravo_options, "table"));
    l->rest = (uint32_t)contend_option_value(&c.settings, lock_bravo_options, "rest");
    l->allocator = c.allocator;
    atomic_init(&l->biased, 0);
    atomic_init(&l->resting, 0);
    l->table = contend_allocate(c.allocator, CONTEND_CACHE_LINE, l->slots * sizeof *l->table);
    if (!l->table)
        return -ENOMEM;
    for (uint32_t i = 0; i < l->slots; i++)
        atomic_init(&l->table[i], 0);
    struct lock_config below = {
        .threads = c.threads,
        .allocator = c.allocator,
        .settings = contend_settings_of(&c.settings, "lock"),
    };
    error = chosen_lock_init(&l->lock, &below);
    if (error)
        contend_release(l->allocator, l->table, l->slots * sizeof *l->table);
    return error;
}

static inline int lock_bravo_fini(struct lock_bravo *l)
{
    for (uint32_t i = 0; i < l->slots; i++)
        /* relaxed: value only; no other thread is left. */
        if (atomic_load_explicit(&l->table[i], memory_order_relaxed))
            return -EBUSY;
    int error = chosen_lock_fini(&l->lock);
    if (error == 0)
        contend_release(l->allocator, l->table, l->slots * sizeof *l->table);
    return error;
}

static inline int lock_bravo_attach(struct lock_bravo *l, struct lock_bravo_handle *h)
{
    h->slot = NULL;
    return chosen_lock_attach(&l->lock, &h->lock);
}

static inline void lock_bravo_detach(struct lock_bravo *l, struct lock_bravo_handle *h)
{
    chosen_lock_detach(&l->lock, &h->lock);
}

/* ---- writers ---- */

/*
 * For the writer that holds the lock below: sends new readers there.  Returns whether there
 * was a bias.
 */
static inline bool lock_bravo_remove_bias(struct lock_bravo *l)
{
    /* relaxed: the thread that set it held the lock below, which orders us after it. */
    if (atomic_load_explicit(&l->biased, memory_order_relaxed) == 0)
        return false;
    atomic_store_explicit(&l->biased, 0, memory_order_relaxed);
    /*
     * seq_cst: pairs with the fence in lock_bravo_enter_slot.  Either the reader sees that the
     * bias is gone, or we see its slot marked.
     */
    atomic_thread_fence(memory_order_seq_cst);
    CONTEND_STEP("bravo: bias removed, slots not seen");
    return true;
}

static inline bool lock_bravo_empty(struct lock_bravo *l, uint32_t slot)
{
    /* acquire: pairs with the release in lock_bravo_leave_slot. */
    return atomic_load_explicit(&l->table[slot], memory_order_acquire) == 0;
}

static inline int lock_bravo_acquire(struct lock_bravo *l, struct lock_bravo_handle *h)
{
    static const struct waiting patience = { WAITING_YIELDS, WAITING_SPINS_PRESET };
    int answer = chosen_lock_acquire(&l->lock, &h->lock);

    if (!lock_is_held(answer) || !lock_bravo_remove_bias(l))
        return answer;
    for (uint32_t i = 0; i < l->slots; i++)
        for (uint32_t turns = 0; !lock_bravo_empty(l, i);)
            waiting_turn(&patience, &turns);
    /* relaxed: a guess at what pays, and no more. */
    atomic_store_explicit(&l->resting, l->rest, memory_order_relaxed);
    return answer;
}

static inline void lock_bravo_release(struct lock_bravo *l, struct lock_bravo_handle *h)
{
    chosen_lock_release(&l->lock, &h->lock);
}

static inline int lock_bravo_try_acquire(struct lock_bravo *l, struct lock_bravo_handle *h)
{
    int answer = chosen_lock_try_acquire(&l->lock, &h->lock);

    if (!lock_is_held(answer) || !lock_bravo_remove_bias(l))
        return answer;
    for (uint32_t i = 0; i < l->slots; i++)
        if (!lock_bravo_empty(l, i)) {
            /*
             * The next writer must look at the slots as well.  release: pairs with the acquire in
             * lock_bravo_enter_slot, as where readers set it.
             */
            atomic_store_explicit(&l->biased, 1, memory_order_release);
            chosen_lock_release(&l->lock, &h->lock);
            return -EBUSY;
        }
    return answer;
}

/* ---- readers ---- */

static inline void lock_bravo_leave_slot(struct lock_bravo_handle *h)
{
    /* release: pairs with the acquire in lock_bravo_empty. */
    atomic_store_explicit(h->slot, 0, memory_order_release);
    h->slot = NULL;
}

/* Whether a slot makes us a reader; h->slot then says which. */
static inline bool lock_bravo_enter_slot(struct lock_bravo *l, struct lock_bravo_handle *h)
{
    uint32_t empty = 0;

    /* relaxed: a first look, which spares a reader the slot while there is no bias. */
    if (atomic_load_explicit(&l->biased, memory_order_relaxed) == 0)
        return false;
    _Atomic uint32_t *slot = &l->table[presence_hash((uintptr_t)h, 0) & (l->slots - 1)];
    /* relaxed: the fence orders it; on failure another reader has the slot. */
    if (!atomic_compare_exchange_strong_explicit(slot, &empty, 1, memory_order_relaxed,
                                                 memory_order_relaxed))
        return false;
    h->slot = slot;
    /* seq_cst: pairs with the fence in lock_bravo_remove_bias. */
    atomic_thread_fence(memory_order_seq_cst);
    /*
     * acquire: pairs with the release with which the bias was set, by a thread that the lock
     * below had ordered after the last writer.
     */
    if (atomic_load_explicit(&l->biased, memory_order_acquire))
        return true;
    lock_bravo_leave_slot(h);
    return false;
}

static inline int lock_bravo_acquire_shared(struct lock_bravo *l, struct lock_bravo_handle *h)
{
    if (lock_bravo_enter_slot(l, h))
        return 0;
    CONTEND_STEP("bravo: no bias");
    int answer = chosen_lock_acquire_shared(&l->lock, &h->lock);
    if (!lock_is_held(answer))
        return answer;
    /* relaxed: the guess; that two readers may count as one does not matter. */
    uint32_t resting = atomic_load_explicit(&l->resting, memory_order_relaxed);
    if (resting)
        atomic_store_explicit(&l->resting, resting - 1, memory_order_relaxed);
    else if (atomic_load_explicit(&l->biased, memory_order_relaxed) == 0)
        /* release: pairs with the acquire in lock_bravo_enter_slot. */
        atomic_store_explicit(&l->biased, 1, memory_order_release);
    return answer;
}

static inline int lock_bravo_try_acquire_shared(struct lock_bravo *l, struct lock_bravo_handle *h)
{
    if (lock_bravo_enter_slot(l, h))
        return 0;
    return chosen_lock_try_acquire_shared(&l->lock, &h->lock);
}

static inline void lock_bravo_release_shared(struct lock_bravo *l, struct lock_bravo_handle *h)
{
    if (h->slot)
        lock_bravo_leave_slot(h);
    else
        chosen_lock_release_shared(&l->lock, &h->lock);
}

LOCK_READERS_HOLD_IT(bravo)
LOCK_CALLER_EXECUTES(bravo)

enum {
    /* The table is memory of one process. */
    lock_bravo_flags = chosen_lock_flags & ~CONTEND_PROCESS_SHARED,
    /*
     * Not LOCK_FIFO: a biased reader passes the writers that wait.  A section that execute sends
     * to another thread would not be ours: execute is ours, and delegates nothing.
     */
    lock_bravo_features = (chosen_lock_features & ~(LOCK_FIFO | LOCK_OPTIMISTIC | LOCK_DELEGATES)) |
                          LOCK_SHARED,
    lock_bravo_heap = chosen_lock_heap + BRAVO_SLOTS * sizeof(_Atomic uint32_t),
    lock_bravo_handle_heap = chosen_lock_handle_heap,
};

static const struct lock_traits lock_bravo_traits = {
    .id = {
        .name = "bravo_" CHOSEN_LOCK_NAME,
        .title = "the lock " CHOSEN_LOCK_NAME ", which readers leave alone while no writer comes",
        .reference = "Dice and Kogan, BRAVO: Biased Locking for Reader-Writer Locks, 2019",
        .lock = CHOSEN_LOCK_NAME,
        .flags = lock_bravo_flags,
        .options = lock_bravo_options,
    },
    .features = lock_bravo_features,
    .bytes = sizeof(struct lock_bravo) + lock_bravo_heap,
    .handle_heap = lock_bravo_handle_heap,
};

static inline void lock_bravo_traits_of(struct lock_bravo *l, struct lock_traits *out)
{
    *out = lock_bravo_traits;
    out->bytes = sizeof *l + l->slots * sizeof *l->table + chosen_lock_heap_of(&l->lock);
}

#endif
