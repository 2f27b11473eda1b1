/*
 * table.h - a hash table from user to last heartbeat, under a lock.
 *
 * What the maps with locks are made of; locks/parts/chosen.h names the lock, and
 * presence_map/expiry/chosen.h what finds the entries that are to be removed.  Open
 * addressing, linear probing, 16 bytes a slot.  A removal closes its gap by shifting
 * the followers back, so there are no tombstones and churn costs nothing later.  The
 * table doubles when it is more than 7/8 full.  Look-ups and walks take the lock
 * shared, which lets readers in together where the lock can do that.
 *
 * Invariant: from a user's home slot to its own no slot is empty.  Hence a probe
 * may stop at the first empty slot, and there always is one.
 */
#include "presence_map/expiry/chosen.h" /* before the guard: see there */
#include "presence_map/parts/guard.h"

#ifndef CONTEND_PRESENCE_MAP_PARTS_TABLE_H
#define CONTEND_PRESENCE_MAP_PARTS_TABLE_H

#include <string.h>

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/tally.h"
#include "presence_map/presence_map.h"

struct presence_table_slot {
    uint64_t user; /* PRESENCE_NO_USER: empty */
    uint64_t last;
};

/* Aligned, and thereby padded: neighbours in an array share no line. */
struct presence_table {
    CONTEND_ALIGNED struct presence_guard guard; /* protects the members that change */
    struct presence_table_slot *slots;
    uint64_t mask;   /* number of slots, a power of two, less 1 */
    uint64_t used;   /* slots that hold a user */
    uint64_t limit;  /* users that are accepted; 0 = grows */
    uint64_t ttl_ms;
    uint64_t hash_seed;
    struct chosen_expiry expiry;
    const struct contend_allocator *allocator;
};

/* Of 65,536 users in 131,072 slots, and as many in parts. */
#define PRESENCE_TABLE_BYTES_PER_USER \
    (2 * (sizeof(struct presence_table_slot) + CHOSEN_EXPIRY_SLOT_BYTES))

/* What a thread needs for maps made of tables. */
struct presence_table_handle {
    struct presence_tally tally;
    struct presence_keys keys; /* at most one lock is held at a time */
};

/* The guards of a map that is an array of tables. */
static inline struct presence_guards presence_table_guards(struct presence_table *parts,
                                                           uint32_t count)
{
    struct presence_guards all = { &parts->guard, sizeof *parts, count, parts->allocator };

    return all;
}

static inline int presence_table_attach(struct presence_table *parts, uint32_t count,
                                        struct presence_ledger *ledger,
                                        struct presence_table_handle *h)
{
    struct presence_guards all = presence_table_guards(parts, count);
    int error = presence_keys_attach(&h->keys, &all);

    if (error)
        return error;
    error = presence_ledger_enter(ledger, &h->tally);
    if (error)
        presence_keys_detach(&h->keys, &all);
    return error;
}

static inline void presence_table_detach(struct presence_table *parts, uint32_t count,
                                         struct presence_ledger *ledger,
                                         struct presence_table_handle *h)
{
    struct presence_guards all = presence_table_guards(parts, count);

    presence_ledger_leave(ledger, &h->tally);
    presence_keys_detach(&h->keys, &all);
}

/* How many slots `users` need: a power of two, of which they fill 7/8 at most. */
static inline uint64_t presence_table_slots_for(uint64_t users)
{
    return contend_round_up_pow2(users + users / 7 + 2);
}

static inline size_t presence_table_bytes(const struct presence_table *t)
{
    return (t->mask + 1) * sizeof *t->slots;
}

/* Makes `count` empty slots.  0, or -ENOMEM and the table is as it was. */
static inline int presence_table_clear(struct presence_table *t, uint64_t count)
{
    size_t bytes = count * sizeof *t->slots;
    struct presence_table_slot *slots = contend_allocate(t->allocator, CONTEND_CACHE_LINE, bytes);

    if (!slots)
        return -ENOMEM;
    memset(slots, 0xff, bytes); /* all ones: PRESENCE_NO_USER */
    t->slots = slots;
    t->mask = count - 1;
    return 0;
}

static inline uint64_t presence_table_stamp(const void *table, uint64_t slot)
{
    const struct presence_table_slot *s = &((const struct presence_table *)table)->slots[slot];

    return s->user == PRESENCE_NO_USER ? 0 : s->last;
}

/* The slots as the expiry policy sees them. */
static inline struct expiry_view presence_table_view(const struct presence_table *t)
{
    struct expiry_view v = { t, t->mask + 1, presence_table_stamp };

    return v;
}

/*
 * Makes part `number` of a map, for `users` users; `fixed` says that this is also the limit.
 * `settings` are the map's, or NULL.  Returns 0, -ENOMEM, or an error of the lock.
 */
static inline int presence_table_init(struct presence_table *t, uint32_t number, uint64_t users,
                                      bool fixed, const struct presence_config *config,
                                      const struct contend_settings *settings)
{
    *t = (struct presence_table){
        .limit = fixed ? users : 0,
        .ttl_ms = config->ttl_ms,
        .hash_seed = config->hash_seed,
        .allocator = config->allocator,
    };
    const struct expiry_config expiry = { .kept_ms = presence_kept_ms(config, 1),
                                          .seed = config->hash_seed + number,
                                          .allocator = config->allocator, .settings = settings };
    int error = presence_table_clear(t, presence_table_slots_for(users));
    if (error)
        return error;
    error = chosen_expiry_init(&t->expiry, &expiry, t->mask + 1);
    if (error == 0) {
        error = presence_guard_init(&t->guard, number, config, settings);
        if (error)
            chosen_expiry_fini(&t->expiry);
    }
    if (error)
        contend_release(t->allocator, t->slots, presence_table_bytes(t));
    return error;
}

/* The lock is free: its holders were attached, and no thread is attached. */
static inline void presence_table_fini(struct presence_table *t)
{
    presence_guard_fini(&t->guard);
    chosen_expiry_fini(&t->expiry);
    contend_release(t->allocator, t->slots, presence_table_bytes(t));
}

/* ---- for the lock's holder ---- */

/* The user's slot, or the empty one that ends the probe. */
static inline struct presence_table_slot *presence_table_probe(const struct presence_table *t,
                                                               uint64_t hash, uint64_t user)
{
    uint64_t i = hash & t->mask;

    while (t->slots[i].user != user && t->slots[i].user != PRESENCE_NO_USER)
        i = (i + 1) & t->mask;
    return &t->slots[i];
}

/* The user's slot, or NULL. */
static inline struct presence_table_slot *presence_table_find(const struct presence_table *t,
                                                              uint64_t hash, uint64_t user)
{
    struct presence_table_slot *s = presence_table_probe(t, hash, user);

    return s->user == user ? s : NULL;
}

/* Moves all users into `count` slots.  0, or -ENOMEM and the table is as it was. */
static inline int presence_table_resize(struct presence_table *t, uint64_t count)
{
    struct presence_table_slot *old = t->slots;
    uint64_t old_count = t->mask + 1;
    struct chosen_expiry next, past = t->expiry;
    int error = chosen_expiry_renew(&next, &past, count);

    if (error)
        return error;
    error = presence_table_clear(t, count);
    if (error) {
        chosen_expiry_fini(&next);
        return error;
    }
    t->expiry = next;
    const struct expiry_view v = presence_table_view(t);
    for (uint64_t i = chosen_expiry_after(&past, EXPIRY_NONE); i < old_count;
         i = chosen_expiry_after(&past, i)) {
        uint64_t user = old[i].user;
        if (user == PRESENCE_NO_USER)
            continue;
        struct presence_table_slot *s =
            presence_table_probe(t, presence_hash(user, t->hash_seed), user);
        *s = old[i];
        chosen_expiry_filled(&t->expiry, &v, (uint64_t)(s - t->slots));
    }
    chosen_expiry_fini(&past);
    contend_release(t->allocator, old, old_count * sizeof *old);
    return 0;
}

/* A heartbeat of a user who is not in the table; `s` is where the probe ended. */
static inline int presence_table_insert(struct presence_table *t, struct presence_tally *tally,
                                        struct presence_table_slot *s, uint64_t hash,
                                        uint64_t user, uint64_t now)
{
    if (t->limit) {
        if (t->used >= t->limit)
            return -ENOSPC;
    } else if ((t->used + 1) * 8 > (t->mask + 1) * 7) {
        int error = presence_table_resize(t, 2 * (t->mask + 1));
        if (error)
            return error;
        s = presence_table_probe(t, hash, user);
    }
    CONTEND_STEP("table: heartbeat, found a place and not yet written");
    s->user = user;
    s->last = now;
    t->used++;
    const struct expiry_view v = presence_table_view(t);
    chosen_expiry_filled(&t->expiry, &v, (uint64_t)(s - t->slots));
    presence_tally_count(tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

/* A heartbeat of the user in slot `s`. */
static inline int presence_table_refresh(struct presence_table *t, struct presence_table_slot *s,
                                         uint64_t now)
{
    uint64_t last = s->last;

    if (now < last)
        return PRESENCE_STALE;
    CONTEND_STEP("table: heartbeat, looked up and not yet written");
    s->last = now;
    const struct expiry_view v = presence_table_view(t);
    chosen_expiry_refreshed(&t->expiry, &v, (uint64_t)(s - t->slots));
    return presence_raised(last, now, t->ttl_ms);
}

/*
 * Empties slot `hole` and closes the gap: each follower moves back unless that
 * would put it before its home.
 */
static inline void presence_table_remove(struct presence_table *t, uint64_t hole)
{
    chosen_expiry_freed(&t->expiry, hole);
    for (uint64_t i = (hole + 1) & t->mask; t->slots[i].user != PRESENCE_NO_USER;
         i = (i + 1) & t->mask) {
        uint64_t home = presence_hash(t->slots[i].user, t->hash_seed);
        if (((i - home) & t->mask) < ((i - hole) & t->mask))
            continue;
        t->slots[hole] = t->slots[i];
        chosen_expiry_moved(&t->expiry, i, hole);
        hole = i;
    }
    t->slots[hole].user = PRESENCE_NO_USER;
    t->used--;
}

/*
 * Removes what the policy finds, until the visit has ended or its budget is spent, and returns how
 * many there were.
 */
static inline int64_t presence_table_sweep_some(struct presence_table *t,
                                                struct presence_tally *tally,
                                                struct expiry_visit *visit)
{
    const struct expiry_view v = presence_table_view(t);
    int64_t removed = 0;
    uint64_t slot;

    while ((slot = chosen_expiry_due(&t->expiry, &v, visit)) != EXPIRY_NONE) {
        CONTEND_STEP("table: sweep, judged and not yet removed");
        presence_table_remove(t, slot);
        presence_tally_count(tally, PRESENCE_SWEPT);
        removed++;
    }
    return removed;
}

/*
 * ---- the operations on one user: requests, which the lock may delegate ----
 *
 * The tally is the asking thread's, which waits: whichever thread counts there does so alone.
 */

struct presence_table_request {
    struct presence_table *table;
    struct presence_tally *tally;
    uint64_t hash, user, now;
    int64_t result;
};

static inline void presence_table_serve_heartbeat(void *request)
{
    struct presence_table_request *r = request;
    struct presence_table_slot *s = presence_table_probe(r->table, r->hash, r->user);

    r->result = s->user == r->user
                    ? presence_table_refresh(r->table, s, r->now)
                    : presence_table_insert(r->table, r->tally, s, r->hash, r->user, r->now);
}

static inline int presence_table_heartbeat(struct presence_table *t,
                                           struct presence_table_handle *h, uint64_t hash,
                                           uint64_t user, uint64_t now)
{
    struct presence_table_request r = { t, &h->tally, hash, user, now, 0 };
    int error = presence_guard_do(&t->guard, &h->keys, presence_table_serve_heartbeat, &r);

    return error ? error : (int)r.result;
}

static inline void presence_table_serve_is_online(void *request)
{
    struct presence_table_request *r = request;
    const struct presence_table_slot *s = presence_table_find(r->table, r->hash, r->user);

    r->result = s && presence_fresh(s->last, r->now, r->table->ttl_ms);
}

static inline int presence_table_is_online(struct presence_table *t,
                                           struct presence_table_handle *h, uint64_t hash,
                                           uint64_t user, uint64_t now)
{
    struct presence_table_request r = { t, &h->tally, hash, user, now, 0 };
    int error = presence_guard_do_shared(&t->guard, &h->keys, presence_table_serve_is_online, &r);

    return error ? error : (int)r.result;
}

static inline void presence_table_serve_last_seen(void *request)
{
    struct presence_table_request *r = request;
    const struct presence_table_slot *s = presence_table_find(r->table, r->hash, r->user);

    r->result = s ? (int64_t)s->last : -ENOENT;
}

static inline int64_t presence_table_last_seen(struct presence_table *t,
                                               struct presence_table_handle *h, uint64_t hash,
                                               uint64_t user)
{
    struct presence_table_request r = { t, &h->tally, hash, user, 0, 0 };
    int error = presence_guard_do_shared(&t->guard, &h->keys, presence_table_serve_last_seen, &r);

    return error ? error : r.result;
}

static inline void presence_table_serve_leave(void *request)
{
    struct presence_table_request *r = request;
    struct presence_table_slot *s = presence_table_find(r->table, r->hash, r->user);

    r->result = s && s->last <= r->now;
    if (!r->result)
        return;
    CONTEND_STEP("table: leave, judged and not yet removed");
    presence_table_remove(r->table, (uint64_t)(s - r->table->slots));
    presence_tally_count(r->tally, PRESENCE_LEFT);
}

static inline int presence_table_leave(struct presence_table *t, struct presence_table_handle *h,
                                       uint64_t hash, uint64_t user, uint64_t now)
{
    struct presence_table_request r = { t, &h->tally, hash, user, now, 0 };
    int error = presence_guard_do(&t->guard, &h->keys, presence_table_serve_leave, &r);

    return error ? error : (int)r.result;
}

/* ---- the operations on the whole table: long, so the calling thread takes the lock itself ---- */

/*
 * The whole table, in as many sections as the policy wants.  A lock that refuses ends it early: then
 * *ended is false, and the result is what was removed until then, or the lock's error if nothing was.
 */
static inline int64_t presence_table_sweep_all(struct presence_table *t,
                                               struct presence_table_handle *h, uint64_t now,
                                               bool *ended)
{
    struct expiry_visit visit = { .now = now, .whole = true };
    int64_t removed = 0;

    while (!visit.ended) {
        int error = presence_guard_enter(&t->guard, &h->keys);
        if (error) {
            *ended = false;
            return removed ? removed : error;
        }
        visit.budget = chosen_expiry_section(&t->expiry);
        removed += presence_table_sweep_some(t, &h->tally, &visit);
        presence_guard_leave(&t->guard, &h->keys);
    }
    *ended = true;
    return removed;
}

static inline int presence_table_walk(struct presence_table *t, struct presence_table_handle *h,
                                      uint64_t now, presence_visit fn, void *ctx)
{
    int stop = presence_guard_enter_shared(&t->guard, &h->keys);

    if (stop)
        return stop;
    for (uint64_t i = 0; i <= t->mask && stop == 0; i++) {
        const struct presence_table_slot *s = &t->slots[i];
        if (s->user != PRESENCE_NO_USER && presence_fresh(s->last, now, t->ttl_ms))
            stop = fn(ctx, s->user, s->last);
    }
    presence_guard_leave_shared(&t->guard, &h->keys);
    return stop;
}

/* P19, for a table that grows: 0 or -ENOMEM. */
static inline int presence_table_reserve(struct presence_table *t, struct presence_table_handle *h,
                                         uint64_t users)
{
    uint64_t count = presence_table_slots_for(users);
    int error = presence_guard_enter(&t->guard, &h->keys);

    if (error)
        return error;
    if (count > t->mask + 1)
        error = presence_table_resize(t, count);
    presence_guard_leave(&t->guard, &h->keys);
    return error;
}

/* Adds the table's entries, and its bytes and its lock's, to *out.  stats() gets no handle, so it attaches its own. */
static inline void presence_table_stats(struct presence_table *t, struct presence_stats *out)
{
    struct chosen_lock_handle h;

    if (chosen_lock_attach(&t->guard.lock, &h) != 0)
        return; /* a look needs a handle */
    /* A lock tells only the next holder that the last one died: what it says must be kept. */
    presence_guard_judge(&t->guard, chosen_lock_insist_shared(&t->guard.lock, &h));
    for (uint64_t i = 0; i <= t->mask; i++)
        out->entries += t->slots[i].user != PRESENCE_NO_USER;
    out->bytes += presence_table_bytes(t) + chosen_expiry_bytes(&t->expiry) +
                  chosen_lock_heap_of(&t->guard.lock);
    chosen_lock_release_shared(&t->guard.lock, &h);
    chosen_lock_detach(&t->guard.lock, &h);
}

/* The stats of a map that is an array of tables, `fixed` bytes not counted. */
static inline void presence_table_stats_all(struct presence_table *parts, uint32_t count,
                                            struct presence_ledger *ledger, size_t fixed,
                                            struct presence_stats *out)
{
    struct presence_guards all = presence_table_guards(parts, count);

    *out = (struct presence_stats){ .bytes = fixed };
    for (uint32_t i = 0; i < count; i++)
        presence_table_stats(&parts[i], out);
    out->bytes += roster_count(&ledger->roster) * presence_keys_bytes(&all);
    presence_ledger_read(ledger, out);
}

#endif
