/*
 * server.h - the PostgreSQL that all objects of the process are in.
 */
#ifndef CONTEND_BENCH_STORES_PG_SERVER_H
#define CONTEND_BENCH_STORES_PG_SERVER_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "bench/stores/pg/place.h"

enum { PG_CONNECT_WHY = 256 };

/*
 * A connection, made within about `timeout_ms`; starts the process's own server first if none is
 * named.  NULL with *error a negative errno value and a sentence in `why`.
 */
PGconn *pg_server_connect(int64_t timeout_ms, int *error, char why[PG_CONNECT_WHY]);

/* Whether the server is somebody else's. */
bool pg_server_is_foreign(void);

/* Whether somebody else's server was found free of schemas like ours: by the first object. */
bool *pg_server_looked(void);

/* The server that was started, for tests that stop it; NULL: none was. */
struct server *pg_server_own(void);

/* Processor seconds that the process's own server has used; 0 of another. */
double pg_server_cpu_seconds(void);

#endif
