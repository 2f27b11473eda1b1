/*
 * place.h - a schema of PostgreSQL, and one thread's connection to it.
 *
 * The server is started with the first object that needs it, private to the process, unless
 * pg_use() has named a running one.  Each object has a schema of its own, contend_PID_N, which is
 * made with it and dropped with it; nothing outside is read or written.
 *
 * A call waits at most `timeout_ms`.  A connection that fails, or that a call has waited for in
 * vain, is closed, and the next call makes a new one.
 */
#ifndef CONTEND_BENCH_STORES_PG_PLACE_H
#define CONTEND_BENCH_STORES_PG_PLACE_H

#include <libpq-fe.h>

#include "bench/stores/parts/meter.h"
#include "locks/parts/options.h"

enum { PG_STATEMENTS = 16, PG_PARAMETERS = 8, PG_COLUMNS = 8, PG_NAME = 64 };

/*
 * What is in each schema, and what connections execute.  Statements are known by their index, and
 * are prepared by each connection when it first needs them.  "$TABLE" in the schema stands for
 * TABLE, or UNLOGGED TABLE by that option.
 */
struct pg_plan {
    const char *schema;
    const char *statements[PG_STATEMENTS];
};

struct pg_place {
    const char *name; /* of the entry, for complaints */
    const struct pg_plan *plan;
    int64_t synchronous, unlogged, fsync, timeout_ms, shards;
    _Atomic unsigned links; /* that were opened so far */
    uint64_t log_begin; /* where the server's write-ahead log stood at init */
    double cpu_begin;   /* seconds that the server had used */
    struct store_meter meter;
    char schema[PG_NAME];
};

struct pg_link {
    struct pg_place *place;
    unsigned number;    /* of those of this place */
    PGconn *connection; /* NULL: there is none, until the next call */
    unsigned prepared;  /* bit i: statement i is */
    int64_t changed;    /* rows that the last statement has changed */
};

#define PG_OPTIONS                                                                                 \
    { "synchronous", 1, 0, 1,                                                                      \
      "a commit waits until the log is written: without, a killed server may lose the last "       \
      "commits" },                                                                                 \
    { "fsync", 0, 0, 1, "of the tool's own server: the log is synced too, for a power cut" },      \
    { "unlogged", 0, 0, 1, "the tables are written to no log, and are empty after a crash" },      \
    { "timeout_ms", 10000, 100, 600000, "how long a call waits and tries" },

/* Of the entries that spread a row over several. */
#define PG_SHARDS { "shards", 8, 1, 64, "rows that a post's claps are spread over" },

extern const struct store_system pg_system;

/*
 * Takes a running server instead: a URL or a connection string as libpq reads them.  A server that
 * has schemas called contend_... already is refused when the first object is made.  The text must
 * outlive the last object.  For the main thread, before the first object.  0, or -EINVAL.
 */
int pg_use(const char *address);

/*
 * The settings are those of PG_OPTIONS, whatever else is among them.  0, or a negative errno value
 * after a complaint: see parts/trouble.h.
 */
int pg_place_make(struct pg_place *p, const char *name, const struct pg_plan *plan,
                  const struct contend_settings *settings);
void pg_place_end(struct pg_place *p);
void pg_place_traffic(struct pg_place *p, struct store_traffic *out);

/* One number of the object's own tables, for its keeper; 0 after a complaint. */
uint64_t pg_place_ask(struct pg_place *p, const char *query);

int pg_link_open(struct pg_place *p, struct pg_link *l);
void pg_link_close(struct pg_link *l);

/*
 * Executes a statement with these numbers for its parameters, and gives the columns of its first
 * row (a NULL is 0).  Returns how many rows there were, 0 or 1 (of more, the rest is left); or
 *   -ESTALE     another transaction was in the way (40001, or 40P01: a deadlock): nothing has
 *               changed, and the transaction must be rolled back and begun again; no complaint;
 * or after a complaint
 *   -EAGAIN     there is no connection, and none could be made: nothing has changed;
 *   -ETIMEDOUT  no answer within timeout_ms: it is unknown whether it took effect;
 *   -EIO        the connection has failed, so that this is unknown too; or any other error of
 *               the server, after which nothing has changed;
 *   -ENOSPC, -ENOMEM, -EACCES  nothing has changed.
 */
int pg_execute(struct pg_link *l, unsigned statement, const int64_t *parameters,
               unsigned parameter_count, int64_t *columns, unsigned column_count);

/*
 * The same with texts, "{1,2,3}" for an array, and calls visit(ctx, columns) for every row, until
 * it returns other than 0, which is returned; otherwise 0 or a negative errno value.
 */
int pg_each(struct pg_link *l, unsigned statement, const char *const *parameters,
            unsigned parameter_count, unsigned column_count,
            int (*visit)(void *ctx, const int64_t *columns), void *ctx);

/* How many rows the last statement that was executed has changed. */
static inline int64_t pg_changed(const struct pg_link *l)
{
    return l->changed;
}

#endif
