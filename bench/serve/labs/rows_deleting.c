/* rows_deleting.c - seven ways to delete a post, and what is left of it. */
#include "bench/serve/labs/rows.h"

const char *const rows_removal_names[ROWS_REMOVALS] = {
    "hard", "soft", "soft, partial", "batches", "soft, purged", "archived", "audited",
};

#define HUNDRED "A body of a hundred characters, as long as a short comment under a post: it is here for its length, "

#define TABLES(LIVE)                                                                          \
    "CREATE TABLE posts (id INTEGER PRIMARY KEY, author bigint NOT NULL, deleted bigint NOT NULL," \
    " body text NOT NULL);"                                                                   \
    "CREATE INDEX by_author ON posts (author)" LIVE ";"                                       \
    "CREATE TABLE archive (id INTEGER PRIMARY KEY, author bigint NOT NULL, body text NOT NULL);" \
    "CREATE TABLE audit (id INTEGER PRIMARY KEY, at bigint NOT NULL)"

enum {
    FILL, BEGIN, COMMIT, HARD, SOFT, BATCH, PURGE, ARCHIVE, AUDIT, RESTORE_MARKED, RESTORE_ARCHIVED,
    KEPT, ARCHIVED, AUDITED, LIVE
};

/* Three of four, so that no page keeps all of its rows, and none loses all. */
#define STATEMENTS                                                                            \
    {                                                                                         \
        [FILL] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)" \
                 " INSERT INTO posts SELECT i, i * 7919 % 500, 0, '" HUNDRED HUNDRED "' FROM n", \
        [BEGIN] = "BEGIN",                                                                    \
        [COMMIT] = "COMMIT",                                                                  \
        [HARD] = "DELETE FROM posts WHERE id = $1::bigint",                                   \
        [SOFT] = "UPDATE posts SET deleted = 1 WHERE id = $1::bigint",                        \
        [BATCH] = "DELETE FROM posts WHERE id > $1::bigint AND id <= $2::bigint AND id % 4 <> 0", \
        [PURGE] = "DELETE FROM posts WHERE id > $1::bigint AND id <= $2::bigint AND deleted > 0", \
        [ARCHIVE] = "INSERT INTO archive SELECT id, author, body FROM posts WHERE"            \
                    " id > $1::bigint AND id <= $2::bigint AND id % 4 <> 0",                  \
        [AUDIT] = "INSERT INTO audit VALUES ($1::bigint, 1767225600)",                        \
        [RESTORE_MARKED] = "UPDATE posts SET deleted = 0 WHERE deleted > 0",                  \
        [RESTORE_ARCHIVED] = "INSERT INTO posts SELECT id, author, 0, body FROM archive",     \
        [KEPT] = "SELECT count(*) FROM posts",                                                \
        [ARCHIVED] = "SELECT count(*) FROM archive",                                          \
        [AUDITED] = "SELECT count(*) FROM audit",                                             \
        [LIVE] = "SELECT count(*) FROM posts WHERE deleted = 0",                              \
    }

static const struct rows_plan whole = {
    .name = "rows", .schema = TABLES(""), .statements = STATEMENTS,
};
static const struct rows_plan partial = {
    .name = "rows", .schema = TABLES(" WHERE deleted = 0"), .statements = STATEMENTS,
};

struct deleting {
    const struct rows_engine *engine;
    struct rows_object *object;
};

static int run(const struct deleting *d, unsigned statement, int64_t first, int64_t second,
               unsigned count)
{
    const int64_t parameters[2] = { first, second };

    return d->engine->execute(d->object, statement, parameters, count, NULL);
}

static uint64_t ask(const struct deleting *d, unsigned statement)
{
    int64_t answer = 0;

    return d->engine->execute(d->object, statement, NULL, 0, &answer) == 0 ? (uint64_t)answer : 0;
}

/* With the audit, or without: one post in a transaction. */
static int delete_one(const struct deleting *d, enum rows_removal how, int64_t id)
{
    int error;

    if (how != ROWS_AUDITED)
        return run(d, how == ROWS_HARD ? HARD : SOFT, id, 0, 1);
    error = run(d, BEGIN, 0, 0, 0);
    error = error ? error : run(d, AUDIT, id, 0, 1);
    error = error ? error : run(d, HARD, id, 0, 1);
    return error ? error : run(d, COMMIT, 0, 0, 0);
}

static int delete_batch(const struct deleting *d, enum rows_removal how, int64_t from, int64_t to)
{
    int error;

    if (how != ROWS_ARCHIVED)
        return run(d, how == ROWS_PURGED ? PURGE : BATCH, from, to, 2);
    error = run(d, BEGIN, 0, 0, 0);
    error = error ? error : run(d, ARCHIVE, from, to, 2);
    error = error ? error : run(d, BATCH, from, to, 2);
    return error ? error : run(d, COMMIT, 0, 0, 0);
}

static int delete_all(const struct deleting *d, enum rows_removal how)
{
    bool alone = how != ROWS_BATCHED && how != ROWS_ARCHIVED;
    bool together = !alone || how == ROWS_PURGED;
    int error = 0;

    for (int64_t id = 1; id <= ROWS_POSTS && alone && !error; id++)
        error = id % 4 ? delete_one(d, how, id) : 0;
    for (int64_t from = 0; from < ROWS_POSTS && together && !error; from += ROWS_BATCH)
        error = delete_batch(d, how, from, from + ROWS_BATCH);
    return error;
}

/* What is left is put back; how many posts that brings. */
static int restore(const struct deleting *d, struct rows_removal_run *out)
{
    uint64_t live = ask(d, LIVE);
    int error = run(d, RESTORE_MARKED, 0, 0, 0);

    if (!error)
        error = run(d, RESTORE_ARCHIVED, 0, 0, 0);
    out->restored = ask(d, LIVE) - live;
    return error;
}

int rows_lab_removal(struct rows_results *r, enum rows_removal how)
{
    struct rows_removal_run *out = &r->removals[how];
    struct deleting d = { .engine = r->engine };
    int error = d.engine->make(&d.object, how == ROWS_PARTIAL ? &partial : &whole);

    if (error)
        return error;
    error = run(&d, FILL, 0, 0, 0);
    d.engine->size(d.object, "posts", &out->before);
    d.engine->mark(d.object);
    if (!error)
        error = delete_all(&d, how);
    d.engine->cost(d.object, &out->cost);
    d.engine->size(d.object, "posts", &out->after);
    d.engine->clean(d.object);
    d.engine->size(d.object, "posts", &out->cleaned);
    out->kept = ask(&d, KEPT);
    out->archived = ask(&d, ARCHIVED);
    out->audited = ask(&d, AUDITED);
    if (!error)
        error = restore(&d, out);
    d.engine->end(d.object);
    out->done = !error;
    return error;
}
