/*
 * quotient_growing.h - quotient.h for any number of users: lines are added a part at a time.
 *
 * Idea: quotient.h's rows and lines, and linear hashing (Litwin) in the place of a fixed number of
 *   lines.  Natural line after natural line is split in two: the rows whose hash has a 1 as its next
 *   bit go to a new line, which is appended.  So growth is allocating a part, 1/64 of the first
 *   lines but at most 64 KB, and moving a few rows with each of the next insertions.  No line ever moves and
 *   none is given back, so a thread that looks announces nothing, and nothing waits for a grace period.
 *   What it costs is a bit of each stamp, which says that a row is being moved (F).
 * Invariant: parts/quotient_shape.h has it.  A user has at most one row, apart from the frozen copy
 *   that is made while it moves: only inserters make rows, with the user's stripe held and after a
 *   look into all lines under it.
 * Linearisation points: those of quotient.h.  Moving a row changes no answer: from the moment at which
 *   the row is frozen until its copy is unfrozen, both words are equal and no other thread may change them.
 * Progress: insertions block each other, by stripe; the thread that starts a part waits, stripe by
 *   stripe, for insertions in progress; an insertion moves the rows of its own lines before it puts one
 *   there.  A heartbeat that would change a frozen row waits until one row has been moved, and so
 *   do leave, sweep and the pass that comes before a raise: blocking.  Reads are lock-free: a
 *   look-up that finds nobody begins again if the shape has changed meanwhile, twice a part.  Walks
 *   and counts hold the mover's lock for 64 first lines at a time: while fn runs no row moves, and
 *   insertions go on without growth until their lines are full.
 * Read guarantee: linearizable per user, to the second or the slack, in happens-before order, as
 *   quotient.h.
 *   for_each_online and count_online go by first lines, and see with each all lines to which its
 *   rows were spread, while none moves: a row that is moved is met once.  A user who is removed
 *   and comes back during a walk may be met again (PRESENCE_WALK_MAY_REPEAT), and removed
 *   again by a sweep that was passed by growth (PRESENCE_SWEEPS_AGAIN).
 * Horizon: as quotient.h.  The pass that removes what the next horizon could not tell goes by first
 *   lines as well, from the older lines of each to the newer ones, the way in which rows move, and
 *   asks how many there are when it comes to the last one: so it meets all rows.  A frozen row that is
 *   due is waited for.
 * Cost: quotient.h's, a load of the shape, which changes twice a part, and two loads of where the
 *   part is.  Lines are as full after growth as at the beginning, and while they grow: 14.5 bytes a
 *   user at any size from 72,000 users on; below that 1 MB, or a smaller id_bits.  Of unsplit
 *   lines twice as many users would be at home as of split ones, so places are left free and a line
 *   takes fewer users at home than in quotient.h.
 * Breaks when: a thread stands still in the middle of moving a row: its user's heartbeats wait.  Stamps
 *   keep the bits that the first lines left them, so a map that is to keep entries for long needs an
 *   `expected` or a retain_ms that says so.  Memory is never given back.  For stall_bound_ms see
 *   quotient.h.
 * Use when: ids are sparse, users come and go, and nobody knows how many will be there.
 * Reference: W. Litwin, "Linear Hashing: A New Tool for File and Table Addressing", VLDB 1980; and
 *   those of quotient.h.
 *
 * Memory order: that of quotient.h for rows and the horizon (H1, H2), and of parts/quotient_shape.h
 * for what moves (G1, G2).
 */
#include "presence_map/rows/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_QUOTIENT_GROWING_H
#define CONTEND_PRESENCE_MAP_QUOTIENT_GROWING_H

#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/quotient_beat.h"
#include "presence_map/parts/quotient_growth.h"
#include "presence_map/parts/quotient_growth_scan.h"
#include "presence_map/parts/quotient_horizon.h"
#include "presence_map/presence_map.h"

enum {
    PRESENCE_QUOTIENT_GROWING_STRIPES = 64,
    PRESENCE_QUOTIENT_GROWING_AHEAD = 32, /* users of a batch whose lines are fetched at once */
    /* Simulated, as docs/presence.md says: no insertion of two million found its lines full. */
    PRESENCE_QUOTIENT_GROWING_FILL = chosen_row_bits == 64 ? 55 : 70,
    PRESENCE_QUOTIENT_GROWING_HOME = QUOTIENT_ROWS - 2
};

static const struct contend_option presence_quotient_growing_options[] = {
    { "fill", PRESENCE_QUOTIENT_GROWING_FILL, 1, 100,
      "per cent of the places that the expected users take" },
    { "load", PRESENCE_QUOTIENT_GROWING_FILL, 1, 100,
      "per cent of the places: when more are taken, the map grows" },
    { "pace", 2, 1, QUOTIENT_PART_MOST, "lines that an insertion splits, during growth" },
    QUOTIENT_OPTIONS(PRESENCE_QUOTIENT_GROWING_HOME),
    { "stripes", PRESENCE_QUOTIENT_GROWING_STRIPES, 1, 1 << 12,
      "of the insert lock, rounded up to a power of two; a part begins when each has been free once" },
    TABLE_OPTIONS,
    CONTEND_OPTIONS_END
};

struct presence_quotient_growing {
    struct quotient_growth growth;
    uint64_t max_user;
    CONTEND_ALIGNED _Atomic uint64_t cursor; /* where the next budgeted sweep begins */
    CONTEND_ALIGNED struct presence_ledger ledger;
};

struct presence_quotient_growing_handle {
    struct presence_tally tally;
    struct quotient_clock clock;
    uint64_t helped; /* as in quotient.h */
    int64_t told;    /* of what the tally counts, in growth.users */
};

/* What needs memory, in an order that can be undone. */
static inline int presence_quotient_growing_make(struct presence_quotient_growing *m,
                                                 const struct presence_config *c,
                                                 const struct contend_settings *s)
{
    const struct contend_option *o = presence_quotient_growing_options;
    struct quotient_growth *g = &m->growth;
    int error = quotient_table_init(&g->table, c->origin / QUOTIENT_GRANULARITY, c->capacity,
                                    s, o, g->allocator);

    if (error)
        return error;
    error = stripe_locks_init(&g->stripes, (uint64_t)contend_option_value(s, o, "stripes"),
                              g->allocator);
    if (error)
        goto no_stripes;
    error = quotient_growth_init(g);
    if (error)
        goto no_growth;
    error = presence_ledger_init(&m->ledger, g->allocator);
    if (error == 0)
        return 0;
    quotient_growth_fini(g);
no_growth:
    stripe_locks_fini(&g->stripes);
no_stripes:
    quotient_table_fini(&g->table, g->allocator);
    return error;
}

static inline int presence_quotient_growing_init(struct presence_quotient_growing *m,
                                                 const struct presence_config *config)
{
    const struct contend_settings *s = presence_settings(config);
    const struct contend_option *o = presence_quotient_growing_options;
    struct quotient_wish wish = { .grows = true };
    struct quotient_growth *g = &m->growth;
    struct presence_config c;
    int error = presence_config_resolve(&c, config, o);

    if (error == 0)
        error = quotient_measure(&g->table, &wish, &c, s, o, &m->max_user);
    if (error)
        return error;
    g->load = (unsigned)contend_option_value(s, o, "load");
    g->pace = (unsigned)contend_option_value(s, o, "pace");
    g->fixed = c.capacity != 0;
    g->allocator = c.allocator;
    atomic_init(&m->cursor, 0);
    return presence_quotient_growing_make(m, &c, s);
}

static inline int presence_quotient_growing_fini(struct presence_quotient_growing *m)
{
    int error = presence_ledger_fini(&m->ledger);

    if (error)
        return error;
    quotient_growth_fini(&m->growth);
    stripe_locks_fini(&m->growth.stripes);
    quotient_table_fini(&m->growth.table, m->growth.allocator);
    return 0;
}

static inline int presence_quotient_growing_attach(struct presence_quotient_growing *m,
                                                   struct presence_quotient_growing_handle *h)
{
    h->clock = (struct quotient_clock){ .now = 0 };
    h->helped = 0;
    h->told = 0;
    return presence_ledger_enter(&m->ledger, &h->tally);
}

static inline void presence_quotient_growing_detach(struct presence_quotient_growing *m,
                                                    struct presence_quotient_growing_handle *h)
{
    quotient_growth_tell(&m->growth, &h->tally, &h->told, true);
    presence_ledger_leave(&m->ledger, &h->tally);
}

/* 0, -EINVAL off the axis, -ERANGE beyond the option id_bits. */
static inline int
presence_quotient_growing_check_user(const struct presence_quotient_growing *m, uint64_t user)
{
    return user <= m->max_user ? 0 : presence_valid_user(user) ? -ERANGE : -EINVAL;
}

static inline int presence_quotient_growing_check(struct presence_quotient_growing *m,
                                                  struct presence_quotient_growing_handle *h,
                                                  uint64_t user, uint64_t now)
{
    int error = quotient_clock_set(&h->clock, now, &m->growth.table.ages);

    return error ? error : presence_quotient_growing_check_user(m, user);
}

static inline uint64_t presence_quotient_growing_hash(const struct presence_quotient_growing *m,
                                                      uint64_t user)
{
    return quotient_mix_salted(&m->growth.table.q, user);
}

/*
 * A heartbeat of a user who seemed to have no row; -EAGAIN if there is one, or if a place may be free
 * now: lines that are being split are split first, and full ones ask for growth.
 */
static __attribute__((noinline)) int
presence_quotient_growing_insert(struct presence_quotient_growing *m,
                                 struct presence_quotient_growing_handle *h, uint64_t p)
{
    struct quotient_growth *g = &m->growth;
    int result = quotient_insert(&g->table, &h->tally, quotient_stripe(&g->table, &g->stripes, p), p,
                                 h->clock.stamp, quotient_growth_find, quotient_growth_put);

    if (result >= 0) {
        quotient_growth_help(g, quotient_growth_tell(g, &h->tally, &h->told, false));
    } else if (result == -EINPROGRESS) {
        quotient_growth_ready(g, p);
        result = -EAGAIN;
    } else if (result == -ENOSPC && !g->fixed) {
        int error = quotient_growth_force(g);
        result = error ? error : -EAGAIN;
    }
    return result;
}

/* A heartbeat of the user whose hash is p; h knows the time. */
static inline int presence_quotient_growing_beat(struct presence_quotient_growing *m,
                                                 struct presence_quotient_growing_handle *h,
                                                 uint64_t p)
{
    struct quotient_table *t = &m->growth.table;
    struct quotient_found f;
    int result;

    if (h->clock.second > quotient_table_horizon(t)) {
        quotient_horizon_reach(t, &h->tally, h->clock.second, quotient_growth_spread);
    } else if (h->clock.second != h->helped) {
        h->helped = h->clock.second;
        quotient_horizon_help(t, &h->tally, h->helped, quotient_growth_spread);
    }
    do
        result = quotient_growth_find(t, p, &f)
                     ? quotient_refresh(t, &h->tally, &h->clock, &f, true)
                     : presence_quotient_growing_insert(m, h, p);
    while (result == -EAGAIN);
    return result;
}

static inline int presence_quotient_growing_heartbeat(struct presence_quotient_growing *m,
                                                      struct presence_quotient_growing_handle *h,
                                                      uint64_t user, uint64_t now)
{
    int error = presence_quotient_growing_check(m, h, user, now);

    return error ? error
                 : presence_quotient_growing_beat(m, h, presence_quotient_growing_hash(m, user));
}

/* Whether the user whose hash is p is online; h knows the time. */
static inline int presence_quotient_growing_ask(struct presence_quotient_growing *m,
                                                const struct presence_quotient_growing_handle *h,
                                                uint64_t p)
{
    struct quotient_found f;

    return quotient_growth_find(&m->growth.table, p, &f) && f.seen.second >= h->clock.oldest;
}

static inline int presence_quotient_growing_is_online(struct presence_quotient_growing *m,
                                                      struct presence_quotient_growing_handle *h,
                                                      uint64_t user, uint64_t now)
{
    int error = presence_quotient_growing_check(m, h, user, now);

    return error ? error
                 : presence_quotient_growing_ask(m, h, presence_quotient_growing_hash(m, user));
}

/* One user of a batch, whose line is on its way. */
static inline int presence_quotient_growing_one(struct presence_quotient_growing *m,
                                                struct presence_quotient_growing_handle *h,
                                                uint64_t user, uint64_t hash, bool beats)
{
    int error = presence_quotient_growing_check_user(m, user);

    return error   ? error
           : beats ? presence_quotient_growing_beat(m, h, hash)
                   : presence_quotient_growing_ask(m, h, hash);
}

/* A batch, in groups: the lines of all of a group are on their way when its first is served. */
static inline int presence_quotient_growing_many(struct presence_quotient_growing *m,
                                                 struct presence_quotient_growing_handle *h,
                                                 const uint64_t *users, size_t n, uint64_t now,
                                                 int *results, bool beats)
{
    enum { GROUP = PRESENCE_QUOTIENT_GROWING_AHEAD };
    const struct quotient_table *t = &m->growth.table;
    uint64_t hashes[GROUP];

    if (quotient_clock_set(&h->clock, now, &m->growth.table.ages) != 0)
        return -EINVAL;
    for (size_t begin = 0; begin < n; begin += GROUP) {
        size_t count = n - begin < GROUP ? n - begin : GROUP;
        for (size_t i = 0; i < count; i++) {
            hashes[i] = presence_quotient_growing_hash(m, users[begin + i]);
            quotient_table_fetch(
                quotient_growth_line_of(t, quotient_growth_word(&m->growth), hashes[i]), beats);
        }
        for (size_t i = 0; i < count; i++)
            results[begin + i] =
                presence_quotient_growing_one(m, h, users[begin + i], hashes[i], beats);
    }
    return 0;
}

static inline int
presence_quotient_growing_heartbeat_many(struct presence_quotient_growing *m,
                                         struct presence_quotient_growing_handle *h,
                                         const uint64_t *users, size_t n, uint64_t now,
                                         int *results)
{
    return presence_quotient_growing_many(m, h, users, n, now, results, true);
}

static inline int
presence_quotient_growing_is_online_many(struct presence_quotient_growing *m,
                                         struct presence_quotient_growing_handle *h,
                                         const uint64_t *users, size_t n, uint64_t now,
                                         int *results)
{
    return presence_quotient_growing_many(m, h, users, n, now, results, false);
}

static inline int64_t
presence_quotient_growing_last_seen(struct presence_quotient_growing *m,
                                    struct presence_quotient_growing_handle *h, uint64_t user)
{
    int error = presence_quotient_growing_check_user(m, user);
    struct quotient_found f;

    (void)h;
    if (error)
        return error;
    return quotient_growth_find(&m->growth.table, presence_quotient_growing_hash(m, user), &f)
               ? (int64_t)(f.seen.second * QUOTIENT_GRANULARITY) : -ENOENT;
}

static inline int presence_quotient_growing_leave(struct presence_quotient_growing *m,
                                                  struct presence_quotient_growing_handle *h,
                                                  uint64_t user, uint64_t now)
{
    struct quotient_table *t = &m->growth.table;
    int error = presence_quotient_growing_check(m, h, user, now);
    struct quotient_found f;

    if (error)
        return error;
    /* A row that is gone was removed or moved: look again. */
    while (quotient_growth_find(t, presence_quotient_growing_hash(m, user), &f)) {
        if (f.seen.second > h->clock.stamp)
            return 0;
        if (f.seen.word & t->q.frozen) {
            quotient_table_settled(t, f.place);
        } else if (quotient_table_remove(t, &h->tally, f.place, &f.seen, PRESENCE_LEFT)) {
            quotient_growth_tell(&m->growth, &h->tally, &h->told, false);
            return 1;
        }
    }
    return 0;
}

static inline int64_t presence_quotient_growing_sweep(struct presence_quotient_growing *m,
                                                      struct presence_quotient_growing_handle *h,
                                                      uint64_t now, uint64_t budget,
                                                      bool *complete)
{
    const struct quotient_ages *ages = &m->growth.table.ages;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    int64_t removed = quotient_growth_sweep(&m->growth, &m->cursor, &h->tally,
                                            quotient_oldest(ages, now, ages->kept_ms), budget, complete);
    quotient_growth_tell(&m->growth, &h->tally, &h->told, false);
    return removed;
}

static inline int presence_quotient_growing_for_each_online(
    struct presence_quotient_growing *m, struct presence_quotient_growing_handle *h, uint64_t now,
    presence_visit fn, void *ctx)
{
    int error = quotient_clock_set(&h->clock, now, &m->growth.table.ages);
    struct quotient_walk w = { .oldest = h->clock.oldest, .fn = fn, .ctx = ctx };

    return error ? error : quotient_growth_all(&m->growth, &w, quotient_walk_show);
}

/* A count needs no ids. */
static inline int64_t
presence_quotient_growing_count_online(struct presence_quotient_growing *m,
                                       struct presence_quotient_growing_handle *h, uint64_t now)
{
    int error = quotient_clock_set(&h->clock, now, &m->growth.table.ages);
    struct quotient_walk w = { .oldest = h->clock.oldest };

    if (error == 0)
        quotient_growth_all(&m->growth, &w, quotient_walk_count);
    return error ? error : w.count;
}

static inline int presence_quotient_growing_reserve(struct presence_quotient_growing *m,
                                                    struct presence_quotient_growing_handle *h,
                                                    uint64_t users)
{
    const struct presence_config c = { .capacity = m->growth.table.quota.limit };
    int error = presence_reserve_check(&c, users);

    (void)h;
    return error || m->growth.fixed ? error : quotient_growth_reserve(&m->growth, users);
}

PRESENCE_NO_QUIESCENCE(quotient_growing)

static inline void presence_quotient_growing_stats(struct presence_quotient_growing *m,
                                                   struct presence_stats *out)
{
    struct quotient_growth *g = &m->growth;
    struct quotient_walk w = { .count = 0 };

    quotient_growth_all(g, &w, quotient_walk_entries);
    *out = (struct presence_stats){
        .entries = (uint64_t)w.count,
        .bytes = sizeof *m + g->table.q.lines * sizeof *g->table.lines +
                 stripe_locks_bytes(&g->stripes) +
                 /* relaxed: exact at quiescent points. */
                 atomic_load_explicit(&g->bytes, memory_order_relaxed),
    };
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_quotient_growing_traits = {
    .id = {
        .name = "quotient_growing" CHOSEN_ROW_SUFFIX,
        .title = CHOSEN_ROW_TITLE ": quotients in cache lines, split a part at a time",
        .reference = "Litwin, Linear Hashing, 1980",
        .options = presence_quotient_growing_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_LOCK_FREE,
    .last_seen = CONTEND_LOCK_FREE,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN | PRESENCE_WALK_MAY_REPEAT |
                PRESENCE_SWEEPS_AGAIN,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = QUOTIENT_GRANULARITY,
    .ids = chosen_row_bits == 64 ? PRESENCE_IDS_64 : PRESENCE_IDS_32,
    .max_user = chosen_row_bits == 64 ? PRESENCE_NO_USER - 1 : UINT32_MAX,
    .max_span = PRESENCE_MAX_NOW,
    /* As quotient.h: with the most stamp bits; a map for 65,536 users has 11. */
    .max_retain = (1 << QUOTIENT_MOST_BITS) / QUOTIENT_QUARTERS * QUOTIENT_GRANULARITY,
    .stall_bound_ms = (1 << (QUOTIENT_FEW_BITS - 1)) / QUOTIENT_QUARTERS / 2 * QUOTIENT_GRANULARITY,
    .bytes_per_user = QUOTIENT_FEW_BYTES / 65536, /* the least map is larger than 65,536 users */
    .bytes_fixed = sizeof(struct presence_quotient_growing) +
                   PRESENCE_QUOTIENT_GROWING_STRIPES * sizeof(struct stripe_lock),
};

static inline void presence_quotient_growing_traits_of(struct presence_quotient_growing *m,
                                                       struct presence_traits *out)
{
    *out = presence_quotient_growing_traits;
    quotient_traits(&m->growth.table, m->max_user, out);
}

#endif
