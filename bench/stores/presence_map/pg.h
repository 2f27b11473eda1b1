/*
 * pg.h - a presence map as a table of PostgreSQL: who was seen last when.
 *
 * Idea: a row for each user, an upsert for each heartbeat, and a reader that compares times.
 *   Nothing expires by itself: a sweep is a DELETE of a part of the rows at a time, in a subquery,
 *   since a DELETE has no LIMIT.
 * Invariant: `seen` of a row is the latest heartbeat of its user, `before` the one that it has
 *   replaced, or 0: that is how one statement can tell whether the user came online.
 * Linearisation points: a write at the commit of its statement; a read at its snapshot.
 * Progress: blocking: heartbeats of one user take turns, for one statement and its commit.
 * Read guarantee: exact.  A walk and a count are one snapshot.
 * Cost: one round trip a heartbeat, or for each `depth` of them in a batch.  Every heartbeat is a
 *   new version of the row: with half of each page free and no index on the time it stays on its
 *   page (HOT) and needs no vacuum; with the index every heartbeat writes both trees.
 * Breaks when: heartbeats come one by one: each is a commit in the write-ahead log, for data that
 *   nobody wants after a crash (then `unlogged`).
 * Use when: PostgreSQL is there anyway and the load is a fraction of one Mu, or more is asked of
 *   the rows than who is online.
 * Reference: PostgreSQL's manual, INSERT ... ON CONFLICT, and src/backend/access/heap/README.HOT.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_PG_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_PG_H

#include "bench/stores/pg/batch.h"
#include "bench/stores/presence.h"

static const struct contend_option presence_pg_options[] = {
    PG_OPTIONS
    { "index", 0, 0, 1, "an index on the time of the last heartbeat: sweeps need not look at every "
                        "row, and every heartbeat writes it" },
    { "depth", 100, 1, PG_BATCH_DEEPEST, "users of one statement in a batch" },
    { "sweep_batch", 1000, 1, 1000000, "rows of one DELETE" },
    CONTEND_OPTIONS_END
};

enum {
    PRESENCE_PG_BEAT,
    PRESENCE_PG_LOOK,
    PRESENCE_PG_LEAVE,
    PRESENCE_PG_SWEEP,
    PRESENCE_PG_COUNT,
    PRESENCE_PG_WALK,
    PRESENCE_PG_BEATS,
    PRESENCE_PG_LOOKS
};

#define PRESENCE_PG_TABLE                                                                     \
    "CREATE $TABLE online (id bigint PRIMARY KEY, seen bigint NOT NULL, before bigint NOT NULL)" \
    " WITH (fillfactor = 50)"
#define PRESENCE_PG_UPSERT                                                                    \
    " ON CONFLICT (id) DO UPDATE SET before = online.seen,"                                   \
    " seen = greatest(online.seen, excluded.seen) WHERE online.seen <= excluded.seen"
/* In the order of the ids, so that two batches do not wait for each other. */
#define PRESENCE_PG_STATEMENTS                                                                \
    {                                                                                         \
        [PRESENCE_PG_BEAT] = "INSERT INTO online VALUES ($1::bigint, $2::bigint, 0)"          \
                             PRESENCE_PG_UPSERT " RETURNING before",                          \
        [PRESENCE_PG_LOOK] = "SELECT seen FROM online WHERE id = $1::bigint",                 \
        [PRESENCE_PG_LEAVE] =                                                                 \
            "DELETE FROM online WHERE id = $1::bigint AND seen <= $2::bigint",                \
        [PRESENCE_PG_SWEEP] =                                                                 \
            "WITH due AS MATERIALIZED"                                                        \
            " (SELECT id FROM online WHERE seen < $1::bigint ORDER BY seen, id LIMIT $2::bigint)," \
            " gone AS (DELETE FROM online USING due WHERE online.id = due.id"                 \
            " AND seen < $1::bigint RETURNING 1)"                                             \
            " SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM due)",                \
        [PRESENCE_PG_COUNT] = "SELECT count(*) FROM online WHERE seen >= $1::bigint",         \
        [PRESENCE_PG_WALK] = "SELECT id, seen FROM online WHERE seen >= $1::bigint",          \
        [PRESENCE_PG_BEATS] =                                                                 \
            "INSERT INTO online SELECT one, $2::bigint, 0 FROM unnest($1::bigint[]) AS one"   \
            " ORDER BY one" PRESENCE_PG_UPSERT " RETURNING id, before",                       \
        [PRESENCE_PG_LOOKS] = "SELECT id, seen FROM online WHERE id = ANY ($1::bigint[])",    \
    }

/* Without an index on the time, and with it. */
static const struct pg_plan presence_pg_plans[] = {
    { .schema = PRESENCE_PG_TABLE, .statements = PRESENCE_PG_STATEMENTS },
    { .schema = PRESENCE_PG_TABLE "; CREATE INDEX ON online (seen)",
      .statements = PRESENCE_PG_STATEMENTS },
};

struct presence_pg_own {
    size_t depth;
    uint64_t sweep_batch;
    bool index;
};

static inline void presence_pg_read_settings(struct presence_pg_own *own,
                                             const struct contend_settings *settings,
                                             const struct contend_option *options)
{
    own->depth = (size_t)contend_option_value(settings, options, "depth");
    own->sweep_batch = (uint64_t)contend_option_value(settings, options, "sweep_batch");
    own->index = contend_option_value(settings, options, "index");
}

PRESENCE_IN_STORE(pg, pg, presence_pg_options, struct presence_pg_own, presence_pg_read_settings,
                  &presence_pg_plans[own->index])

static inline int64_t presence_pg_last_seen(struct presence_pg *m, struct presence_pg_handle *h,
                                            uint64_t user)
{
    int64_t key = (int64_t)user, seen = 0;

    (void)m;
    if (!presence_valid_user(user))
        return -EINVAL;
    int rows = pg_execute(&h->link, PRESENCE_PG_LOOK, &key, 1, &seen, 1);
    return rows < 0 ? rows : rows == 0 ? -ENOENT : seen;
}

/* No row comes back from an upsert that would have changed nothing. */
static inline int presence_pg_heartbeat(struct presence_pg *m, struct presence_pg_handle *h,
                                        uint64_t user, uint64_t now)
{
    const int64_t row[2] = { (int64_t)user, (int64_t)now };
    int64_t before = 0;

    if (presence_check(user, now))
        return -EINVAL;
    if (store_books_full(&m->books)) {
        int64_t seen = presence_pg_last_seen(m, h, user);
        if (seen < 0)
            return seen == -ENOENT ? -ENOSPC : (int)seen;
    }
    int rows = pg_execute(&h->link, PRESENCE_PG_BEAT, row, 2, &before, 1);
    return rows < 0 ? rows : rows == 0 ? PRESENCE_STALE
                                       : store_books_beat(&m->books, (uint64_t)before, now);
}

static inline int presence_pg_is_online(struct presence_pg *m, struct presence_pg_handle *h,
                                        uint64_t user, uint64_t now)
{
    if (presence_check(user, now))
        return -EINVAL;
    int64_t seen = presence_pg_last_seen(m, h, user);
    if (seen < 0)
        return seen == -ENOENT ? 0 : (int)seen;
    return presence_fresh((uint64_t)seen, now, m->books.ttl_ms);
}

static inline int presence_pg_leave(struct presence_pg *m, struct presence_pg_handle *h,
                                    uint64_t user, uint64_t now)
{
    const int64_t row[2] = { (int64_t)user, (int64_t)now };

    if (presence_check(user, now))
        return -EINVAL;
    int error = pg_execute(&h->link, PRESENCE_PG_LEAVE, row, 2, NULL, 0);
    if (error < 0)
        return error;
    store_books_add(&m->books.left, (uint64_t)pg_changed(&h->link));
    return pg_changed(&h->link) > 0;
}

/* A round is over when fewer are due than one DELETE takes.  After a deadlock it begins anew. */
static inline int64_t presence_pg_sweep(struct presence_pg *m, struct presence_pg_handle *h,
                                        uint64_t now, uint64_t budget, bool *complete)
{
    int64_t due = store_books_due_before(&m->books, now), removed = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    while (!*complete && budget > 0) {
        uint64_t most = budget < m->own.sweep_batch ? budget : m->own.sweep_batch;
        const int64_t limits[2] = { due, (int64_t)most };
        int64_t found[2] = { 0, 0 }; /* removed, due */
        int error = pg_execute(&h->link, PRESENCE_PG_SWEEP, limits, 2, found, 2);
        if (error == -ESTALE)
            continue;
        if (error < 0)
            return removed ? removed : error;
        store_books_add(&m->books.swept, (uint64_t)found[0]);
        removed += found[0];
        budget -= (uint64_t)found[1];
        *complete = (uint64_t)found[1] < most;
    }
    return removed;
}

static inline int64_t presence_pg_count_online(struct presence_pg *m, struct presence_pg_handle *h,
                                               uint64_t now)
{
    int64_t from = store_books_online_from(&m->books, now), count = 0;

    if (!presence_valid_now(now))
        return -EINVAL;
    int rows = pg_execute(&h->link, PRESENCE_PG_COUNT, &from, 1, &count, 1);
    return rows < 0 ? rows : count;
}

struct presence_pg_walk {
    presence_visit fn;
    void *ctx;
};

static inline int presence_pg_meet(void *ctx, const int64_t *columns)
{
    const struct presence_pg_walk *walk = ctx;

    return walk->fn(walk->ctx, (uint64_t)columns[0], (uint64_t)columns[1]);
}

static inline int presence_pg_for_each_online(struct presence_pg *m, struct presence_pg_handle *h,
                                              uint64_t now, presence_visit fn, void *ctx)
{
    struct presence_pg_walk walk = { fn, ctx };
    char from[PG_NUMBER];
    const char *const values[] = { from };

    if (!presence_valid_now(now))
        return -EINVAL;
    pg_number(from, store_books_online_from(&m->books, now));
    return pg_each(&h->link, PRESENCE_PG_WALK, values, 1, 2, presence_pg_meet, &walk);
}

/* A map with a capacity must look at each user before it lets one in. */
static inline int presence_pg_heartbeat_many(struct presence_pg *m, struct presence_pg_handle *h,
                                             const uint64_t *users, size_t n, uint64_t now,
                                             int *results)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0, count; i < n; i += count) {
        struct pg_batch batch;
        char moment[PG_NUMBER];
        const char *const values[] = { batch.text, moment };
        count = m->books.capacity ? 1 : n - i < m->own.depth ? n - i : m->own.depth;
        if (m->books.capacity) {
            results[i] = presence_pg_heartbeat(m, h, users[i], now);
            continue;
        }
        pg_number(moment, (int64_t)now);
        int error = pg_batch_ask(&batch, &h->link, PRESENCE_PG_BEATS, values, 2, users + i, count);
        for (size_t k = 0; k < count; k++) {
            int64_t *before = pg_batch_find(&batch, users[i + k]);
            bool stale = before && *before == PG_BATCH_NOTHING;
            results[i + k] = !before ? -EINVAL : error ? error : stale ? PRESENCE_STALE
                : store_books_beat(&m->books, (uint64_t)*before, now);
            if (before && !stale)
                *before = (int64_t)now; /* of the same user later in the batch */
        }
    }
    return 0;
}

static inline int presence_pg_is_online_many(struct presence_pg *m, struct presence_pg_handle *h,
                                             const uint64_t *users, size_t n, uint64_t now,
                                             int *results)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0, count; i < n; i += count) {
        struct pg_batch batch;
        const char *const values[] = { batch.text };
        count = n - i < m->own.depth ? n - i : m->own.depth;
        int error = pg_batch_ask(&batch, &h->link, PRESENCE_PG_LOOKS, values, 1, users + i, count);
        for (size_t k = 0; k < count; k++) {
            const int64_t *seen = pg_batch_find(&batch, users[i + k]);
            bool is_online = seen && *seen != PG_BATCH_NOTHING &&
                             presence_fresh((uint64_t)*seen, now, m->books.ttl_ms);
            results[i + k] = !seen ? -EINVAL : error ? error : is_online;
        }
    }
    return 0;
}

static inline void presence_pg_stats(struct presence_pg *m, struct presence_stats *out)
{
    store_books_read(&m->books, out);
    out->entries = pg_place_ask(&m->place, "SELECT count(*) FROM online");
    out->bytes = sizeof *m;
}

static const struct presence_traits presence_pg_traits = {
    .id = {
        .name = "pg",
        .title = "a table of PostgreSQL: an upsert for each heartbeat",
        .reference = "PostgreSQL, manual, INSERT ... ON CONFLICT",
        .flags = CONTEND_REMOTE,
        .options = presence_pg_options,
    },
    PRESENCE_TRAITS_IN_STORE(pg),
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .expiry = "DELETE in batches, through a subquery",
    .max_retain = UINT64_MAX,
};

PRESENCE_STATIC_TRAITS(pg)

#endif
