/* proxy.c - see proxy.h. */
#include "tests/bench/stores/proxy.h"

#include <fcntl.h>
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
};

static struct sockaddr_un at(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };

    snprintf(a.sun_path, sizeof a.sun_path, "%.100s", path);
    return a;
}

static int reach(const char *to)
{
    struct sockaddr_un a = at(to);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    _exit(1);
}

static void drop(struct pair *p)
{
    close(p->client);
    if (p->server >= 0)
        close(p->server);
    p->client = p->server = -1;
}

/* Carries a block; false at the end of either side. */
static bool carry(int from, int to)
{
    static char block[BLOCK];
    ssize_t n = recv(from, block, sizeof block, 0);

    return n > 0 && send(to, block, (size_t)n, MSG_NOSIGNAL) == n;
}

/* What came from this pair's client. */
static void serve(struct pair *p, bool *swallow, const char *answer)
{
    if (p->server < 0) {
        char ignored[BLOCK];
        if (recv(p->client, ignored, sizeof ignored, 0) > 0)
            send(p->client, answer, strlen(answer), MSG_NOSIGNAL);
        drop(p);
    } else if (!carry(p->client, p->server)) {
        drop(p);
    } else if (*swallow) {
        *swallow = false;
        usleep(SETTLE_US); /* the server has done it by then */
        drop(p);
    }
}

static _Noreturn void run(int listener, int orders, const char *to, const char *answer)
{
    struct pair pairs[MOST];
    bool swallow = false;
    char order;

    memset(pairs, -1, sizeof pairs);
    for (;;) {
        struct pollfd all[2 + 2 * MOST] = { { listener, POLLIN, 0 }, { orders, POLLIN, 0 } };
        for (int i = 0; i < MOST; i++) {
            all[2 + 2 * i] = (struct pollfd){ pairs[i].client, POLLIN, 0 };
            all[3 + 2 * i] = (struct pollfd){ pairs[i].server, POLLIN, 0 };
        }
        poll(all, 2 + 2 * MOST, -1);
        if (all[1].revents && read(orders, &order, 1) != 1)
            _exit(0);
        swallow = swallow || all[1].revents;
        for (int i = 0; i < MOST; i++) {
            if (pairs[i].server >= 0 && all[3 + 2 * i].revents &&
                !carry(pairs[i].server, pairs[i].client))
                drop(&pairs[i]);
            if (pairs[i].client >= 0 && all[2 + 2 * i].revents)
                serve(&pairs[i], &swallow, answer);
        }
        for (int i = 0; all[0].revents && i < MOST; i++)
            if (pairs[i].client < 0) {
                pairs[i].client = accept(listener, NULL, NULL);
                pairs[i].server = to ? reach(to) : -1;
                break;
            }
    }
}

static void begin(struct proxy *p, const char *to, const char *answer, const char *name)
{
    int orders[2], listener = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(p->folder, sizeof p->folder, "/tmp/contend-proxy.XXXXXX");
    if (!mkdtemp(p->folder) || pipe(orders) != 0)
        abort();
    snprintf(p->path, sizeof p->path, "%s/%s", p->folder, name);
    struct sockaddr_un a = at(p->path);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(listener, BACKLOG) != 0)
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

void proxy_begin(struct proxy *p, const char *to, const char *name)
{
    begin(p, to, "What do you mean?\n", name);
}

void proxy_pretend(struct proxy *p, const char *answer, const char *name)
{
    begin(p, NULL, answer, name);
}

void proxy_swallow(struct proxy *p)
{
    if (write(p->tell, "s", 1) != 1)
        abort();
    usleep(SETTLE_US / 3); /* it must have heard of it before the next message */
}

void proxy_end(struct proxy *p)
{
    close(p->tell);
    waitpid(p->pid, NULL, 0);
    unlink(p->path);
    rmdir(p->folder);
}
