/*
 * http.c - cuts the bytes of a connection into requests, and has each of them answered.
 *
 * A request is answered once it is here as a whole, and its bytes are taken away with it.  So each is answered
 * once, with its own body, however many come at once and however the network has cut them.  One
 * that is not cut for certain is refused, and the connection ends with that: nothing behind it is read.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/serve/worker.h"

/* ---- answers ---- */

/* Begins what is answered later. */
static int begin_later(struct worker *w, struct conn *c, const struct reply *r)
{
    c->topics = r->kind == REPLY_STREAM ? r->topics : TOPIC_CLAPS;
    c->one_post = r->kind == REPLY_WAIT || r->one_post;
    c->post = r->post;
    c->since = r->since;
    c->greeted = false;
    c->kind = r->kind == REPLY_STREAM ? CONN_STREAM : CONN_WAIT;
    if (live_link(w, c) != 0)
        return -1;
    if (c->kind == CONN_WAIT) {
        lws_set_timer_usecs(c->wsi, (lws_usec_t)r->wait_ms * 1000);
    } else if (answer_stream(w, c) != 0) {
        return -1;
    }
    /* A long poll looks once more: a clap between the first look and the link was told to nobody. */
    live_ask(w, c);
    return 0;
}

/* HEAD wants the head of the answer that GET would have, and nothing begins. */
static int answer_head(struct worker *w, struct conn *c, const struct reply *r)
{
    if (r->kind == REPLY_STREAM)
        return answer_stream(w, c) != 0 ? -1 : answer_leave(w, c);
    return answer_send(w, c, r); /* of a long poll: what there is now */
}

static int answer(struct worker *w, struct conn *c, const struct head *h, const char *body)
{
    struct reply *r = &w->reply;
    size_t matches = h->if_none_match.length < sizeof w->matches ? h->if_none_match.length : 0;
    uint64_t begun = contend_clock_ns();

    if (matches)
        memcpy(w->matches, h->if_none_match.at, matches);
    w->matches[matches] = '\0';
    const struct serve_request q = { .method = h->method, .path = w->path, .query = w->query,
                                     .if_none_match = w->matches, .body = body,
                                     .length = (size_t)h->body_length };
    service_answer(w->service, w->side, &q, r);
    tally_request(worker_tally(w), r->route, r->status, contend_clock_ns() - begun);
    if (h->method == SERVE_HEAD)
        return answer_head(w, c, r);
    return r->kind == REPLY_WHOLE ? answer_send(w, c, r) : begin_later(w, c, r);
}

/* What the machine can do at most: an answer without a look at the request. */
static int say_hello(struct worker *w, struct conn *c)
{
    static const char hello[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                "Content-Length: 6\r\n\r\nhello\n";

    memcpy(w->out + LWS_PRE, hello, sizeof hello - 1);
    return answer_put(w, c, w->out + LWS_PRE, sizeof hello - 1);
}

/* ---- requests ---- */

/* The head as the bytes say it.  0, or the status of a refusal, with *why. */
static int judge(const struct head *h, int error, const char **why)
{
    *why = h->wrong;
    if (error)
        return -error;
    *why = "a Content-Length is wanted";
    if (h->chunked)
        return 411;
    *why = "the body is too long";
    return h->body_length > WORKER_MOST_BODY ? 413 : 0;
}

/* The request's bytes, and those that it is answered with, are counted where it says; its query is in w->query. */
static void begin_meter(struct worker *w, struct conn *c)
{
    const struct serve_request q = { .query = w->query };

    if (request_meter(&q, &c->meter) != 0 || !c->meter) {
        c->meter = 0; /* of what is no number the answer tells */
        return;
    }
    meter_claim(w->service->meters, c->meter);
    meter_add(w->service->meters, c->meter, c->wanted, 0);
}

/* The request is whole: its body follows its head. */
static int take_whole(struct worker *w, struct conn *c, const struct head *h, const char *body)
{
    int error = head_target(h, w->path, w->query, sizeof w->path);

    c->closing = !h->keeps;
    c->method = h->method;
    if (error)
        return answer_refuse(w, c, -error, error == -414 ? "the path is too long" : "this is no path");
    begin_meter(w, c);
    if (h->upgrades && h->method == SERVE_GET && h->body_length == 0 && socket_is_wanted(h))
        return socket_open(w, c, h);
    return answer(w, c, h, body);
}

/* The client wants to hear that its body is welcome before it sends it. */
static int invite_body(struct worker *w, struct conn *c)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    c->continued = true;
    memcpy(w->out + LWS_PRE, go_on, sizeof go_on - 1);
    return answer_put(w, c, w->out + LWS_PRE, sizeof go_on - 1);
}

/* The refusal of a head that is too long: as the first bytes say, however many more have come with them. */
static int refuse_long(struct worker *w, struct conn *c, const char *bytes)
{
    return memchr(bytes, '\n', WORKER_MOST_HEADERS) ? answer_refuse(w, c, 431, "the headers are too long")
                                                    : answer_refuse(w, c, 414, "the path is too long");
}

/*
 * Takes the request that begins at `bytes`.  How many bytes it has; 0 if it goes on behind the n bytes; all of
 * them if the connection ends with it; or -1 to close.
 */
static int64_t take_request(struct worker *w, struct conn *c, char *bytes, size_t n)
{
    struct head head;
    const char *why = "this is no request";
    int64_t end;
    int status;

    if (n < c->wanted)
        return 0;
    end = head_end(bytes, n, &c->looked);
    c->method = SERVE_OTHER;
    c->meter = 0;
    if (end > WORKER_MOST_HEADERS || (end == 0 && n > WORKER_MOST_HEADERS))
        return refuse_long(w, c, bytes) != 0 ? -1 : (int64_t)n;
    if (end == 0)
        return 0;
    if (end > 0 && w->server->hello)
        return say_hello(w, c) != 0 ? -1 : end;
    status = end < 0 ? 400 : judge(&head, head_read(bytes, (size_t)end, &head), &why);
    if (status)
        return answer_refuse(w, c, status, why) != 0 ? -1 : (int64_t)n;
    c->wanted = (size_t)end + (size_t)head.body_length;
    if (n < c->wanted)
        return head.expects && !c->continued && invite_body(w, c) != 0 ? -1 : 0;
    return take_whole(w, c, &head, bytes + end) != 0 ? -1 : (int64_t)c->wanted;
}

/* Takes what can be taken of n bytes.  How many, or -1 to close. */
static int64_t take(struct worker *w, struct conn *c, char *bytes, size_t n)
{
    size_t used = 0;

    while (c->kind == CONN_PLAIN && !c->held && used < n) {
        int64_t took = take_request(w, c, bytes + used, n - used);
        if (took < 0)
            return -1;
        if (took == 0)
            break;
        used += (size_t)took;
        c->looked = c->wanted = 0;
        c->continued = false;
    }
    if (c->kind == CONN_SOCKET) { /* behind its request there may be frames already */
        int64_t took = socket_take(w, c, bytes + used, n - used);
        if (took < 0)
            return -1;
        used += (size_t)took;
    }
    return c->kind == CONN_LEAVING || c->kind == CONN_STREAM ? (int64_t)n : (int64_t)used;
}

/* ---- what has come ---- */

/* Keeps bytes behind those that are kept already.  False: there is no memory. */
static bool keep(struct conn *c, const char *bytes, size_t n)
{
    if (c->pending_length + n > c->pending_size) {
        size_t size = c->pending_length + n;
        char *grown = realloc(c->pending, size < WORKER_READ ? size : size + WORKER_READ);
        if (!grown)
            return false;
        c->pending = grown;
        c->pending_size = size < WORKER_READ ? size : size + WORKER_READ;
    }
    memcpy(c->pending + c->pending_length, bytes, n);
    c->pending_length += n;
    return true;
}

/* Of the bytes that are kept, the first were taken. */
static void drop(struct conn *c, size_t used)
{
    c->pending_length -= used;
    if (c->pending_length && used) {
        memmove(c->pending, c->pending + used, c->pending_length);
    } else if (c->pending_length == 0) {
        free(c->pending);
        c->pending = NULL;
        c->pending_size = 0;
    }
}

/* What is waited for now. */
static void settle(struct worker *w, struct conn *c)
{
    bool full = c->pending_length >= WORKER_MOST_PENDING; /* of what follows a long poll */

    if (full && !c->held)
        lws_rx_flow_control(c->wsi, 0);
    c->held |= full;
    if (c->kind != CONN_PLAIN || (c->held && !full))
        return;
    if (c->pending_length == 0)
        patience_begin(w, c, PATIENCE_RESTING);
    else if (c->patience != PATIENCE_ARRIVING)
        patience_begin(w, c, PATIENCE_ARRIVING);
}

int http_go_on(struct worker *w, struct conn *c)
{
    int64_t used;

    answer_unhold(c);
    used = take(w, c, c->pending, c->pending_length);
    if (used < 0)
        return -1;
    drop(c, (size_t)used);
    settle(w, c);
    return 0;
}

int http_receive(struct worker *w, struct conn *c, char *bytes, size_t n)
{
    int64_t used;

    if (c->kind == CONN_LEAVING || c->kind == CONN_STREAM)
        return 0; /* nothing more is wanted of it */
    if (c->pending_length) {
        if (!keep(c, bytes, n))
            return -1;
        used = take(w, c, c->pending, c->pending_length);
        if (used < 0)
            return -1;
        drop(c, (size_t)used);
    } else {
        patience_begin(w, c, PATIENCE_NONE); /* a request begins, and has its own time */
        used = take(w, c, bytes, n);
        if (used < 0 || ((size_t)used < n && !keep(c, bytes + used, n - (size_t)used)))
            return -1;
    }
    settle(w, c);
    return 0;
}
