/*
 * sqlite.h - a presence map as a table of SQLite: who was seen last when.
 *
 * Idea: a row for each user, and an upsert for each heartbeat: INSERT, or else the later one of
 *   the two times.  Nothing expires by itself; whether a user is online is decided by the reader,
 *   who compares times, and a sweep is a DELETE.
 * Invariant: `seen` of a row is the latest heartbeat of its user, `before` the one that it has
 *   replaced, or 0: that is how a single statement can tell whether the user came online.
 * Linearisation points: a write at the commit of its statement, or of its batch; a read at its
 *   snapshot, which is the last commit.
 * Progress: blocking: writers take turns, readers wait for nobody.  All calls are calls of the
 *   system.
 * Read guarantee: exact.  A walk and a count are one snapshot.  A batch is one transaction for
 *   each `depth` of its users, and is one operation for as long as that suffices.
 * Cost: a heartbeat alone is a commit, a page or two in the log; a batch shares its commit and is
 *   what one Mu needs.  The index on the time makes a sweep as long as what it removes, and every
 *   heartbeat write a second tree.
 * Breaks when: heartbeats come one by one, from many processes: the lock is the file's.
 * Use when: one process has the presence and must not lose it, or more is asked of the rows than
 *   who is online.
 * Reference: SQLite, UPSERT and Write-Ahead Logging.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_SQLITE_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_SQLITE_H

#include "bench/stores/presence.h"
#include "bench/stores/sqlite/place.h"

enum { PRESENCE_SQLITE_DEEPEST = 1000 };

#define PRESENCE_SQLITE_OPTIONS                                                               \
    SQLITE_OPTIONS                                                                            \
    { "index", 1, 0, 1, "an index on the time of the last heartbeat: sweeps need not look at every " \
                        "row, and every heartbeat writes it" },                               \
    { "depth", 100, 1, PRESENCE_SQLITE_DEEPEST, "users of one transaction in a batch" },      \
    { "sweep_batch", 1000, 1, 1000000, "rows of one DELETE: other writers wait for so long" },

static const struct contend_option presence_sqlite_options[] = {
    PRESENCE_SQLITE_OPTIONS CONTEND_OPTIONS_END
};

enum {
    PRESENCE_SQLITE_BEAT,
    PRESENCE_SQLITE_LOOK,
    PRESENCE_SQLITE_LEAVE,
    PRESENCE_SQLITE_SWEEP,
    PRESENCE_SQLITE_COUNT,
    PRESENCE_SQLITE_WALK,
    PRESENCE_SQLITE_BEGIN_WRITES,
    PRESENCE_SQLITE_BEGIN_READS,
    PRESENCE_SQLITE_COMMIT,
    PRESENCE_SQLITE_ROLLBACK
};

#define PRESENCE_SQLITE_TABLE                                                                 \
    "CREATE TABLE online (user INTEGER PRIMARY KEY, seen INTEGER NOT NULL, before INTEGER NOT NULL)"
#define PRESENCE_SQLITE_STATEMENTS                                                            \
    {                                                                                         \
        [PRESENCE_SQLITE_BEAT] =                                                              \
            "INSERT INTO online VALUES (?1, ?2, 0) ON CONFLICT (user) DO UPDATE SET "         \
            "before = seen, seen = max(seen, excluded.seen) RETURNING before",                \
        [PRESENCE_SQLITE_LOOK] = "SELECT seen FROM online WHERE user = ?1",                   \
        [PRESENCE_SQLITE_LEAVE] = "DELETE FROM online WHERE user = ?1 AND seen <= ?2",        \
        [PRESENCE_SQLITE_SWEEP] = "DELETE FROM online WHERE user IN "                         \
                                  "(SELECT user FROM online WHERE seen < ?1 LIMIT ?2)",       \
        [PRESENCE_SQLITE_COUNT] = "SELECT count(*) FROM online WHERE seen >= ?1",             \
        [PRESENCE_SQLITE_WALK] = "SELECT user, seen FROM online WHERE seen >= ?1",            \
        [PRESENCE_SQLITE_BEGIN_WRITES] = "BEGIN IMMEDIATE",                                   \
        [PRESENCE_SQLITE_BEGIN_READS] = "BEGIN",                                              \
        [PRESENCE_SQLITE_COMMIT] = "COMMIT",                                                  \
        [PRESENCE_SQLITE_ROLLBACK] = "ROLLBACK",                                              \
    }

/* With the index on the time, and without. */
static const struct sqlite_plan presence_sqlite_plans[] = {
    { .schema = PRESENCE_SQLITE_TABLE, .statements = PRESENCE_SQLITE_STATEMENTS },
    { .schema = PRESENCE_SQLITE_TABLE "; CREATE INDEX by_time ON online (seen)",
      .statements = PRESENCE_SQLITE_STATEMENTS },
};

struct presence_sqlite_own {
    size_t depth;
    uint64_t sweep_batch;
    bool index;
};

static inline void presence_sqlite_read_settings(struct presence_sqlite_own *own,
                                                 const struct contend_settings *settings,
                                                 const struct contend_option *options)
{
    own->depth = (size_t)contend_option_value(settings, options, "depth");
    own->sweep_batch = (uint64_t)contend_option_value(settings, options, "sweep_batch");
    own->index = contend_option_value(settings, options, "index");
}

PRESENCE_IN_STORE(sqlite, sqlite, presence_sqlite_options, struct presence_sqlite_own,
                  presence_sqlite_read_settings, &presence_sqlite_plans[own->index])

/* The time in the store before the heartbeat, or 0; or a negative errno value. */
static inline int64_t presence_sqlite_upsert(struct presence_sqlite *m, struct sqlite_link *l,
                                             uint64_t user, uint64_t now)
{
    int64_t row[2] = { (int64_t)user, (int64_t)now }, before = 0;
    int rows = 1;

    if (store_books_full(&m->books)) {
        rows = sqlite_execute(l, PRESENCE_SQLITE_LOOK, row, 1, &before, 1);
        rows = rows == 0 ? -ENOSPC : rows;
    }
    if (rows > 0)
        rows = sqlite_execute(l, PRESENCE_SQLITE_BEAT, row, 2, &before, 1);
    return rows < 0 ? rows : before;
}

static inline int presence_sqlite_heartbeat(struct presence_sqlite *m,
                                            struct presence_sqlite_handle *h, uint64_t user,
                                            uint64_t now)
{
    if (presence_check(user, now))
        return -EINVAL;
    int64_t before = presence_sqlite_upsert(m, &h->link, user, now);
    return before < 0 ? (int)before : store_books_beat(&m->books, (uint64_t)before, now);
}

/* L[user], -ENOENT, or another negative errno value. */
static inline int64_t presence_sqlite_last_seen(struct presence_sqlite *m,
                                                struct presence_sqlite_handle *h, uint64_t user)
{
    int64_t key = (int64_t)user, seen = 0;

    (void)m;
    if (!presence_valid_user(user))
        return -EINVAL;
    int rows = sqlite_execute(&h->link, PRESENCE_SQLITE_LOOK, &key, 1, &seen, 1);
    return rows < 0 ? rows : rows == 0 ? -ENOENT : seen;
}

static inline int presence_sqlite_is_online(struct presence_sqlite *m,
                                            struct presence_sqlite_handle *h, uint64_t user,
                                            uint64_t now)
{
    if (presence_check(user, now))
        return -EINVAL;
    int64_t seen = presence_sqlite_last_seen(m, h, user);
    if (seen < 0)
        return seen == -ENOENT ? 0 : (int)seen;
    return presence_fresh((uint64_t)seen, now, m->books.ttl_ms);
}

static inline int presence_sqlite_leave(struct presence_sqlite *m, struct presence_sqlite_handle *h,
                                        uint64_t user, uint64_t now)
{
    const int64_t row[2] = { (int64_t)user, (int64_t)now };

    if (presence_check(user, now))
        return -EINVAL;
    int error = sqlite_execute(&h->link, PRESENCE_SQLITE_LEAVE, row, 2, NULL, 0);
    if (error < 0)
        return error;
    store_books_add(&m->books.left, (uint64_t)sqlite_changed(&h->link));
    return sqlite_changed(&h->link) > 0;
}

/* In batches, so that heartbeats come between.  A round is over when a DELETE finds too few. */
static inline int64_t presence_sqlite_sweep(struct presence_sqlite *m,
                                            struct presence_sqlite_handle *h, uint64_t now,
                                            uint64_t budget, bool *complete)
{
    int64_t due = store_books_due_before(&m->books, now), removed = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    while (!*complete && budget > 0) {
        uint64_t most = budget < m->own.sweep_batch ? budget : m->own.sweep_batch;
        const int64_t limits[2] = { due, (int64_t)most };
        int error = sqlite_execute(&h->link, PRESENCE_SQLITE_SWEEP, limits, 2, NULL, 0);
        if (error < 0)
            return removed ? removed : error;
        uint64_t gone = (uint64_t)sqlite_changed(&h->link);
        store_books_add(&m->books.swept, gone);
        removed += (int64_t)gone;
        budget -= gone;
        *complete = gone < most;
    }
    return removed;
}

static inline int64_t presence_sqlite_count_online(struct presence_sqlite *m,
                                                   struct presence_sqlite_handle *h, uint64_t now)
{
    int64_t from = store_books_online_from(&m->books, now), count = 0;

    if (!presence_valid_now(now))
        return -EINVAL;
    int rows = sqlite_execute(&h->link, PRESENCE_SQLITE_COUNT, &from, 1, &count, 1);
    return rows < 0 ? rows : count;
}

struct presence_sqlite_walk {
    presence_visit fn;
    void *ctx;
};

static inline int presence_sqlite_meet(void *ctx, const int64_t *columns)
{
    struct presence_sqlite_walk *walk = ctx;

    return walk->fn(walk->ctx, (uint64_t)columns[0], (uint64_t)columns[1]);
}

static inline int presence_sqlite_for_each_online(struct presence_sqlite *m,
                                                  struct presence_sqlite_handle *h, uint64_t now,
                                                  presence_visit fn, void *ctx)
{
    struct presence_sqlite_walk walk = { fn, ctx };
    int64_t from = store_books_online_from(&m->books, now);

    if (!presence_valid_now(now))
        return -EINVAL;
    return sqlite_each(&h->link, PRESENCE_SQLITE_WALK, &from, 1, 2, presence_sqlite_meet, &walk);
}

/*
 * Up to `depth` heartbeats in one transaction, whose answers go into the books once it is committed.
 * An error undoes all of them, but for users and times that no heartbeat may have.
 */
static inline void presence_sqlite_beat_batch(struct presence_sqlite *m, struct sqlite_link *l,
                                              const uint64_t *users, size_t n, uint64_t now,
                                              int *results)
{
    int64_t before[PRESENCE_SQLITE_DEEPEST];
    int error = sqlite_execute(l, PRESENCE_SQLITE_BEGIN_WRITES, NULL, 0, NULL, 0);
    bool full = false;

    for (size_t i = 0; i < n && error >= 0; i++) {
        before[i] = presence_valid_user(users[i]) ? presence_sqlite_upsert(m, l, users[i], now)
                                                  : -EINVAL;
        full = before[i] == -ENOSPC && m->books.capacity;
        if (before[i] < 0 && before[i] != -EINVAL && !full)
            error = (int)before[i];
    }
    if (error >= 0)
        error = sqlite_execute(l, PRESENCE_SQLITE_COMMIT, NULL, 0, NULL, 0);
    if (error < 0 && !sqlite3_get_autocommit(l->db))
        sqlite_execute(l, PRESENCE_SQLITE_ROLLBACK, NULL, 0, NULL, 0);
    for (size_t i = 0; i < n; i++)
        results[i] = error < 0       ? error
                     : before[i] < 0 ? (int)before[i]
                                     : store_books_beat(&m->books, (uint64_t)before[i], now);
}

static inline int presence_sqlite_heartbeat_many(struct presence_sqlite *m,
                                                 struct presence_sqlite_handle *h,
                                                 const uint64_t *users, size_t n, uint64_t now,
                                                 int *results)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0, count; i < n; i += count) {
        count = n - i < m->own.depth ? n - i : m->own.depth;
        presence_sqlite_beat_batch(m, &h->link, users + i, count, now, results + i);
    }
    return 0;
}

/* One snapshot for each `depth`. */
static inline int presence_sqlite_is_online_many(struct presence_sqlite *m,
                                                 struct presence_sqlite_handle *h,
                                                 const uint64_t *users, size_t n, uint64_t now,
                                                 int *results)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0; i < n; i++) {
        bool first = i % m->own.depth == 0, last = i + 1 == n || (i + 1) % m->own.depth == 0;
        if (first)
            sqlite_execute(&h->link, PRESENCE_SQLITE_BEGIN_READS, NULL, 0, NULL, 0);
        results[i] = presence_sqlite_is_online(m, h, users[i], now);
        if (last)
            sqlite_execute(&h->link, PRESENCE_SQLITE_COMMIT, NULL, 0, NULL, 0);
    }
    return 0;
}

static inline void presence_sqlite_stats(struct presence_sqlite *m, struct presence_stats *out)
{
    store_books_read(&m->books, out);
    out->entries = sqlite_place_ask(&m->place, "SELECT count(*) FROM online");
    out->bytes = sizeof *m;
}

static const struct presence_traits presence_sqlite_traits = {
    .id = {
        .name = "sqlite",
        .title = "a table of SQLite: an upsert for each heartbeat",
        .reference = "SQLite, UPSERT and Write-Ahead Logging",
        .flags = CONTEND_REMOTE,
        .options = presence_sqlite_options,
    },
    PRESENCE_TRAITS_IN_STORE(sqlite),
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .expiry = "DELETE in batches, by an index on the time",
    .max_retain = UINT64_MAX,
};

PRESENCE_STATIC_TRAITS(sqlite)

#endif
