/* place.c - see place.h. */
#include "bench/stores/sqlite/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/stores/parts/trouble.h"

const struct store_system sqlite_system = {
    .name = "SQLite", .needs = "libsqlite3-dev", .asks = "a library and a file",
    .set_up = "a library", .lock_in = "SQL, its upsert", .keeps = "each commit", .effort = 1,
};

enum { PATH = SERVER_FOLDER_PATH + 8, MOST_COLUMNS = 8, WAL_FRAME_HEADER = 24, PAGE = 4096 };

static const struct contend_option options[] = { SQLITE_OPTIONS CONTEND_OPTIONS_END };

/* Complains, and says what the caller is told. */
static int trouble(const struct sqlite_place *p, sqlite3 *db, int code)
{
    if (code == SQLITE_BUSY_SNAPSHOT)
        return -ESTALE;
    trouble_note(p->name, "SQLite: %s", db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return -ETIMEDOUT;
    case SQLITE_FULL: return -ENOSPC;
    case SQLITE_NOMEM: return -ENOMEM;
    default: return -EIO;
    }
}

/* A connection as the place wants it; the caller closes it, after an error too. */
static int open_one(const struct sqlite_place *p, sqlite3 **db)
{
    char path[PATH], pragmas[96];
    int code;

    snprintf(path, sizeof path, "%s/db", p->folder.path);
    snprintf(pragmas, sizeof pragmas, "PRAGMA journal_mode = WAL; PRAGMA synchronous = %d",
             (int)p->synchronous);
    code = sqlite3_open_v2(path, db,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(*db, 1);
        sqlite3_busy_timeout(*db, (int)p->timeout_ms);
        code = sqlite3_exec(*db, pragmas, NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? 0 : trouble(p, *db, code);
}

/* What killed processes have left is removed before the first one is made. */
static void sweep_once(void)
{
    server_folder_sweep();
}

static int make_folder(struct server_folder *folder)
{
    static pthread_once_t swept = PTHREAD_ONCE_INIT;

    pthread_once(&swept, sweep_once);
    return server_folder_make(folder, NULL);
}

int sqlite_place_make(struct sqlite_place *p, const char *name, const struct sqlite_plan *plan,
                      const struct contend_settings *settings)
{
    *p = (struct sqlite_place){
        .name = name, .plan = plan,
        .synchronous = contend_option_value(settings, options, "synchronous"),
        .timeout_ms = contend_option_value(settings, options, "timeout_ms"),
    };
    store_meter_init(&p->meter);
    pthread_mutex_init(&p->guard, NULL);
    int error = make_folder(&p->folder);
    if (error) {
        trouble_note(name, "no folder could be made for its file: %s", strerror(-error));
        pthread_mutex_destroy(&p->guard);
        return error;
    }
    error = open_one(p, &p->keeper);
    if (!error) {
        int code = sqlite3_exec(p->keeper, plan->schema, NULL, NULL, NULL);
        error = code == SQLITE_OK ? 0 : trouble(p, p->keeper, code);
    }
    if (error)
        sqlite_place_end(p);
    return error;
}

void sqlite_place_end(struct sqlite_place *p)
{
    sqlite3_close(p->keeper);
    pthread_mutex_destroy(&p->guard);
    server_folder_remove(&p->folder);
}

uint64_t sqlite_place_ask(struct sqlite_place *p, const char *query)
{
    sqlite3_stmt *ask = NULL;
    uint64_t answer = 0;

    pthread_mutex_lock(&p->guard);
    int code = sqlite3_prepare_v2(p->keeper, query, -1, &ask, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(ask)) == SQLITE_ROW)
        answer = (uint64_t)sqlite3_column_int64(ask, 0);
    else
        trouble(p, p->keeper, code);
    sqlite3_finalize(ask);
    pthread_mutex_unlock(&p->guard);
    return answer;
}

void sqlite_place_traffic(struct sqlite_place *p, struct store_traffic *out)
{
    store_meter_read(&p->meter, out);
    out->held = sqlite_place_ask(p, "PRAGMA page_count") * PAGE;
    out->held_by = "PRAGMA page_count";
}

int sqlite_link_open(struct sqlite_place *p, struct sqlite_link *l)
{
    *l = (struct sqlite_link){ .place = p };
    int error = open_one(p, &l->db);
    for (unsigned i = 0; !error && i < SQLITE_STATEMENTS && p->plan->statements[i]; i++) {
        int code = sqlite3_prepare_v3(l->db, p->plan->statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &l->statements[i], NULL);
        error = code == SQLITE_OK ? 0 : trouble(p, l->db, code);
    }
    if (error)
        sqlite_link_close(l);
    return error;
}

void sqlite_link_close(struct sqlite_link *l)
{
    for (unsigned i = 0; i < SQLITE_STATEMENTS; i++)
        sqlite3_finalize(l->statements[i]);
    sqlite3_close(l->db);
    *l = (struct sqlite_link){ .place = l->place };
}

/* Counts the statement, and the pages that it has written to the log. */
static void meter(struct sqlite_link *l)
{
    int pages = 0, ignored;

    store_meter_trip(&l->place->meter);
    sqlite3_db_status(l->db, SQLITE_DBSTATUS_CACHE_WRITE, &pages, &ignored, 1);
    if (pages > 0)
        store_meter_wrote(&l->place->meter, (uint64_t)pages * (PAGE + WAL_FRAME_HEADER));
}

int sqlite_each(struct sqlite_link *l, unsigned statement, const int64_t *parameters,
                unsigned parameter_count, unsigned column_count,
                int (*visit)(void *ctx, const int64_t *columns), void *ctx)
{
    sqlite3_stmt *s = l->statements[statement];
    int64_t columns[MOST_COLUMNS];
    int code, result = 0;

    if (!l->db)
        return -EIO; /* the complaint was made when it could not be opened */
    for (unsigned i = 0; i < parameter_count; i++)
        sqlite3_bind_int64(s, (int)i + 1, parameters[i]);
    do {
        code = sqlite3_step(s);
        for (unsigned i = 0; code == SQLITE_ROW && i < column_count; i++)
            columns[i] = sqlite3_column_int64(s, (int)i);
        if (code == SQLITE_ROW)
            result = visit(ctx, columns);
    } while (code == SQLITE_ROW && !result);
    /* Before the reset, which ends the statement's transaction and with it the message. */
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        result = trouble(l->place, l->db, code);
    sqlite3_reset(s);
    meter(l);
    return result;
}

struct first_row {
    int64_t *columns;
    unsigned count, rows;
};

static int keep_first(void *ctx, const int64_t *columns)
{
    struct first_row *first = ctx;

    if (first->rows++ == 0)
        memcpy(first->columns, columns, first->count * sizeof *columns);
    return 0;
}

int sqlite_execute(struct sqlite_link *l, unsigned statement, const int64_t *parameters,
                   unsigned parameter_count, int64_t *columns, unsigned column_count)
{
    int64_t nothing;
    struct first_row first = { columns ? columns : &nothing, column_count, 0 };
    int error = sqlite_each(l, statement, parameters, parameter_count, column_count, keep_first,
                            &first);

    return error ? error : first.rows > 0;
}
