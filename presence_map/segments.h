/*
 * segments.h - shards whose entries lie in segments by the time of their creation.
 *
 * Idea: all entries live equally long, so entries that were made together expire together.  A heartbeat
 *   appends a new entry to the shard's open segment, and the user's old entry, further back, is dead.
 *   A segment whose last entry has died is free at once, and a sweep looks at segments, not at users: at
 *   two times for each, the oldest and the newest in it.  An index of 32-bit words finds a user.
 *   Where users do not beat evenly, segments stay half empty; then two neighbouring segments are merged,
 *   which keeps the time order and bounds the places at about two for each user.
 * Invariant: a user has at most one live entry, in the shard that its hash names, and exactly one place
 *   of the index refers to it; each line of the index from the user's home to that place counts it as one
 *   that has passed by.  No live entry's time lies outside of its segment's oldest and newest.  A segment
 *   that is not open has a live entry.  Entries move only towards the end of the list of segments.
 * Linearisation points: heartbeat, is_online, last_seen, leave: any instant while the shard's lock is
 *   held; sweep, per user, at the removal under the lock.
 * Progress: blocking, as the lock; a preempted holder stops one shard only.
 * Read guarantee: linearizable per user; for_each_online and count_online see each shard at one
 *   instant, and different shards at different ones.
 * Cost: the lock's, and two lines: of the index, and the entry's; a heartbeat writes a new entry
 *   elsewhere, unless the old one is in the open segment still.  A sweep looks at 40 bytes for each
 *   segment, and at two lines for each user whom it removes.  22 bytes a user when made for a million,
 *   25 for 100,000, and 39 where every heartbeat is of a random user.
 * Breaks when: times go back between threads by more than a segment lasts, or a few users beat all the
 *   time and many never: segments are of mixed ages, so sweeps look at entries one by one, and neighbours
 *   are made one again and again.  One hot user: all its threads meet at one lock, as in striped.h.
 * Use when: crowds expire together, and sweeps should cost little if nobody has; ids of 64 bits and
 *   exact times.  Heartbeats of random users are cheaper where entries stay in place.
 * Reference: J. Yang, Y. Yue and R. Vinayak, "Segcache: a memory-efficient and scalable in-memory
 *   key-value cache for small objects", NSDI 2021.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_SEGMENTS_H
#define CONTEND_PRESENCE_MAP_SEGMENTS_H

#include "presence_map/parts/partition.h"
#include "presence_map/parts/segments_shard.h"

#define PRESENCE_SEGMENTS_LEAST 16u /* entries of a segment, unless the option says otherwise */
#define PRESENCE_SEGMENTS_MOST 256u

static const struct contend_option presence_segments_options[] = {
    PRESENCE_PART_OPTION,
    { "segment", 0, 0, 4096,
      "entries of a segment, rounded up to a power of two; 0 = a sixteenth of a stripe, 16 to 256" },
    CHOSEN_LOCK_OPTIONS("lock.")
    CONTEND_OPTIONS_END
};

/* How many entries a segment has.  `asked`: the option's value. */
static inline uint32_t presence_segments_size(uint64_t users, int64_t asked)
{
    uint64_t size = asked ? (uint64_t)asked : users / 16;

    if (!asked && size < PRESENCE_SEGMENTS_LEAST)
        size = PRESENCE_SEGMENTS_LEAST;
    if (!asked && size > PRESENCE_SEGMENTS_MOST)
        size = PRESENCE_SEGMENTS_MOST;
    return (uint32_t)contend_round_up_pow2(size);
}

static inline int presence_segments_shard_init(struct presence_segments_shard *s, uint32_t number,
                                               uint64_t users, bool fixed,
                                               const struct presence_config *config,
                                               const struct contend_settings *settings)
{
    int64_t asked = contend_option_value(settings, presence_segments_options, "segment");

    *s = (struct presence_segments_shard){
        .limit = fixed ? users : 0,
        .size = presence_segments_size(users, asked),
        .first = PRESENCE_SEGMENTS_NONE,
        .open = PRESENCE_SEGMENTS_NONE,
        .spare = PRESENCE_SEGMENTS_NONE,
        .unused = PRESENCE_SEGMENTS_NONE,
        .hand = PRESENCE_SEGMENTS_NONE,
        .ttl_ms = config->ttl_ms,
        .kept_ms = presence_kept_ms(config, 1),
        .hash_seed = config->hash_seed,
        .allocator = config->allocator,
    };
    s->shift = (uint32_t)__builtin_ctz(s->size);
    int error = presence_segments_prepare(s, users);
    if (error == 0)
        error = presence_guard_init(&s->guard, number, config, settings);
    if (error)
        presence_segments_shard_free(s);
    return error;
}

static inline void presence_segments_shard_fini(struct presence_segments_shard *s)
{
    presence_guard_fini(&s->guard);
    presence_segments_shard_free(s);
}

/* ---- for the lock's holder ---- */

/* A heartbeat of a user who is not there. */
static inline int presence_segments_insert(struct presence_segments_shard *s,
                                           struct presence_tally *tally, uint64_t hash,
                                           uint64_t user, uint64_t now)
{
    int error = 0;

    if (s->limit && s->used >= s->limit)
        return -ENOSPC;
    if (s->used >= s->users) {
        error = presence_segments_resize(s, s->users + s->users / 2 + 1);
        if (error)
            return -ENOMEM; /* or too many for a shard */
    }
    error = presence_segments_room(s);
    if (error)
        return error;
    presence_segments_put(s, hash, presence_segments_append(s, user, now));
    s->used++;
    presence_tally_count(tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

/*
 * A later time for the user whom place `at` of the index names: in the open segment the entry is written
 * to; another one is left behind dead, unless there is no memory for a segment.
 */
static inline void presence_segments_renew(struct presence_segments_shard *s, uint64_t at,
                                           uint64_t now)
{
    bool append = presence_segments_reference(s, at) >> s->shift != s->open &&
                  presence_segments_room(s) == 0;
    uint32_t old = presence_segments_reference(s, at); /* read again: the entry may have been moved */
    struct presence_segments_entry *e = presence_segments_entry(s, old);

    if (append) {
        presence_segments_refer(s, at, presence_segments_append(s, e->user, now));
        CONTEND_STEP("segments: heartbeat, appended and the old entry not yet dead");
        presence_segments_kill(s, old);
    } else {
        e->last = now;
        presence_segments_cover(&s->segments[old >> s->shift], now, now);
    }
}

/* Removes the user whom place `at` of the index names. */
static inline void presence_segments_remove(struct presence_segments_shard *s, uint64_t hash,
                                            uint64_t at)
{
    uint32_t reference = presence_segments_reference(s, at);

    presence_segments_unput(s, hash, at);
    presence_segments_kill(s, reference);
    s->used--;
}

/* ---- the shard's operations: presence_map/parts/sharded.h ---- */

/* The lock is held, here and in _shard_ask. */
static inline int presence_segments_shard_beat(struct presence_segments_shard *s,
                                               struct presence_access *a, uint64_t hash,
                                               uint64_t user, uint64_t now)
{
    uint64_t at;

    if (!presence_segments_find(s, hash, user, &at))
        return presence_segments_insert(s, &a->tally, hash, user, now);
    uint64_t last = presence_segments_entry(s, presence_segments_reference(s, at))->last;
    CONTEND_STEP("segments: heartbeat, looked up and not yet written");
    if (now > last)
        presence_segments_renew(s, at, now);
    return now < last ? PRESENCE_STALE : presence_raised(last, now, s->ttl_ms);
}

static inline int presence_segments_shard_ask(struct presence_segments_shard *s, uint64_t hash,
                                              uint64_t user, uint64_t now)
{
    uint64_t at;

    return presence_segments_find(s, hash, user, &at) &&
           presence_fresh(presence_segments_entry(s, presence_segments_reference(s, at))->last, now,
                          s->ttl_ms);
}

static inline int64_t presence_segments_shard_last_seen(struct presence_segments_shard *s,
                                                        struct presence_access *a,
                                                        uint64_t hash, uint64_t user)
{
    int64_t result = presence_guard_enter_shared(&s->guard, &a->keys);
    uint64_t at;

    if (result)
        return result;
    result = presence_segments_find(s, hash, user, &at)
                 ? (int64_t)presence_segments_entry(s, presence_segments_reference(s, at))->last : -ENOENT;
    presence_guard_leave_shared(&s->guard, &a->keys);
    return result;
}

static inline int presence_segments_shard_leave(struct presence_segments_shard *s,
                                                struct presence_access *a, uint64_t hash,
                                                uint64_t user, uint64_t now)
{
    int error = presence_guard_enter(&s->guard, &a->keys);
    uint64_t at;

    if (error)
        return error;
    bool gone = presence_segments_find(s, hash, user, &at) &&
                presence_segments_entry(s, presence_segments_reference(s, at))->last <= now;
    if (gone) {
        CONTEND_STEP("segments: leave, judged and not yet removed");
        presence_segments_remove(s, hash, at);
        presence_tally_count(&a->tally, PRESENCE_LEFT);
    }
    presence_guard_leave(&s->guard, &a->keys);
    return gone;
}

static inline uint64_t *presence_segments_shard_at(struct presence_segments_shard *s)
{
    return &s->cursor;
}

/*
 * Examines a segment's entries from place *i on; says whether it has come to the end.  If all of them
 * are due, their times are not looked at; and behind the last live one nothing is.  *oldest: of those
 * that stay.
 */
static inline bool presence_segments_scan(struct presence_segments_shard *s,
                                          struct presence_access *a, uint64_t now, uint32_t number,
                                          uint32_t *i, uint64_t *oldest, uint64_t *budget)
{
    struct presence_segments_segment *g = &s->segments[number];
    bool all = !presence_fresh(g->newest, now, s->kept_ms);
    uint32_t end = presence_segments_end(s, number);

    for (; *i < end && g->live > 0 && *budget > 0; ++*i, --*budget) {
        const struct presence_segments_entry *e = &g->entries[*i];
        if (e->user == PRESENCE_NO_USER)
            continue;
        if (!all && presence_fresh(e->last, now, s->kept_ms)) {
            *oldest = e->last < *oldest ? e->last : *oldest;
            continue;
        }
        CONTEND_STEP("segments: sweep, judged and not yet removed");
        uint64_t hash = presence_segments_hash(s, e->user);
        presence_segments_remove(s, hash,
                                 presence_segments_seek(s, hash, (number << s->shift) + *i));
        presence_access_swept(a);
    }
    return *i >= end || g->live == 0;
}

/* A segment in which nobody is due is examined as one entry. */
static inline bool presence_segments_shard_scan(struct presence_segments_shard *s,
                                                struct presence_access *a, uint64_t now,
                                                uint64_t *at, uint64_t *budget)
{
    uint32_t number = *at ? (uint32_t)((*at - 1) >> s->shift) : s->first;
    uint32_t i = *at ? (uint32_t)(*at - 1) & (s->size - 1) : 0;

    while (number != PRESENCE_SEGMENTS_NONE && *budget > 0) {
        struct presence_segments_segment *g = &s->segments[number];
        uint32_t after = g->after; /* before it may leave the list */
        uint64_t oldest = UINT64_MAX;
        bool whole = i == 0;
        if (presence_fresh(g->oldest, now, s->kept_ms))
            --*budget;
        else if (!presence_segments_scan(s, a, now, number, &i, &oldest, budget))
            break;
        else if (whole)
            g->oldest = oldest; /* it may have been of one who is not there any more */
        number = after;
        i = 0;
    }
    *at = 1 + ((uint64_t)number << s->shift) + i;
    return number == PRESENCE_SEGMENTS_NONE;
}

static inline int presence_segments_shard_walk(struct presence_segments_shard *s, uint64_t now,
                                               presence_visit fn, void *ctx)
{
    int stop = 0;

    for (uint32_t n = s->first; n != PRESENCE_SEGMENTS_NONE && stop == 0; n = s->segments[n].after) {
        const struct presence_segments_segment *g = &s->segments[n];
        uint32_t end = presence_fresh(g->newest, now, s->ttl_ms) ? presence_segments_end(s, n) : 0;
        for (uint32_t i = 0; i < end && stop == 0; i++)
            if (g->entries[i].user != PRESENCE_NO_USER &&
                presence_fresh(g->entries[i].last, now, s->ttl_ms))
                stop = fn(ctx, g->entries[i].user, g->entries[i].last);
    }
    return stop;
}

static inline int presence_segments_shard_reserve(struct presence_segments_shard *s, uint64_t users)
{
    return presence_segments_prepare(s, users);
}

static inline void presence_segments_shard_stats(struct presence_segments_shard *s,
                                                 struct presence_stats *out)
{
    for (uint32_t n = s->first; n != PRESENCE_SEGMENTS_NONE; n = s->segments[n].after)
        for (uint32_t i = 0; i < presence_segments_end(s, n); i++)
            out->entries += s->segments[n].entries[i].user != PRESENCE_NO_USER;
    out->bytes += presence_segments_bytes(s);
}

#define SHARDED segments
#define SHARDED_BEATS
#define SHARDED_ASKS
#include "presence_map/parts/sharded.h"

PRESENCE_COUNT_BY_WALK(segments)
PRESENCE_NO_QUIESCENCE(segments)

static const struct presence_traits presence_segments_traits = {
    .id = {
        .name = "segments",
        .title = "entries in segments by the time of their creation, which expire as a whole",
        .reference = "Yang, Yue and Vinayak, Segcache, 2021",
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags & ~CONTEND_PROCESS_SHARED, /* its segments are on the heap */
        .options = presence_segments_options,
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
    .expiry = "lazy check; whole segments, the oldest first, shard by shard",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 25, /* 65,536 users in 64 times 9 segments of 128, and 94 lines of the index */
    .bytes_fixed = sizeof(struct presence_segments) +
                   PRESENCE_DEFAULT_PARTS *
                       (sizeof(struct presence_segments_shard) + chosen_lock_heap),
};

PRESENCE_STATIC_TRAITS(segments)

#endif
