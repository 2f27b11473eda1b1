/* server.c - one server for the process, started when it is first needed. */
#include "bench/stores/pg/server.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "bench/stores/servers/server.h"
#include "bench/stores/stores.h"

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct server *own; /* guarded by guard; NULL: not started */
static bool looked;
static const char *url; /* somebody else's, since before the first object */

int pg_use(const char *address)
{
    PQconninfoOption *parsed = PQconninfoParse(address, NULL);

    if (!parsed)
        return -EINVAL;
    PQconninfoFree(parsed);
    url = address;
    looked = false;
    return 0;
}

bool *pg_server_looked(void)
{
    return &looked;
}

struct server *pg_server_own(void)
{
    return own;
}

bool pg_server_is_foreign(void)
{
    return url != NULL;
}

static int start(char why[PG_CONNECT_WHY], const char **address)
{
    char error[SERVER_ERROR];
    int status = 0;

    pthread_mutex_lock(&guard);
    if (!own)
        status = server_start_postgres(&own, error, sizeof error);
    if (status)
        snprintf(why, PG_CONNECT_WHY, "%.*s", PG_CONNECT_WHY - 1, error);
    else
        *address = server_address(own);
    pthread_mutex_unlock(&guard);
    return status;
}

/* libpq ends sentences with a line break, and may have several. */
static void take_sentence(char why[PG_CONNECT_WHY], const char *said)
{
    size_t length = strcspn(said, "\n");

    snprintf(why, PG_CONNECT_WHY, "%.*s", (int)(length < 240 ? length : 240), said);
}

PGconn *pg_server_connect(int64_t timeout_ms, int *error, char why[PG_CONNECT_WHY])
{
    const char *address = NULL;
    char seconds[24];

    *error = url ? 0 : start(why, &address);
    if (*error)
        return NULL;
    /* libpq counts whole seconds, and takes 1 for 2. */
    snprintf(seconds, sizeof seconds, "%lld", (long long)(timeout_ms + 1999) / 1000);
    const char *const of_url[] = { "dbname", "connect_timeout", "fallback_application_name", NULL };
    const char *const url_values[] = { url, seconds, "contend", NULL };
    const char *const of_own[] = { "host", "user", "dbname", "connect_timeout", NULL };
    const char *const own_values[] = { address, SERVER_POSTGRES_USER, "postgres", seconds, NULL };
    PGconn *c = url ? PQconnectdbParams(of_url, url_values, 1)
                    : PQconnectdbParams(of_own, own_values, 0);
    if (c && PQstatus(c) == CONNECTION_OK)
        return c;
    take_sentence(why, c ? PQerrorMessage(c) : "no memory");
    /* A wrong password, a user or a database that does not exist: trying again is of no use. */
    *error = !c ? -ENOMEM : PQconnectionNeedsPassword(c) || PQconnectionUsedPassword(c) ? -EACCES
                                                                                        : -EAGAIN;
    PQfinish(c);
    return NULL;
}

double pg_server_cpu_seconds(void)
{
    pthread_mutex_lock(&guard);
    double seconds = own ? server_cpu_seconds(own) : 0;
    pthread_mutex_unlock(&guard);
    return seconds;
}

static int ready(char *why, size_t size)
{
    if (url || server_is_installed(SERVER_POSTGRES, why, size))
        return 0;
    return -ENOENT;
}

static void end(void)
{
    pthread_mutex_lock(&guard);
    server_stop(own);
    own = NULL;
    pthread_mutex_unlock(&guard);
}

const struct store_system pg_system = {
    .name = "PostgreSQL",
    .needs = "postgresql libpq-dev",
    .asks = "a server",
    .set_up = "a server",
    .lock_in = "SQL, its upsert",
    .keeps = "each commit",
    .effort = 2,
    .ready = ready,
    .use = pg_use,
    .end = end,
};
