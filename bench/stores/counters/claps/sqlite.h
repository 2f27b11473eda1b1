/*
 * sqlite.h - bounded claps in SQLite: one statement, and triggers that keep the total.
 *
 * Idea: the bound is in the statement, min(50, n + ?), and in a CHECK of the table; a trigger adds
 *   what has changed to the post's total.  Statement and trigger are one transaction, so that the
 *   two facts change together, and nothing is looked at beforehand in the client.
 * Invariant: in every committed state the total of a post is the sum of what its readers have
 *   given, each of them 0 to 50; or the post is gone, and no row of its readers is left.
 * Linearisation points: a write at its commit, a read at its snapshot.
 * Progress: blocking: writers take turns, readers wait for nobody.
 * Read guarantee: linearizable, grants and totals.
 * Cost: one statement a clap, three pages in the log: reader, post, and what is above them.  To
 *   delete a post takes five statements and as long as its readers are many.
 * Breaks when: many clap, for whatever posts: the write lock is the file's.
 * Use when: the claps must be there tomorrow, and one machine is enough.
 * Reference: SQL-92, CHECK and triggers; SQLite, UPSERT.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_CLAPS_SQLITE_H
#define CONTEND_BENCH_STORES_COUNTERS_CLAPS_SQLITE_H

#include "bench/stores/claps.h"
#include "bench/stores/sqlite/place.h"

static const struct contend_option claps_sqlite_options[] = { SQLITE_OPTIONS CONTEND_OPTIONS_END };

enum {
    CLAPS_SQLITE_CLAP,
    CLAPS_SQLITE_UNCLAP,
    CLAPS_SQLITE_GIVEN,
    CLAPS_SQLITE_POST,
    CLAPS_SQLITE_BEGIN,
    CLAPS_SQLITE_BURY,
    CLAPS_SQLITE_FORGET,
    CLAPS_SQLITE_COMMIT,
    CLAPS_SQLITE_ROLLBACK
};

/*
 * A post has a row once it was clapped for or deleted.  `before` is what the last statement found,
 * so that it can say how much it has granted.
 */
static const struct sqlite_plan claps_sqlite_plan = {
    .schema =
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, total INTEGER NOT NULL CHECK (total >= 0),"
        "  gone INTEGER NOT NULL);"
        "CREATE TABLE given (id INTEGER PRIMARY KEY, post INTEGER NOT NULL,"
        "  n INTEGER NOT NULL CHECK (n BETWEEN 0 AND 50), before INTEGER NOT NULL);"
        "CREATE TRIGGER first_claps AFTER INSERT ON given BEGIN"
        "  INSERT INTO posts VALUES (new.post, new.n, 0)"
        "    ON CONFLICT (id) DO UPDATE SET total = total + excluded.total;"
        "END;"
        "CREATE TRIGGER more_claps AFTER UPDATE ON given WHEN new.n <> old.n BEGIN"
        "  UPDATE posts SET total = total + new.n - old.n WHERE id = new.post;"
        "END",
    .statements = {
        [CLAPS_SQLITE_CLAP] =
            "INSERT INTO given SELECT ?1, ?2, min(50, ?3), 0"
            " WHERE NOT EXISTS (SELECT 1 FROM posts WHERE id = ?2 AND gone)"
            " ON CONFLICT (id) DO UPDATE SET before = n, n = min(50, n + ?3) RETURNING n - before",
        [CLAPS_SQLITE_UNCLAP] =
            "UPDATE given SET before = n, n = max(0, n - ?2) WHERE id = ?1 RETURNING before - n",
        [CLAPS_SQLITE_GIVEN] = "SELECT coalesce((SELECT n FROM given WHERE id = ?1), 0),"
                               " coalesce((SELECT gone FROM posts WHERE id = ?2), 0)",
        [CLAPS_SQLITE_POST] = "SELECT total, gone FROM posts WHERE id = ?1",
        [CLAPS_SQLITE_BEGIN] = "BEGIN IMMEDIATE",
        [CLAPS_SQLITE_BURY] = "INSERT INTO posts VALUES (?1, 0, 1)"
                              " ON CONFLICT (id) DO UPDATE SET total = 0, gone = 1",
        [CLAPS_SQLITE_FORGET] = "DELETE FROM given WHERE id BETWEEN ?1 AND ?2",
        [CLAPS_SQLITE_COMMIT] = "COMMIT",
        [CLAPS_SQLITE_ROLLBACK] = "ROLLBACK",
    },
};

CLAPS_IN_STORE(sqlite, sqlite, claps_sqlite_options)

static inline int64_t claps_sqlite_total_of(struct sqlite_link *l, uint64_t post)
{
    const int64_t id = (int64_t)post;
    int64_t row[2] = { 0, 0 }; /* total, gone */
    int rows = sqlite_execute(l, CLAPS_SQLITE_POST, &id, 1, row, 2);

    return rows < 0 ? rows : row[1] ? -ENOENT : row[0];
}

static inline int claps_sqlite_clap(struct claps_sqlite *c, struct claps_sqlite_handle *h,
                                    uint64_t post, uint64_t reader, unsigned n)
{
    int64_t row[3] = { store_claps_key(&c->size, post, reader), (int64_t)post, n }, granted;
    int rows = store_claps_check(&c->size, post, reader);

    if (rows == 0)
        rows = sqlite_execute(&h->link, CLAPS_SQLITE_CLAP, row, 3, &granted, 1);
    return rows < 0 ? rows : rows == 0 ? -ENOENT : (int)granted;
}

/*
 * A reader without a row has given nothing, or the post is gone: this is looked up afterwards.  If
 * it is deleted in between, -ENOENT is right at the second look.
 */
static inline int claps_sqlite_unclap(struct claps_sqlite *c, struct claps_sqlite_handle *h,
                                      uint64_t post, uint64_t reader, unsigned n)
{
    int64_t row[2] = { store_claps_key(&c->size, post, reader), n }, returned;
    int rows = store_claps_check(&c->size, post, reader);

    if (rows == 0)
        rows = sqlite_execute(&h->link, CLAPS_SQLITE_UNCLAP, row, 2, &returned, 1);
    else
        return rows;
    if (rows != 0)
        return rows < 0 ? rows : (int)returned;
    int64_t total = claps_sqlite_total_of(&h->link, post);
    return total < 0 ? (int)total : 0;
}

static inline int claps_sqlite_given(struct claps_sqlite *c, struct claps_sqlite_handle *h,
                                     uint64_t post, uint64_t reader)
{
    const int64_t keys[2] = { store_claps_key(&c->size, post, reader), (int64_t)post };
    int64_t row[2]; /* given, gone */
    int rows = store_claps_check(&c->size, post, reader);

    if (rows == 0)
        rows = sqlite_execute(&h->link, CLAPS_SQLITE_GIVEN, keys, 2, row, 2);
    return rows < 0 ? rows : row[1] ? -ENOENT : (int)row[0];
}

static inline int64_t claps_sqlite_total(struct claps_sqlite *c, struct claps_sqlite_handle *h,
                                         uint64_t post)
{
    int error = store_claps_check(&c->size, post, 0);

    return error ? error : claps_sqlite_total_of(&h->link, post);
}

static inline int64_t claps_sqlite_remove(struct claps_sqlite *c, struct claps_sqlite_handle *h,
                                          uint64_t post)
{
    struct sqlite_link *l = &h->link;
    const int64_t id = (int64_t)post;
    int error = store_claps_check(&c->size, post, 0);

    if (!error)
        error = sqlite_execute(l, CLAPS_SQLITE_BEGIN, NULL, 0, NULL, 0);
    if (error < 0)
        return error;
    const int64_t keys[2] = { store_claps_key(&c->size, post, 0),
                              store_claps_key(&c->size, post, c->size.readers - 1) };
    int64_t total = claps_sqlite_total_of(l, post);
    if (total >= 0)
        error = sqlite_execute(l, CLAPS_SQLITE_BURY, &id, 1, NULL, 0);
    if (total >= 0 && error >= 0)
        error = sqlite_execute(l, CLAPS_SQLITE_FORGET, keys, 2, NULL, 0);
    if (error >= 0)
        error = sqlite_execute(l, CLAPS_SQLITE_COMMIT, NULL, 0, NULL, 0);
    if (error < 0 && !sqlite3_get_autocommit(l->db))
        sqlite_execute(l, CLAPS_SQLITE_ROLLBACK, NULL, 0, NULL, 0);
    return error < 0 ? error : total;
}

static const struct claps_traits claps_sqlite_traits = {
    .id = {
        .name = "sqlite",
        .title = "a statement of SQLite with the bound in it, and triggers for the total",
        .reference = "SQL-92, CHECK and triggers",
        .flags = CONTEND_REMOTE,
        .options = claps_sqlite_options,
    },
    CLAPS_TRAITS_IN_STORE(sqlite, CLAPS_LINEARIZABLE, CLAPS_LINEARIZABLE, UINT64_MAX),
};

CLAPS_STATIC_TRAITS(sqlite)

#endif
