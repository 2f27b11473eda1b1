/* place.c - schemas, connections, statements: libpq without its unbounded waits. */
#include "bench/stores/pg/place.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/pg/server.h"
#include "locks/parts/platform.h"

static const struct contend_option options[] = {
    PG_OPTIONS PG_SHARDS CONTEND_OPTIONS_END
};

#define PREFIX "contend_"

enum { NUMBER = 24, COMMAND = 512 };

/* What a SQLSTATE means for the caller; 0 for an answer without an error. */
static int meaning(const PGresult *r)
{
    static const struct {
        const char *state;
        int error;
    } known[] = {
        { "40001", -ESTALE }, { "40P01", -ESTALE }, { "53100", -ENOSPC }, { "53200", -ENOMEM },
        { "53300", -EAGAIN }, { "55P03", -ETIMEDOUT }, { "57014", -ETIMEDOUT },
        { "28P01", -EACCES }, { "42501", -EACCES },
    };
    ExecStatusType status = PQresultStatus(r);
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY)
        return 0;
    for (size_t i = 0; state && i < sizeof known / sizeof *known; i++)
        if (strcmp(state, known[i].state) == 0)
            return known[i].error;
    return -EIO;
}

static void drop(struct pg_link *l)
{
    PQfinish(l->connection);
    l->connection = NULL;
    l->prepared = 0;
}

/* Complains in the server's words, up to the end of the line, and closes what is of no use. */
static int trouble(struct pg_link *l, int error, const char *said)
{
    if (error != -ESTALE)
        trouble_note(l->place->name, "PostgreSQL: %.*s", (int)strcspn(said, "\n"),
                     said[0] ? said : "the connection was closed");
    if (error == -ETIMEDOUT || PQstatus(l->connection) != CONNECTION_OK)
        drop(l);
    return error;
}

/* The answer to what was sent, the last one if there are several; NULL: too late, or no more. */
static PGresult *await(struct pg_link *l, uint64_t deadline, int *error)
{
    PGresult *last = NULL;

    *error = 0;
    for (int flushed = 1;;) {
        flushed = flushed ? PQflush(l->connection) : 0;
        while (!flushed && !PQisBusy(l->connection)) {
            PGresult *next = PQgetResult(l->connection);
            if (!next)
                return last;
            PQclear(last);
            last = next;
        }
        uint64_t now = contend_clock_ns();
        struct pollfd wait = { .fd = PQsocket(l->connection),
                               .events = (short)(flushed ? POLLIN | POLLOUT : POLLIN) };
        int came = now >= deadline ? 0 : poll(&wait, 1, (int)((deadline - now) / 1000000) + 1);
        if (came < 0 && errno == EINTR)
            continue;
        if (came <= 0 || !PQconsumeInput(l->connection)) {
            *error = came <= 0 ? -ETIMEDOUT : -EIO;
            PQclear(last);
            return NULL;
        }
    }
}

/* Sends and waits; the result belongs to the caller, who also gets *error; NULL with an error. */
static PGresult *finish(struct pg_link *l, int sent, int *error)
{
    uint64_t deadline = contend_clock_ns() + (uint64_t)l->place->timeout_ms * 1000000;

    if (!sent) {
        *error = trouble(l, -EIO, PQerrorMessage(l->connection));
        return NULL;
    }
    PGresult *r = await(l, deadline, error);
    if (!r) {
        *error = trouble(l, *error ? *error : -EIO,
                         *error == -ETIMEDOUT ? "no answer within the time limit"
                                              : PQerrorMessage(l->connection));
        return NULL;
    }
    *error = meaning(r);
    if (*error) {
        *error = trouble(l, *error, PQresultErrorMessage(r));
        PQclear(r);
        return NULL;
    }
    return r;
}

/* Text without parameters, of the object's own; 0, or a negative errno value. */
static int command(struct pg_link *l, const char *text)
{
    int error;
    PGresult *r = finish(l, PQsendQuery(l->connection, text), &error);

    PQclear(r);
    return error;
}

/* One number that a text without parameters asks for; 0 without an answer. */
static uint64_t ask(struct pg_link *l, const char *text)
{
    int error;
    PGresult *r = finish(l, PQsendQuery(l->connection, text), &error);
    uint64_t n = r && PQntuples(r) > 0 ? strtoull(PQgetvalue(r, 0, 0), NULL, 10) : 0;

    PQclear(r);
    return n;
}

/* A connection, as the place wants it. */
static int connect(struct pg_link *l)
{
    struct pg_place *p = l->place;
    char why[PG_CONNECT_WHY], text[COMMAND];
    int error;

    l->connection = pg_server_connect(p->timeout_ms, &error, why);
    l->prepared = 0;
    if (!l->connection) {
        trouble_note(p->name, "PostgreSQL: %s", why);
        return error;
    }
    PQsetnonblocking(l->connection, 1);
    /* The server gives up before the client does, so that less is left unknown. */
    snprintf(text, sizeof text,
             "SET client_min_messages = error; SET search_path = %s; "
             "SET synchronous_commit = %s; SET statement_timeout = %" PRId64 "; "
             "SET default_transaction_isolation = 'read committed'",
             p->schema, p->synchronous ? "on" : "off", p->timeout_ms - p->timeout_ms / 4);
    error = command(l, text);
    if (error)
        drop(l);
    return error == -ESTALE || error == -EIO || error == -ETIMEDOUT ? -EAGAIN : error;
}

int pg_link_open(struct pg_place *p, struct pg_link *l)
{
    /* relaxed: only that neighbours differ. */
    *l = (struct pg_link){
        .place = p, .number = atomic_fetch_add_explicit(&p->links, 1, memory_order_relaxed),
    };
    return connect(l);
}

void pg_link_close(struct pg_link *l)
{
    drop(l);
}

/* The bytes of the messages that carry a statement: Bind, Describe, Execute, Sync. */
static uint64_t bytes_sent(const char *const *values, unsigned count, unsigned statement)
{
    uint64_t bytes = 5 + 1 + 3 + 2 + 2 + 2 + 2 + (5 + 2) + (5 + 1 + 4) + 5;

    for (unsigned i = 0; i < count; i++)
        bytes += 4 + strlen(values[i]);
    return bytes + (statement > 9);
}

/* And of the answer: BindComplete, RowDescription, a DataRow each, CommandComplete, Ready. */
static uint64_t bytes_received(const PGresult *r)
{
    uint64_t bytes = 5 + 5 + (5 + strlen(PQcmdStatus((PGresult *)(uintptr_t)r)) + 1) + 6;
    int columns = PQnfields(r);

    for (int c = 0; c < columns; c++)
        bytes += strlen(PQfname(r, c)) + 1 + 18;
    for (int row = 0; row < PQntuples(r); row++) {
        bytes += 7;
        for (int c = 0; c < columns; c++)
            bytes += 4 + (uint64_t)PQgetlength(r, row, c);
    }
    return bytes + (columns > 0 ? 2 : 0);
}

static int prepare(struct pg_link *l, unsigned statement, const char *name)
{
    int error;
    const char *text = l->place->plan->statements[statement];
    PGresult *r = finish(l, PQsendPrepare(l->connection, name, text, 0, NULL), &error);

    PQclear(r);
    store_meter_trip(&l->place->meter);
    if (!error)
        l->prepared |= 1u << statement;
    return error;
}

/* The result of a statement, or NULL with *error. */
static PGresult *result_of(struct pg_link *l, unsigned statement, const char *const *values,
                           unsigned count, int *error)
{
    char name[8];

    snprintf(name, sizeof name, "s%u", statement % PG_STATEMENTS);
    *error = l->connection ? 0 : connect(l);
    if (!*error && !(l->prepared & 1u << statement)) {
        *error = prepare(l, statement, name);
        /* Nothing of the statement itself was sent. */
        *error = *error == -EIO || *error == -ETIMEDOUT ? -EAGAIN : *error;
    }
    if (*error)
        return NULL;
    PGresult *r = finish(l, PQsendQueryPrepared(l->connection, name, (int)count, values, NULL, NULL,
                                                0), error);
    store_meter_trip(&l->place->meter);
    store_meter_bytes(&l->place->meter, bytes_sent(values, count, statement),
                      r ? bytes_received(r) : 0);
    l->changed = r ? strtoll(PQcmdTuples(r), NULL, 10) : 0;
    return r;
}

static void take_row(const PGresult *r, int row, int64_t *columns, unsigned count)
{
    for (unsigned c = 0; c < count && (int)c < PQnfields(r); c++)
        columns[c] = strtoll(PQgetvalue(r, row, (int)c), NULL, 10); /* of a NULL: "" */
}

int pg_execute(struct pg_link *l, unsigned statement, const int64_t *parameters,
               unsigned parameter_count, int64_t *columns, unsigned column_count)
{
    char texts[PG_PARAMETERS][NUMBER];
    const char *values[PG_PARAMETERS];
    int error;

    for (unsigned i = 0; i < parameter_count && i < PG_PARAMETERS; i++) {
        snprintf(texts[i], NUMBER, "%" PRId64, parameters[i]);
        values[i] = texts[i];
    }
    PGresult *r = result_of(l, statement, values, parameter_count, &error);
    if (!r)
        return error;
    int rows = PQntuples(r);
    if (rows > 0)
        take_row(r, 0, columns, column_count);
    PQclear(r);
    return rows > 0;
}

int pg_each(struct pg_link *l, unsigned statement, const char *const *parameters,
            unsigned parameter_count, unsigned column_count,
            int (*visit)(void *ctx, const int64_t *columns), void *ctx)
{
    int64_t columns[PG_COLUMNS] = { 0 };
    int error;
    PGresult *r = result_of(l, statement, parameters, parameter_count, &error);

    for (int row = 0; r && !error && row < PQntuples(r); row++) {
        take_row(r, row, columns, column_count);
        error = visit ? visit(ctx, columns) : 0;
    }
    PQclear(r);
    return error;
}

/* The schema's text, with what "$TABLE" stands for. */
static int make_tables(struct pg_link *l)
{
    static const char mark[] = "$TABLE";
    const char *at = l->place->plan->schema, *next;
    char text[4096];
    size_t used = 0;

    for (; (next = strstr(at, mark)) != NULL && used < sizeof text; at = next + strlen(mark))
        used += (size_t)snprintf(text + used, sizeof text - used, "%.*s%s", (int)(next - at), at,
                                 l->place->unlogged ? "UNLOGGED TABLE" : "TABLE");
    if (used < sizeof text)
        snprintf(text + used, sizeof text - used, "%s", at);
    return command(l, text);
}

/* Whether somebody else's server holds schemas under the prefix; then it is refused. */
static int refuse_foreign(struct pg_link *l)
{
    if (!pg_server_is_foreign() || *pg_server_looked())
        return 0;
    uint64_t found = ask(l, "SELECT count(*) FROM pg_namespace WHERE starts_with(nspname, '"
                            PREFIX "')");
    if (found == 0) {
        *pg_server_looked() = true;
        return 0;
    }
    trouble_note(l->place->name,
                 "PostgreSQL: the database has %" PRIu64 " schemas called " PREFIX "... "
                 "already; drop them, or name another database", found);
    return -EEXIST;
}

/*
 * The tool's own server syncs its log from now on, and can mend a page that a power cut has torn; or
 * neither.  The server reads its settings when it comes to it, and tells each connection then.
 */
static int set_fsync(struct pg_link *l, bool wanted)
{
    static const char look[] = "SELECT (current_setting('fsync') = 'on')::int";
    static const char *const change[2][3] = {
        { "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off",
          "SELECT pg_reload_conf()" },
        { "ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET full_page_writes = on",
          "SELECT pg_reload_conf()" },
    };
    uint64_t deadline = contend_clock_ns() + (uint64_t)l->place->timeout_ms * 1000000;
    int error = 0;

    if (ask(l, look) == wanted)
        return 0;
    for (unsigned i = 0; i < 3 && !error; i++)
        error = command(l, change[wanted][i]);
    while (!error && ask(l, look) != wanted) {
        usleep(1000);
        if (contend_clock_ns() > deadline) {
            trouble_note(l->place->name, "PostgreSQL: it has not taken up fsync in time");
            error = -ETIMEDOUT;
        }
    }
    return error;
}

#define LOG_POSITION "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"

int pg_place_make(struct pg_place *p, const char *name, const struct pg_plan *plan,
                  const struct contend_settings *settings)
{
    static _Atomic unsigned made;
    struct pg_link l;
    char text[COMMAND];

    *p = (struct pg_place){
        .name = name, .plan = plan,
        .synchronous = contend_option_value(settings, options, "synchronous"),
        .unlogged = contend_option_value(settings, options, "unlogged"),
        .fsync = contend_option_value(settings, options, "fsync"),
        .timeout_ms = contend_option_value(settings, options, "timeout_ms"),
        .shards = contend_option_value(settings, options, "shards"),
    };
    store_meter_init(&p->meter);
    atomic_init(&p->links, 0);
    /* relaxed: only that no two are the same. */
    snprintf(p->schema, sizeof p->schema, PREFIX "%d_%u", (int)getpid(),
             atomic_fetch_add_explicit(&made, 1, memory_order_relaxed));
    int error = pg_link_open(p, &l);
    if (!error)
        error = refuse_foreign(&l);
    if (!error && !pg_server_is_foreign())
        error = set_fsync(&l, p->fsync);
    if (!error) {
        snprintf(text, sizeof text, "CREATE SCHEMA %s", p->schema);
        error = command(&l, text);
        if (!error)
            error = make_tables(&l);
        if (!error)
            p->log_begin = ask(&l, LOG_POSITION);
        p->cpu_begin = pg_server_cpu_seconds();
        if (error && l.connection)
            pg_place_end(p);
    }
    pg_link_close(&l);
    return error == -ESTALE ? -EIO : error;
}

void pg_place_end(struct pg_place *p)
{
    struct pg_link l;
    char text[COMMAND];

    if (pg_link_open(p, &l) != 0)
        return;
    snprintf(text, sizeof text, "DROP SCHEMA IF EXISTS %s CASCADE", p->schema);
    command(&l, text);
    pg_link_close(&l);
}

uint64_t pg_place_ask(struct pg_place *p, const char *query)
{
    struct pg_link l;
    uint64_t n = 0;

    if (pg_link_open(p, &l) == 0) {
        n = ask(&l, query);
        pg_link_close(&l);
    }
    return n;
}

void pg_place_traffic(struct pg_place *p, struct store_traffic *out)
{
    struct pg_link l;
    char text[COMMAND];

    store_meter_read(&p->meter, out);
    if (pg_link_open(p, &l) != 0)
        return;
    out->written = ask(&l, LOG_POSITION) - p->log_begin;
    snprintf(text, sizeof text,
             "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
             "WHERE relkind = 'r' AND relnamespace = '%s'::regnamespace", p->schema);
    out->held = ask(&l, text);
    out->held_by = "pg_total_relation_size";
    pg_link_close(&l);
    out->server_cpu_ns = (uint64_t)((pg_server_cpu_seconds() - p->cpu_begin) * 1e9);
}
