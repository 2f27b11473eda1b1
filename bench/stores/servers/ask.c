/* ask.c - a socket, a line, an answer. */
#include "bench/stores/servers/ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int ask_connect(const char *address)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    struct sockaddr_in loopback = { .sin_family = AF_INET };
    const char *colon = strrchr(address, ':');
    const struct timeval patience = { 1, 0 };
    int done;

    if (address[0] != '/' && !colon)
        return -EINVAL;
    if (address[0] == '/' && strlen(address) >= sizeof local.sun_path)
        return -ENAMETOOLONG;
    int fd = socket(address[0] == '/' ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (address[0] == '/') {
        snprintf(local.sun_path, sizeof local.sun_path, "%s", address);
        done = connect(fd, (struct sockaddr *)&local, sizeof local);
    } else {
        loopback.sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10));
        loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        done = connect(fd, (struct sockaddr *)&loopback, sizeof loopback);
    }
    if (done != 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int ask(int fd, const char *line, char *answer, size_t size)
{
    size_t length = strlen(line), used = 0;

    if (send(fd, line, length, MSG_NOSIGNAL) != (ssize_t)length)
        return -EIO;
    for (;;) {
        struct pollfd more = { .fd = fd, .events = POLLIN };
        if (used > 0 && (answer[used - 1] == '\n' || used + 1 >= size) && poll(&more, 1, 50) <= 0)
            break;
        if (used + 1 >= size)
            break;
        ssize_t got = recv(fd, answer + used, size - 1 - used, 0);
        if (got <= 0 && used > 0)
            break;
        if (got <= 0)
            return got < 0 ? -errno : -ECONNRESET;
        used += (size_t)got;
        if (answer[0] != '$' && answer[used - 1] == '\n') /* a reply of one line */
            break;
    }
    answer[used] = '\0';
    return (int)used;
}

int ask_free_port(void)
{
    struct sockaddr_in any = { .sin_family = AF_INET };
    socklen_t size = sizeof any;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = -EADDRINUSE;

    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&any, sizeof any) == 0 &&
        getsockname(fd, (struct sockaddr *)&any, &size) == 0)
        port = ntohs(any.sin_port);
    if (fd >= 0)
        close(fd);
    return port;
}
