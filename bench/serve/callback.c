/* callback.c - what libwebsockets tells a worker: connections come, have sent, may be written to, and go. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/serve/worker.h"

enum { ACCEPTS = 32 }; /* in one turn, so that other connections have theirs */

/* ---- connections come ---- */

/* Whatever it wants to ask: nothing of it is read. */
#define BUSY "{\"error\":\"there are too many connections: try again later\"}\n"
_Static_assert(sizeof BUSY - 1 == 60, "the Content-Length below");

static void turn_away(struct worker *w, int fd)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                               "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
                               "Content-Length: 60\r\nRetry-After: 1\r\nConnection: close\r\n\r\n" BUSY;

    if (send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
        shutdown(fd, SHUT_WR);
    close(fd);
    tally_add(&worker_tally(w)->refused, 1);
}

static void let_go(struct worker *w)
{
    w->gone++;
    tally_add(&worker_tally(w)->open, UINT64_MAX); /* one less */
}

static void adopt(struct worker *w, int fd)
{
    uint64_t gone = w->gone;
    /* Raw: the library reads and writes bytes, and understands nothing of them (head.h says why). */
    const lws_adopt_desc_t client = {
        .vh = w->vhost, .type = LWS_ADOPT_SOCKET, .fd = { .sockfd = fd }, .vh_prot_name = "contend",
        .opaque = w,
    };

    /* Counted before, since the library may tell of its end while it fails. */
    tally_add(&worker_tally(w)->accepted, 1);
    tally_add(&worker_tally(w)->open, 1);
    if (!lws_adopt_descriptor_vhost_via_info(&client) && w->gone == gone)
        let_go(w);
}

/* The listening socket is readable; another worker may be faster. */
static void take_connections(struct worker *w, int listening)
{
    for (int i = 0; i < ACCEPTS; i++) {
        int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
        if (fd < 0)
            return;
        if (service_sum(w->service, open) >= w->server->most_connections) {
            turn_away(w, fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        /* What a slow client has yet to read is old; the kernel would keep megabytes of it. */
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ WORKER_SEND_BUFFER }, sizeof(int));
        adopt(w, fd);
    }
}

/* ---- connections go ---- */

static void forget(struct worker *w, struct conn *c)
{
    live_unlink(w, c);
    patience_begin(w, c, PATIENCE_NONE);
    frames_end(&c->frames);
    free(c->pending);
    c->pending = NULL;
    c->pending_length = 0;
}

/* ---- turns to write ---- */

/* The library has written whatever it kept. */
static int write_turn(struct worker *w, struct conn *c)
{
    if (lws_partial_buffered(c->wsi))
        return 0;
    if (c->patience == PATIENCE_FLUSHING)
        patience_begin(w, c, PATIENCE_NONE);
    if (c->kind == CONN_LEAVING) {
        answer_unhold(c);
        return answer_leave(w, c);
    }
    if (c->linked && live_write(w, c) != 0)
        return -1;
    if (lws_partial_buffered(c->wsi) || c->kind == CONN_LEAVING || c->kind == CONN_WAIT)
        return 0;
    return c->held || c->kind == CONN_PLAIN ? http_go_on(w, c) : 0;
}

static int timer_turn(struct worker *w, struct conn *c)
{
    if (live_late(w, c) != 0)
        return -1;
    return c->kind == CONN_PLAIN && !lws_partial_buffered(c->wsi) ? http_go_on(w, c) : 0;
}

int worker_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length)
{
    struct worker *w = lws_context_user(lws_get_context(wsi));
    struct conn *c = user;

    switch (reason) {
    case LWS_CALLBACK_RAW_RX_FILE:
        take_connections(w, lws_get_socket_fd(wsi));
        return 0;
    case LWS_CALLBACK_RAW_ADOPT:
        c->wsi = wsi;
        patience_begin(w, c, PATIENCE_ARRIVING);
        return 0;
    case LWS_CALLBACK_RAW_RX:
        return http_receive(w, c, in, length);
    case LWS_CALLBACK_RAW_WRITEABLE:
        return write_turn(w, c);
    case LWS_CALLBACK_TIMER:
        return timer_turn(w, c);
    case LWS_CALLBACK_RAW_CLOSE:
        forget(w, c);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        if (lws_get_opaque_user_data(wsi)) /* a client, not the listening socket */
            let_go(w);
        return 0;
    default:
        return 0;
    }
}
