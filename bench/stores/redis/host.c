/* host.c - see host.h. */
#include "bench/stores/redis/host.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/servers/server.h"

enum { ADDRESS = 256, DEFAULT_PORT = 6379, ASK_TIMEOUT_MS = 2000 };

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct server *server; /* guarded by guard: the one that was started */
static unsigned prefixes;     /* guarded by guard: handed out so far */
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
static void ignore_broken_pipes(void)
{
    struct sigaction now;

    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

int redis_host_begin(const char *name, char prefix[REDIS_PREFIX])
{
    char text[SERVER_ERROR];
    int error = 0;

    pthread_mutex_lock(&guard);
    ignore_broken_pipes();
    if (!host[0] && !server) {
        error = server_start_redis(&server, text, sizeof text);
        if (error)
            trouble_note(name, "%s", text);
    }
    /* Somebody else's server may serve two of us at once. */
    if (host[0])
        snprintf(prefix, REDIS_PREFIX, "contend:%d.%u:", (int)getpid(), prefixes++);
    else
        snprintf(prefix, REDIS_PREFIX, "c%u:", prefixes++);
    pthread_mutex_unlock(&guard);
    return error;
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

int redis_host_connect(const char *name, int64_t timeout_ms, redisContext **out)
{
    struct timeval wait = { .tv_sec = (time_t)(timeout_ms / 1000),
                            .tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000) };
    redisContext *c = connect_to_it(wait);
    int error = c && !c->err ? 0 : !c ? -ENOMEM : errno == EAGAIN ? -ETIMEDOUT : -EIO;

    *out = NULL;
    if (error) {
        trouble_note(name, "Redis: no connection%s%s%s: %s", host[0] ? " to " : "", host,
                     port ? " over TCP" : "", c ? c->errstr : strerror(ENOMEM));
    } else {
        redisSetTimeout(c, wait);
        error = authenticate(name, c);
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

void redis_host_usage(uint64_t *cpu_ns, uint64_t *bytes)
{
    redisContext *c;

    *cpu_ns = *bytes = 0;
    if (redis_host_connect("redis", ASK_TIMEOUT_MS, &c) != 0)
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
