/*
 * place.h - a database file of SQLite, and one thread's connection to it.
 *
 * Each object has a folder of its own, with a file in WAL mode: readers see the last commit
 * and wait for nobody, writers take turns.  A connection belongs to one thread, so that the library
 * locks nothing for it.  A writer that finds another one at work sleeps and tries again, a little
 * longer each time (SQLite's own busy handler), until `timeout_ms` are over.
 */
#ifndef CONTEND_BENCH_STORES_SQLITE_PLACE_H
#define CONTEND_BENCH_STORES_SQLITE_PLACE_H

#include <pthread.h>
#include <sqlite3.h>

#include "bench/stores/parts/meter.h"
#include "bench/stores/servers/folder.h"

enum { SQLITE_STATEMENTS = 16 };

/* What is in each file, and what each connection prepares; statements are known by their index. */
struct sqlite_plan {
    const char *schema;
    const char *statements[SQLITE_STATEMENTS];
};

struct sqlite_place {
    const char *name; /* of the entry, for complaints */
    const struct sqlite_plan *plan;
    int64_t synchronous, timeout_ms;
    pthread_mutex_t guard;
    /* guarded by guard; open, it keeps the log from being folded in when the last thread detaches */
    sqlite3 *keeper;
    struct store_meter meter;
    struct server_folder folder;
};

struct sqlite_link {
    struct sqlite_place *place;
    sqlite3 *db;
    sqlite3_stmt *statements[SQLITE_STATEMENTS];
};

#define SQLITE_OPTIONS                                                                        \
    { "synchronous", 1, 0, 2,                                                                 \
      "when a commit waits for the disk: 0 never; 1 the log is synced when it is folded into " \
      "the file, so that a power cut may lose the last commits; 2 each commit waits" },       \
    { "timeout_ms", 10000, 100, 600000, "how long a call tries while other writers are at work" },

extern const struct store_system sqlite_system;

/*
 * The settings are those of SQLITE_OPTIONS, whatever else is among them.  0, or a negative errno
 * value after a complaint: see parts/trouble.h.
 */
int sqlite_place_make(struct sqlite_place *p, const char *name, const struct sqlite_plan *plan,
                      const struct contend_settings *settings);
void sqlite_place_end(struct sqlite_place *p);
/* The number that a query answers, 0 without an answer; any thread may ask. */
uint64_t sqlite_place_ask(struct sqlite_place *p, const char *query);
void sqlite_place_traffic(struct sqlite_place *p, struct store_traffic *out);

int sqlite_link_open(struct sqlite_place *p, struct sqlite_link *l);
void sqlite_link_close(struct sqlite_link *l);

/*
 * Executes a statement with these numbers for its parameters, and gives the columns of its first
 * row.  Returns how many rows there were, 0 or 1 (of more, the rest is left); or after a complaint
 *   -ETIMEDOUT  others were at work all the time: nothing has changed;
 *   -ESTALE     in a transaction: what it has read is old, and it must be rolled back and begun
 *               again; no complaint is made;
 *   -ENOSPC, -ENOMEM  nothing has changed;
 *   -EIO        anything else.
 */
int sqlite_execute(struct sqlite_link *l, unsigned statement, const int64_t *parameters,
                   unsigned parameter_count, int64_t *columns, unsigned column_count);

/*
 * The same, and calls visit(ctx, columns) for every row, until it returns other than 0, which is
 * returned; otherwise 0 or a negative errno value.
 */
int sqlite_each(struct sqlite_link *l, unsigned statement, const int64_t *parameters,
                unsigned parameter_count, unsigned column_count,
                int (*visit)(void *ctx, const int64_t *columns), void *ctx);

/* How many rows the last statement that was executed has changed. */
static inline int64_t sqlite_changed(const struct sqlite_link *l)
{
    return sqlite3_changes(l->db);
}

#endif
