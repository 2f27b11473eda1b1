/*
 * guarded.h - a table under one lock.
 *
 * A part that the maps with locks share: locks/parts/chosen.h names the lock, table.h
 * does the work, and this file brings them together.  Look-ups and walks take the
 * lock shared, which lets readers in together where the lock can do that.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_GUARDED_H
#define CONTEND_PRESENCE_MAP_PARTS_GUARDED_H

#include "locks/parts/chosen.h"
#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/table.h"
#include "presence_map/parts/tally.h"

/* Aligned, and thereby padded: neighbours in an array share no line. */
struct presence_guarded {
    CONTEND_ALIGNED struct chosen_lock lock;
    struct presence_table table; /* guarded by lock */
};

/* What a thread needs for maps made of these. */
struct presence_guarded_handle {
    CONTEND_ALIGNED struct presence_tally tally;
    struct chosen_lock_handle lock; /* one at a time is held */
};

static inline int presence_guarded_attach(struct presence_ledger *ledger,
                                          struct presence_guarded_handle *h)
{
    int error = chosen_lock_attach(&h->lock);

    if (error == 0)
        presence_ledger_enter(ledger, &h->tally);
    return error;
}

static inline void presence_guarded_detach(struct presence_ledger *ledger,
                                           struct presence_guarded_handle *h)
{
    presence_ledger_leave(ledger, &h->tally);
    chosen_lock_detach(&h->lock);
}

/* As presence_table_init; an error leaves nothing.  `settings`: the map's, or NULL. */
static inline int presence_guarded_init(struct presence_guarded *g, uint64_t users, bool fixed,
                                        const struct presence_config *config,
                                        const struct contend_settings *settings)
{
    struct lock_config lock = { .settings = contend_settings_of(settings, "lock") };
    int error = presence_table_init(&g->table, users, fixed, config);

    if (error)
        return error;
    error = chosen_lock_init(&g->lock, &lock);
    if (error)
        presence_table_fini(&g->table);
    return error;
}

/* The lock is free: its holders were attached, and nobody is. */
static inline void presence_guarded_fini(struct presence_guarded *g)
{
    chosen_lock_fini(&g->lock);
    presence_table_fini(&g->table);
}

static inline int presence_guarded_heartbeat(struct presence_guarded *g,
                                             struct presence_guarded_handle *h, uint64_t hash,
                                             uint64_t user, uint64_t now)
{
    chosen_lock_acquire(&g->lock, &h->lock);
    int result = presence_table_heartbeat(&g->table, &h->tally, hash, user, now);
    chosen_lock_release(&g->lock, &h->lock);
    return result;
}

static inline int presence_guarded_is_online(struct presence_guarded *g,
                                             struct presence_guarded_handle *h, uint64_t hash,
                                             uint64_t user, uint64_t now)
{
    chosen_lock_acquire_shared(&g->lock, &h->lock);
    int online = presence_table_is_online(&g->table, hash, user, now);
    chosen_lock_release_shared(&g->lock, &h->lock);
    return online;
}

static inline int64_t presence_guarded_last_seen(struct presence_guarded *g,
                                                 struct presence_guarded_handle *h, uint64_t hash,
                                                 uint64_t user)
{
    chosen_lock_acquire_shared(&g->lock, &h->lock);
    int64_t last = presence_table_last_seen(&g->table, hash, user);
    chosen_lock_release_shared(&g->lock, &h->lock);
    return last;
}

static inline int presence_guarded_leave(struct presence_guarded *g,
                                         struct presence_guarded_handle *h, uint64_t hash,
                                         uint64_t user, uint64_t now)
{
    chosen_lock_acquire(&g->lock, &h->lock);
    int left = presence_table_leave(&g->table, &h->tally, hash, user, now);
    chosen_lock_release(&g->lock, &h->lock);
    return left;
}

static inline int64_t presence_guarded_sweep_all(struct presence_guarded *g,
                                                 struct presence_guarded_handle *h, uint64_t now)
{
    chosen_lock_acquire(&g->lock, &h->lock);
    int64_t removed = presence_table_sweep_all(&g->table, &h->tally, now);
    chosen_lock_release(&g->lock, &h->lock);
    return removed;
}

static inline int presence_guarded_walk(struct presence_guarded *g,
                                        struct presence_guarded_handle *h, uint64_t now,
                                        presence_visit fn, void *ctx)
{
    chosen_lock_acquire_shared(&g->lock, &h->lock);
    int stop = presence_table_walk(&g->table, now, fn, ctx);
    chosen_lock_release_shared(&g->lock, &h->lock);
    return stop;
}

/* Adds the table's entries and bytes to *out.  stats() has no handle, so it brings its own. */
static inline void presence_guarded_stats(struct presence_guarded *g, struct presence_stats *out)
{
    struct chosen_lock_handle h;

    if (chosen_lock_attach(&h) != 0)
        return; /* nobody may look without a handle */
    chosen_lock_acquire_shared(&g->lock, &h);
    out->entries += presence_table_entries(&g->table);
    out->bytes += presence_table_bytes(&g->table);
    chosen_lock_release_shared(&g->lock, &h);
    chosen_lock_detach(&h);
}

#endif
