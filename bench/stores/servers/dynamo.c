/*
 * dynamo.c - dynalite, a server of DynamoDB's protocol, on a Unix socket.
 *
 * Its own command listens on every address of the machine, so its module is asked to listen
 * instead.  Tables are there at once, without the half second of waiting that it imitates.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/servers/ask.h"
#include "bench/stores/servers/kinds.h"

static const char script[] =
    "require(process.argv[1])({createTableMs: 0, deleteTableMs: 0, updateTableMs: 0})"
    ".listen(process.argv[2])";

static bool find_node(char *path, size_t size)
{
    return process_find("node", path, size) || process_find("nodejs", path, size);
}

/* The folder of the module, from the command that npm has linked to a file in it. */
static bool find_module(char folder[PATH_MAX])
{
    const char *home = getenv("HOME");
    char path[PATH_MAX];

    if (!process_find("dynalite", path, sizeof path)) {
        if (!home)
            return false;
        /* Where bench/setup.sh installs it without root. */
        snprintf(path, sizeof path, "%s/.local/bin/dynalite", home);
    }
    if (!realpath(path, folder))
        return false;
    char *slash = strrchr(folder, '/');
    *slash = '\0';
    return true;
}

static bool installed(char *why, size_t size)
{
    char path[256], folder[PATH_MAX];

    if (!find_node(path, sizeof path)) {
        snprintf(why, size, "there is no node (Debian: nodejs, and npm for dynalite)");
        return false;
    }
    if (!find_module(folder)) {
        snprintf(why, size, "there is no dynalite (npm install --global dynalite)");
        return false;
    }
    return true;
}

static int prepare(struct server *s, char *error, size_t size)
{
    (void)error, (void)size;
    snprintf(s->members[0].address, KIND_ADDRESS, "%s/dynamo.sock", s->folder.path);
    return 0;
}

static void command(const struct server *s, int member, struct command *c)
{
    char path[256] = "node", folder[PATH_MAX] = "dynalite";

    (void)member;
    find_node(path, sizeof path);
    find_module(folder);
    unlink(s->members[0].address); /* of one that was killed: Node does not listen over it */
    command_add(c, "%s", path);
    command_add(c, "-e"), command_add(c, "%s", script);
    command_add(c, "%s", folder);
    command_add(c, "%s", s->members[0].address);
}

static int ready(const struct server *s, int member)
{
    int fd = ask_connect(s->members[member].address);

    if (fd < 0)
        return 0;
    close(fd);
    return 1;
}

const struct kind kind_dynamo = {
    .name = "DynamoDB (dynalite)",
    .members = 1,
    .signal = SIGKILL, /* it keeps everything in memory */
    .installed = installed,
    .prepare = prepare,
    .command = command,
    .ready = ready,
};
