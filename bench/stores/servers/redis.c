/* redis.c - redis-server on a Unix socket, and nothing on disk unless asked. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/servers/ask.h"
#include "bench/stores/servers/kinds.h"

bool redis_is_installed(char *why, size_t size)
{
    char path[256];

    if (process_find("redis-server", path, sizeof path))
        return true;
    snprintf(why, size, "there is no redis-server (Debian: redis-server)");
    return false;
}

/* What both kinds have in common. */
void redis_command(const struct server *s, int member, struct command *c)
{
    char path[256] = "redis-server";

    (void)member;
    process_find("redis-server", path, sizeof path);
    command_add(c, "%s", path);
    command_add(c, "--dir"), command_add(c, "%s", s->folder.path);
    command_add(c, "--daemonize"), command_add(c, "no");
    command_add(c, "--save"), command_add(c, "%s", "");
    command_add(c, "--appendonly"), command_add(c, "%s", s->options.durable ? "yes" : "no");
    command_add(c, "--appendfsync"), command_add(c, "%s", s->options.durable ? "always" : "no");
    command_add(c, "--maxclients"), command_add(c, "1000");
    if (s->options.password)
        command_add(c, "--requirepass"), command_add(c, "%s", s->options.password);
}

/* Any answer will do, but one: while it reads its file back, it says that it is loading. */
int redis_ready(const struct server *s, int member)
{
    char answer[256];
    int fd = ask_connect(s->members[member].address);

    if (fd < 0)
        return 0;
    int got = ask(fd, "PING\r\n", answer, sizeof answer);
    close(fd);
    return got > 0 && strncmp(answer, "-LOADING", 8) != 0;
}

static int prepare(struct server *s, char *error, size_t size)
{
    (void)error, (void)size;
    snprintf(s->members[0].address, KIND_ADDRESS, "%s/redis.sock", s->folder.path);
    return 0;
}

static void command(const struct server *s, int member, struct command *c)
{
    redis_command(s, member, c);
    command_add(c, "--port"), command_add(c, "0");
    command_add(c, "--unixsocket"), command_add(c, "%s", s->members[0].address);
    command_add(c, "--unixsocketperm"), command_add(c, "700");
}

const struct kind kind_redis = {
    .name = "Redis",
    .members = 1,
    .signal = SIGKILL, /* it has nothing to save that would be wanted */
    .installed = redis_is_installed,
    .prepare = prepare,
    .command = command,
    .ready = redis_ready,
};
