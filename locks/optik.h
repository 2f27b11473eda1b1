/*
 * optik.h - a version that is also the lock: what was read is checked and locked in one step.
 *
 * Idea: one word, even while the lock is free and odd while it is held.  A thread notes the
 *   version, reads without the lock and prepares its change; one compare-and-swap from that
 *   version then takes the lock, and shows at the same time that nobody has been inside
 *   since.  If it fails, the thread begins again; it has never waited.
 * Invariant: the version is odd exactly while a thread is between acquire and release, and
 *   never goes back.
 * Progress: blocking.  A preempted holder stops everybody; a reader stops nobody.
 * Cost: one locked instruction a pair, where the validation of what was read is included;
 *   a read is two loads.  16 bytes, 8 of them the version.
 * Breaks when: changes collide often: each collision costs a whole preparation.  The rest is
 *   as with seqlock.h: atomic data, nothing followed or divided by before it is checked.
 * Use when: an operation looks far and changes little, as in a list or a tree: look without
 *   the lock, and take it only for what was really seen.
 * Reference: R. Guerraoui and V. Trigonakis, "Optimistic Concurrency with OPTIK", PPoPP 2016.
 */
#ifndef CONTEND_LOCKS_OPTIK_H
#define CONTEND_LOCKS_OPTIK_H

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct lock_optik {
    _Atomic uint64_t version;
    struct waiting waiting;
};

#define LOCK_OPTIONS_optik(part) WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(optik)

#define LOCK_INIT_optik { 0, WAITING_INIT }

LOCK_STATELESS_HANDLE(optik)

static inline int lock_optik_init(struct lock_optik *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_optik_options);

    if (error)
        return error;
    atomic_init(&l->version, 0);
    l->waiting = waiting_of(&c.settings, lock_optik_options);
    return 0;
}

static inline int lock_optik_fini(struct lock_optik *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->version, memory_order_relaxed) % 2 ? -EBUSY : 0;
}

static inline int lock_optik_read_begin(struct lock_optik *l, struct lock_optik_handle *h,
                                        uint64_t *version)
{
    (void)h;
    for (uint32_t turns = 0;;) {
        /* acquire: pairs with the release in lock_optik_release. */
        *version = atomic_load_explicit(&l->version, memory_order_acquire);
        if (*version % 2 == 0)
            return 0;
        waiting_turn(&l->waiting, &turns);
    }
}

static inline int lock_optik_read_retry(struct lock_optik *l, struct lock_optik_handle *h,
                                        uint64_t version)
{
    (void)h;
    /*
     * acquire: after the reader's relaxed loads.  Pairs with the release fence in
     * lock_optik_try_upgrade.
     */
    atomic_thread_fence(memory_order_acquire);
    /* relaxed: the fence orders it. */
    return atomic_load_explicit(&l->version, memory_order_relaxed) != version;
}

/*
 * Takes the lock if its version is still this one.  What was read since that version needs no
 * fence here: a section that could have disturbed it would have begun with a swap from the same
 * version, and two swaps from one version cannot both succeed.
 */
static inline int lock_optik_try_upgrade(struct lock_optik *l, struct lock_optik_handle *h,
                                         uint64_t version)
{
    (void)h;
    /*
     * acquire: pairs with the release in lock_optik_release; relaxed on failure: nothing was
     * taken.
     */
    if (!atomic_compare_exchange_strong_explicit(&l->version, &version, version + 1,
                                                 memory_order_acquire, memory_order_relaxed))
        return -EBUSY;
    /*
     * release: before the section's relaxed stores.  Pairs with the acquire fence in
     * lock_optik_read_retry: a reader that has read one of them finds the version odd, or later
     * still.
     */
    atomic_thread_fence(memory_order_release);
    return 0;
}

static inline int lock_optik_acquire(struct lock_optik *l, struct lock_optik_handle *h)
{
    uint64_t version;

    do
        lock_optik_read_begin(l, h, &version);
    while (lock_optik_try_upgrade(l, h, version) != 0);
    return 0;
}

static inline int lock_optik_try_acquire(struct lock_optik *l, struct lock_optik_handle *h)
{
    /* relaxed: a guess; the swap decides. */
    uint64_t version = atomic_load_explicit(&l->version, memory_order_relaxed);

    return version % 2 ? -EBUSY : lock_optik_try_upgrade(l, h, version);
}

static inline void lock_optik_release(struct lock_optik *l, struct lock_optik_handle *h)
{
    (void)h;
    /* relaxed: only the holder changes an odd version, and that is us. */
    uint64_t odd = atomic_load_explicit(&l->version, memory_order_relaxed);

    /* release: pairs with the acquires in lock_optik_read_begin and lock_optik_try_upgrade. */
    atomic_store_explicit(&l->version, odd + 1, memory_order_release);
}

LOCK_EXCLUSIVE_ONLY(optik)
LOCK_CALLER_EXECUTES(optik)

enum {
    lock_optik_flags = CONTEND_SPINS | CONTEND_PROCESS_SHARED,
    lock_optik_features =
        LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE | LOCK_OPTIMISTIC,
};

static const struct lock_traits lock_optik_traits = {
    .id = {
        .name = "optik",
        .title = "a version that is also the lock",
        .reference = "Guerraoui and Trigonakis, Optimistic Concurrency with OPTIK, 2016",
        .flags = lock_optik_flags,
        .options = lock_optik_options,
    },
    .features = lock_optik_features,
    .bytes = sizeof(struct lock_optik),
};

LOCK_STATIC_TRAITS(optik)

#endif
