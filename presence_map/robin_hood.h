/*
 * robin_hood.h - shards whose tables are nearly full, because nobody is far from home.
 *
 * Idea: linear probing in which a newcomer takes the place of a user who is nearer to home, and
 *   everybody behind that place moves on by one.  So the users of a table stand in the order of
 *   their homes: a look-up for one who is not there stops at the first who is nearer to its home,
 *   long before an empty place.  That makes a table usable that is nine tenths full; and since the
 *   home is the hash scaled to the table, a table has any size, not only powers of two.
 * Invariant: a user is in the shard that its hash names or nowhere.  From a user's home to its
 *   place no place is empty, and none on the way holds a user who is nearer to its own home than
 *   this user would be there.  Only the lock's holders look at a table.
 * Linearisation points: heartbeat, is_online, last_seen, leave: any instant while the shard's lock is
 *   held; sweep, per user, at the removal under the lock.
 * Progress: blocking, as the lock; a preempted holder stops one shard only.
 * Read guarantee: linearizable per user; for_each_online and count_online see each shard at one
 *   instant, and different shards at different ones.
 * Cost: the lock's, and five places on average at nine tenths, on two lines, with a hash for each
 *   that is not the user's.  16 bytes a place: 20 a user when made for that number, 18 to 27 after
 *   growth, which is by half; striped.h has 18 to 37.
 * Breaks when: users come and go all the time: an insertion moves a dozen others.  One hot user: all
 *   its threads meet at one lock, as in striped.h.
 * Use when: full 64-bit ids, exact times and bytes that count, and a lock that is not the problem.
 * Reference: P. Celis, P. Larson and J. Munro, "Robin Hood Hashing", FOCS 1985.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_ROBIN_HOOD_H
#define CONTEND_PRESENCE_MAP_ROBIN_HOOD_H

#include <string.h>

#include "locks/parts/hash.h"
#include "presence_map/parts/access.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/partition.h"

static const struct contend_option presence_robin_hood_options[] = {
    PRESENCE_PART_OPTION,
    CHOSEN_LOCK_OPTIONS("lock.")
    CONTEND_OPTIONS_END
};

struct presence_robin_hood_place {
    uint64_t user; /* PRESENCE_NO_USER: empty */
    uint64_t last;
};

/* Aligned, and thereby padded: neighbours in an array share no line. */
struct presence_robin_hood_shard {
    CONTEND_ALIGNED struct presence_guard guard; /* protects the members that change */
    struct presence_robin_hood_place *places;
    uint64_t count;  /* of places; below 2^32 */
    uint64_t used;   /* places that hold a user: at most nine tenths, and never all */
    uint64_t limit;  /* users that are accepted; 0 = grows */
    uint64_t cursor; /* the place where the next budgeted sweep begins */
    uint64_t ttl_ms;
    uint64_t kept_ms; /* the greatest age at which a sweep leaves a place alone */
    uint64_t hash_seed;
    const struct contend_allocator *allocator;
};

#define PRESENCE_ROBIN_HOOD_MOST (UINT64_C(1) << 32) /* places: homes have 32 bits */

/* How many places `users` need. */
static inline uint64_t presence_robin_hood_places_for(uint64_t users)
{
    return users + users / 9 + 2;
}

static inline size_t presence_robin_hood_bytes(const struct presence_robin_hood_shard *s)
{
    return s->count * sizeof *s->places;
}

/* Makes `count` empty places.  0, or a negative errno value and the shard is as it was. */
static inline int presence_robin_hood_clear(struct presence_robin_hood_shard *s, uint64_t count)
{
    size_t bytes = count * sizeof *s->places;

    if (count >= PRESENCE_ROBIN_HOOD_MOST)
        return -ERANGE;
    struct presence_robin_hood_place *places =
        contend_allocate(s->allocator, CONTEND_CACHE_LINE, bytes);
    if (!places)
        return -ENOMEM;
    memset(places, 0xff, bytes); /* all ones: PRESENCE_NO_USER */
    s->places = places;
    s->count = count;
    s->cursor = 0; /* all users get new places: a round of sweeps starts again */
    return 0;
}

static inline int presence_robin_hood_shard_init(struct presence_robin_hood_shard *s,
                                                 uint32_t number, uint64_t users, bool fixed,
                                                 const struct presence_config *config,
                                                 const struct contend_settings *settings)
{
    *s = (struct presence_robin_hood_shard){
        .limit = fixed ? users : 0,
        .ttl_ms = config->ttl_ms,
        .kept_ms = presence_kept_ms(config, 1),
        .hash_seed = config->hash_seed,
        .allocator = config->allocator,
    };
    int error = presence_robin_hood_clear(s, presence_robin_hood_places_for(users));
    if (error)
        return error;
    error = presence_guard_init(&s->guard, number, config, settings);
    if (error)
        contend_release(s->allocator, s->places, presence_robin_hood_bytes(s));
    return error;
}

static inline void presence_robin_hood_shard_fini(struct presence_robin_hood_shard *s)
{
    presence_guard_fini(&s->guard);
    contend_release(s->allocator, s->places, presence_robin_hood_bytes(s));
}

/* ---- for the lock's holder ---- */

static inline uint64_t presence_robin_hood_home(const struct presence_robin_hood_shard *s,
                                                uint64_t hash)
{
    return ((hash & UINT64_C(0xffffffff)) * s->count) >> 32;
}

static inline uint64_t presence_robin_hood_next(const struct presence_robin_hood_shard *s,
                                                uint64_t i)
{
    return i + 1 == s->count ? 0 : i + 1;
}

/* How far the user in place i is from home. */
static inline uint64_t presence_robin_hood_distance(const struct presence_robin_hood_shard *s,
                                                    uint64_t i)
{
    uint64_t home = presence_robin_hood_home(s, presence_hash(s->places[i].user, s->hash_seed));

    return i >= home ? i - home : i + s->count - home;
}

/* The user's place in *at, or, if this returns false, the place that it would take. */
static inline bool presence_robin_hood_probe(const struct presence_robin_hood_shard *s,
                                             uint64_t hash, uint64_t user, uint64_t *at)
{
    *at = presence_robin_hood_home(s, hash);
    for (uint64_t far = 0; s->places[*at].user != PRESENCE_NO_USER; far++) {
        if (s->places[*at].user == user)
            return true;
        if (presence_robin_hood_distance(s, *at) < far)
            return false;
        *at = presence_robin_hood_next(s, *at);
    }
    return false;
}

/*
 * Puts a user into place `at`; the entry there and every entry after it, up to the next empty place, shift
 * by one.  From the last place that is to the first: if the cursor has not come so far, the round
 * begins anew, or the sweep would miss the shifted entries.
 */
static inline void presence_robin_hood_put(struct presence_robin_hood_shard *s, uint64_t at,
                                           struct presence_robin_hood_place newcomer)
{
    while (newcomer.user != PRESENCE_NO_USER) {
        struct presence_robin_hood_place there = s->places[at];
        s->places[at] = newcomer;
        CONTEND_STEP("robin_hood: has taken a place, and not yet given the next");
        newcomer = there;
        at = presence_robin_hood_next(s, at);
        if (at == 0 && newcomer.user != PRESENCE_NO_USER)
            s->cursor = 0;
    }
}

/* Moves all users into `count` places.  0, or an error and the table is as it was. */
static inline int presence_robin_hood_resize(struct presence_robin_hood_shard *s, uint64_t count)
{
    struct presence_robin_hood_place *old = s->places;
    uint64_t old_count = s->count, at;
    int error = presence_robin_hood_clear(s, count);

    if (error)
        return error;
    for (uint64_t i = 0; i < old_count; i++)
        if (old[i].user != PRESENCE_NO_USER) {
            presence_robin_hood_probe(s, presence_hash(old[i].user, s->hash_seed), old[i].user, &at);
            presence_robin_hood_put(s, at, old[i]);
        }
    contend_release(s->allocator, old, old_count * sizeof *old);
    return 0;
}

/* A heartbeat of a user who is not there; `at` is the place that it would take. */
static inline int presence_robin_hood_insert(struct presence_robin_hood_shard *s,
                                             struct presence_tally *tally, uint64_t hash,
                                             uint64_t user, uint64_t now, uint64_t at)
{
    if (s->limit) {
        if (s->used >= s->limit)
            return -ENOSPC;
    } else if (presence_robin_hood_places_for(s->used + 1) > s->count) {
        int error = presence_robin_hood_resize(s, s->count + s->count / 2);
        if (error)
            return error == -ERANGE ? -ENOMEM : error;
        presence_robin_hood_probe(s, hash, user, &at);
    }
    presence_robin_hood_put(s, at, (struct presence_robin_hood_place){ user, now });
    s->used++;
    presence_tally_count(tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

/*
 * Empties place `hole`: entries after it that are not at home shift back by one.  If the entry at the
 * cursor shifts, so does the cursor, or a budgeted round would miss it.
 */
static inline void presence_robin_hood_remove(struct presence_robin_hood_shard *s, uint64_t hole)
{
    for (uint64_t i = presence_robin_hood_next(s, hole);
         s->places[i].user != PRESENCE_NO_USER && presence_robin_hood_distance(s, i) > 0;
         i = presence_robin_hood_next(s, i)) {
        s->places[hole] = s->places[i];
        if (i == s->cursor && i > 0)
            s->cursor = hole;
        hole = i;
    }
    s->places[hole].user = PRESENCE_NO_USER;
    s->used--;
}

/* ---- the shard's operations: presence_map/parts/sharded.h ---- */

/* The lock is held, here and in _shard_ask. */
static inline int presence_robin_hood_shard_beat(struct presence_robin_hood_shard *s,
                                                 struct presence_access *a, uint64_t hash,
                                                 uint64_t user, uint64_t now)
{
    uint64_t at;

    if (!presence_robin_hood_probe(s, hash, user, &at))
        return presence_robin_hood_insert(s, &a->tally, hash, user, now, at);
    uint64_t last = s->places[at].last;
    CONTEND_STEP("robin_hood: heartbeat, looked up and not yet written");
    s->places[at].last = now < last ? last : now;
    return now < last ? PRESENCE_STALE : presence_raised(last, now, s->ttl_ms);
}

static inline int presence_robin_hood_shard_ask(const struct presence_robin_hood_shard *s,
                                                uint64_t hash, uint64_t user, uint64_t now)
{
    uint64_t at;

    return presence_robin_hood_probe(s, hash, user, &at) &&
           presence_fresh(s->places[at].last, now, s->ttl_ms);
}

static inline int64_t presence_robin_hood_shard_last_seen(struct presence_robin_hood_shard *s,
                                                          struct presence_access *a,
                                                          uint64_t hash, uint64_t user)
{
    int64_t result = presence_guard_enter_shared(&s->guard, &a->keys);
    uint64_t at;

    if (result)
        return result;
    result = presence_robin_hood_probe(s, hash, user, &at)
                 ? (int64_t)s->places[at].last : -ENOENT;
    presence_guard_leave_shared(&s->guard, &a->keys);
    return result;
}

static inline int presence_robin_hood_shard_leave(struct presence_robin_hood_shard *s,
                                                  struct presence_access *a, uint64_t hash,
                                                  uint64_t user, uint64_t now)
{
    int error = presence_guard_enter(&s->guard, &a->keys);
    uint64_t at;

    if (error)
        return error;
    bool gone = presence_robin_hood_probe(s, hash, user, &at) && s->places[at].last <= now;
    if (gone) {
        CONTEND_STEP("robin_hood: leave, judged and not yet removed");
        presence_robin_hood_remove(s, at);
        presence_tally_count(&a->tally, PRESENCE_LEFT);
    }
    presence_guard_leave(&s->guard, &a->keys);
    return gone;
}

static inline uint64_t *presence_robin_hood_shard_at(struct presence_robin_hood_shard *s)
{
    return &s->cursor;
}

/* After a removal the same place is examined again, since the next user has moved in. */
static inline bool presence_robin_hood_shard_scan(struct presence_robin_hood_shard *s,
                                                  struct presence_access *a, uint64_t now,
                                                  uint64_t *at, uint64_t *budget)
{
    for (; *at < s->count && *budget > 0; --*budget) {
        const struct presence_robin_hood_place *p = &s->places[*at];
        if (p->user == PRESENCE_NO_USER || presence_fresh(p->last, now, s->kept_ms)) {
            ++*at;
            continue;
        }
        CONTEND_STEP("robin_hood: sweep, judged and not yet removed");
        presence_robin_hood_remove(s, *at);
        presence_access_swept(a);
    }
    return *at == s->count;
}

static inline int presence_robin_hood_shard_walk(struct presence_robin_hood_shard *s, uint64_t now,
                                                 presence_visit fn, void *ctx)
{
    int stop = 0;

    for (uint64_t i = 0; i < s->count && stop == 0; i++)
        if (s->places[i].user != PRESENCE_NO_USER &&
            presence_fresh(s->places[i].last, now, s->ttl_ms))
            stop = fn(ctx, s->places[i].user, s->places[i].last);
    return stop;
}

static inline int presence_robin_hood_shard_reserve(struct presence_robin_hood_shard *s,
                                                    uint64_t users)
{
    uint64_t count = presence_robin_hood_places_for(users);

    return count > s->count ? presence_robin_hood_resize(s, count) : 0;
}

static inline void presence_robin_hood_shard_stats(struct presence_robin_hood_shard *s,
                                                   struct presence_stats *out)
{
    for (uint64_t i = 0; i < s->count; i++)
        out->entries += s->places[i].user != PRESENCE_NO_USER;
    out->bytes += presence_robin_hood_bytes(s);
}

#define SHARDED robin_hood
#define SHARDED_BEATS
#define SHARDED_ASKS
#include "presence_map/parts/sharded.h"

PRESENCE_COUNT_BY_WALK(robin_hood)
PRESENCE_NO_QUIESCENCE(robin_hood)

static const struct presence_traits presence_robin_hood_traits = {
    .id = {
        .name = "robin_hood",
        .title = "shards nine tenths full: who is farther from home takes the place",
        .reference = "Celis, Larson and Munro, Robin Hood Hashing, 1985",
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags & ~CONTEND_PROCESS_SHARED, /* its tables are on the heap */
        .options = presence_robin_hood_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_BLOCKING,
    .last_seen = CONTEND_BLOCKING,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan, shard by shard",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 19, /* 65,536 users in 64 times 1,248 places */
    .bytes_fixed = sizeof(struct presence_robin_hood) +
                   PRESENCE_DEFAULT_PARTS *
                       (sizeof(struct presence_robin_hood_shard) + chosen_lock_heap),
};

PRESENCE_STATIC_TRAITS(robin_hood)

#endif
