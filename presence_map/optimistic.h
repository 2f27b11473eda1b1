/*
 * optimistic.h - stripes whose look-ups take no lock: they look, and look whether they may.
 *
 * Idea: a template over the locks that have a version (seqlock, optik).  A look-up notes the
 *   stripe's version, probes its table, and asks whether a writer has been inside since; if
 *   so, it begins again, and after a few times it takes the lock.  A heartbeat finds its place
 *   in the same way: it takes the lock only if the version is still the one under which it has
 *   found the place, so that the section is one store.
 * Invariant: a user is in the stripe that its hash names or nowhere.  While a stripe's version
 *   is even, from a user's home to its place no place is empty.  A reader may see the table in
 *   the middle of a change, so all that it reads is atomic, the probe is bounded by the table
 *   itself, and no table's memory goes back before fini: tables only double, so that all that
 *   were outgrown are together smaller than the present one.
 * Linearisation points: is_online, last_seen and a stale heartbeat: any instant between the two
 *   looks at the version; a refresh at the store, with the lock held; heartbeat otherwise and
 *   leave: any instant while it is held; sweep, per user, at the removal under the lock.
 * Progress: blocking.  A preempted writer stops its stripe, readers too; readers stop nobody.
 * Read guarantee: linearizable per user; for_each_online and count_online take the locks, and
 *   see each stripe at one instant, and different stripes at different ones.
 * Cost: a look-up writes nothing: two looks at the stripe's line and one at the user's place.
 *   A refresh is the lock's pair without the search between them.  16 bytes a place, 7/16 to
 *   7/8 of the places used; after growth up to twice that, for the tables that were outgrown.
 * Breaks when: writers come so often that look-ups are sent back; one user is hot, as in
 *   striped.h.  A fixed capacity is divided with a reserve, as there.
 * Use when: striped.h would do, and its look-ups wait for each other.
 * Reference: R. Guerraoui and V. Trigonakis, "Optimistic Concurrency with OPTIK", PPoPP 2016;
 *   X. Fan, D. Andersen and M. Kaminsky, "MemC3", NSDI 2013 (versions over stripes).
 */
#ifndef CONTEND_LOCK
#define CONTEND_LOCK seqlock /* the default, mutex, has no version */
#endif
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_OPTIMISTIC_H
#define CONTEND_PRESENCE_MAP_OPTIMISTIC_H

#include "locks/parts/hash.h"
#include "presence_map/parts/access.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/partition.h"

_Static_assert((chosen_lock_features & LOCK_OPTIMISTIC) != 0, "this template needs a version");
_Static_assert(!(chosen_lock_features & (LOCK_RECOVERS | LOCK_MAY_REFUSE)),
               "a look-up cannot be refused");

/* How often a thread looks without the lock before it takes it. */
#define PRESENCE_OPTIMISTIC_TRIES 4

static const struct contend_option presence_optimistic_options[] = {
    PRESENCE_PART_OPTION,
    CHOSEN_LOCK_OPTIONS("lock.")
    CONTEND_OPTIONS_END
};

struct presence_optimistic_place {
    _Atomic uint64_t user; /* PRESENCE_NO_USER: empty */
    _Atomic uint64_t last;
};

struct presence_optimistic_table {
    uint64_t mask;                           /* number of places, a power of two, less 1 */
    struct presence_optimistic_table *older; /* outgrown; kept for readers */
    struct presence_optimistic_place places[];
};

/* Aligned, and thereby padded: neighbours in an array share no line. */
struct presence_optimistic_shard {
    CONTEND_ALIGNED struct presence_guard guard; /* all else is its holder's, but for readers' looks */
    struct presence_optimistic_table *_Atomic table;
    uint64_t ttl_ms;
    CONTEND_ALIGNED uint64_t used; /* places that hold a user */
    uint64_t limit;                /* users that are accepted; 0 = grows */
    uint64_t cursor;               /* the place where the next budgeted sweep begins */
    uint64_t kept_ms;              /* the greatest age at which a sweep leaves a place alone */
    uint64_t hash_seed;
    size_t bytes, bytes_outgrown;
    const struct contend_allocator *allocator;
};

static inline size_t presence_optimistic_bytes(uint64_t count)
{
    return sizeof(struct presence_optimistic_table) +
           count * sizeof(struct presence_optimistic_place);
}

/* A table of `count` empty places, or NULL. */
static inline struct presence_optimistic_table *
presence_optimistic_make(struct presence_optimistic_shard *s, uint64_t count)
{
    struct presence_optimistic_table *t =
        contend_allocate(s->allocator, CONTEND_CACHE_LINE, presence_optimistic_bytes(count));

    if (!t)
        return NULL;
    t->mask = count - 1;
    t->older = NULL;
    for (uint64_t i = 0; i < count; i++) {
        atomic_init(&t->places[i].user, PRESENCE_NO_USER);
        atomic_init(&t->places[i].last, 0);
    }
    s->bytes += presence_optimistic_bytes(count);
    return t;
}

/* How many places `users` need: a power of two, of which they fill 7/8 at most. */
static inline uint64_t presence_optimistic_places_for(uint64_t users)
{
    return contend_round_up_pow2(users + users / 7 + 2);
}

static inline int presence_optimistic_shard_init(struct presence_optimistic_shard *s,
                                                 uint32_t number, uint64_t users, bool fixed,
                                                 const struct presence_config *config,
                                                 const struct contend_settings *settings)
{
    *s = (struct presence_optimistic_shard){
        .limit = fixed ? users : 0,
        .ttl_ms = config->ttl_ms,
        .kept_ms = presence_kept_ms(config, 1),
        .hash_seed = config->hash_seed,
        .allocator = config->allocator,
    };
    struct presence_optimistic_table *t =
        presence_optimistic_make(s, presence_optimistic_places_for(users));
    if (!t)
        return -ENOMEM;
    int error = presence_guard_init(&s->guard, number, config, settings);
    if (error)
        contend_release(s->allocator, t, presence_optimistic_bytes(t->mask + 1));
    atomic_init(&s->table, t);
    return error;
}

/* The table as the lock's holder finds it. */
static inline struct presence_optimistic_table *
presence_optimistic_present(struct presence_optimistic_shard *s)
{
    /* relaxed: only holders of the lock change it. */
    return atomic_load_explicit(&s->table, memory_order_relaxed);
}

static inline void presence_optimistic_shard_fini(struct presence_optimistic_shard *s)
{
    struct presence_optimistic_table *t = presence_optimistic_present(s), *older;

    presence_guard_fini(&s->guard);
    for (; t; t = older) {
        older = t->older;
        contend_release(s->allocator, t, presence_optimistic_bytes(t->mask + 1));
    }
}

/*
 * ---- places ----
 *
 * Every access is relaxed: between two holders the lock orders it, and for a reader the lock's
 * two looks, whose fences its page argues.
 */
static inline uint64_t presence_optimistic_user(const struct presence_optimistic_place *p)
{
    return atomic_load_explicit(&p->user, memory_order_relaxed); /* relaxed: as above */
}

static inline uint64_t presence_optimistic_last(const struct presence_optimistic_place *p)
{
    return atomic_load_explicit(&p->last, memory_order_relaxed); /* relaxed: as above */
}

static inline void presence_optimistic_put(struct presence_optimistic_place *p, uint64_t user,
                                           uint64_t last)
{
    /* relaxed, both: as above. */
    atomic_store_explicit(&p->user, user, memory_order_relaxed);
    CONTEND_STEP("optimistic: a place half written");
    atomic_store_explicit(&p->last, last, memory_order_relaxed);
}

/*
 * The user's place, or the empty one that ends the probe; NULL if a whole turn found neither,
 * which only a reader meets, in the middle of a change.
 */
static inline struct presence_optimistic_place *
presence_optimistic_probe(struct presence_optimistic_table *t, uint64_t hash, uint64_t user)
{
    for (uint64_t i = 0; i <= t->mask; i++) {
        struct presence_optimistic_place *p = &t->places[(hash + i) & t->mask];
        uint64_t found = presence_optimistic_user(p);
        if (found == user || found == PRESENCE_NO_USER)
            return p;
    }
    return NULL;
}

/* ---- without the lock ---- */

/* What one look has found: the place, if it is the user's, and its stamp, or 0. */
struct presence_optimistic_look {
    struct presence_optimistic_place *place;
    uint64_t last, version;
};

static inline void presence_optimistic_look(struct presence_optimistic_shard *s,
                                            struct presence_access *a, uint64_t hash,
                                            uint64_t user, struct presence_optimistic_look *out)
{
    chosen_lock_read_begin(&s->guard.lock, presence_guard_key(&s->guard, &a->keys), &out->version);
    /* acquire: pairs with the release in presence_optimistic_resize; the table is there. */
    struct presence_optimistic_table *t = atomic_load_explicit(&s->table, memory_order_acquire);
    struct presence_optimistic_place *p = presence_optimistic_probe(t, hash, user);

    out->place = p && presence_optimistic_user(p) == user ? p : NULL;
    out->last = out->place ? presence_optimistic_last(p) : 0;
    CONTEND_STEP("optimistic: looked, and not yet looked whether it may");
}

/* The user's stamp, or 0: times are at least 1. */
static inline uint64_t presence_optimistic_stamp(struct presence_optimistic_shard *s,
                                                 struct presence_access *a, uint64_t hash,
                                                 uint64_t user)
{
    struct presence_optimistic_look look;

    for (int turn = 0; turn < PRESENCE_OPTIMISTIC_TRIES; turn++) {
        presence_optimistic_look(s, a, hash, user, &look);
        if (!chosen_lock_read_retry(&s->guard.lock, presence_guard_key(&s->guard, &a->keys),
                                    look.version))
            return look.last;
    }
    presence_guard_enter(&s->guard, &a->keys);
    const struct presence_optimistic_place *p =
        presence_optimistic_probe(presence_optimistic_present(s), hash, user);
    uint64_t last = presence_optimistic_user(p) == user ? presence_optimistic_last(p) : 0;
    presence_guard_leave(&s->guard, &a->keys);
    return last;
}

static inline int presence_optimistic_shard_is_online(struct presence_optimistic_shard *s,
                                                      struct presence_access *a, uint64_t hash,
                                                      uint64_t user, uint64_t now)
{
    uint64_t last = presence_optimistic_stamp(s, a, hash, user);

    return last != 0 && presence_fresh(last, now, s->ttl_ms);
}

static inline int64_t presence_optimistic_shard_last_seen(struct presence_optimistic_shard *s,
                                                          struct presence_access *a,
                                                          uint64_t hash, uint64_t user)
{
    uint64_t last = presence_optimistic_stamp(s, a, hash, user);

    return last ? (int64_t)last : -ENOENT;
}

/* ---- for the lock's holder ---- */

/* Moves all users into `count` places.  0, or -ENOMEM and the table is as it was. */
static inline int presence_optimistic_resize(struct presence_optimistic_shard *s, uint64_t count)
{
    struct presence_optimistic_table *old = presence_optimistic_present(s);
    struct presence_optimistic_table *t = presence_optimistic_make(s, count);

    if (!t)
        return -ENOMEM;
    for (uint64_t i = 0; i <= old->mask; i++) {
        uint64_t user = presence_optimistic_user(&old->places[i]);
        if (user != PRESENCE_NO_USER)
            presence_optimistic_put(
                presence_optimistic_probe(t, presence_hash(user, s->hash_seed), user), user,
                presence_optimistic_last(&old->places[i]));
    }
    t->older = old;
    s->bytes_outgrown += presence_optimistic_bytes(old->mask + 1);
    s->cursor = 0; /* all users get new places: a round of sweeps starts again */
    /* release: pairs with the acquire in presence_optimistic_look. */
    atomic_store_explicit(&s->table, t, memory_order_release);
    return 0;
}

/* A heartbeat of a user who is not in the table. */
static inline int presence_optimistic_insert(struct presence_optimistic_shard *s,
                                             struct presence_tally *tally, uint64_t hash,
                                             uint64_t user, uint64_t now)
{
    uint64_t count = presence_optimistic_present(s)->mask + 1;

    if (s->limit) {
        if (s->used >= s->limit)
            return -ENOSPC;
    } else if ((s->used + 1) * 8 > count * 7) {
        int error = presence_optimistic_resize(s, 2 * count);
        if (error)
            return error;
    }
    presence_optimistic_put(presence_optimistic_probe(presence_optimistic_present(s), hash, user),
                            user, now);
    s->used++;
    presence_tally_count(tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

/* A heartbeat of the user in this place, whose stamp is `last`. */
static inline int presence_optimistic_raise(const struct presence_optimistic_shard *s,
                                            struct presence_optimistic_place *p, uint64_t last,
                                            uint64_t now)
{
    /* relaxed: as of all places. */
    atomic_store_explicit(&p->last, now, memory_order_relaxed);
    return presence_raised(last, now, s->ttl_ms);
}

/*
 * Empties place `hole` and closes the gap, as presence_map/parts/table.h does, and takes the
 * cursor along for the same reason.
 */
static inline void presence_optimistic_remove(struct presence_optimistic_shard *s, uint64_t hole)
{
    struct presence_optimistic_table *t = presence_optimistic_present(s);
    uint64_t i = hole, user;

    while ((user = presence_optimistic_user(&t->places[i = (i + 1) & t->mask])) !=
           PRESENCE_NO_USER) {
        uint64_t home = presence_hash(user, s->hash_seed);
        if (((i - home) & t->mask) < ((i - hole) & t->mask))
            continue;
        presence_optimistic_put(&t->places[hole], user, presence_optimistic_last(&t->places[i]));
        if (hole < s->cursor && s->cursor <= i)
            s->cursor = hole;
        hole = i;
    }
    presence_optimistic_put(&t->places[hole], PRESENCE_NO_USER, 0);
    s->used--;
}

static inline int presence_optimistic_shard_beat(struct presence_optimistic_shard *s,
                                                 struct presence_access *a, uint64_t hash,
                                                 uint64_t user, uint64_t now)
{
    struct presence_optimistic_place *p =
        presence_optimistic_probe(presence_optimistic_present(s), hash, user);

    if (presence_optimistic_user(p) != user)
        return presence_optimistic_insert(s, &a->tally, hash, user, now);
    uint64_t last = presence_optimistic_last(p);
    return now < last ? PRESENCE_STALE : presence_optimistic_raise(s, p, last, now);
}

/* ---- the shard's operations: presence_map/parts/sharded.h ---- */

static inline int presence_optimistic_shard_heartbeat(struct presence_optimistic_shard *s,
                                                      struct presence_access *a, uint64_t hash,
                                                      uint64_t user, uint64_t now)
{
    struct chosen_lock_handle *key = presence_guard_key(&s->guard, &a->keys);
    struct presence_optimistic_look look = { .last = 0 };
    int result;

    presence_optimistic_look(s, a, hash, user, &look);
    if (look.place && now < look.last &&
        !chosen_lock_read_retry(&s->guard.lock, key, look.version))
        return PRESENCE_STALE;
    if (look.place && now >= look.last &&
        chosen_lock_try_upgrade(&s->guard.lock, key, look.version) == 0) {
        result = presence_optimistic_raise(s, look.place, look.last, now);
    } else {
        presence_guard_enter(&s->guard, &a->keys);
        result = presence_optimistic_shard_beat(s, a, hash, user, now);
    }
    presence_guard_leave(&s->guard, &a->keys);
    return result;
}

static inline int presence_optimistic_shard_leave(struct presence_optimistic_shard *s,
                                                  struct presence_access *a, uint64_t hash,
                                                  uint64_t user, uint64_t now)
{
    presence_guard_enter(&s->guard, &a->keys);
    struct presence_optimistic_table *t = presence_optimistic_present(s);
    struct presence_optimistic_place *p = presence_optimistic_probe(t, hash, user);
    bool gone = presence_optimistic_user(p) == user && presence_optimistic_last(p) <= now;
    if (gone) {
        CONTEND_STEP("optimistic: leave, judged and not yet removed");
        presence_optimistic_remove(s, (uint64_t)(p - t->places));
        presence_tally_count(&a->tally, PRESENCE_LEFT);
    }
    presence_guard_leave(&s->guard, &a->keys);
    return gone;
}

static inline uint64_t *presence_optimistic_shard_at(struct presence_optimistic_shard *s)
{
    return &s->cursor;
}

/* After a removal the same place is examined again, since a follower may have moved in. */
static inline bool presence_optimistic_shard_scan(struct presence_optimistic_shard *s,
                                                  struct presence_access *a, uint64_t now,
                                                  uint64_t *at, uint64_t *budget)
{
    const struct presence_optimistic_table *t = presence_optimistic_present(s);

    for (; *at <= t->mask && *budget > 0; --*budget) {
        const struct presence_optimistic_place *p = &t->places[*at];
        if (presence_optimistic_user(p) == PRESENCE_NO_USER ||
            presence_fresh(presence_optimistic_last(p), now, s->kept_ms)) {
            ++*at;
            continue;
        }
        CONTEND_STEP("optimistic: sweep, judged and not yet removed");
        presence_optimistic_remove(s, *at);
        presence_access_swept(a);
    }
    return *at > t->mask;
}

static inline int presence_optimistic_shard_walk(struct presence_optimistic_shard *s, uint64_t now,
                                                 presence_visit fn, void *ctx)
{
    const struct presence_optimistic_table *t = presence_optimistic_present(s);
    int stop = 0;

    for (uint64_t i = 0; i <= t->mask && stop == 0; i++) {
        uint64_t user = presence_optimistic_user(&t->places[i]);
        uint64_t last = presence_optimistic_last(&t->places[i]);
        if (user != PRESENCE_NO_USER && presence_fresh(last, now, s->ttl_ms))
            stop = fn(ctx, user, last);
    }
    return stop;
}

static inline int presence_optimistic_shard_reserve(struct presence_optimistic_shard *s,
                                                    uint64_t users)
{
    uint64_t count = presence_optimistic_places_for(users);

    return count > presence_optimistic_present(s)->mask + 1 ? presence_optimistic_resize(s, count)
                                                            : 0;
}

static inline void presence_optimistic_shard_stats(struct presence_optimistic_shard *s,
                                                   struct presence_stats *out)
{
    const struct presence_optimistic_table *t = presence_optimistic_present(s);

    for (uint64_t i = 0; i <= t->mask; i++)
        out->entries += presence_optimistic_user(&t->places[i]) != PRESENCE_NO_USER;
    out->bytes += s->bytes;
    out->bytes_retired += s->bytes_outgrown;
    out->bytes_retired_peak += s->bytes_outgrown; /* it only grows */
}

#define SHARDED optimistic
#define SHARDED_BEATS
#define SHARDED_HEARTBEAT
#include "presence_map/parts/sharded.h"

PRESENCE_COUNT_BY_WALK(optimistic)
PRESENCE_BATCH_LOOP(optimistic, is_online, (void)0, (void)0)
PRESENCE_NO_QUIESCENCE(optimistic)

static const struct presence_traits presence_optimistic_traits = {
    .id = {
        .name = "optimistic_" CHOSEN_LOCK_NAME,
        .title = "stripes under a lock " CHOSEN_LOCK_NAME ", whose look-ups only check its version",
        .reference = "Guerraoui and Trigonakis, Optimistic Concurrency with OPTIK, 2016",
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags & ~CONTEND_PROCESS_SHARED, /* its tables are on the heap */
        .options = presence_optimistic_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_BLOCKING,
    .last_seen = CONTEND_BLOCKING,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_BOUNDED,
    .expiry = "lazy check and full or budgeted scan, stripe by stripe",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 2 * sizeof(struct presence_optimistic_place), /* 65,536 in 64 x 2,048 */
    .bytes_fixed = sizeof(struct presence_optimistic) +
                   PRESENCE_DEFAULT_PARTS *
                       (sizeof(struct presence_optimistic_shard) + chosen_lock_heap),
};

PRESENCE_STATIC_TRAITS(optimistic)

#endif
