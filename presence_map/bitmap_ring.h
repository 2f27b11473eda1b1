/*
 * bitmap_ring.h - four bits a user: the interval of ten seconds of the last heartbeat.
 *
 * Idea: a client beats every 10 s, so it is enough to know in which interval of 10 s it did so
 *   last.  The textbook's way is a ring of four bitmaps, one for each interval of the TTL, of
 *   which the oldest is cleared and used again.  Two things are wrong with it.  A writer that
 *   was preempted sets its bit in a bitmap that meanwhile stands for a later interval.  And
 *   one user's four bits lie in four words, so that nobody can say who came online.  Here the
 *   bits of eight users lie in one word, together with the interval that the word is at: its
 *   own clock.  A heartbeat in a later interval moves the clock on and recycles what has become
 *   too old, in the compare-and-swap with which it writes.  The four bits are a number, the
 *   age: as bits they would tell four intervals, and a `now` that is only a little late needs
 *   more; as a number they tell fourteen.
 * Invariant: a word is 0, or its high half is an interval B, which only rises, and user u's
 *   four bits are 0 (no entry), 15 - a (the last heartbeat came in interval B - a), or OLD
 *   (it came in B - 14 or earlier).
 * Linearisation points: heartbeat, leave and sweep, per user, at the successful compare-and-
 *   swap, or at the load that shows that there is nothing to change; is_online at the load.
 * The late writer: a swap that was prepared in an earlier interval of this word names the old
 *   clock and fails.  The clock never goes back, so a word that is seen again has not changed.
 *   The thread judges anew: in what has become of the word it is an ordinary late heartbeat.
 * Progress: lock-free; a swap fails only because another thread changed the word, which eight
 *   users share.  Reads and walks are wait-free.
 * Read guarantee: linearizable per user, to 10 s: never offline early, at most 9,999 ms late.
 *   No last_seen: an OLD entry does not tell.  for_each_online and count_online meet each user
 *   once, not at one instant.
 * Cost: 1 byte a user, an eighth of direct.h's.  Half of it is the words' clocks: one clock
 *   for all would make it half a byte, but nothing then stops the late writer, except a bound
 *   on how long a call may take.  A heartbeat in an interval in which its user has beaten
 *   already writes nothing.  count_online takes sixteen users at a time.
 * Breaks when: ids are not small numbers; somebody asks how long ago; a `now` lies more than a
 *   minute before one that was given already (-ERANGE where it would matter); eight neighbours
 *   beat at once.
 * Use when: a directory has numbered the users, and the question is how many are online.
 * Reference: L. Lamport, "Multiple Byte Processing with Full-Word Instructions", 1975 (many
 *   small numbers compared at once).
 *
 * Memory order.  Every access is relaxed, as in direct.h: all that a user has is in one word,
 * each word has one modification order, and compare-and-swap acts on its newest value.
 */
#ifndef CONTEND_PRESENCE_MAP_BITMAP_RING_H
#define CONTEND_PRESENCE_MAP_BITMAP_RING_H

#include "locks/parts/platform.h"
#include "presence_map/parts/bitmap_ring_word.h"
#include "presence_map/parts/cursor.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/tally.h"
#include "presence_map/presence_map.h"

#define PRESENCE_BITMAP_RING_GRANULARITY 10000 /* ms: an interval */

/*
 * ms.  A `now` may be late by as much as an entry may be kept, and both together must lie
 * within the ages that a word can tell.
 */
#define PRESENCE_BITMAP_RING_MAX_RETAIN \
    ((PRESENCE_BITMAP_RING_AGES - 2) / 2 * PRESENCE_BITMAP_RING_GRANULARITY)

/* Intervals are numbered from 1; at the origin's, 0 is that of a word that nobody has used. */
#define PRESENCE_BITMAP_RING_MAX_SPAN \
    ((UINT64_C(0xffffffff) - 2) * PRESENCE_BITMAP_RING_GRANULARITY)

struct presence_bitmap_ring {
    _Atomic uint64_t *words;
    uint64_t count; /* ids are below it */
    uint64_t word_count;
    uint64_t origin_ms;
    uint64_t origin_interval;
    uint64_t limit_ms; /* TTL + granularity - 1: the greatest age that is still online */
    uint64_t kept_ms;  /* the greatest age at which a sweep leaves an entry alone */
    const struct contend_allocator *allocator;
    CONTEND_ALIGNED _Atomic uint64_t cursor; /* where the next budgeted sweep begins */
    CONTEND_ALIGNED struct presence_ledger ledger;
};

PRESENCE_TALLY_HANDLE(bitmap_ring)

static inline int presence_bitmap_ring_init(struct presence_bitmap_ring *m,
                                            const struct presence_config *config)
{
    struct presence_config c;
    int error = presence_config_resolve(&c, config, NULL);

    if (error)
        return error;
    if (c.ttl_ms > PRESENCE_BITMAP_RING_MAX_RETAIN ||
        c.retain_ms > PRESENCE_BITMAP_RING_MAX_RETAIN - c.ttl_ms)
        return -ERANGE;
    m->count = c.capacity ? c.capacity : c.expected;
    m->word_count = (m->count + PRESENCE_BITMAP_RING_USERS - 1) / PRESENCE_BITMAP_RING_USERS;
    m->origin_ms = c.origin;
    m->origin_interval = c.origin / PRESENCE_BITMAP_RING_GRANULARITY;
    m->limit_ms = c.ttl_ms + PRESENCE_BITMAP_RING_GRANULARITY - 1;
    m->kept_ms = presence_kept_ms(&c, PRESENCE_BITMAP_RING_GRANULARITY);
    m->allocator = c.allocator;
    m->words = contend_allocate(m->allocator, CONTEND_CACHE_LINE,
                                m->word_count * sizeof *m->words);
    if (!m->words)
        return -ENOMEM;
    for (uint64_t i = 0; i < m->word_count; i++)
        atomic_init(&m->words[i], 0);
    atomic_init(&m->cursor, 0);
    error = presence_ledger_init(&m->ledger, m->allocator);
    if (error)
        contend_release(m->allocator, m->words, m->word_count * sizeof *m->words);
    return error;
}

static inline int presence_bitmap_ring_fini(struct presence_bitmap_ring *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error == 0)
        contend_release(m->allocator, m->words, m->word_count * sizeof *m->words);
    return error;
}

/* 0, -EINVAL off the axes, -ERANGE for an id that has no place. */
static inline int presence_bitmap_ring_check_user(const struct presence_bitmap_ring *m,
                                                  uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    return user < m->count ? 0 : -ERANGE;
}

static inline int presence_bitmap_ring_check_now(const struct presence_bitmap_ring *m,
                                                 uint64_t now)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    /* A time before the origin wraps around and is too large as well. */
    return now - m->origin_ms <= PRESENCE_BITMAP_RING_MAX_SPAN ? 0 : -ERANGE;
}

static inline int presence_bitmap_ring_check(const struct presence_bitmap_ring *m, uint64_t user,
                                             uint64_t now)
{
    /* A value off an axis is reported before one beyond this strategy's range. */
    int error = presence_valid_now(now) ? presence_bitmap_ring_check_user(m, user) : -EINVAL;

    return error ? error : presence_bitmap_ring_check_now(m, now);
}

static inline uint64_t presence_bitmap_ring_interval(const struct presence_bitmap_ring *m,
                                                     uint64_t now)
{
    return now / PRESENCE_BITMAP_RING_GRANULARITY - m->origin_interval + 1;
}

/* Whether a heartbeat in this interval is at most `limit` old at `now`. */
static inline bool presence_bitmap_ring_fresh(const struct presence_bitmap_ring *m,
                                              int64_t interval, uint64_t now, uint64_t limit)
{
    /* Signed: what OLD stands for may lie before the origin. */
    int64_t began = (interval - 1 + (int64_t)m->origin_interval) * PRESENCE_BITMAP_RING_GRANULARITY;

    return (int64_t)now <= began || (int64_t)now - began <= (int64_t)limit;
}

static inline _Atomic uint64_t *presence_bitmap_ring_place(struct presence_bitmap_ring *m,
                                                           uint64_t user)
{
    return &m->words[user / PRESENCE_BITMAP_RING_USERS];
}

static inline uint64_t presence_bitmap_ring_load(_Atomic uint64_t *place)
{
    /* relaxed: see "Memory order" above. */
    return atomic_load_explicit(place, memory_order_relaxed);
}

/* Replaces *seen, or shows in it what is there now. */
static inline bool presence_bitmap_ring_swap(_Atomic uint64_t *place, uint64_t *seen,
                                             uint64_t wanted)
{
    /* relaxed: see "Memory order" above. */
    return atomic_compare_exchange_weak_explicit(place, seen, wanted, memory_order_relaxed,
                                                 memory_order_relaxed);
}

/*
 * Whether the user is online at `now`: 1 or 0; or -ERANGE where `now` lies so far behind the
 * word's clock that OLD does not tell.
 */
static inline int presence_bitmap_ring_judge(const struct presence_bitmap_ring *m, uint64_t word,
                                              unsigned code, uint64_t now)
{
    if (code == PRESENCE_BITMAP_RING_ABSENT)
        return 0;
    bool fresh = presence_bitmap_ring_fresh(m, presence_bitmap_ring_last(word, code), now,
                                            m->limit_ms);
    return fresh && code == PRESENCE_BITMAP_RING_OLD ? -ERANGE : fresh;
}

/* ---- operations ---- */

static inline int presence_bitmap_ring_heartbeat(struct presence_bitmap_ring *m,
                                                 struct presence_bitmap_ring_handle *h,
                                                 uint64_t user, uint64_t now)
{
    int error = presence_bitmap_ring_check(m, user, now);

    if (error)
        return error;
    _Atomic uint64_t *place = presence_bitmap_ring_place(m, user);
    uint64_t word = presence_bitmap_ring_load(place);
    int64_t interval = (int64_t)presence_bitmap_ring_interval(m, now);
    for (;;) {
        unsigned code = presence_bitmap_ring_code(word, user);
        uint64_t wanted = word;
        int online = presence_bitmap_ring_judge(m, word, code, now);

        if (code > PRESENCE_BITMAP_RING_OLD) {
            int64_t last = presence_bitmap_ring_last(word, code);
            if (interval < last)
                return PRESENCE_STALE;
            if (interval == last)
                return PRESENCE_REFRESHED; /* within one interval: nothing to write */
        }
        if (interval > presence_bitmap_ring_clock(word))
            wanted = presence_bitmap_ring_move_on(word, (uint64_t)interval);
        int64_t age = presence_bitmap_ring_clock(wanted) - interval;
        bool old = age >= (int64_t)PRESENCE_BITMAP_RING_AGES;
        if (online < 0 || (old && code == PRESENCE_BITMAP_RING_OLD))
            return -ERANGE; /* more than a minute late, and OLD does not tell: P22 */
        wanted = presence_bitmap_ring_with(wanted, user,
                                           old ? PRESENCE_BITMAP_RING_OLD
                                               : PRESENCE_BITMAP_RING_FULL - (unsigned)age);
        CONTEND_STEP("bitmap_ring: heartbeat, about to swap");
        if (!presence_bitmap_ring_swap(place, &word, wanted))
            continue;
        if (code == PRESENCE_BITMAP_RING_ABSENT)
            presence_tally_count(&h->tally, PRESENCE_INSERTED);
        return online ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
    }
}

static inline int presence_bitmap_ring_is_online(struct presence_bitmap_ring *m,
                                                 struct presence_bitmap_ring_handle *h,
                                                 uint64_t user, uint64_t now)
{
    int error = presence_bitmap_ring_check(m, user, now);

    (void)h;
    if (error)
        return error;
    uint64_t word = presence_bitmap_ring_load(presence_bitmap_ring_place(m, user));
    return presence_bitmap_ring_judge(m, word, presence_bitmap_ring_code(word, user), now);
}

static inline int64_t presence_bitmap_ring_last_seen(struct presence_bitmap_ring *m,
                                                     struct presence_bitmap_ring_handle *h,
                                                     uint64_t user)
{
    (void)m, (void)h, (void)user;
    return -ENOTSUP;
}

static inline int presence_bitmap_ring_leave(struct presence_bitmap_ring *m,
                                             struct presence_bitmap_ring_handle *h, uint64_t user,
                                             uint64_t now)
{
    int error = presence_bitmap_ring_check(m, user, now);

    if (error)
        return error;
    _Atomic uint64_t *place = presence_bitmap_ring_place(m, user);
    uint64_t word = presence_bitmap_ring_load(place);
    int64_t interval = (int64_t)presence_bitmap_ring_interval(m, now);
    for (;;) {
        unsigned code = presence_bitmap_ring_code(word, user);

        if (code == PRESENCE_BITMAP_RING_ABSENT)
            return 0;
        if (presence_bitmap_ring_last(word, code) > interval)
            return code == PRESENCE_BITMAP_RING_OLD ? -ERANGE : 0;
        CONTEND_STEP("bitmap_ring: leave, about to swap");
        if (presence_bitmap_ring_swap(
                place, &word,
                presence_bitmap_ring_with(word, user, PRESENCE_BITMAP_RING_ABSENT))) {
            presence_tally_count(&h->tally, PRESENCE_LEFT);
            return 1;
        }
    }
}

/*
 * Removes the due among the users from `begin` to below `end`, all of one word, with one swap.
 * Returns how many; *unknown is set if OLD does not tell, because `now` is far too late.
 */
static inline int64_t presence_bitmap_ring_expire(struct presence_bitmap_ring *m,
                                                  struct presence_bitmap_ring_handle *h,
                                                  uint64_t begin, uint64_t end, uint64_t now,
                                                  bool *unknown)
{
    _Atomic uint64_t *place = presence_bitmap_ring_place(m, begin);
    uint64_t word = presence_bitmap_ring_load(place);

    for (;;) {
        uint64_t wanted = word;
        int64_t due = 0;

        for (uint64_t user = begin; user < end; user++) {
            unsigned code = presence_bitmap_ring_code(word, user);
            if (code == PRESENCE_BITMAP_RING_ABSENT)
                continue;
            if (!presence_bitmap_ring_fresh(m, presence_bitmap_ring_last(word, code), now,
                                            m->kept_ms)) {
                wanted = presence_bitmap_ring_with(wanted, user, PRESENCE_BITMAP_RING_ABSENT);
                due++;
            } else if (code == PRESENCE_BITMAP_RING_OLD) {
                *unknown = true;
            }
        }
        if (due == 0)
            return 0;
        CONTEND_STEP("bitmap_ring: sweep, judged and about to swap");
        if (presence_bitmap_ring_swap(place, &word, wanted)) {
            for (int64_t i = 0; i < due; i++)
                presence_tally_count(&h->tally, PRESENCE_SWEPT);
            return due;
        }
    }
}

static inline int64_t presence_bitmap_ring_sweep(struct presence_bitmap_ring *m,
                                                 struct presence_bitmap_ring_handle *h,
                                                 uint64_t now, uint64_t budget, bool *complete)
{
    int error = presence_bitmap_ring_check_now(m, now);
    uint64_t begin, end, after;
    int64_t removed = 0;
    bool unknown = false;

    *complete = false;
    if (error)
        return error;
    presence_cursor_take(&m->cursor, m->count, budget, &begin, &end);
    for (uint64_t user = begin; user < end; user = after) {
        after = user - user % PRESENCE_BITMAP_RING_USERS + PRESENCE_BITMAP_RING_USERS;
        after = after < end ? after : end;
        removed += presence_bitmap_ring_expire(m, h, user, after, now, &unknown);
    }
    *complete = end == m->count && !unknown;
    return unknown && removed == 0 ? -ERANGE : removed;
}

static inline int presence_bitmap_ring_for_each_online(struct presence_bitmap_ring *m,
                                                       struct presence_bitmap_ring_handle *h,
                                                       uint64_t now, presence_visit fn, void *ctx)
{
    int stop = presence_bitmap_ring_check_now(m, now);

    (void)h;
    for (uint64_t i = 0; i < m->word_count && stop == 0; i++) {
        uint64_t word = presence_bitmap_ring_load(&m->words[i]);

        for (uint64_t u = 0; u < PRESENCE_BITMAP_RING_USERS && stop == 0; u++) {
            int online = presence_bitmap_ring_judge(m, word, presence_bitmap_ring_code(word, u),
                                                     now);
            if (online < 0)
                stop = online;
            else if (online)
                stop = fn(ctx, i * PRESENCE_BITMAP_RING_USERS + u, 0);
        }
    }
    return stop;
}

/*
 * The least code that is online at `now` in a word of this clock: 0 if all entries are, even
 * the OLD ones, of which nobody can know; FULL + 1 if none is.
 */
static inline unsigned presence_bitmap_ring_least(const struct presence_bitmap_ring *m,
                                                  uint64_t word, uint64_t now)
{
    unsigned least = PRESENCE_BITMAP_RING_FULL + 1;

    while (least > 0 && presence_bitmap_ring_fresh(
                            m, presence_bitmap_ring_last(word, least - 1), now, m->limit_ms))
        least--;
    return least;
}

/* Counts in the words from i on, two at a time, while they have this clock; says how many there were. */
static inline uint64_t presence_bitmap_ring_count_alike(const struct presence_bitmap_ring *m,
                                                        uint64_t i, uint64_t clock, unsigned least,
                                                        int64_t *count)
{
    uint64_t pair = 0, sums = 0;

    for (; pair < PRESENCE_BITMAP_RING_PAIRS && i + 2 * pair + 1 < m->word_count; pair++) {
        uint64_t a = presence_bitmap_ring_load(&m->words[i + 2 * pair]);
        uint64_t b = presence_bitmap_ring_load(&m->words[i + 2 * pair + 1]);
        if (((a >> 32 ^ clock) | (b >> 32 ^ clock)) != 0)
            break;
        sums += presence_bitmap_ring_tell_two(a, b, least);
    }
    *count += presence_bitmap_ring_sum(sums);
    return 2 * pair;
}

static inline int64_t presence_bitmap_ring_count_online(struct presence_bitmap_ring *m,
                                                        struct presence_bitmap_ring_handle *h,
                                                        uint64_t now)
{
    uint64_t clock = 0; /* of the last word; nearly all are the same */
    unsigned least = 0;
    int64_t count = 0;
    int error = presence_bitmap_ring_check_now(m, now);

    (void)h;
    for (uint64_t i = 0, alike; i < m->word_count && error == 0; i += alike) {
        alike = least > PRESENCE_BITMAP_RING_OLD
                    ? presence_bitmap_ring_count_alike(m, i, clock, least, &count) : 0;
        if (alike)
            continue;
        uint64_t word = presence_bitmap_ring_load(&m->words[i]);
        alike = 1;
        if (word == 0)
            continue;
        if (word >> 32 != clock) {
            clock = word >> 32;
            least = presence_bitmap_ring_least(m, word, now);
        }
        if (least > PRESENCE_BITMAP_RING_OLD) {
            count += presence_bitmap_ring_tell(word, least);
            continue;
        }
        /* `now` is far behind: only where there is no OLD entry the answer is known. */
        count += presence_bitmap_ring_tell(word, PRESENCE_BITMAP_RING_OLD + 1);
        for (uint64_t u = 0; u < PRESENCE_BITMAP_RING_USERS; u++)
            if (presence_bitmap_ring_code(word, u) == PRESENCE_BITMAP_RING_OLD)
                error = -ERANGE;
    }
    return error ? error : count;
}

PRESENCE_BATCH_IN_TURN(bitmap_ring)
PRESENCE_NO_QUIESCENCE(bitmap_ring)
PRESENCE_NO_RESERVE(bitmap_ring)

static inline void presence_bitmap_ring_stats(struct presence_bitmap_ring *m,
                                              struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = sizeof *m + m->word_count * sizeof *m->words };
    for (uint64_t user = 0; user < m->count; user++)
        out->entries += presence_bitmap_ring_code(
                            presence_bitmap_ring_load(presence_bitmap_ring_place(m, user)),
                            user) != PRESENCE_BITMAP_RING_ABSENT;
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_bitmap_ring_traits = {
    .id = {
        .name = "bitmap_ring",
        .title = "dense ids: four bits for the interval of the last heartbeat",
        .reference = "Lamport, Multiple Byte Processing with Full-Word Instructions, 1975",
    },
    .heartbeat = CONTEND_LOCK_FREE,
    .insert = CONTEND_LOCK_FREE,
    .is_online = CONTEND_WAIT_FREE,
    .last_seen = CONTEND_WAIT_FREE,
    .leave = CONTEND_LOCK_FREE,
    .sweep = CONTEND_LOCK_FREE,
    .walk = CONTEND_WAIT_FREE,
    .features = 0,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = PRESENCE_BITMAP_RING_GRANULARITY,
    .ids = PRESENCE_IDS_DENSE,
    .max_user = PRESENCE_MAX_EXPECTED - 1, /* with the greatest capacity there is */
    .max_span = PRESENCE_BITMAP_RING_MAX_SPAN,
    .max_retain = PRESENCE_BITMAP_RING_MAX_RETAIN,
    .bytes_per_user = 1,
    .bytes_fixed = sizeof(struct presence_bitmap_ring),
};

PRESENCE_STATIC_TRAITS(bitmap_ring)

#endif
