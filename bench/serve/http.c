/* http.c - requests and answers: the callback of libwebsockets. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/serve/digits.h"
#include "bench/serve/worker.h"

enum { ACCEPTS = 32 }; /* in one turn, so that other connections have theirs */

/* ---- answers ---- */

static const char *reason_of(int status)
{
    static const struct { int status; const char *reason; } known[] = {
        { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" }, { 304, "Not Modified" },
        { 400, "Bad Request" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
        { 408, "Request Timeout" }, { 409, "Conflict" }, { 411, "Length Required" },
        { 413, "Content Too Large" }, { 414, "URI Too Long" }, { 500, "Internal Server Error" },
        { 501, "Not Implemented" }, { 503, "Service Unavailable" }, { 507, "Insufficient Storage" },
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].status == status)
            return known[i].reason;
    return "Unknown";
}

/*
 * Writes n bytes, before which LWS_PRE more belong to the library; it keeps what the socket does not
 * take.  0, or -1 to close.
 */
static int put(struct worker *w, struct conn *c, unsigned char *bytes, size_t n,
               enum lws_write_protocol how)
{
    tally_add(&worker_tally(w)->bytes_out, n);
    return lws_write(c->wsi, bytes, n, how) < (int)n ? -1 : 0;
}

/* The head is in w->out.  A text that does not fit behind it goes through memory of its own. */
static int put_whole(struct worker *w, struct conn *c, size_t head, const char *text, size_t length)
{
    unsigned char *all = w->out;
    int error;

    if (length > REPLY_BYTES) {
        all = malloc(LWS_PRE + head + length);
        if (!all)
            return -1;
        memcpy(all + LWS_PRE, w->out + LWS_PRE, head);
    }
    if (length)
        memcpy(all + LWS_PRE + head, text, length);
    error = put(w, c, all + LWS_PRE, head + length, LWS_WRITE_HTTP_FINAL);
    if (all != w->out)
        free(all);
    return error;
}

/* Each part is short, and all of them are less than half of WORKER_HEAD_BYTES. */
static size_t put_head(struct worker *w, const struct conn *c, const struct reply *r)
{
    char *head = (char *)w->out + LWS_PRE, *at = stpcpy(head, "HTTP/1.1 ");

    at = digits_put(at, (size_t)r->status);
    at = stpcpy(at, " ");
    at = stpcpy(at, reason_of(r->status));
    at = stpcpy(at, "\r\nContent-Type: ");
    at = stpcpy(at, r->type);
    at = stpcpy(at, "\r\nX-Content-Type-Options: nosniff\r\n");
    if (r->etag[0]) {
        at = stpcpy(at, "ETag: ");
        at = stpcpy(at, r->etag);
        at = stpcpy(at, "\r\nCache-Control: no-cache\r\n");
    } else {
        at = stpcpy(at, "Cache-Control: no-store\r\n");
    }
    if (r->allow) {
        at = stpcpy(at, "Allow: ");
        at = stpcpy(at, r->allow);
        at = stpcpy(at, "\r\n");
    }
    if (r->status != 304) {
        at = stpcpy(at, "Content-Length: ");
        at = digits_put(at, r->length);
        at = stpcpy(at, "\r\n");
    }
    at = stpcpy(at, c->closing ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n");
    return (size_t)(at - head);
}

int http_send(struct worker *w, struct conn *c, const struct reply *r)
{
    size_t n, body = c->method == SERVE_HEAD || r->status == 304 ? 0 : r->length;

    /* relaxed: it publishes nothing. */
    c->closing |= atomic_load_explicit(&w->service->draining, memory_order_relaxed);
    c->closing |= r->status >= 400 && r->status != 404;
    n = put_head(w, c, r);
    if (put_whole(w, c, n, r->text, body) != 0)
        return -1;
    c->kind = CONN_PLAIN;
    return c->closing ? -1 : rest_begin(w, c);
}

/* Begins what is answered later. */
static int begin_later(struct worker *w, struct conn *c, const struct reply *r)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               "Cache-Control: no-store\r\nConnection: close\r\n"
                               "X-Content-Type-Options: nosniff\r\n\r\n";

    c->topics = r->kind == REPLY_STREAM ? r->topics : TOPIC_CLAPS;
    c->one_post = r->kind == REPLY_WAIT || r->one_post;
    c->post = r->post;
    c->since = r->since;
    c->greeted = false;
    c->kind = r->kind == REPLY_STREAM ? CONN_STREAM : CONN_WAIT;
    if (live_link(w, c) != 0)
        return -1;
    lws_http_headers_detach(c->wsi);
    lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
    if (c->kind == CONN_WAIT) {
        lws_set_timer_usecs(c->wsi, (lws_usec_t)r->wait_ms * 1000);
        return 0;
    }
    memcpy(w->out + LWS_PRE, head, sizeof head - 1);
    if (put(w, c, w->out + LWS_PRE, sizeof head - 1, LWS_WRITE_HTTP_HEADERS) != 0)
        return -1;
    live_ask(c);
    return 0;
}

/* ---- requests ---- */

static struct guest *guest_of(const struct conn *c)
{
    return lws_get_opaque_user_data(c->wsi);
}

static enum serve_method method_of(int known)
{
    switch (known) {
    case LWSHUMETH_GET: return SERVE_GET;
    case LWSHUMETH_HEAD: return SERVE_HEAD;
    case LWSHUMETH_POST: return SERVE_POST;
    case LWSHUMETH_PUT: return SERVE_PUT;
    case LWSHUMETH_DELETE: return SERVE_DELETE;
    default: return SERVE_OTHER;
    }
}

static int refuse(struct worker *w, struct conn *c, int status, const char *why)
{
    struct reply *r = &w->reply;

    r->allow = NULL;
    r->etag[0] = '\0';
    reply_error(r, status, "%s", why);
    tally_request(worker_tally(w), -1, status, 0);
    c->closing = true;
    return http_send(w, c, r);
}

/* The parts of the query, which the library has taken apart and decoded. */
static void copy_query(struct worker *w, struct lws *wsi)
{
    size_t used = 0;
    int n;

    w->query[0] = '\0';
    for (int i = 0; used < sizeof w->query - 1; i++) {
        size_t at = used + (used > 0);
        if (at >= sizeof w->query - 1)
            return;
        n = lws_hdr_copy_fragment(wsi, w->query + at, (int)(sizeof w->query - at),
                                  WSI_TOKEN_HTTP_URI_ARGS, i);
        if (n <= 0)
            return;
        if (used)
            w->query[used] = '&';
        used = at + (size_t)n;
    }
}

/* Reads what is wanted into w->path and w->query.  0, or the status of a refusal. */
static int read_target(struct worker *w, struct conn *c)
{
    char *path;
    int length, method = lws_http_get_uri_and_method(c->wsi, &path, &length);

    c->method = method_of(method);
    if (method < 0 || length <= 0 || path[0] != '/')
        return 400;
    if ((size_t)length >= sizeof w->path)
        return 414;
    memcpy(w->path, path, (size_t)length);
    w->path[length] = '\0';
    copy_query(w, c->wsi);
    return 0;
}

/* The request is here, with its body, and what is wanted in w->path and w->query. */
static int answer(struct worker *w, struct conn *c)
{
    struct reply *r = &w->reply;
    char etag[REPLY_ETAG];
    uint64_t begun = contend_clock_ns();

    if (lws_hdr_copy(c->wsi, etag, sizeof etag, WSI_TOKEN_HTTP_IF_NONE_MATCH) < 0)
        etag[0] = '\0';
    const struct serve_request q = { .method = c->method, .path = w->path, .query = w->query,
                                     .if_none_match = etag, .body = c->body ? c->body : "",
                                     .length = c->received };
    service_answer(w->service, w->side, &q, r);
    guest_of(c)->since_ns = contend_clock_ns();
    guest_of(c)->idle = true;
    tally_request(worker_tally(w), r->route, r->status, guest_of(c)->since_ns - begun);
    free(c->body);
    c->body = NULL;
    return r->kind == REPLY_WHOLE ? http_send(w, c, r) : begin_later(w, c, r);
}

/* How long the body will be: 0 and more; or what refuses the request, below 0. */
static int64_t body_length(struct conn *c)
{
    char text[24];
    uint64_t length;
    int n = lws_hdr_copy(c->wsi, text, sizeof text, WSI_TOKEN_HTTP_CONTENT_LENGTH);

    if (lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
        return -411; /* chunked bodies are none that the library reads */
    if (lws_hdr_total_length(c->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0) {
        /* Then there is none (RFC 9112, 6.3); but after a POST the library would take what follows for one. */
        c->closing = c->method == SERVE_POST || c->method == SERVE_PUT;
        return 0;
    }
    if (n <= 0 || request_number(text, (size_t)n, &length) != 0)
        return -400;
    return length > WORKER_MOST_BODY ? -413 : (int64_t)length;
}

/* What the library can do at most: an answer without a look at the request. */
static int say_hello(struct worker *w, struct conn *c)
{
    static const char hello[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                "Content-Length: 6\r\n\r\nhello\n";

    memcpy(w->out + LWS_PRE, hello, sizeof hello - 1);
    if (lws_write(c->wsi, w->out + LWS_PRE, sizeof hello - 1, LWS_WRITE_HTTP_FINAL) < 0)
        return -1;
    return rest_begin(w, c);
}

static int begin_request(struct worker *w, struct conn *c)
{
    int status;
    int64_t body;

    rest_end(w, guest_of(c));
    if (w->server->hello)
        return say_hello(w, c);
    status = read_target(w, c);
    c->kind = CONN_PLAIN;
    c->received = 0;
    c->closing = false;
    *guest_of(c) = (struct guest){ .since_ns = contend_clock_ns(), .asked = true };
    if (status)
        return refuse(w, c, status, "this is no path");
    body = body_length(c);
    if (body == -411)
        return refuse(w, c, 411, "a Content-Length is wanted");
    if (body == -400)
        return refuse(w, c, 400, "this is no Content-Length");
    if (body == -413)
        return refuse(w, c, 413, "the body is too long");
    c->length = (size_t)body;
    if (body == 0)
        return answer(w, c);
    c->body = malloc(c->length);
    if (!c->body)
        return -1;
    lws_set_timer_usecs(c->wsi, (lws_usec_t)WORKER_PATIENCE_S * 1000000);
    return 0;
}

static int take_body(struct conn *c, const void *in, size_t length)
{
    if (!c->body || length > c->length - c->received)
        return -1;
    memcpy(c->body + c->received, in, length);
    c->received += length;
    return 0;
}

static int body_is_complete(struct worker *w, struct conn *c)
{
    lws_set_timer_usecs(c->wsi, LWS_SET_TIMER_USEC_CANCEL);
    if (c->received != c->length)
        return -1;
    int status = read_target(w, c); /* other requests may have come while the body did */
    return status ? refuse(w, c, status, "this is no path") : answer(w, c);
}

/* ---- connections ---- */

static void turn_away(struct worker *w, int fd)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                               "Retry-After: 1\r\nConnection: close\r\n\r\n";

    if (send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
        shutdown(fd, SHUT_WR);
    close(fd);
    tally_add(&worker_tally(w)->refused, 1);
}

/* Whether the library gives up such clients: those that say nothing, and those that begin and do not go on. */
static bool was_patient(const struct guest *g)
{
    uint64_t half_s = UINT64_C(500000000), ns = contend_clock_ns() - g->since_ns;

    return ns >= (2 * WORKER_PATIENCE_S - 1) * half_s && !(g->idle && ns >= (2 * WORKER_IDLE_S - 1) * half_s);
}

/* The library tells nothing else of one that has asked for nothing; its socket is closed by now. */
static void let_go(struct worker *w, struct guest *g)
{
    w->gone++;
    rest_end(w, g);
    tally_add(&worker_tally(w)->open, UINT64_MAX); /* one less */
    if (!g->asked && !g->judged && was_patient(g))
        tally_add(&worker_tally(w)->too_slow, 1);
    free(g);
}

static void adopt(struct worker *w, int fd)
{
    struct guest *g = malloc(sizeof *g);
    uint64_t gone = w->gone;
    const lws_adopt_desc_t client = {
        .vh = w->vhost, .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP, .fd = { .sockfd = fd }, .opaque = g,
    };

    if (!g) {
        close(fd);
        return;
    }
    *g = (struct guest){ .since_ns = contend_clock_ns() };
    /* Counted before, since the library may tell of its end while it fails. */
    tally_add(&worker_tally(w)->accepted, 1);
    tally_add(&worker_tally(w)->open, 1);
    if (!lws_adopt_descriptor_vhost_via_info(&client) && w->gone == gone)
        let_go(w, g);
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

/*
 * Refuses what has not become a request, and what the library would close without a word: a first
 * line that is none of HTTP, and upgrades to what is not there.
 */
static int refuse_raw(struct worker *w, struct lws *wsi, int status, const char *why)
{
    char *text = (char *)w->out + LWS_PRE;
    int length = snprintf(text, WORKER_HEAD_BYTES,
                          "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"
                          "Content-Length: %zu\r\nConnection: close\r\n\r\n{\"error\":\"%s\"}\n",
                          status, reason_of(status), strlen(why) + sizeof "{\"error\":\"\"}\n" - 1, why);

    lws_write(wsi, w->out + LWS_PRE, (size_t)length, LWS_WRITE_RAW);
    tally_request(worker_tally(w), -1, status, 0);
    return -1;
}

/* GET /live alone becomes a WebSocket; HTTP/2 is none of ours. */
static int confirm_upgrade(struct worker *w, struct lws *wsi, const char *what)
{
    int status = live_may_open(wsi);

    rest_end(w, lws_get_opaque_user_data(wsi));
    if (!what || strcasecmp(what, "websocket") != 0)
        return refuse_raw(w, wsi, 400, "the only upgrade is to a WebSocket");
    if (status == 404)
        return refuse_raw(w, wsi, 404, "the WebSocket is at /live");
    return status ? refuse_raw(w, wsi, status, "?user=, ?post= and ?online= want whole numbers") : 0;
}

/* While the service drains: a connection of which nothing is wanted ends. */
static int let_idle_go(struct lws *wsi, const struct conn *c)
{
    if (lws_get_opaque_user_data(wsi) && (!c || (!c->linked && !c->body)))
        lws_set_timeout(wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
    return 0;
}

/*
 * The library gives up slow clients by itself, and says nothing of it: then the client is still there, and
 * it has not been idle for as long as it may be.
 */
static void note_given_up(struct worker *w, const struct conn *c, struct guest *g)
{
    char byte;

    /* relaxed: it publishes nothing. */
    g->judged = c->closing || c->kind == CONN_SOCKET || !was_patient(g) ||
                atomic_load_explicit(&w->service->draining, memory_order_relaxed);
    if (g->judged)
        return;
    g->judged = true;
    ssize_t n = recv(lws_get_socket_fd(c->wsi), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0 || (n < 0 && errno == EAGAIN))
        tally_add(&worker_tally(w)->too_slow, 1);
}

static void forget(struct worker *w, struct conn *c)
{
    note_given_up(w, c, guest_of(c));
    live_unlink(w, c);
    free(c->body);
    c->body = NULL;
    c->kind = CONN_PLAIN;
}

int worker_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length)
{
    struct worker *w = lws_context_user(lws_get_context(wsi));
    struct conn *c = user;

    w->calls++;
    if (c)
        c->wsi = wsi;
    switch (reason) {
    case LWS_CALLBACK_RAW_RX_FILE:
        take_connections(w, lws_get_socket_fd(wsi));
        return 0;
    case LWS_CALLBACK_RAW_RX:
        return refuse_raw(w, wsi, 400, "this is no request");
    case LWS_CALLBACK_WSI_DESTROY:
        if (lws_get_opaque_user_data(wsi)) /* a client, not the listening socket */
            let_go(w, lws_get_opaque_user_data(wsi));
        return 0;
    case LWS_CALLBACK_USER:
        return let_idle_go(wsi, c);
    case LWS_CALLBACK_HTTP:
        return begin_request(w, c);
    case LWS_CALLBACK_HTTP_BODY:
        return take_body(c, in, length);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return body_is_complete(w, c);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return confirm_upgrade(w, wsi, in);
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_CLOSED:
        if (c)
            forget(w, c);
        return 0;
    default:
        return c ? live_callback(w, c, reason, in, length) : 0;
    }
}
