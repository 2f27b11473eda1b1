/* sqlite.c - rows in a file of SQLite: pages are counted as they go to the log. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/stores/rows/rows.h"
#include "bench/stores/sqlite/place.h"

enum { FRAME = 4096 + 24 }; /* of the log: a page and its header */

struct rows_object {
    struct sqlite_plan plan;
    struct sqlite_place place;
    struct sqlite_link link;
    uint64_t marked; /* bytes written until then */
};

static uint64_t written(const struct rows_object *o)
{
    /* relaxed: this thread has written them. */
    return atomic_load_explicit(&o->place.meter.written, memory_order_relaxed);
}

static void make_plan(struct rows_object *o, const struct rows_plan *plan)
{
    _Static_assert((int)ROWS_STATEMENTS <= (int)SQLITE_STATEMENTS, "each has its place");
    o->plan.schema = plan->schema;
    for (unsigned i = 0; i < ROWS_STATEMENTS; i++)
        o->plan.statements[i] = plan->statements[i];
}

static int ready(char *why, size_t size)
{
    (void)why, (void)size;
    return 0;
}

static int make(struct rows_object **object, const struct rows_plan *plan)
{
    struct rows_object *o = calloc(1, sizeof *o);
    int error = o ? 0 : -ENOMEM;

    if (!error) {
        make_plan(o, plan);
        error = sqlite_place_make(&o->place, plan->name, &o->plan, NULL);
    }
    if (!error) {
        error = sqlite_link_open(&o->place, &o->link);
        if (error)
            sqlite_place_end(&o->place);
    }
    if (error)
        free(o);
    else
        *object = o;
    return error;
}

static void end(struct rows_object *o)
{
    sqlite_link_close(&o->link);
    sqlite_place_end(&o->place);
    free(o);
}

static int execute(struct rows_object *o, unsigned statement, const int64_t *parameters,
                   unsigned count, int64_t *answer)
{
    int64_t column = 0;
    int rows = sqlite_execute(&o->link, statement, parameters, count, &column, 1);

    if (answer)
        *answer = column;
    return rows < 0 ? rows : 0;
}

static void mark(struct rows_object *o)
{
    o->marked = written(o);
}

static void cost(struct rows_object *o, struct rows_cost *out)
{
    out->log_bytes = written(o) - o->marked;
    out->pages = out->log_bytes / FRAME;
}

static uint64_t pages_of(struct rows_object *o, const char *kind, const char *table)
{
    char query[256];

    snprintf(query, sizeof query,
             "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema "
             "WHERE type = '%s' AND tbl_name = coalesce(%s%s%s, tbl_name))",
             kind, table ? "'" : "", table ? table : "NULL", table ? "'" : "");
    return sqlite_place_ask(&o->place, query);
}

static void size(struct rows_object *o, const char *table, struct rows_size *out)
{
    *out = (struct rows_size){ pages_of(o, "table", table), pages_of(o, "index", table) };
}

static void clean(struct rows_object *o)
{
    sqlite3_exec(o->link.db, "VACUUM", NULL, NULL, NULL);
}

static void stop(void)
{
}

extern const struct rows_engine rows_sqlite;
const struct rows_engine rows_sqlite = {
    .name = "SQLite",
    .pages = "SQLite: pages that commits have added to the log",
    .rebalances = true, .ready = ready, .make = make, .end = end, .execute = execute, .mark = mark, .cost = cost,
    .size = size, .clean = clean, .stop = stop,
};
