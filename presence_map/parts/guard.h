/*
 * guard.h - the lock of a part of a map, and a thread's handles for such locks.
 *
 * locks/parts/chosen.h names the lock.  One handle serves all parts where the lock allows
 * it (LOCK_ANY_HANDLE); elsewhere a thread has one for each part.  What a lock declares is
 * a constant, so that none of this is decided at run time.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_PARTS_GUARD_H
#define CONTEND_PRESENCE_MAP_PARTS_GUARD_H

#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

struct presence_guard {
    struct chosen_lock lock;
    uint32_t number;   /* of the part in its map; never changes */
    _Atomic bool torn; /* a thread died inside: the part may be half changed */
};

/* A thread's handles. */
struct presence_keys {
    struct chosen_lock_handle *locks; /* one for each part, where the lock wants that */
    uint32_t count;                   /* of those */
    struct chosen_lock_handle lock;   /* elsewhere one for all */
};

/* `settings` are the map's, or NULL. */
static inline int presence_guard_init(struct presence_guard *g, uint32_t number,
                                      const struct presence_config *config,
                                      const struct contend_settings *settings)
{
    struct lock_config lock = { .allocator = config->allocator,
                                .settings = contend_settings_of(settings, "lock") };

    g->number = number;
    atomic_init(&g->torn, false);
    return chosen_lock_init(&g->lock, &lock);
}

/* The lock is free: its holders were attached, and no thread is attached. */
static inline void presence_guard_fini(struct presence_guard *g)
{
    chosen_lock_fini(&g->lock);
}

/* The guards of a map: the first one, and how many bytes lie between two. */
struct presence_guards {
    struct presence_guard *first;
    size_t stride;
    uint32_t count;
    const struct contend_allocator *allocator;
};

static inline struct chosen_lock *presence_guards_lock(const struct presence_guards *all,
                                                       uint32_t i)
{
    return &((struct presence_guard *)(void *)((char *)all->first + i * all->stride))->lock;
}

/* What the keys of one thread hold on the heap. */
static inline size_t presence_keys_bytes(const struct presence_guards *all)
{
    return chosen_lock_features & LOCK_ANY_HANDLE
               ? chosen_lock_handle_heap
               : all->count * (sizeof(struct chosen_lock_handle) + chosen_lock_handle_heap);
}

static inline void presence_keys_detach(struct presence_keys *k, const struct presence_guards *all)
{
    if (chosen_lock_features & LOCK_ANY_HANDLE) {
        chosen_lock_detach(&all->first->lock, &k->lock);
        return;
    }
    while (k->count > 0) {
        k->count--;
        chosen_lock_detach(presence_guards_lock(all, k->count), &k->locks[k->count]);
    }
    contend_release(all->allocator, k->locks, all->count * sizeof *k->locks);
}

/* 0, or the error of the allocator or of the lock; then nothing is held. */
static inline int presence_keys_attach(struct presence_keys *k, const struct presence_guards *all)
{
    int error = 0;

    if (chosen_lock_features & LOCK_ANY_HANDLE)
        return chosen_lock_attach(&all->first->lock, &k->lock);
    k->count = 0;
    k->locks = contend_allocate(all->allocator, CONTEND_CACHE_LINE,
                                all->count * sizeof *k->locks);
    if (!k->locks)
        return -ENOMEM;
    while (error == 0 && k->count < all->count) {
        error = chosen_lock_attach(presence_guards_lock(all, k->count), &k->locks[k->count]);
        k->count += error == 0;
    }
    if (error)
        presence_keys_detach(k, all);
    return error;
}

/* The handle for this part's lock. */
static inline struct chosen_lock_handle *presence_guard_key(struct presence_guard *g,
                                                            struct presence_keys *k)
{
    return chosen_lock_features & LOCK_ANY_HANDLE ? &k->lock : &k->locks[g->number];
}

/*
 * Whether a thread that got `answer` from the lock may go on (0).  A thread that died inside
 * may have left the part half changed, and this cannot be repaired: from then on every operation
 * on the part returns -EOWNERDEAD.  Other errors are the lock's, which is then not held.
 */
static inline int presence_guard_judge(struct presence_guard *g, int answer)
{
    if (!(chosen_lock_features & (LOCK_RECOVERS | LOCK_MAY_REFUSE)))
        return 0;
    /* relaxed, both: only holders of the lock come here, which orders them. */
    if (answer == -EOWNERDEAD)
        atomic_store_explicit(&g->torn, true, memory_order_relaxed);
    else if (answer == 0 && atomic_load_explicit(&g->torn, memory_order_relaxed))
        answer = -EOWNERDEAD;
    return answer;
}

static inline void presence_guard_leave(struct presence_guard *g, struct presence_keys *k)
{
    chosen_lock_release(&g->lock, presence_guard_key(g, k));
}

static inline void presence_guard_leave_shared(struct presence_guard *g, struct presence_keys *k)
{
    chosen_lock_release_shared(&g->lock, presence_guard_key(g, k));
}

/* 0, and the lock is held; or an error, and it is not. */
static inline int presence_guard_enter(struct presence_guard *g, struct presence_keys *k)
{
    int answer = presence_guard_judge(g, chosen_lock_acquire(&g->lock, presence_guard_key(g, k)));

    if (answer == -EOWNERDEAD)
        presence_guard_leave(g, k);
    return answer;
}

static inline int presence_guard_enter_shared(struct presence_guard *g, struct presence_keys *k)
{
    int answer =
        presence_guard_judge(g, chosen_lock_acquire_shared(&g->lock, presence_guard_key(g, k)));

    if (answer == -EOWNERDEAD)
        presence_guard_leave_shared(g, k);
    return answer;
}

/*
 * Where the lock delegates, another thread may do a short section.  Not with a lock that
 * recovers as well: the answer to a death comes after the section, which must not begin.
 */
enum { PRESENCE_GUARD_DELEGATES =
           (chosen_lock_features & (LOCK_DELEGATES | LOCK_RECOVERS)) == LOCK_DELEGATES };

/* Does fn(ctx) in a section: 0, or an error for which it was not done. */
static inline int presence_guard_do(struct presence_guard *g, struct presence_keys *k,
                                    void (*fn)(void *ctx), void *ctx)
{
    if (PRESENCE_GUARD_DELEGATES)
        return chosen_lock_execute(&g->lock, presence_guard_key(g, k), fn, ctx);
    int error = presence_guard_enter(g, k);
    if (error == 0) {
        fn(ctx);
        presence_guard_leave(g, k);
    }
    return error;
}

/* The same beside other readers, where the lock lets several in. */
static inline int presence_guard_do_shared(struct presence_guard *g, struct presence_keys *k,
                                           void (*fn)(void *ctx), void *ctx)
{
    if (PRESENCE_GUARD_DELEGATES && !(chosen_lock_features & LOCK_SHARED))
        return presence_guard_do(g, k, fn, ctx);
    int error = presence_guard_enter_shared(g, k);
    if (error == 0) {
        fn(ctx);
        presence_guard_leave_shared(g, k);
    }
    return error;
}

#endif
