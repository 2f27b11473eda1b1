/*
 * quotient.h - an id and a stamp in one word that has no bit more than an id, in buckets of one
 * cache line.
 *
 * Idea: a row is one word, so that one atomic instruction refreshes, expires and removes it, as
 *   in packed.h.  The line in which a row lies is a part of its user's hash, and the row leaves
 *   that part out (parts/quotient_rows.h): an id of 64 bits and a stamp fit where an id of 32
 *   bits and a stamp did.  A template: with CONTEND_ROW defined as a kind of row
 *   (presence_map/rows/) a row has 64 bits, for any id, or 32.  A user has three lines.  A row
 *   goes to the first one, its home, while fewer than `home` of the home's places are taken,
 *   otherwise to the emptiest of the three; so most users are found with their first cache line.
 *   Places are reused.  Rows stay where they are, but for those of the kind `moving`: of these one
 *   goes to another line to free its place (parts/quotient_moves.h has its proof).
 * Invariant: a place's word is 0, or the row of the user that its line, tag and choice name.
 *   A user has at most one row: only inserters turn a 0 into a row, and they hold the user's
 *   stripe of the insert lock and have looked at all three lines under it.  Rows of the kind
 *   `reserving` need no lock, and a place may be reserved for one: parts/quotient_reservations.h
 *   has the protocol and its proof.  Every row was written with a second of the horizon's quarter
 *   or of one of the two before it, or, with the option `old`, says that it is an old one.
 * Linearisation points: heartbeat at its compare-and-swap, or at the load that shows a later
 *   stamp, or the same one; leave at its compare-and-swap; sweep, per user, at the
 *   compare-and-swap of the row that it judged to 0.  is_online and last_seen at the load of the
 *   user's row.  "Not there": at an instant at which it was so.  If the user had a row during
 *   the whole look-up, then the same one in the same place, because rows do not move and the
 *   next one is made after the last one is gone: and that place was looked at.  (Where rows move: parts/quotient_moves.h.)
 *   A swap acts on the value of a whole row, which names its user: if the place was given to
 *   another user meanwhile it fails, and if it went away and came back, it is the same row.
 * Progress: insertions block each other, by stripe of the ids' hash, or are lock-free where they reserve.
 *   Heartbeats of users who are there, leave and sweep are lock-free; reads and walks wait-free.
 *   Where rows move only reads are: changes of a row wait for its mover, and sweeps and walks for
 *   movers and each other.
 * Read guarantee: linearizable per user, to the second (granularity 1,000 ms) or to the slack, in
 *   happens-before order.  for_each and count_online meet each user in their place; a user who is removed and
 *   comes back during a walk may be met in both (PRESENCE_WALK_MAY_REPEAT).
 * Cost: a refresh is one locked instruction on the user's line, or a load if the last heartbeat lies
 *   within the same `slack` (then expiry is late by up to that, and never early).  is_online: one line for most
 *   users, three to say that there is none.  A line's rows are compared at once
 *   (locks/parts/vector.h), and a batch fetches the lines of the next users while it serves one.
 *   A heartbeat asks for the line to write it, once, and not to read it and again for the swap, unless the
 *   thread's last one had nothing to write, as where all beat for one user.
 *   A count reads the lines in order, and computes no ids.  13 bytes a user (9.4 where rows move), or
 *   5 with ids of 32 bits, where stamps and ids need no more lines than the users (a million); otherwise at least
 *   a megabyte, or a smaller id_bits.
 * Stamps wrap (P22).  The stored horizon (parts/quotient_rows.h) says which of the seconds that
 *   a stamp may stand for is meant.  Before a heartbeat raises it, the rows are removed that the
 *   next horizon could not tell from new ones, which are all older than TTL + retain_ms: heartbeats
 *   do a share a second beforehand, and who needs the next horizon does what is left
 *   (parts/quotient_horizon.h).  Readers never do: after a silent day the answer is "offline", without any work.  A
 *   heartbeat from before the last two quarters is answered as if its entry were removed at once,
 *   which P22 allows.  Such removals are counted as a sweep's.
 * Old rows.  With the option `old` such rows stay: they are written again in units of 2^old seconds (P13), as
 *   a heartbeat writes that comes so late.  It takes a bit of the stamp, so that seconds reach half as
 *   far, and keeps entries 2^old times as long.
 * Breaks when: three lines are full: -ENOSPC, for one insertion in a million or so while users
 *   number no more than was expected; a thread stands still inside a call for an eighth of a
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
 * For the rows themselves relaxed would do, as in packed.h.  A user has one row because of the
 * stripe's lock: an inserter sees, by coherence, the rows that its last holder saw, or later ones.
 */
#include "presence_map/rows/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_QUOTIENT_H
#define CONTEND_PRESENCE_MAP_QUOTIENT_H

#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/parts/quotient_beat.h"
#include "presence_map/parts/quotient_horizon.h"
#include "presence_map/parts/quotient_moves.h"
#include "presence_map/parts/quotient_reservations.h"
#include "presence_map/parts/quotient_scan.h"
#include "presence_map/parts/quotient_size.h"
#include "presence_map/parts/quotient_table.h"
#include "presence_map/parts/stripe_locks.h"
#include "presence_map/presence_map.h"

enum {
    PRESENCE_QUOTIENT_STRIPES = 64,
    PRESENCE_QUOTIENT_AHEAD = 32, /* users of a batch whose lines are being fetched */
    /* Progress of what changes rows: it waits for a row that is being moved. */
    PRESENCE_QUOTIENT_CHANGES = chosen_row_moves ? CONTEND_BLOCKING : CONTEND_LOCK_FREE
};

#define QUOTIENT_STRIPES_OPTION                                                                   \
    { "stripes", PRESENCE_QUOTIENT_STRIPES, 1, 1 << 16,                                           \
      "of the insert lock, rounded up to a power of two" },

static const struct contend_option presence_quotient_options[] = {
    { "fill", chosen_row_fill, 1, 100, "per cent of the places that the expected users take" },
    QUOTIENT_OPTIONS(chosen_row_home),
    CHOSEN_ROW_OPTIONS
    TABLE_OPTIONS,
    CONTEND_OPTIONS_END
};

struct presence_quotient {
    struct quotient_table table;
    uint64_t max_user;
    struct stripe_locks stripes;      /* where insertions lock */
    struct quotient_nonces nonces;    /* where they reserve: quotient_reservations.h */
    pthread_mutex_t moving;           /* where rows move: quotient_moves.h */
    const struct contend_allocator *allocator;
    CONTEND_ALIGNED _Atomic uint64_t cursor; /* where the next budgeted sweep begins */
    CONTEND_ALIGNED struct presence_ledger ledger;
};

struct presence_quotient_handle {
    struct presence_tally tally;
    struct quotient_clock clock;
    uint64_t helped; /* the last second with which it looked whether there is a share of a pass */
    uint32_t nonce;  /* of its reservations */
    bool writes;     /* whether its last heartbeat changed the user's row, or had nothing to write */
};

/* What insertions need beside the table: 0, -ENOMEM, or why a mutex cannot be made. */
static inline int presence_quotient_init_inserts(struct presence_quotient *m,
                                                 const struct contend_settings *s)
{
    if (chosen_row_reserves)
        return quotient_nonces_init(&m->nonces, quotient_reserved_nonces(&m->table.q) + 1,
                                    m->allocator);
    int64_t stripes = contend_option_value(s, presence_quotient_options, "stripes");
    return stripe_locks_init(&m->stripes, (uint64_t)stripes, m->allocator);
}

static inline void presence_quotient_fini_inserts(struct presence_quotient *m)
{
    if (chosen_row_reserves)
        quotient_nonces_fini(&m->nonces);
    else
        stripe_locks_fini(&m->stripes);
}

static inline int presence_quotient_init(struct presence_quotient *m,
                                         const struct presence_config *config)
{
    struct presence_config c;
    const struct contend_settings *s = presence_settings(config);
    struct quotient_wish wish = { .moves = chosen_row_moves };
    int error = presence_config_resolve(&c, config, presence_quotient_options);

    if (error == 0)
        error = quotient_measure(&m->table, &wish, &c, s, presence_quotient_options, &m->max_user);
    if (error)
        return error;
    m->table.q.salt = 0; /* that is for maps that grow */
    m->allocator = c.allocator;
    atomic_init(&m->cursor, 0);
    error = quotient_table_init(&m->table, c.origin / QUOTIENT_GRANULARITY, c.capacity,
                                s, presence_quotient_options, m->allocator);
    if (error)
        return error;
    error = presence_quotient_init_inserts(m, s);
    if (error == 0) {
        error = -pthread_mutex_init(&m->moving, NULL);
        if (error == 0) {
            error = presence_ledger_init(&m->ledger, m->allocator);
            if (error)
                pthread_mutex_destroy(&m->moving);
        }
        if (error)
            presence_quotient_fini_inserts(m);
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
    pthread_mutex_destroy(&m->moving);
    presence_quotient_fini_inserts(m);
    quotient_table_fini(&m->table, m->allocator);
    return 0;
}

static inline int presence_quotient_attach(struct presence_quotient *m,
                                           struct presence_quotient_handle *h)
{
    h->clock = (struct quotient_clock){ .now = 0 };
    h->helped = 0;
    h->writes = true;
    int error = chosen_row_reserves ? quotient_nonces_enter(&m->nonces, &h->nonce) : 0;
    if (error)
        return error;
    error = presence_ledger_enter(&m->ledger, &h->tally);
    if (error && chosen_row_reserves)
        quotient_nonces_leave(&m->nonces, h->nonce);
    return error;
}

static inline void presence_quotient_detach(struct presence_quotient *m,
                                            struct presence_quotient_handle *h)
{
    presence_ledger_leave(&m->ledger, &h->tally);
    if (chosen_row_reserves)
        quotient_nonces_leave(&m->nonces, h->nonce);
}

/* 0, -EINVAL off the axis, -ERANGE beyond the option id_bits. */
static inline int presence_quotient_check_user(const struct presence_quotient *m, uint64_t user)
{
    if (user <= m->max_user)
        return 0;
    return presence_valid_user(user) ? -ERANGE : -EINVAL;
}

static inline int presence_quotient_check(struct presence_quotient *m,
                                          struct presence_quotient_handle *h, uint64_t user,
                                          uint64_t now)
{
    int error = quotient_clock_set(&h->clock, now, &m->table.ages);

    if (error == 0 && user > m->max_user)
        error = presence_quotient_check_user(m, user);
    return error;
}

static inline int presence_quotient_put(struct quotient_table *t, uint64_t p, uint64_t second)
{
    int result = quotient_table_put(t, 0, p, second, quotient_table_line);

    if (!chosen_row_moves || result != -ENOSPC)
        return result;
    struct presence_quotient *m = (struct presence_quotient *)t; /* its first member */
    return quotient_moves_put(t, &m->moving, &m->cursor, p, second);
}

/* A heartbeat of a user who seemed to have no row; -EAGAIN if there is one. */
static __attribute__((noinline)) int presence_quotient_insert(struct presence_quotient *m,
                                                              struct presence_quotient_handle *h,
                                                              uint64_t p)
{
    if (chosen_row_reserves)
        return quotient_reservation_insert(&m->table, &h->tally, &m->nonces, &h->nonce, p,
                                           h->clock.stamp);
    return quotient_insert(&m->table, &h->tally, quotient_stripe(&m->table, &m->stripes, p), p,
                           h->clock.stamp, quotient_table_find, presence_quotient_put);
}

/* A heartbeat of the user whose hash is p; h knows the time. */
static inline int presence_quotient_beat(struct presence_quotient *m,
                                         struct presence_quotient_handle *h, uint64_t p)
{
    struct quotient_table *t = &m->table;
    struct quotient_found f;
    int result;

    if (h->clock.second > quotient_table_horizon(t)) {
        quotient_horizon_reach(t, &h->tally, h->clock.second, quotient_table_itself);
    } else if (h->clock.second != h->helped) {
        h->helped = h->clock.second;
        quotient_horizon_help(t, &h->tally, h->helped, quotient_table_itself);
    }
    do {
        if (quotient_table_find(t, p, &f)) {
            result = quotient_refresh(t, &h->tally, &h->clock, &f, chosen_row_moves);
            h->writes = f.seen.second != h->clock.stamp;
        } else {
            result = presence_quotient_insert(m, h, p);
        }
    } while (result == -EAGAIN);
    return result;
}

static inline int presence_quotient_heartbeat(struct presence_quotient *m,
                                              struct presence_quotient_handle *h, uint64_t user,
                                              uint64_t now)
{
    int error = presence_quotient_check(m, h, user, now);

    if (error)
        return error;
    uint64_t p = quotient_mix(&m->table.q, user);
    if (h->writes) /* see "Cost" */
        quotient_table_fetch(quotient_table_line(&m->table, 0, p), true);
    return presence_quotient_beat(m, h, p);
}

/* Whether the user whose hash is p is online; h knows the time. */
static inline int presence_quotient_ask(struct presence_quotient *m,
                                        const struct presence_quotient_handle *h, uint64_t p)
{
    struct quotient_found f;

    return quotient_table_find(&m->table, p, &f) && f.seen.second >= h->clock.oldest;
}

static inline int presence_quotient_is_online(struct presence_quotient *m,
                                              struct presence_quotient_handle *h, uint64_t user,
                                              uint64_t now)
{
    int error = presence_quotient_check(m, h, user, now);

    return error ? error : presence_quotient_ask(m, h, quotient_mix(&m->table.q, user));
}

/*
 * A batch: while one user is served, the lines of the next ones are on their way.
 */
static inline int presence_quotient_many(struct presence_quotient *m,
                                         struct presence_quotient_handle *h,
                                         const uint64_t *users, size_t n, uint64_t now,
                                         int *results, bool beats)
{
    struct quotient_table *t = &m->table;
    uint64_t hashes[PRESENCE_QUOTIENT_AHEAD];

    if (quotient_clock_set(&h->clock, now, &m->table.ages) != 0)
        return -EINVAL;
    for (size_t i = 0; i < n + PRESENCE_QUOTIENT_AHEAD; i++) {
        uint64_t *hash = &hashes[i % PRESENCE_QUOTIENT_AHEAD];
        if (i >= PRESENCE_QUOTIENT_AHEAD) {
            size_t served = i - PRESENCE_QUOTIENT_AHEAD;
            int error = presence_quotient_check_user(m, users[served]);
            results[served] = error   ? error
                              : beats ? presence_quotient_beat(m, h, *hash)
                                      : presence_quotient_ask(m, h, *hash);
        }
        if (i < n) {
            *hash = quotient_mix(&t->q, users[i]); /* of a bad user too: it hurts nobody */
            quotient_table_fetch(quotient_table_line(t, 0, *hash), beats);
        }
    }
    return 0;
}

static inline int presence_quotient_heartbeat_many(struct presence_quotient *m,
                                                   struct presence_quotient_handle *h,
                                                   const uint64_t *users, size_t n, uint64_t now,
                                                   int *results)
{
    return presence_quotient_many(m, h, users, n, now, results, true);
}

static inline int presence_quotient_is_online_many(struct presence_quotient *m,
                                                   struct presence_quotient_handle *h,
                                                   const uint64_t *users, size_t n, uint64_t now,
                                                   int *results)
{
    return presence_quotient_many(m, h, users, n, now, results, false);
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
    int error = presence_quotient_check(m, h, user, now);
    struct quotient_found f;

    if (error)
        return error;
    do {
        if (!quotient_table_find(t, quotient_mix(&t->q, user), &f))
            return 0;
        while (quotient_table_is_theirs(t, &f) && f.seen.second <= h->clock.stamp)
            if (chosen_row_moves && f.seen.word & t->q.frozen)
                f.seen = quotient_table_settled(t, f.place);
            else if (quotient_table_remove(t, &h->tally, f.place, &f.seen, PRESENCE_LEFT))
                return 1;
        /*
         * If the place has another row meanwhile, there was an instant at which the user had none;
         * or the row has moved.
         */
    } while (chosen_row_moves && !quotient_table_is_theirs(t, &f));
    return 0;
}

static inline int64_t presence_quotient_sweep(struct presence_quotient *m,
                                              struct presence_quotient_handle *h, uint64_t now,
                                              uint64_t budget, bool *complete)
{
    struct quotient_table *t = &m->table;
    uint64_t begin, end, oldest = quotient_oldest(&t->ages, now, t->ages.kept_ms);

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    quotient_moves_stop(&m->moving);
    quotient_scan_take(t, &m->cursor, budget, &begin, &end);
    *complete = end == t->q.lines * t->rows;
    int64_t removed = quotient_scan_sweep(t, &h->tally, begin, end, oldest,
                                          quotient_table_numbered);
    quotient_moves_go_on(&m->moving);
    return removed;
}

static inline int presence_quotient_for_each_online(struct presence_quotient *m,
                                                    struct presence_quotient_handle *h,
                                                    uint64_t now, presence_visit fn, void *ctx)
{
    struct quotient_table *t = &m->table;
    int stop = quotient_clock_set(&h->clock, now, &m->table.ages);
    uint64_t oldest = h->clock.oldest;

    quotient_moves_stop(&m->moving);
    for (uint64_t line = 0; line < t->q.lines && stop == 0; line++)
        stop = quotient_scan_visit(t, &t->lines[line], line, oldest, fn, ctx);
    quotient_moves_go_on(&m->moving);
    return stop;
}

/* A count needs no ids. */
static inline int64_t presence_quotient_count_online(struct presence_quotient *m,
                                                     struct presence_quotient_handle *h,
                                                     uint64_t now)
{
    int error = quotient_clock_set(&h->clock, now, &m->table.ages);

    if (error)
        return error;
    quotient_moves_stop(&m->moving);
    int64_t count = quotient_scan_count(&m->table, h->clock.oldest);
    quotient_moves_go_on(&m->moving);
    return count;
}

PRESENCE_NO_QUIESCENCE(quotient)
PRESENCE_NO_RESERVE(quotient)

static inline void presence_quotient_stats(struct presence_quotient *m, struct presence_stats *out)
{
    struct quotient_table *t = &m->table;

    *out = (struct presence_stats){ .entries = quotient_scan_entries(t, t->lines, t->q.lines),
                                    .bytes = sizeof *m + t->q.lines * sizeof *t->lines };
    out->bytes += chosen_row_reserves ? quotient_nonces_bytes(&m->nonces)
                                      : stripe_locks_bytes(&m->stripes);
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_quotient_traits = {
    .id = {
        .name = "quotient" CHOSEN_ROW_SUFFIX,
        .title = CHOSEN_ROW_TITLE ": quotients in cache lines, compare-and-swap",
        .reference = "Cleary, Compact Hash Tables, 1984",
        .options = presence_quotient_options,
    },
    .heartbeat = PRESENCE_QUOTIENT_CHANGES,
    .insert = chosen_row_reserves ? CONTEND_LOCK_FREE : CONTEND_BLOCKING,
    .is_online = CONTEND_WAIT_FREE,
    .last_seen = CONTEND_WAIT_FREE,
    .leave = PRESENCE_QUOTIENT_CHANGES,
    .sweep = PRESENCE_QUOTIENT_CHANGES,
    .walk = chosen_row_moves ? CONTEND_BLOCKING : CONTEND_WAIT_FREE,
    .features = PRESENCE_LAST_SEEN | PRESENCE_WALK_MAY_REPEAT,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan",
    .granularity_ms = QUOTIENT_GRANULARITY,
    .ids = chosen_row_bits == 64 ? PRESENCE_IDS_64 : PRESENCE_IDS_32,
    .max_user = chosen_row_bits == 64 ? PRESENCE_NO_USER - 1 : UINT32_MAX,
    .max_span = PRESENCE_MAX_NOW,
    /* With the most stamp bits; a map for 65,536 users has 12, and its own traits say so. */
    .max_retain = (1 << QUOTIENT_MOST_BITS) / QUOTIENT_QUARTERS * QUOTIENT_GRANULARITY,
    .stall_bound_ms = (1 << QUOTIENT_FEW_BITS) / QUOTIENT_QUARTERS / 2 * QUOTIENT_GRANULARITY,
    .bytes_per_user = QUOTIENT_FEW_BYTES / 65536, /* the least map is larger than 65,536 users */
    .bytes_fixed = sizeof(struct presence_quotient) +
                   PRESENCE_QUOTIENT_STRIPES * sizeof(struct stripe_lock),
};

static inline void presence_quotient_traits_of(struct presence_quotient *m,
                                               struct presence_traits *out)
{
    *out = presence_quotient_traits;
    quotient_traits(&m->table, m->max_user, out);
}

#endif
