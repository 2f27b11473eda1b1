/*
 * pg.h - bounded claps in PostgreSQL: a function of the server, which locks the post's row.
 *
 * Idea: the bound, the grant and the total are one call of a function in PL/pgSQL, so that nothing
 *   is decided in the client and no lock is held across a round trip.  CHECKs of the tables hold
 *   whatever the function forgets.
 * Invariant: in every committed state the total of a post is the sum of what its readers have
 *   given, each of them 0 to 50; or the post is gone, and no row of its readers is left.  A
 *   transaction that changes either holds the lock of the post's row.
 * Linearisation points: a write at its commit, with the post's row locked; a read at its snapshot.
 * Progress: blocking: writers of one post take turns, readers wait for nobody.
 * Read guarantee: linearizable, grants and totals.
 * Cost: one round trip a clap, two rows written.  To delete a post takes one round trip, and as
 *   long as its readers are many.
 * Breaks when: one post is hot: each clap of it is a commit that the next one waits for.
 * Use when: readers, posts and claps are in PostgreSQL anyway.
 * Reference: PostgreSQL's manual, chapter 43, PL/pgSQL, and chapter 13.3.2, row-level locks.
 */
#ifndef CONTEND_BENCH_STORES_COUNTERS_CLAPS_PG_H
#define CONTEND_BENCH_STORES_COUNTERS_CLAPS_PG_H

#include "bench/stores/claps.h"
#include "bench/stores/pg/place.h"

static const struct contend_option claps_pg_options[] = { PG_OPTIONS CONTEND_OPTIONS_END };

enum { CLAPS_PG_GIVE, CLAPS_PG_GIVEN, CLAPS_PG_TOTAL, CLAPS_PG_REMOVE };

/* What the functions return for a post that is gone; fewer claps are never taken back. */
enum { CLAPS_PG_GONE = -1000 };

/* A post has a row once it was clapped for or deleted. */
static const struct pg_plan claps_pg_plan = {
    .schema =
        "CREATE $TABLE posts (id bigint PRIMARY KEY, total bigint NOT NULL CHECK (total >= 0),"
        "  gone boolean NOT NULL) WITH (fillfactor = 50);"
        "CREATE $TABLE given (id bigint PRIMARY KEY, post bigint NOT NULL,"
        "  n bigint NOT NULL CHECK (n BETWEEN 0 AND 50)) WITH (fillfactor = 50);"
        "CREATE INDEX ON given (post);"
        "CREATE FUNCTION lock_post(wanted bigint) RETURNS boolean LANGUAGE plpgsql AS $$"
        " DECLARE is_gone boolean;"
        " BEGIN"
        "  SELECT gone INTO is_gone FROM posts WHERE id = wanted FOR UPDATE;"
        "  IF NOT FOUND THEN"
        "   INSERT INTO posts VALUES (wanted, 0, false) ON CONFLICT DO NOTHING;"
        "   SELECT gone INTO is_gone FROM posts WHERE id = wanted FOR UPDATE;"
        "  END IF;"
        "  RETURN is_gone;"
        " END $$;"
        "CREATE FUNCTION give(reader bigint, wanted bigint, claps bigint) RETURNS bigint"
        " LANGUAGE plpgsql AS $$"
        " DECLARE was bigint; granted bigint;"
        " BEGIN"
        "  IF lock_post(wanted) THEN RETURN -1000; END IF;"
        "  SELECT coalesce((SELECT n FROM given WHERE id = reader), 0) INTO was;"
        "  granted := greatest(least(claps, 50 - was), -was);"
        "  IF granted <> 0 THEN"
        "   INSERT INTO given VALUES (reader, wanted, was + granted)"
        "    ON CONFLICT (id) DO UPDATE SET n = excluded.n;"
        "   UPDATE posts SET total = total + granted WHERE id = wanted;"
        "  END IF;"
        "  RETURN granted;"
        " END $$;"
        "CREATE FUNCTION bury(wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$"
        " DECLARE had bigint;"
        " BEGIN"
        "  IF lock_post(wanted) THEN RETURN -1000; END IF;"
        "  SELECT total INTO had FROM posts WHERE id = wanted;"
        "  DELETE FROM given WHERE post = wanted;"
        "  UPDATE posts SET total = 0, gone = true WHERE id = wanted;"
        "  RETURN had;"
        " END $$",
    .statements = {
        [CLAPS_PG_GIVE] = "SELECT give($1::bigint, $2::bigint, $3::bigint)",
        [CLAPS_PG_GIVEN] =
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM posts WHERE id = $2::bigint AND gone)"
            " THEN -1000 ELSE coalesce((SELECT n FROM given WHERE id = $1::bigint), 0) END",
        [CLAPS_PG_TOTAL] = "SELECT coalesce((SELECT CASE WHEN gone THEN -1000 ELSE total END"
                           " FROM posts WHERE id = $1::bigint), 0)",
        [CLAPS_PG_REMOVE] = "SELECT bury($1::bigint)",
    },
};

CLAPS_IN_STORE(pg, pg, claps_pg_options)

/* The number that a statement gives for these, or a negative errno value. */
static inline int64_t claps_pg_ask(struct pg_link *l, unsigned statement, const int64_t *parameters,
                                   unsigned count, bool *negative)
{
    int64_t number = 0;
    int rows = pg_execute(l, statement, parameters, count, &number, 1);

    *negative = rows < 0 || number == CLAPS_PG_GONE;
    return rows < 0 ? rows : number == CLAPS_PG_GONE ? -ENOENT : number;
}

/* n < 0 takes back. */
static inline int claps_pg_give(struct claps_pg *c, struct claps_pg_handle *h, uint64_t post,
                                uint64_t reader, int64_t n)
{
    int error = store_claps_check(&c->size, post, reader);
    bool failed;

    if (error)
        return error;
    const int64_t row[3] = { store_claps_key(&c->size, post, reader), (int64_t)post, n };
    int64_t granted = claps_pg_ask(&h->link, CLAPS_PG_GIVE, row, 3, &failed);
    return (int)(failed || n >= 0 ? granted : -granted);
}

static inline int claps_pg_clap(struct claps_pg *c, struct claps_pg_handle *h, uint64_t post,
                                uint64_t reader, unsigned n)
{
    return claps_pg_give(c, h, post, reader, n);
}

static inline int claps_pg_unclap(struct claps_pg *c, struct claps_pg_handle *h, uint64_t post,
                                  uint64_t reader, unsigned n)
{
    return claps_pg_give(c, h, post, reader, -(int64_t)n);
}

static inline int claps_pg_given(struct claps_pg *c, struct claps_pg_handle *h, uint64_t post,
                                 uint64_t reader)
{
    int error = store_claps_check(&c->size, post, reader);
    bool failed;

    if (error)
        return error;
    const int64_t row[2] = { store_claps_key(&c->size, post, reader), (int64_t)post };
    return (int)claps_pg_ask(&h->link, CLAPS_PG_GIVEN, row, 2, &failed);
}

static inline int64_t claps_pg_total(struct claps_pg *c, struct claps_pg_handle *h, uint64_t post)
{
    const int64_t id = (int64_t)post;
    int error = store_claps_check(&c->size, post, 0);
    bool failed;

    return error ? error : claps_pg_ask(&h->link, CLAPS_PG_TOTAL, &id, 1, &failed);
}

static inline int64_t claps_pg_remove(struct claps_pg *c, struct claps_pg_handle *h, uint64_t post)
{
    const int64_t id = (int64_t)post;
    int error = store_claps_check(&c->size, post, 0);
    bool failed;

    return error ? error : claps_pg_ask(&h->link, CLAPS_PG_REMOVE, &id, 1, &failed);
}

static const struct claps_traits claps_pg_traits = {
    .id = {
        .name = "pg",
        .title = "a function of PostgreSQL that locks the post's row",
        .reference = "PostgreSQL, manual, chapters 13.3.2 and 43",
        .flags = CONTEND_REMOTE,
        .options = claps_pg_options,
    },
    CLAPS_TRAITS_IN_STORE(pg, CLAPS_LINEARIZABLE, CLAPS_LINEARIZABLE, UINT64_MAX),
};

CLAPS_STATIC_TRAITS(pg)

#endif
