/*
 * clht.h - a bucket is a cache line: three users, a lock for those who come, and the next line.
 *
 * Idea: whatever is asked of a user is answered by one line.  A place is two words, the user and
 *   the time of the last heartbeat, and a look-up has to read both as they were at one instant.
 *   The paper reads the value twice, which is sound for pointers; times repeat, so here the
 *   word of the time also counts how often the place has changed hands, and whether it did so
 *   is what is compared.  With that word a refresh, a leave and a sweep are one compare-and-swap;
 *   only those who come take the line's lock.
 * Invariant: a user has at most one place, in the lines of the bucket that its hash names: a user
 *   is put into a place only with the bucket's lock held and after a look at all its places.  A
 *   place's `user` changes only while the time in `last` is 0, by the lock's holder; the
 *   generation in `last` rises whenever the time becomes 0 and whenever it ceases to be.  So as
 *   long as the generation stays and the time is not 0, the place is that user's.  A line that
 *   was added to a bucket stays there.
 * Linearisation points: heartbeat that inserts: the store of `last`; refresh, leave and sweep, per
 *   user: the compare-and-swap of `last`, or the load that shows that there is nothing to change;
 *   is_online and last_seen: the second load of `last`.  A look-up that does not find the user, or
 *   finds that the place changed hands while it looked: the user was not there at some instant
 *   of the call, or it would have had one place all the time, and been found in it.
 * Progress: look-ups are wait-free, refreshes, leaves and sweeps lock-free.  Those who insert
 *   block each other, and a walk, within a bucket.
 * Read guarantee: linearizable per user; for_each_online and count_online hold a bucket's lock,
 *   in which nobody can then come back, so they meet nobody twice; different buckets at different
 *   instants.
 * Cost: one line for a look-up or a refresh, with one locked instruction; about one user in ten has
 *   its place in a second line.  37 bytes a user at the capacity, since buckets fill unevenly.
 * Breaks when: more users than the capacity are there (-ENOSPC); a fixed number of buckets cannot
 *   grow.  A look-up is wrong if it sleeps between two loads while its place changes hands exactly
 *   32,768 times, or a multiple.
 * Use when: ids have 64 bits, their number is bounded, places must be used again, and look-ups may
 *   not wait.
 * Reference: T. David, R. Guerraoui and V. Trigonakis, "Asynchronized Concurrency: The Secret to
 *   Scaling Concurrent Search Data Structures", ASPLOS 2015 (CLHT).
 */
#ifndef CONTEND_PRESENCE_MAP_CLHT_H
#define CONTEND_PRESENCE_MAP_CLHT_H

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "presence_map/parts/batch.h"
#include "presence_map/parts/clht_line.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/quota.h"
#include "presence_map/parts/tally.h"
#include "presence_map/presence_map.h"

#define PRESENCE_CLHT_USERS 2  /* of a bucket, on average, at the capacity */
#define PRESENCE_CLHT_MAX_CAPACITY (UINT64_C(1) << 32)

struct presence_clht {
    struct presence_clht_line *buckets;
    uint64_t count; /* of buckets */
    uint64_t ttl_ms;
    uint64_t kept_ms; /* the greatest age at which a sweep leaves an entry alone */
    uint64_t hash_seed;
    const struct contend_allocator *allocator;
    struct presence_quota quota;
    CONTEND_ALIGNED _Atomic uint64_t cursor; /* of budgeted sweeps: bucket and number of a place */
    _Atomic uint64_t more;                   /* lines that were added to buckets */
    CONTEND_ALIGNED struct presence_ledger ledger;
};

PRESENCE_TALLY_HANDLE(clht)

static inline int presence_clht_init(struct presence_clht *m, const struct presence_config *config)
{
    struct presence_config c;
    int error = presence_config_resolve(&c, config, NULL);

    if (error)
        return error;
    uint64_t capacity = c.capacity ? c.capacity : c.expected;
    if (capacity > PRESENCE_CLHT_MAX_CAPACITY)
        return -ERANGE;
    m->count = (capacity + PRESENCE_CLHT_USERS - 1) / PRESENCE_CLHT_USERS;
    m->ttl_ms = c.ttl_ms;
    m->kept_ms = presence_kept_ms(&c, 1);
    m->hash_seed = c.hash_seed;
    m->allocator = c.allocator;
    presence_quota_init(&m->quota, capacity);
    atomic_init(&m->cursor, 0);
    atomic_init(&m->more, 0);
    m->buckets = contend_allocate(m->allocator, CONTEND_CACHE_LINE, m->count * sizeof *m->buckets);
    if (!m->buckets)
        return -ENOMEM;
    for (uint64_t i = 0; i < m->count; i++)
        presence_clht_clear(&m->buckets[i]);
    error = presence_ledger_init(&m->ledger, m->allocator);
    if (error)
        contend_release(m->allocator, m->buckets, m->count * sizeof *m->buckets);
    return error;
}

static inline int presence_clht_fini(struct presence_clht *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error)
        return error;
    for (uint64_t i = 0; i < m->count; i++) {
        struct presence_clht_line *line = presence_clht_next(&m->buckets[i]), *next;
        for (; line; line = next) {
            next = presence_clht_next(line);
            contend_release(m->allocator, line, sizeof *line);
        }
    }
    contend_release(m->allocator, m->buckets, m->count * sizeof *m->buckets);
    return 0;
}

static inline struct presence_clht_line *presence_clht_bucket(struct presence_clht *m,
                                                              uint64_t user)
{
    return &m->buckets[((presence_hash(user, m->hash_seed) >> 32) * m->count) >> 32];
}

/* Replaces *last, or shows in it what is there now. */
static inline bool presence_clht_swap(struct presence_clht_place *p, uint64_t *last,
                                      uint64_t wanted)
{
    /*
     * release: a removal's count comes first; pairs with the acquire fence in
     * presence_quota_is_full.  relaxed on failure: the caller looks at nothing but the word.
     */
    return atomic_compare_exchange_weak_explicit(&p->last, last, wanted, memory_order_release,
                                                 memory_order_relaxed);
}

/* Removes the entry that *last describes, unless it has changed: then *last shows how. */
static inline bool presence_clht_remove(struct presence_clht *m, struct presence_clht_place *p,
                                        uint64_t *last)
{
    presence_quota_count_out(&m->quota);
    CONTEND_STEP("clht: judged and not yet removed");
    if (presence_clht_swap(p, last, presence_clht_next_owner(*last, 0)))
        return true;
    presence_quota_count_in(&m->quota);
    return false;
}

/* ---- for the holder of a bucket's lock ---- */

/* Adds a line behind the bucket's last one; NULL if there is no memory. */
static inline struct presence_clht_line *presence_clht_add(struct presence_clht *m,
                                                           struct presence_clht_line *end)
{
    struct presence_clht_line *line =
        contend_allocate(m->allocator, _Alignof(struct presence_clht_line), sizeof *line);

    if (!line)
        return NULL;
    presence_clht_clear(line);
    /* release: pairs with the acquire in presence_clht_next. */
    atomic_store_explicit(&end->next, line, memory_order_release);
    /* relaxed: for stats. */
    atomic_fetch_add_explicit(&m->more, 1, memory_order_relaxed);
    return line;
}

/* An empty place; NULL if there is no memory for one. */
static inline struct presence_clht_place *presence_clht_empty(struct presence_clht *m,
                                                              struct presence_clht_line *line)
{
    for (;;) {
        for (int i = 0; i < PRESENCE_CLHT_PLACES; i++)
            if (presence_clht_time(presence_clht_load(&line->places[i])) == 0)
                return &line->places[i];
        struct presence_clht_line *next = presence_clht_next(line);
        if (!next && !(next = presence_clht_add(m, line)))
            return NULL;
        line = next;
    }
}

/* ---- operations ---- */

/*
 * A heartbeat of the user in this place; `last` is what was seen there.  Negative: the place has
 * changed hands.
 */
static inline int presence_clht_refresh(const struct presence_clht *m,
                                        struct presence_clht_place *p, uint64_t last, uint64_t now)
{
    uint64_t seen = last;

    while (presence_clht_same(seen, last)) {
        uint64_t time = presence_clht_time(seen);
        if (now < time)
            return PRESENCE_STALE;
        if (now == time)
            return PRESENCE_REFRESHED; /* nothing to write */
        CONTEND_STEP("clht: heartbeat, about to swap");
        if (presence_clht_swap(p, &seen, presence_clht_at(seen, now)))
            return presence_raised(time, now, m->ttl_ms);
    }
    return -EAGAIN;
}

/* A heartbeat of a user who has no entry: the bucket's lock is held. */
static inline int presence_clht_insert(struct presence_clht *m, struct presence_clht_handle *h,
                                       struct presence_clht_line *bucket, uint64_t user,
                                       uint64_t now)
{
    uint64_t came;

    while (!presence_quota_has_room(&m->quota, &came))
        if (presence_quota_is_full(&m->quota, came)) /* nobody can have come: the lock is ours */
            return -ENOSPC;
    struct presence_clht_place *p = presence_clht_empty(m, bucket);
    if (!p)
        return -ENOMEM;
    presence_clht_put(p, user, now);
    presence_quota_count_in(&m->quota);
    presence_tally_count(&h->tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

static inline int presence_clht_heartbeat(struct presence_clht *m, struct presence_clht_handle *h,
                                          uint64_t user, uint64_t now)
{
    int result = presence_check(user, now);
    uint64_t last;

    if (result)
        return result;
    struct presence_clht_line *bucket = presence_clht_bucket(m, user);
    struct presence_clht_place *p = presence_clht_find(bucket, user, &last);
    if (p && (result = presence_clht_refresh(m, p, last, now)) >= 0)
        return result;
    presence_clht_lock(bucket);
    do {
        p = presence_clht_find(bucket, user, &last);
        result = p ? presence_clht_refresh(m, p, last, now)
                   : presence_clht_insert(m, h, bucket, user, now);
    } while (result == -EAGAIN);
    presence_clht_unlock(bucket);
    return result;
}

/* The user's stamp, or 0. */
static inline uint64_t presence_clht_stamp(struct presence_clht *m, uint64_t user)
{
    uint64_t last;

    return presence_clht_find(presence_clht_bucket(m, user), user, &last)
               ? presence_clht_time(last) : 0;
}

static inline int presence_clht_is_online(struct presence_clht *m, struct presence_clht_handle *h,
                                          uint64_t user, uint64_t now)
{
    int error = presence_check(user, now);

    (void)h;
    if (error)
        return error;
    uint64_t last = presence_clht_stamp(m, user);
    return last != 0 && presence_fresh(last, now, m->ttl_ms);
}

static inline int64_t presence_clht_last_seen(struct presence_clht *m,
                                              struct presence_clht_handle *h, uint64_t user)
{
    (void)h;
    if (!presence_valid_user(user))
        return -EINVAL;
    uint64_t last = presence_clht_stamp(m, user);
    return last ? (int64_t)last : -ENOENT;
}

static inline int presence_clht_leave(struct presence_clht *m, struct presence_clht_handle *h,
                                      uint64_t user, uint64_t now)
{
    int error = presence_check(user, now);
    uint64_t last = 0;

    if (error)
        return error;
    struct presence_clht_place *p = presence_clht_find(presence_clht_bucket(m, user), user, &last);
    for (uint64_t seen = last; p && presence_clht_same(seen, last);)
        if (presence_clht_time(seen) > now)
            return 0;
        else if (presence_clht_remove(m, p, &seen)) {
            presence_tally_count(&h->tally, PRESENCE_LEFT);
            return 1;
        }
    return 0; /* not there, or gone meanwhile */
}

/* ---- sweeps: the due are removed as by a leave, without a lock ---- */

/* Removes the entry if it is due; says whether it did. */
static inline bool presence_clht_expire(struct presence_clht *m, struct presence_clht_handle *h,
                                        struct presence_clht_place *p, uint64_t now)
{
    uint64_t last = presence_clht_load(p);

    /* A place that has changed hands meanwhile is judged anew. */
    while (presence_clht_time(last) != 0 &&
           !presence_fresh(presence_clht_time(last), now, m->kept_ms))
        if (presence_clht_remove(m, p, &last)) {
            presence_tally_count(&h->tally, PRESENCE_SWEPT);
            return true;
        }
    return false;
}

/* The cursor: a bucket above, the number of a place in it below. */
#define PRESENCE_CLHT_BUCKET (UINT64_C(1) << 24)

/*
 * The next place that no other sweep has taken, or NULL where a bucket ends; *ended says that it
 * was the last one.
 */
static inline struct presence_clht_place *presence_clht_take(struct presence_clht *m, bool *ended)
{
    /* relaxed, all: the cursor divides the work among sweepers and protects nothing. */
    uint64_t at = atomic_load_explicit(&m->cursor, memory_order_relaxed), after;
    struct presence_clht_place *p;

    do {
        uint64_t bucket = at / PRESENCE_CLHT_BUCKET;
        p = presence_clht_numbered(&m->buckets[bucket], at % PRESENCE_CLHT_BUCKET);
        *ended = !p && bucket + 1 == m->count;
        after = p ? at + 1 : *ended ? 0 : (bucket + 1) * PRESENCE_CLHT_BUCKET;
        /* relaxed: as above. */
    } while (!atomic_compare_exchange_weak_explicit(&m->cursor, &at, after, memory_order_relaxed,
                                                    memory_order_relaxed));
    return p;
}

static inline int64_t presence_clht_sweep(struct presence_clht *m, struct presence_clht_handle *h,
                                          uint64_t now, uint64_t budget, bool *complete)
{
    int64_t removed = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    if (budget == UINT64_MAX) {
        for (uint64_t i = 0; i < m->count; i++)
            for (struct presence_clht_line *l = &m->buckets[i]; l; l = presence_clht_next(l))
                for (int k = 0; k < PRESENCE_CLHT_PLACES; k++)
                    removed += presence_clht_expire(m, h, &l->places[k], now);
        *complete = true;
        return removed;
    }
    while (budget > 0 && !*complete) {
        struct presence_clht_place *p = presence_clht_take(m, complete);
        if (p) {
            removed += presence_clht_expire(m, h, p, now);
            budget--;
        }
    }
    return removed;
}

/* ---- all users ---- */

/* With the bucket's lock held: those who are online in it. */
static inline int presence_clht_walk(struct presence_clht *m, struct presence_clht_line *line,
                                     uint64_t now, presence_visit fn, void *ctx)
{
    int stop = 0;

    for (; line && stop == 0; line = presence_clht_next(line))
        for (int i = 0; i < PRESENCE_CLHT_PLACES && stop == 0; i++) {
            struct presence_clht_place *p = &line->places[i];
            uint64_t time = presence_clht_time(presence_clht_load(p));
            /* relaxed: the lock's holder alone would change it. */
            uint64_t user = atomic_load_explicit(&p->user, memory_order_relaxed);
            if (time != 0 && presence_fresh(time, now, m->ttl_ms))
                stop = fn(ctx, user, time);
        }
    return stop;
}

static inline int presence_clht_for_each_online(struct presence_clht *m,
                                                struct presence_clht_handle *h, uint64_t now,
                                                presence_visit fn, void *ctx)
{
    int stop = presence_valid_now(now) ? 0 : -EINVAL;

    (void)h;
    for (uint64_t i = 0; i < m->count && stop == 0; i++) {
        presence_clht_lock(&m->buckets[i]);
        stop = presence_clht_walk(m, &m->buckets[i], now, fn, ctx);
        presence_clht_unlock(&m->buckets[i]);
    }
    return stop;
}

PRESENCE_COUNT_BY_WALK(clht)

static inline const void *presence_clht_whereabouts(struct presence_clht *m, uint64_t user)
{
    return presence_clht_bucket(m, user);
}

PRESENCE_BATCH_FETCHING(clht, (void)0, (void)0)
PRESENCE_NO_QUIESCENCE(clht)
PRESENCE_NO_RESERVE(clht)

static inline void presence_clht_stats(struct presence_clht *m, struct presence_stats *out)
{
    /* relaxed: exact at quiescent points. */
    uint64_t more = atomic_load_explicit(&m->more, memory_order_relaxed);

    *out = (struct presence_stats){ .bytes = sizeof *m + (m->count + more) * sizeof *m->buckets };
    for (uint64_t i = 0; i < m->count; i++)
        for (struct presence_clht_line *l = &m->buckets[i]; l; l = presence_clht_next(l))
            for (int k = 0; k < PRESENCE_CLHT_PLACES; k++)
                out->entries += presence_clht_time(presence_clht_load(&l->places[k])) != 0;
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_clht_traits = {
    .id = {
        .name = "clht",
        .title = "a bucket is a cache line: three users, a lock for those who come",
        .reference = "David, Guerraoui and Trigonakis, Asynchronized Concurrency, 2015",
        .flags = CONTEND_SPINS,
    },
    .heartbeat = CONTEND_LOCK_FREE,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_WAIT_FREE,
    .last_seen = CONTEND_WAIT_FREE,
    .leave = CONTEND_LOCK_FREE,
    .sweep = CONTEND_LOCK_FREE,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 37, /* 65,536 users in 32,768 lines, and one line more for one in seven */
    .bytes_fixed = sizeof(struct presence_clht),
};

PRESENCE_STATIC_TRAITS(clht)

#endif
