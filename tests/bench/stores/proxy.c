/* proxy.c - see proxy.h. */
#include "tests/bench/stores/proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 16, BLOCK = 65536, BACKLOG = 16, SETTLE_US = 300000 };

struct pair {
    int client, server; /* -1: none */
    bool lost;          /* something that was on its way */
};

/* What is nobody's protocol, where there is no server and no other answer was asked for. */
static const char nonsense[] = "What do you mean?\n";

/* What the process knows. */
struct line {
    const char *path;   /* of the server's socket; NULL: there is no server; "": at the port */
    const char *answer; /* where there is no server */
    int port;
    bool swallow, dropping;
};

static struct sockaddr_un at(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };

    snprintf(a.sun_path, sizeof a.sun_path, "%.100s", path);
    return a;
}

static struct sockaddr_in at_port(int port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                 .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

/* A connection to the server, or -1. */
static int reach(const struct line *l)
{
    struct sockaddr_un by_path = at(l->path);
    struct sockaddr_in by_port = at_port(l->port);
    bool path = l->path[0] != '\0';
    int fd = socket(path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);

    if (fd >= 0 && (path ? connect(fd, (struct sockaddr *)&by_path, sizeof by_path)
                         : connect(fd, (struct sockaddr *)&by_port, sizeof by_port)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static void drop(struct pair *p)
{
    close(p->client);
    if (p->server >= 0)
        close(p->server);
    p->client = p->server = -1;
    p->lost = false;
}

/* Carries a block, or loses it; false at the end of either side. */
static bool carry(const struct line *l, struct pair *p, int from, int to)
{
    static char block[BLOCK];
    ssize_t n = recv(from, block, sizeof block, 0);

    if (l->dropping && n > 0) {
        p->lost = true;
        return true;
    }
    return n > 0 && send(to, block, (size_t)n, MSG_NOSIGNAL) == n;
}

/* What came from this pair's client. */
static void serve(struct line *l, struct pair *p)
{
    if (p->server < 0) {
        char ignored[BLOCK];
        if (recv(p->client, ignored, sizeof ignored, 0) > 0)
            send(p->client, l->answer, strlen(l->answer), MSG_NOSIGNAL);
        drop(p);
    } else if (!carry(l, p, p->client, p->server)) {
        drop(p);
    } else if (l->swallow) {
        l->swallow = false;
        usleep(SETTLE_US); /* the server has done it by then */
        drop(p);
    }
}

static void reset(struct pair *p)
{
    static const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(p->client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    drop(p);
}

static void obey(struct line *l, struct pair *pairs, int orders)
{
    char order;

    if (read(orders, &order, 1) != 1 || order == 'e')
        _exit(0);
    l->swallow = l->swallow || order == 's';
    l->dropping = order == 'd' || (l->dropping && order != 'h');
    if (order == 't' && read(orders, &l->port, sizeof l->port) != sizeof l->port)
        _exit(1);
    for (int i = 0; i < MOST; i++)
        if (pairs[i].client >= 0 && order == 'r')
            reset(&pairs[i]);
        else if (pairs[i].client >= 0 && order == 'h' && pairs[i].lost)
            drop(&pairs[i]);
}

static void take_in(const struct line *l, struct pair *pairs, int listener)
{
    for (int i = 0; i < MOST; i++) {
        if (pairs[i].client >= 0)
            continue;
        pairs[i] = (struct pair){ accept(listener, NULL, NULL), l->path ? reach(l) : -1, false };
        if (l->path && pairs[i].server < 0)
            drop(&pairs[i]); /* as the server would have refused it */
        return;
    }
}

static _Noreturn void run(int listener, int orders, const char *to, const char *answer)
{
    struct line line = { .path = to, .answer = answer };
    struct pair pairs[MOST];

    for (int i = 0; i < MOST; i++)
        pairs[i] = (struct pair){ -1, -1, false };
    for (;;) {
        struct pollfd all[2 + 2 * MOST] = { { listener, POLLIN, 0 }, { orders, POLLIN, 0 } };
        for (int i = 0; i < MOST; i++) {
            all[2 + 2 * i] = (struct pollfd){ pairs[i].client, POLLIN, 0 };
            all[3 + 2 * i] = (struct pollfd){ pairs[i].server, POLLIN, 0 };
        }
        poll(all, 2 + 2 * MOST, -1);
        for (int i = 0; i < MOST; i++) {
            if (pairs[i].server >= 0 && all[3 + 2 * i].revents &&
                !carry(&line, &pairs[i], pairs[i].server, pairs[i].client))
                drop(&pairs[i]);
            if (pairs[i].client >= 0 && all[2 + 2 * i].revents)
                serve(&line, &pairs[i]);
        }
        if (all[0].revents)
            take_in(&line, pairs, listener);
        if (all[1].revents)
            obey(&line, pairs, orders);
    }
}

/* The process, on a socket that listens. */
static void begin(struct proxy *p, int listener, const char *to, const char *answer)
{
    int orders[2];

    if (listen(listener, BACKLOG) != 0 || pipe(orders) != 0)
        abort();
    p->pid = fork();
    if (p->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(orders[1]);
        run(listener, orders[0], to, answer);
    }
    close(listener);
    close(orders[0]);
    p->tell = orders[1];
}

/* The process, on a socket of this name in a folder of its own. */
static void begin_at_path(struct proxy *p, const char *to, const char *answer, const char *name)
{
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(p->folder, sizeof p->folder, "/tmp/contend-proxy.XXXXXX");
    if (!mkdtemp(p->folder))
        abort();
    p->port = 0;
    snprintf(p->path, sizeof p->path, "%s/%s", p->folder, name);
    struct sockaddr_un a = at(p->path);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) != 0)
        abort();
    begin(p, listener, to, answer);
}

void proxy_begin(struct proxy *p, const char *to, const char *name)
{
    begin_at_path(p, to, nonsense, name);
}

void proxy_pretend(struct proxy *p, const char *answer, const char *name)
{
    begin_at_path(p, NULL, answer, name);
}

void proxy_begin_tcp(struct proxy *p, const char *to)
{
    struct sockaddr_in a = at_port(0);
    socklen_t size = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    p->folder[0] = p->path[0] = '\0';
    if (bind(listener, (struct sockaddr *)&a, sizeof a) != 0 ||
        getsockname(listener, (struct sockaddr *)&a, &size) != 0)
        abort();
    p->port = ntohs(a.sin_port);
    begin(p, listener, to, nonsense);
}

/* Gives an order, and time to hear of it before the next message. */
static void order(struct proxy *p, const char *text, size_t size)
{
    if (write(p->tell, text, size) != (ssize_t)size)
        abort();
    usleep(SETTLE_US / 3);
}

void proxy_aim(struct proxy *p, int port)
{
    char text[1 + sizeof port] = "t";

    memcpy(text + 1, &port, sizeof port);
    order(p, text, sizeof text);
}

void proxy_drop(struct proxy *p)
{
    order(p, "d", 1);
}

void proxy_heal(struct proxy *p)
{
    order(p, "h", 1);
}

void proxy_reset(struct proxy *p)
{
    order(p, "r", 1);
}

void proxy_swallow(struct proxy *p)
{
    order(p, "s", 1);
}

void proxy_end(struct proxy *p)
{
    /* Not by the end of the pipe alone: a proxy that was begun later has inherited this side. */
    if (write(p->tell, "e", 1) != 1)
        abort();
    close(p->tell);
    waitpid(p->pid, NULL, 0);
    if (p->path[0]) {
        unlink(p->path);
        rmdir(p->folder);
    }
}
