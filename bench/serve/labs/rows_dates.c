/* rows_dates.c - a date as text, as seconds since 1970, and as the number YYYYMMDD. */
#include "bench/serve/labs/rows.h"

const char *const rows_date_names[ROWS_DATES] = { "text", "epoch", "YYYYMMDD" };

enum { FILL, OF_DAY, OF_HOUR };

/* A post for each hour of the first 28 days of three months of 2026. */
#define HOURS                                                                                 \
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999),"         \
    " t(i, m, d, h) AS (SELECT i, i / 672 + 1, i / 24 % 28 + 1, i % 24 FROM n)"               \
    " INSERT INTO posts SELECT i, "
#define PAIR(N) "substr(CAST(100 + " N " AS text), 2, 2)"
#define DAY_OF_YEAR "(CASE m WHEN 1 THEN 0 WHEN 2 THEN 31 ELSE 59 END + d - 1)"
#define TABLE(TYPE)                                                                           \
    "CREATE TABLE posts (id INTEGER PRIMARY KEY, at " TYPE " NOT NULL);"                      \
    "CREATE INDEX by_time ON posts (at)"

/* The day is the 3rd of February, the hour begins at five; a day's number does not know of hours. */
static const struct rows_plan plans[ROWS_DATES] = {
    [ROWS_DATE_TEXT] = {
        .name = "rows", .schema = TABLE("text"),
        .statements = {
            [FILL] = HOURS "'2026-' || " PAIR("m") " || '-' || " PAIR("d") " || ' ' || " PAIR("h")
                     " || ':00:00' FROM t",
            [OF_DAY] = "SELECT count(*) FROM posts WHERE at >= '2026-02-03' AND at < '2026-02-04'",
            [OF_HOUR] = "SELECT count(*) FROM posts WHERE at >= '2026-02-03 05' AND"
                        " at < '2026-02-03 06'",
        },
    },
    [ROWS_DATE_EPOCH] = {
        .name = "rows", .schema = TABLE("bigint"),
        .statements = {
            [FILL] = HOURS "1767225600 + 86400 * " DAY_OF_YEAR " + 3600 * h FROM t",
            [OF_DAY] = "SELECT count(*) FROM posts WHERE at >= 1770076800 AND at < 1770163200",
            [OF_HOUR] = "SELECT count(*) FROM posts WHERE at >= 1770094800 AND at < 1770098400",
        },
    },
    [ROWS_DATE_DAY] = {
        .name = "rows", .schema = TABLE("integer"),
        .statements = {
            [FILL] = HOURS "20260000 + 100 * m + d FROM t",
            [OF_DAY] = "SELECT count(*) FROM posts WHERE at = 20260203",
            [OF_HOUR] = "SELECT count(*) FROM posts WHERE at = 20260203",
        },
    },
};

int rows_lab_date(struct rows_results *r, enum rows_date how)
{
    const struct rows_engine *engine = r->engine;
    struct rows_date_run *out = &r->dates[how];
    int64_t of_day = 0, of_hour = 0;
    struct rows_object *o;
    int error = engine->make(&o, &plans[how]);

    if (error)
        return error;
    engine->mark(o);
    error = engine->execute(o, FILL, NULL, 0, NULL);
    engine->cost(o, &out->filled);
    engine->size(o, NULL, &out->size);
    if (!error)
        error = engine->execute(o, OF_DAY, NULL, 0, &of_day);
    if (!error)
        error = engine->execute(o, OF_HOUR, NULL, 0, &of_hour);
    out->of_day = (uint64_t)of_day;
    out->of_hour = (uint64_t)of_hour;
    engine->end(o);
    out->done = !error;
    return error;
}
