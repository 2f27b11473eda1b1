/*
 * redis_cluster.c - three masters on the loopback, a third of the slots each, without replicas.
 *
 * Members are introduced as `redis-cli --cluster create` does it: slots, an epoch of its own for
 * each, then a meeting; but without its pauses, and without the program.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/servers/ask.h"
#include "bench/stores/servers/kinds.h"

enum { SLOTS = 16384 };

static int prepare(struct server *s, char *error, size_t size)
{
    for (int i = 0; i < SERVER_MEMBERS; i++) {
        struct member *m = &s->members[i];
        m->port = ask_free_port();
        m->bus_port = ask_free_port();
        if (m->port < 0 || m->bus_port < 0) {
            snprintf(error, size,
                     "Redis Cluster could not be started: no port of 127.0.0.1 is free");
            return -EADDRINUSE;
        }
        m->announced = s->options.announce ? s->options.announce[i] : 0;
        snprintf(m->address, KIND_ADDRESS, "127.0.0.1:%d", m->port);
    }
    return 0;
}

static void command(const struct server *s, int member, struct command *c)
{
    const struct member *m = &s->members[member];

    redis_command(s, member, c);
    command_add(c, "--bind"), command_add(c, "127.0.0.1");
    command_add(c, "--port"), command_add(c, "%d", m->port);
    command_add(c, "--cluster-enabled"), command_add(c, "yes");
    command_add(c, "--cluster-port"), command_add(c, "%d", m->bus_port);
    if (m->announced) {
        command_add(c, "--cluster-announce-port"), command_add(c, "%d", m->announced);
        command_add(c, "--cluster-announce-bus-port"), command_add(c, "%d", m->bus_port);
    }
    command_add(c, "--cluster-config-file"), command_add(c, "nodes.%d", member);
    command_add(c, "--appendfilename"), command_add(c, "file.%d", member);
    command_add(c, "--appenddirname"), command_add(c, "files.%d", member);
    command_add(c, "--cluster-node-timeout"), command_add(c, "2000");
    command_add(c, "--cluster-require-full-coverage");
    command_add(c, "%s", s->options.full_coverage ? "yes" : "no");
    if (s->options.password)
        command_add(c, "--masterauth"), command_add(c, "%s", s->options.password);
}

/* One command that must be answered by +OK, on a new connection. */
static bool tell(const struct server *s, int member, const char *line)
{
    char answer[256], login[128];
    int fd = ask_connect(s->members[member].address);
    bool done = fd >= 0;

    if (done && s->options.password) {
        snprintf(login, sizeof login, "AUTH %s\r\n", s->options.password);
        done = ask(fd, login, answer, sizeof answer) > 0 && answer[0] == '+';
    }
    done = done && ask(fd, line, answer, sizeof answer) > 0 && answer[0] == '+';
    if (fd >= 0)
        close(fd);
    return done;
}

static void introduce(const struct server *s)
{
    char line[128];

    for (int i = 0; i < SERVER_MEMBERS; i++) {
        snprintf(line, sizeof line, "CLUSTER ADDSLOTSRANGE %d %d\r\n", SLOTS * i / SERVER_MEMBERS,
                 SLOTS * (i + 1) / SERVER_MEMBERS - 1);
        tell(s, i, line);
        snprintf(line, sizeof line, "CLUSTER SET-CONFIG-EPOCH %d\r\n", i + 1);
        tell(s, i, line);
    }
    for (int i = 1; i < SERVER_MEMBERS; i++) {
        snprintf(line, sizeof line, "CLUSTER MEET 127.0.0.1 %d %d\r\n", s->members[i].port,
                 s->members[i].bus_port);
        tell(s, 0, line);
    }
}

/* Whether this member knows all others and who serves every slot. */
static bool agrees(const struct server *s, int member)
{
    char answer[2048], login[128];
    int fd = ask_connect(s->members[member].address);
    bool done = fd >= 0;

    if (done && s->options.password) {
        snprintf(login, sizeof login, "AUTH %s\r\n", s->options.password);
        done = ask(fd, login, answer, sizeof answer) > 0;
    }
    done = done && ask(fd, "CLUSTER INFO\r\n", answer, sizeof answer) > 0 &&
           strstr(answer, "cluster_state:ok") && strstr(answer, "cluster_slots_ok:16384") &&
           strstr(answer, "cluster_known_nodes:3");
    if (fd >= 0)
        close(fd);
    return done;
}

static int complete(struct server *s, bool first)
{
    if (first && !s->introduced) {
        introduce(s);
        s->introduced = true;
    }
    for (int i = 0; i < SERVER_MEMBERS; i++)
        if (!agrees(s, i))
            return 0;
    return 1;
}

const struct kind kind_redis_cluster = {
    .name = "Redis Cluster",
    .members = SERVER_MEMBERS,
    .signal = SIGKILL,
    .installed = redis_is_installed,
    .prepare = prepare,
    .command = command,
    .ready = redis_ready,
    .complete = complete,
};
