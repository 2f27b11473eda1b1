/*
 * server.h - databases that a run starts for itself, and that are gone when it is.
 *
 * A server of a run has a folder of its own below TMPDIR (or /tmp), answers on a Unix socket there
 * or on a loopback port, and keeps nothing unless it is asked to.  It ends in one of four ways, and
 * the next one takes over where one fails:
 *
 *   1. server_stop() ends it and removes the folder.
 *   2. exit() does the same for every server that still runs.
 *   3. If the process is killed, the kernel ends its servers (PR_SET_PDEATHSIG).
 *   4. The next process that starts a server finds what was left behind: a folder that nobody
 *      holds a lock on.  It ends the processes named in it, and removes it.
 *
 * A server runs in a session of its own, so a Ctrl-C on the terminal reaches only the process that
 * started it.  The kernel looks at the thread that started the server, not at its process: start
 * servers from a thread that outlives them.  Two threads may call these functions at once for two
 * servers, not for one.
 */
#ifndef CONTEND_BENCH_STORES_SERVERS_SERVER_H
#define CONTEND_BENCH_STORES_SERVERS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum server_kind {
    SERVER_REDIS = 0,
    SERVER_REDIS_CLUSTER, /* three masters that share the 16,384 slots, no replicas */
    SERVER_POSTGRES,
    SERVER_DYNAMO,        /* dynalite: a local server of DynamoDB's protocol, over HTTP */
    SERVER_KINDS
};

enum {
    SERVER_MEMBERS = 3, /* processes of a cluster; every other kind has one */
    SERVER_ERROR = 320  /* bytes that are enough for an error's text */
};

/* How a server is started.  All zero, or a NULL pointer, asks for the defaults. */
struct server_options {
    /* An acknowledged write is on disk: Redis appends and syncs each command, PostgreSQL has fsync
       and synchronous_commit on.  Otherwise nothing is kept for after a crash. */
    bool durable;
    const char *password; /* that clients must give; NULL = none.  Redis and PostgreSQL have one */
    const char *folder;   /* where its folder is made; NULL = TMPDIR, or /tmp */
    /* Redis Cluster: when one master is gone the others stop answering too, as Redis does unless
       told otherwise.  false: they go on with their own slots. */
    bool full_coverage;
    /* Redis Cluster: the ports of 127.0.0.1 that the members tell clients to come to, where
       something stands between them; NULL = their own.  One for each member, read at the start. */
    const int *announce;
};

struct server;

/*
 * Starts a server and waits until it answers, at most half a minute.  Returns 0, or a negative
 * errno with a sentence in `error`, of at most `size` bytes: -ENOENT without the program or the
 * user for it (the sentence names the package), -ETIMEDOUT, -EINTR after a Ctrl-C
 * (bench/base/interrupt.h), or -EIO if it ended by itself (with the last line of its output).
 */
int server_start(struct server **out, enum server_kind kind, const struct server_options *options,
                 char *error, size_t size);

static inline int server_start_redis(struct server **out, char *error, size_t size)
{
    return server_start(out, SERVER_REDIS, NULL, error, size);
}

static inline int server_start_redis_cluster(struct server **out, char *error, size_t size)
{
    return server_start(out, SERVER_REDIS_CLUSTER, NULL, error, size);
}

static inline int server_start_postgres(struct server **out, char *error, size_t size)
{
    return server_start(out, SERVER_POSTGRES, NULL, error, size);
}

static inline int server_start_dynamo(struct server **out, char *error, size_t size)
{
    return server_start(out, SERVER_DYNAMO, NULL, error, size);
}

/*
 * Whether the programs for this kind are installed.  If not, `why` (of `size` bytes) names what is
 * missing and the package that it is in.  Starts nothing.
 */
bool server_is_installed(enum server_kind kind, char *why, size_t size);

/* "Redis", "Redis Cluster", "PostgreSQL" or "DynamoDB (dynalite)": for sentences. */
const char *server_kind_name(enum server_kind kind);

/*
 * Where it answers, valid until server_stop():
 *   Redis, DynamoDB  the path of a Unix socket, which begins with "/"
 *   Redis Cluster    "127.0.0.1:PORT" of the first master
 *   PostgreSQL       the folder of its Unix socket, which libpq takes as `host`; the superuser is
 *                    SERVER_POSTGRES_USER, the database "postgres"
 */
const char *server_address(const struct server *s);
#define SERVER_POSTGRES_USER "contend"

/* How many processes it was started as: SERVER_MEMBERS or 1. */
int server_members(const struct server *s);

/* The address of one of them; 0 is server_address(). */
const char *server_member_address(const struct server *s, int member);

/*
 * The id of its (first) process, to stop or kill it with; 0 once it is known to have ended.
 * PostgreSQL's is the postmaster: a SIGKILL ends it, and those of its connections soon after.
 */
pid_t server_pid(const struct server *s);
pid_t server_member_pid(const struct server *s, int member);

/* Ends a member by SIGKILL, as a crash would, and returns once it is gone: for tests. */
void server_kill(struct server *s, int member);

/*
 * Starts again what has ended or was killed, with the same folder and the same addresses, and
 * waits as server_start() does.  Members that still run stay.  Returns 0, or a negative errno with
 * a sentence in `error`.
 */
int server_restart(struct server *s, char *error, size_t size);

/* Processor seconds of all its processes since they were started; they tick by 10 ms. */
double server_cpu_seconds(const struct server *s);

/* Ends it, after five seconds by SIGKILL, and removes its folder.  NULL is fine. */
void server_stop(struct server *s);

#endif
