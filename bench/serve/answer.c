/* answer.c - answers, as the bytes of HTTP/1.1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/serve/digits.h"
#include "bench/serve/worker.h"

static const char *reason_of(int status)
{
    static const struct { int status; const char *reason; } known[] = {
        { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" }, { 304, "Not Modified" },
        { 400, "Bad Request" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
        { 408, "Request Timeout" }, { 409, "Conflict" }, { 411, "Length Required" },
        { 413, "Content Too Large" }, { 414, "URI Too Long" }, { 426, "Upgrade Required" },
        { 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" },
        { 501, "Not Implemented" }, { 503, "Service Unavailable" },
        { 505, "HTTP Version Not Supported" }, { 507, "Insufficient Storage" },
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].status == status)
            return known[i].reason;
    return "Unknown";
}

int answer_put(struct worker *w, struct conn *c, unsigned char *bytes, size_t n)
{
    tally_add(&worker_tally(w)->bytes_out, n);
    meter_add(w->service->meters, c->meter, 0, n);
    if (lws_write(c->wsi, bytes, n, LWS_WRITE_RAW) < (int)n)
        return -1;
    if (lws_partial_buffered(c->wsi) && !c->held) {
        /* It reads nothing from a client that does not read, and would be woken for it again and again. */
        c->held = true;
        lws_rx_flow_control(c->wsi, 0);
        patience_begin(w, c, PATIENCE_FLUSHING);
    }
    return 0;
}

void answer_unhold(struct conn *c)
{
    if (c->held)
        lws_rx_flow_control(c->wsi, 1);
    c->held = false;
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
    error = answer_put(w, c, all + LWS_PRE, head + length);
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
    if (r->status == 426)
        at = stpcpy(at, "Sec-WebSocket-Version: 13\r\n");
    if (r->status != 304) {
        at = stpcpy(at, "Content-Length: ");
        at = digits_put(at, r->length);
        at = stpcpy(at, "\r\n");
    }
    at = stpcpy(at, c->closing ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n");
    return (size_t)(at - head);
}

int answer_send(struct worker *w, struct conn *c, const struct reply *r)
{
    size_t n, body = c->method == SERVE_HEAD || r->status == 304 ? 0 : r->length;

    c->closing |= worker_is_draining(w);
    n = put_head(w, c, r);
    c->kind = CONN_PLAIN;
    if (put_whole(w, c, n, r->text, body) != 0)
        return -1;
    return c->closing ? answer_leave(w, c) : 0;
}

int answer_stream(struct worker *w, struct conn *c)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               "Cache-Control: no-store\r\nConnection: close\r\n"
                               "X-Content-Type-Options: nosniff\r\n\r\n";

    memcpy(w->out + LWS_PRE, head, sizeof head - 1);
    return answer_put(w, c, w->out + LWS_PRE, sizeof head - 1);
}

int answer_refusal(struct worker *w, struct conn *c)
{
    tally_request(worker_tally(w), -1, w->reply.status, 0);
    c->closing = true;
    return answer_send(w, c, &w->reply);
}

int answer_refuse(struct worker *w, struct conn *c, int status, const char *why)
{
    reply_begin(&w->reply);
    reply_error(&w->reply, status, "%s", why);
    return answer_refusal(w, c);
}

/*
 * Closing at once, with bytes of the client unread, would have the kernel tell it of an error, and throw away
 * an answer that it has not read yet.
 */
int answer_leave(struct worker *w, struct conn *c)
{
    if (c->kind == CONN_LEAVING && c->patience == PATIENCE_LEAVING)
        return 0; /* it has been said */
    c->kind = CONN_LEAVING;
    if (lws_partial_buffered(c->wsi)) /* it is called again once the client has read */
        return 0;
    shutdown(lws_get_socket_fd(c->wsi), SHUT_WR);
    patience_begin(w, c, PATIENCE_LEAVING);
    return 0;
}
