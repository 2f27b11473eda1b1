/* pg.c - rows in a schema of PostgreSQL: pages are counted where they wait for the checkpoint. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/stores/pg/place.h"
#include "bench/stores/rows/rows.h"
#include "bench/stores/stores.h"

struct rows_object {
    struct pg_plan plan;
    struct pg_place place;
    struct pg_link link;
    char schema[1024];
    uint64_t log_began;
};

/* With the view that shows what is in the server's memory; it is one of Debian's own package. */
static void make_plan(struct rows_object *o, const struct rows_plan *plan)
{
    _Static_assert((int)ROWS_STATEMENTS <= (int)PG_STATEMENTS, "each has its place");
    snprintf(o->schema, sizeof o->schema, "CREATE EXTENSION pg_buffercache; %s", plan->schema);
    o->plan.schema = o->schema;
    for (unsigned i = 0; i < ROWS_STATEMENTS; i++)
        o->plan.statements[i] = plan->statements[i];
}

static int ready(char *why, size_t size)
{
    return pg_system.ready(why, size);
}

static int make(struct rows_object **object, const struct rows_plan *plan)
{
    struct rows_object *o = calloc(1, sizeof *o);
    int error = o ? 0 : -ENOMEM;

    if (!error) {
        make_plan(o, plan);
        error = pg_place_make(&o->place, plan->name, &o->plan, NULL);
    }
    if (!error) {
        error = pg_link_open(&o->place, &o->link);
        if (error)
            pg_place_end(&o->place);
    }
    if (error)
        free(o);
    else
        *object = o;
    return error;
}

static void end(struct rows_object *o)
{
    pg_link_close(&o->link);
    pg_place_end(&o->place);
    free(o);
}

static int execute(struct rows_object *o, unsigned statement, const int64_t *parameters,
                   unsigned count, int64_t *answer)
{
    int64_t column = 0;
    int rows = pg_execute(&o->link, statement, parameters, count, &column, 1);

    if (answer)
        *answer = column;
    return rows < 0 ? rows : 0;
}

static uint64_t log_position(struct rows_object *o)
{
    return pg_place_ask(&o->place, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')");
}

/* A checkpoint writes all pages, so that those that are dirty later are the ones changed since. */
static void mark(struct rows_object *o)
{
    pg_place_ask(&o->place, "CHECKPOINT");
    o->log_began = log_position(o);
}

static void cost(struct rows_object *o, struct rows_cost *out)
{
    out->log_bytes = log_position(o) - o->log_began;
    out->pages = pg_place_ask(&o->place,
        "SELECT count(*) FROM pg_buffercache WHERE isdirty AND relforknumber = 0 AND reldatabase = "
        "(SELECT oid FROM pg_database WHERE datname = current_database()) AND relfilenode IN "
        "(SELECT pg_relation_filenode(oid) FROM pg_class WHERE relkind IN ('r', 'i') AND "
        "relnamespace = current_schema()::regnamespace)");
}

static uint64_t bytes_of(struct rows_object *o, const char *function, const char *table)
{
    char query[256];

    snprintf(query, sizeof query,
             "SELECT coalesce(sum(%s(oid)), 0) FROM pg_class WHERE relkind = 'r' AND "
             "relnamespace = current_schema()::regnamespace AND relname = coalesce(%s%s%s, relname)",
             function, table ? "'" : "", table ? table : "NULL", table ? "'" : "");
    return pg_place_ask(&o->place, query);
}

static void size(struct rows_object *o, const char *table, struct rows_size *out)
{
    *out = (struct rows_size){ bytes_of(o, "pg_relation_size", table),
                               bytes_of(o, "pg_indexes_size", table) };
}

/* Only here does the place of old versions become free for new ones; the file keeps its length. */
static void clean(struct rows_object *o)
{
    pg_place_ask(&o->place, "VACUUM");
}

static void stop(void)
{
    pg_system.end();
}

extern const struct rows_engine rows_pg;
const struct rows_engine rows_pg = {
    .name = "PostgreSQL",
    .pages = "PostgreSQL: pages that the next checkpoint has to write",
    .ready = ready, .make = make, .end = end, .execute = execute, .mark = mark, .cost = cost,
    .size = size, .clean = clean, .stop = stop,
};
