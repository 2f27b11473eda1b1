/* host.c - see host.h. */
#include "bench/stores/redis/host.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/servers/server.h"

enum { ADDRESS = 256, DEFAULT_PORT = 6379, ASK_TIMEOUT_MS = 2000 };

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct server *server; /* guarded by guard: the one that was started */
static _Atomic unsigned prefixes; /* handed out so far */
/* Somebody else's, from redis_use(); host "": none.  Never changes once objects are made. */
static char host[ADDRESS], password[ADDRESS];
static int port; /* 0: the host is the path of a socket */

static int bad_address(void)
{
    host[0] = password[0] = '\0';
    return -EINVAL;
}

int redis_use(const char *address)
{
    static const char tcp[] = "redis://", unix_socket[] = "unix:";
    const char *at, *colon;
    char *end;

    if (strlen(address) >= ADDRESS)
        return bad_address();
    port = 0;
    password[0] = '\0';
    if (strncmp(address, unix_socket, strlen(unix_socket)) == 0) {
        snprintf(host, sizeof host, "%s", address + strlen(unix_socket));
        return host[0] == '/' ? 0 : bad_address();
    }
    if (strncmp(address, tcp, strlen(tcp)) != 0)
        return bad_address();
    address += strlen(tcp);
    if ((at = strrchr(address, '@')) != NULL) {
        if (address[0] != ':')
            return bad_address();
        snprintf(password, sizeof password, "%.*s", (int)(at - address - 1), address + 1);
        address = at + 1;
    }
    port = DEFAULT_PORT;
    if ((colon = strchr(address, ':')) != NULL) {
        port = (int)strtol(colon + 1, &end, 10);
        if (end == colon + 1 || (*end && strcmp(end, "/") != 0) || port < 1 || port > 65535)
            return bad_address();
    }
    snprintf(host, sizeof host, "%.*s", (int)strcspn(address, ":/"), address);
    return host[0] ? 0 : bad_address();
}

static int ready(char *why, size_t size)
{
    return host[0] || server_is_installed(SERVER_REDIS, why, size) ? 0 : -ENOENT;
}

static void end(void)
{
    pthread_mutex_lock(&guard);
    server_stop(server);
    server = NULL;
    pthread_mutex_unlock(&guard);
}

const struct store_system redis_system = {
    .name = "Redis", .needs = "redis-server libhiredis-dev", .asks = "a server that keeps all in memory",
    .set_up = "a server", .lock_in = "its commands", .keeps = "nothing",
    .effort = 2, .ready = ready, .use = redis_use, .end = end,
};

struct server *redis_host_server(void)
{
    pthread_mutex_lock(&guard);
    struct server *s = server;
    pthread_mutex_unlock(&guard);
    return s;
}

/*
 * hiredis writes to sockets as to files: one whose server has died would end the process.  A handler of
 * the program's own stays.
 */
void redis_host_ignore_broken_pipes(void)
{
    struct sigaction now;

    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

int redis_host_begin(const char *name, char prefix[REDIS_PREFIX])
{
    char text[SERVER_ERROR];
    int error = 0;

    redis_host_ignore_broken_pipes();
    pthread_mutex_lock(&guard);
    if (!host[0] && !server) {
        error = server_start_redis(&server, text, sizeof text);
        if (error)
            trouble_note(name, "%s", text);
    }
    pthread_mutex_unlock(&guard);
    redis_host_prefix(host[0], prefix);
    return error;
}

/* Somebody else's server may serve two of us at once. */
void redis_host_prefix(bool shared, char prefix[REDIS_PREFIX])
{
    /* relaxed: a number of its own is all that an object wants. */
    unsigned number = atomic_fetch_add_explicit(&prefixes, 1, memory_order_relaxed);

    if (shared)
        snprintf(prefix, REDIS_PREFIX, "contend:%d.%u:", (int)getpid(), number);
    else
        snprintf(prefix, REDIS_PREFIX, "c%u:", number);
}

/* To a server at a path or at HOST:PORT; NULL without memory. */
static redisContext *connect_to(const char *address, struct timeval wait)
{
    char name[ADDRESS];
    const char *colon = strrchr(address, ':');

    if (address[0] == '/' || !colon)
        return redisConnectUnixWithTimeout(address, wait);
    snprintf(name, sizeof name, "%.*s", (int)(colon - address), address);
    return redisConnectWithTimeout(name, atoi(colon + 1), wait);
}

/* The context, or NULL without memory; its `err` says whether it is connected. */
static redisContext *connect_to_it(struct timeval wait)
{
    char path[ADDRESS] = "";

    pthread_mutex_lock(&guard);
    if (!host[0])
        snprintf(path, sizeof path, "%s", server ? server_address(server) : "/nowhere");
    else if (port == 0)
        snprintf(path, sizeof path, "%s", host);
    pthread_mutex_unlock(&guard);
    return path[0] ? redisConnectUnixWithTimeout(path, wait)
                   : redisConnectWithTimeout(host, port, wait);
}

/* Whether the server accepts the password, if there is one. */
static int authenticate(const char *name, redisContext *c)
{
    if (!password[0])
        return 0;
    redisReply *reply = redisCommand(c, "AUTH %s", password);
    int accepted = reply && reply->type == REDIS_REPLY_STATUS;

    if (!accepted)
        trouble_note(name, "Redis: the password is not accepted: %s", reply ? reply->str : c->errstr);
    freeReplyObject(reply);
    return accepted ? 0 : -EACCES;
}

int redis_host_connect(const char *name, const char *address, int64_t timeout_ms, redisContext **out)
{
    struct timeval wait = { .tv_sec = (time_t)(timeout_ms / 1000),
                            .tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000) };
    redisContext *c = address ? connect_to(address, wait) : connect_to_it(wait);
    int error = c && !c->err ? 0 : !c ? -ENOMEM : errno == EAGAIN ? -ETIMEDOUT : -EAGAIN;

    *out = NULL;
    if (error) {
        const char *to = address ? address : host;
        trouble_note(name, "Redis: no connection%s%s%s: %s", to[0] ? " to " : "", to,
                     port && !address ? " over TCP" : "", c ? c->errstr : strerror(ENOMEM));
    } else {
        redisSetTimeout(c, wait);
        error = address ? 0 : authenticate(name, c);
    }
    if (error && c)
        redisFree(c);
    *out = error ? NULL : c;
    return error;
}

/* A number of INFO's answer. */
static double field(const char *info, const char *name)
{
    const char *found = strstr(info, name);

    return found ? strtod(found + strlen(name), NULL) : 0;
}

void redis_host_usage(const char *address, uint64_t *cpu_ns, uint64_t *bytes)
{
    redisContext *c;

    *cpu_ns = *bytes = 0;
    if (redis_host_connect("redis", address, ASK_TIMEOUT_MS, &c) != 0)
        return;
    redisReply *reply = redisCommand(c, "INFO");
    if (reply && reply->type == REDIS_REPLY_STRING) {
        *cpu_ns = (uint64_t)(1e9 * (field(reply->str, "\nused_cpu_sys:") +
                                    field(reply->str, "\nused_cpu_user:")));
        *bytes = (uint64_t)field(reply->str, "\nused_memory:");
    }
    freeReplyObject(reply);
    redisFree(c);
}
