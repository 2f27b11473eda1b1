/*
 * quotient.h - full 64-bit ids, one 64-bit word a user, in buckets of one cache line.
 *
 * Idea: a row is one word, so that one atomic instruction refreshes, expires and removes it, as
 *   in packed.h.  The line in which a row lies is a part of its user's hash, and the row leaves
 *   that part out (parts/quotient_rows.h): an id of 64 bits and a stamp fit where an id of 32
 *   bits and a stamp did.  A user has three lines.  A row goes to the first one, its home, while
 *   fewer than `home` of the home's eight places are taken, otherwise to the emptiest of the
 *   three; so most users are found with their first cache line.  Places are reused, and a
 *   row never moves.
 * Invariant: a place's word is 0, or the row of the user that its line, tag and choice name.
 *   A user has at most one row: only inserters turn a 0 into a row, and they hold the user's
 *   stripe of the insert lock and have looked at all three lines under it.  Every row was written
 *   with a second of the horizon's quarter or of one of the two before it.
 * Linearisation points: heartbeat at its compare-and-swap, or at the load that shows a later
 *   stamp, or the same one; leave at its compare-and-swap; sweep, per user, at the
 *   compare-and-swap of the row that it judged to 0.  is_online and last_seen at the load of the
 *   user's row.  "Not there": at an instant at which it was so.  If the user had a row during
 *   the whole look-up, then the same one in the same place, because rows do not move and the
 *   next one is made after the last one is gone: and that place was looked at.
 *   A swap acts on the value of a whole row, which names its user: if the place was given to
 *   another user meanwhile it fails, and if it went away and came back, it is the same row.
 * Progress: insertions block each other, by stripe of the ids' hash.  Heartbeats of users who
 *   are there, leave and sweep are lock-free; reads and walks wait-free.
 * Read guarantee: linearizable per user, to the second (granularity 1,000 ms), in happens-before
 *   order.  for_each and count_online meet each user in their place; a user who is removed and
 *   comes back during a walk may be met in both (PRESENCE_WALK_MAY_REPEAT).
 * Cost: a refresh is one locked instruction on the user's line.  is_online: one line for most
 *   users, three to say that there is none.  13 bytes a user where stamps and ids need no
 *   more lines than the users (a million); otherwise at least a megabyte.
 * Stamps wrap (P22).  The stored horizon (parts/quotient_rows.h) says which of the seconds that
 *   a stamp may stand for is meant.  A heartbeat beyond it first removes the rows that the next
 *   horizon could not tell from new ones, which are all older than TTL + retain_ms, and then
 *   raises it; every thread that needs that does it, and the first that is through raises it for
 *   all.  Readers never do: after a silent day the answer is "offline", without any work.
 *   Such removals are counted as a sweep's.
 * Breaks when: three lines are full: -ENOSPC, for one insertion in a million or so while users
 *   number no more than was expected; a thread stands still inside a call for a quarter of a
 *   stamp's span (stall_bound_ms).
 * Use when: ids are sparse and users come and go, but their number is bounded.
 * Reference: J. G. Cleary, "Compact Hash Tables Using Bidirectional Linear Probing", 1984
 *   (quotients); D. E. Knuth, "The Art of Computer Programming", volume 3, exercise 6.4-13;
 *   Y. Azar, A. Broder, A. Karlin, E. Upfal, "Balanced Allocations", 1999 (choices).
 *
 * Memory order.  Rows are written with release and read with acquire, for the horizon's sake: a
 * thread that sees a row sees a horizon at least as new as its writer's (H1).  The horizon is
 * raised with release after the removals and read with acquire before a row: a thread that sees
 * a horizon sees no row that was removed for it (H2).  By H1 and H2 a row that was read between
 * two loads of the horizon that lie at most a quarter apart is decoded rightly with the later one.
 * For the rows themselves relaxed would do, as in packed.h.  That a user has one row
 * follows from the stripe's lock: an inserter sees, by read-read coherence, at least the rows
 * that were there when the last holder released it.
 */
#ifndef CONTEND_PRESENCE_MAP_QUOTIENT_H
#define CONTEND_PRESENCE_MAP_QUOTIENT_H

#include <pthread.h>

#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/quotient_table.h"
#include "presence_map/presence_map.h"

enum {
    PRESENCE_QUOTIENT_MOST_BITS = 16, /* of a stamp: 18 hours, and 4.5 of retention */
    PRESENCE_QUOTIENT_FEW_BITS = 12,  /* a small map takes lines for so many: 17 minutes */
    PRESENCE_QUOTIENT_STRIPES = 64
};

static const struct contend_option presence_quotient_options[] = {
    { "fill", 62, 1, 100, "per cent of the places that the expected users take" },
    { "home", 7, 1, QUOTIENT_ROWS,
      "rows of a line before its users are put into the emptiest of their three" },
    { "rows", QUOTIENT_ROWS, 1, QUOTIENT_ROWS, "places used in a line" },
    { "id_bits", 64, 48, 64, "users are less than two to that power; fewer let a map be smaller" },
    { "stamp_bits", PRESENCE_QUOTIENT_MOST_BITS, 8, PRESENCE_QUOTIENT_MOST_BITS,
      "of a stamp, at most; a quarter of its span must hold ttl_ms + retain_ms" },
    { "stripes", PRESENCE_QUOTIENT_STRIPES, 1, 1 << 16,
      "of the insert lock, rounded up to a power of two" },
    CONTEND_OPTIONS_END
};

struct presence_quotient_stripe {
    CONTEND_ALIGNED pthread_mutex_t lock;
};

struct presence_quotient {
    struct quotient_table table;
    uint64_t ttl_ms, kept_ms; /* the latter: TTL + retain_ms */
    struct presence_quotient_stripe *stripes;
    uint64_t stripe_count; /* a power of two */
    const struct contend_allocator *allocator;
    CONTEND_ALIGNED _Atomic uint64_t cursor; /* where the next budgeted sweep begins */
    CONTEND_ALIGNED struct presence_ledger ledger;
};

PRESENCE_TALLY_HANDLE(quotient)

/* How long S bits allow an entry to be kept, in ms: a quarter of their span. */
static inline uint64_t presence_quotient_window(unsigned stamp_bits)
{
    return (UINT64_C(1) << stamp_bits) / QUOTIENT_QUARTERS * QUOTIENT_GRANULARITY;
}

/* Decides on lines and stamps: 0 or -ERANGE. */
static inline int presence_quotient_measure(struct presence_quotient *m,
                                            const struct presence_config *c,
                                            const struct contend_settings *s)
{
    const struct contend_option *o = presence_quotient_options;
    unsigned most = (unsigned)contend_option_value(s, o, "stamp_bits"), least = 2;
    unsigned id_bits = (unsigned)contend_option_value(s, o, "id_bits");
    uint64_t fill = (uint64_t)contend_option_value(s, o, "fill");

    m->ttl_ms = c->ttl_ms;
    m->kept_ms = presence_kept_ms(c, 1);
    while (least < most && presence_quotient_window(least) < m->kept_ms)
        least++;
    if (presence_quotient_window(least) < m->kept_ms)
        return -ERANGE;
    if (least < PRESENCE_QUOTIENT_FEW_BITS)
        least = most < PRESENCE_QUOTIENT_FEW_BITS ? most : PRESENCE_QUOTIENT_FEW_BITS;
    m->table.rows = (unsigned)contend_option_value(s, o, "rows");
    m->table.home = (unsigned)contend_option_value(s, o, "home");
    uint64_t users = c->capacity ? c->capacity : c->expected;
    uint64_t lines = users * 100 / (m->table.rows * fill) + 1;
    if (lines < 2)
        lines = 2;
    while (quotient_stamp_bits(lines, id_bits, most) < least)
        lines = UINT64_C(2) << quotient_log2(lines); /* the next power of two */
    if (lines > UINT32_MAX)
        return -ERANGE;
    quotient_init(&m->table.q, lines, id_bits, quotient_stamp_bits(lines, id_bits, most),
                  c->hash_seed);
    return 0;
}

/* Destroys the first `made` stripes and frees their array. */
static inline void presence_quotient_release_stripes(struct presence_quotient *m, uint64_t made)
{
    while (made > 0)
        pthread_mutex_destroy(&m->stripes[--made].lock);
    contend_release(m->allocator, m->stripes, m->stripe_count * sizeof *m->stripes);
}

static inline int presence_quotient_make_stripes(struct presence_quotient *m,
                                                 const struct contend_settings *s)
{
    int error = 0;

    m->stripe_count = contend_round_up_pow2(
        (uint64_t)contend_option_value(s, presence_quotient_options, "stripes"));
    m->stripes = contend_allocate(m->allocator, CONTEND_CACHE_LINE,
                                  m->stripe_count * sizeof *m->stripes);
    if (!m->stripes)
        return -ENOMEM;
    for (uint64_t i = 0; i < m->stripe_count && error == 0; i++) {
        error = -pthread_mutex_init(&m->stripes[i].lock, NULL);
        if (error)
            presence_quotient_release_stripes(m, i);
    }
    return error;
}

static inline int presence_quotient_init(struct presence_quotient *m,
                                         const struct presence_config *config)
{
    struct presence_config c;
    const struct contend_settings *s = presence_settings(config);
    int error = presence_config_resolve(&c, config, presence_quotient_options);

    if (error == 0)
        error = presence_quotient_measure(m, &c, s);
    if (error)
        return error;
    m->allocator = c.allocator;
    atomic_init(&m->cursor, 0);
    error = quotient_table_init(&m->table, c.origin / QUOTIENT_GRANULARITY, c.capacity,
                                m->allocator);
    if (error)
        return error;
    error = presence_quotient_make_stripes(m, s);
    if (error == 0) {
        error = presence_ledger_init(&m->ledger, m->allocator);
        if (error)
            presence_quotient_release_stripes(m, m->stripe_count);
    }
    if (error)
        quotient_table_fini(&m->table, m->allocator);
    return error;
}

static inline int presence_quotient_fini(struct presence_quotient *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error)
        return error;
    presence_quotient_release_stripes(m, m->stripe_count);
    quotient_table_fini(&m->table, m->allocator);
    return 0;
}

/* 0, -EINVAL off the axis, -ERANGE beyond the option id_bits. */
static inline int presence_quotient_check_user(const struct presence_quotient *m, uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    return user <= UINT64_MAX >> m->table.q.id_shift ? 0 : -ERANGE;
}

static inline int presence_quotient_check(const struct presence_quotient *m, uint64_t user,
                                          uint64_t now)
{
    return presence_valid_now(now) ? presence_quotient_check_user(m, user) : -EINVAL;
}

/* P13: an entry is at most `limit` ms old at `now` if its second is at least this one. */
static inline uint64_t presence_quotient_oldest(uint64_t now, uint64_t limit)
{
    return now > limit ? (now - limit) / QUOTIENT_GRANULARITY : 0;
}

/* A heartbeat of a user whose row was found; -EAGAIN if that is gone meanwhile. */
static inline int presence_quotient_refresh(struct presence_quotient *m, struct quotient_found *f,
                                            uint64_t now)
{
    struct quotient_table *t = &m->table;
    uint64_t second = now / QUOTIENT_GRANULARITY;

    do {
        bool fresh = f->seen.second >= presence_quotient_oldest(now, m->ttl_ms);
        if (second < f->seen.second)
            return PRESENCE_STALE;
        if (second == f->seen.second)
            return PRESENCE_REFRESHED; /* nothing to write */
        if (!quotient_is_recent(&t->q, second, quotient_table_horizon(t)))
            return -ERANGE;
        CONTEND_STEP("quotient: heartbeat, about to swap");
        if (quotient_table_swap(t, f->place, &f->seen, quotient_row(&t->q, f->key, second)))
            return fresh ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
    } while (quotient_table_is_theirs(t, f));
    return -EAGAIN;
}

/* A heartbeat of a user who seemed to have no row; -EAGAIN if there is one, shown in *f. */
static inline int presence_quotient_insert(struct presence_quotient *m,
                                           struct presence_quotient_handle *h, uint64_t p,
                                           struct quotient_found *f, uint64_t second)
{
    struct quotient_table *t = &m->table;
    /* Bits that say nothing about the home: the users of one line are in all stripes. */
    pthread_mutex_t *lock =
        &m->stripes[(quotient_step(&t->q, p) >> 40) & (m->stripe_count - 1)].lock;
    int result;

    CONTEND_STEP("quotient: nobody there, about to lock the stripe");
    pthread_mutex_lock(lock);
    for (;;) {
        uint64_t came;
        bool room = presence_quota_has_room(&t->quota, &came);
        if (quotient_table_find(t, p, f)) {
            result = -EAGAIN;
            break;
        }
        result = room ? quotient_table_put(t, p, second) : -ENOSPC;
        if (room || presence_quota_is_full(&t->quota, came))
            break;
    }
    pthread_mutex_unlock(lock);
    if (result != 0)
        return result;
    presence_quota_count_in(&t->quota);
    presence_tally_count(&h->tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

static inline int presence_quotient_heartbeat(struct presence_quotient *m,
                                              struct presence_quotient_handle *h, uint64_t user,
                                              uint64_t now)
{
    int result = presence_quotient_check(m, user, now);
    struct quotient_table *t = &m->table;
    uint64_t second = now / QUOTIENT_GRANULARITY, p;
    struct quotient_found f;

    if (result)
        return result;
    if (second > quotient_table_horizon(t))
        quotient_table_advance(t, &h->tally, second);
    p = quotient_mix(&t->q, user);
    do {
        if (quotient_table_find(t, p, &f) ||
            (result = presence_quotient_insert(m, h, p, &f, second)) == -EAGAIN)
            result = presence_quotient_refresh(m, &f, now);
    } while (result == -EAGAIN);
    return result;
}

static inline int presence_quotient_is_online(struct presence_quotient *m,
                                              struct presence_quotient_handle *h, uint64_t user,
                                              uint64_t now)
{
    int error = presence_quotient_check(m, user, now);
    struct quotient_found f;

    (void)h;
    if (error)
        return error;
    return quotient_table_find(&m->table, quotient_mix(&m->table.q, user), &f) &&
           f.seen.second >= presence_quotient_oldest(now, m->ttl_ms);
}

static inline int64_t presence_quotient_last_seen(struct presence_quotient *m,
                                                  struct presence_quotient_handle *h,
                                                  uint64_t user)
{
    int error = presence_quotient_check_user(m, user);
    struct quotient_found f;

    (void)h;
    if (error)
        return error;
    if (!quotient_table_find(&m->table, quotient_mix(&m->table.q, user), &f))
        return -ENOENT;
    return (int64_t)(f.seen.second * QUOTIENT_GRANULARITY);
}

static inline int presence_quotient_leave(struct presence_quotient *m,
                                          struct presence_quotient_handle *h, uint64_t user,
                                          uint64_t now)
{
    struct quotient_table *t = &m->table;
    int error = presence_quotient_check(m, user, now);
    struct quotient_found f;

    if (error)
        return error;
    if (!quotient_table_find(t, quotient_mix(&t->q, user), &f))
        return 0;
    /* If the place has another row meanwhile, there was an instant at which the user had none. */
    while (quotient_table_is_theirs(t, &f) && f.seen.second <= now / QUOTIENT_GRANULARITY)
        if (quotient_table_remove(t, &h->tally, f.place, &f.seen, PRESENCE_LEFT))
            return 1;
    return 0;
}

/* The places that this sweep examines: all, or the next `budget` that no other sweep took. */
static inline void presence_quotient_take_range(struct presence_quotient *m, uint64_t budget,
                                                uint64_t *begin, uint64_t *end)
{
    uint64_t places = m->table.q.lines * m->table.rows, after;

    *begin = 0;
    *end = places;
    if (budget == UINT64_MAX)
        return;
    /* relaxed: the cursor divides the work among sweepers and protects nothing. */
    *begin = atomic_load_explicit(&m->cursor, memory_order_relaxed);
    do {
        *end = budget < places - *begin ? *begin + budget : places;
        after = *end == places ? 0 : *end;
        /* relaxed: as above. */
    } while (!atomic_compare_exchange_weak_explicit(&m->cursor, begin, after,
                                                    memory_order_relaxed, memory_order_relaxed));
}

static inline int64_t presence_quotient_sweep(struct presence_quotient *m,
                                              struct presence_quotient_handle *h, uint64_t now,
                                              uint64_t budget, bool *complete)
{
    struct quotient_table *t = &m->table;
    uint64_t begin, end, oldest = presence_quotient_oldest(now, m->kept_ms);
    int64_t removed = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    presence_quotient_take_range(m, budget, &begin, &end);
    uint64_t line = begin / t->rows, row = begin % t->rows;
    for (uint64_t at = begin; at < end; at++) {
        _Atomic uint64_t *place = &t->lines[line].rows[row];
        struct quotient_seen seen = quotient_table_see(t, place);
        bool gone = false;
        while (!gone && seen.word != 0 && seen.second < oldest)
            gone = quotient_table_remove(t, &h->tally, place, &seen, PRESENCE_SWEPT);
        removed += gone;
        line += row + 1 == t->rows;
        row = row + 1 == t->rows ? 0 : row + 1;
    }
    *complete = end == t->q.lines * t->rows;
    return removed;
}

static inline int presence_quotient_for_each_online(struct presence_quotient *m,
                                                    struct presence_quotient_handle *h,
                                                    uint64_t now, presence_visit fn, void *ctx)
{
    struct quotient_table *t = &m->table;
    uint64_t oldest = presence_quotient_oldest(now, m->ttl_ms);
    int stop = presence_valid_now(now) ? 0 : -EINVAL;

    (void)h;
    for (uint64_t line = 0; line < t->q.lines && stop == 0; line++) {
        uint64_t begin = quotient_line_begin(&t->q, line);
        for (unsigned i = 0; i < t->rows && stop == 0; i++) {
            struct quotient_seen seen = quotient_table_see(t, &t->lines[line].rows[i]);
            if (seen.word != 0 && seen.second >= oldest)
                stop = fn(ctx, quotient_user(&t->q, begin, seen.word),
                          seen.second * QUOTIENT_GRANULARITY);
        }
    }
    return stop;
}

PRESENCE_COUNT_BY_WALK(quotient)
PRESENCE_BATCH_IN_TURN(quotient)
PRESENCE_NO_QUIESCENCE(quotient)
PRESENCE_NO_RESERVE(quotient)

static inline void presence_quotient_stats(struct presence_quotient *m, struct presence_stats *out)
{
    struct quotient_table *t = &m->table;

    *out = (struct presence_stats){ .bytes = sizeof *m + t->q.lines * sizeof *t->lines +
                                             m->stripe_count * sizeof *m->stripes };
    for (uint64_t line = 0; line < t->q.lines; line++)
        for (unsigned i = 0; i < t->rows; i++)
            /* relaxed: a count, exact at quiescent points. */
            out->entries += atomic_load_explicit(&t->lines[line].rows[i],
                                                 memory_order_relaxed) != 0;
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_quotient_traits = {
    .id = {
        .name = "quotient",
        .title = "64-bit ids in one word a user: quotients in cache lines, compare-and-swap",
        .reference = "Cleary, Compact Hash Tables, 1984",
        .options = presence_quotient_options,
    },
    .heartbeat = CONTEND_LOCK_FREE,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_WAIT_FREE,
    .last_seen = CONTEND_WAIT_FREE,
    .leave = CONTEND_LOCK_FREE,
    .sweep = CONTEND_LOCK_FREE,
    .walk = CONTEND_WAIT_FREE,
    .features = PRESENCE_LAST_SEEN | PRESENCE_WALK_MAY_REPEAT,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = QUOTIENT_GRANULARITY,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    /* With the most stamp bits; a map for 65,536 users has 12, and its own traits say so. */
    .max_retain = (1 << PRESENCE_QUOTIENT_MOST_BITS) / QUOTIENT_QUARTERS * QUOTIENT_GRANULARITY,
    .stall_bound_ms =
        (1 << PRESENCE_QUOTIENT_FEW_BITS) / QUOTIENT_QUARTERS * QUOTIENT_GRANULARITY,
    .bytes_per_user = 2 * sizeof(uint64_t),
    .bytes_fixed = sizeof(struct presence_quotient) +
                   PRESENCE_QUOTIENT_STRIPES * sizeof(struct presence_quotient_stripe),
};

/* What a map keeps to depends on its lines and options. */
static inline void presence_quotient_traits_of(struct presence_quotient *m,
                                               struct presence_traits *out)
{
    uint64_t greatest = UINT64_MAX >> m->table.q.id_shift;

    *out = presence_quotient_traits;
    out->max_user = greatest < PRESENCE_NO_USER ? greatest : PRESENCE_NO_USER - 1;
    out->max_retain = m->table.q.quarter * QUOTIENT_GRANULARITY;
    out->stall_bound_ms = out->max_retain;
}

#endif
