/* live.c - what is pushed to clients: to streams, long polls and WebSockets. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/serve/bodies.h"
#include "bench/serve/worker.h"

enum { MOST_KEYS = 64 }; /* different posts and users in one message */

/* ---- who is to be told ---- */

static _Atomic uint64_t *gauge(struct worker *w, const struct conn *c)
{
    struct tally *t = worker_tally(w);

    return c->kind == CONN_WAIT ? &t->waiting : c->kind == CONN_STREAM ? &t->streams : &t->sockets;
}

int live_link(struct worker *w, struct conn *c)
{
    const struct service *s = w->service;

    c->cursors = malloc(2 * s->sides * sizeof *c->cursors);
    if (!c->cursors)
        return -ENOMEM;
    for (unsigned i = 0; i < s->sides; i++) {
        push_ring_attach(&s->side[i].claps, &c->cursors[2 * i]);
        push_ring_attach(&s->side[i].online, &c->cursors[2 * i + 1]);
    }
    c->previous = NULL;
    c->next = w->pushed;
    if (c->next)
        c->next->previous = c;
    w->pushed = c;
    c->linked = true;
    c->asked_ns = 0;
    tally_add(gauge(w, c), 1);
    return 0;
}

void live_unlink(struct worker *w, struct conn *c)
{
    if (!c->linked)
        return;
    if (c->previous)
        c->previous->next = c->next;
    else
        w->pushed = c->next;
    if (c->next)
        c->next->previous = c->previous;
    if (c->kind == CONN_SOCKET)
        TAILQ_REMOVE(&w->beating, c, beat);
    c->linked = false;
    free(c->cursors);
    c->cursors = NULL;
    tally_add(gauge(w, c), UINT64_MAX); /* one less */
}

void live_ask(struct conn *c)
{
    if (c->asked_ns == 0)
        c->asked_ns = contend_clock_ns();
    lws_callback_on_writable(c->wsi);
}

static bool is_draining(const struct worker *w)
{
    /* relaxed: it publishes nothing. */
    return atomic_load_explicit(&w->service->draining, memory_order_relaxed);
}

/* Whether a ring has gone on since the connection looked. */
static bool has_more(const struct worker *w, const struct conn *c)
{
    const struct service *s = w->service;

    for (unsigned i = 0; i < s->sides; i++)
        if ((c->topics & TOPIC_CLAPS &&
             push_ring_head(&s->side[i].claps) != c->cursors[2 * i].cursor) ||
            (c->topics & TOPIC_ONLINE &&
             push_ring_head(&s->side[i].online) != c->cursors[2 * i + 1].cursor))
            return true;
    return false;
}

void live_fan_out(struct worker *w)
{
    for (struct conn *c = w->pushed; c; c = c->next)
        if (is_draining(w) || has_more(w, c))
            live_ask(c);
}

/*
 * The library keeps timers in one sorted list, and walks it for each that is set: with ten thousand sockets
 * that was two thirds of all work.  Pings are due in the order in which they were noted.
 */
static void beat_later(struct worker *w, struct conn *c)
{
    c->beat_ns = contend_clock_ns() + 1000 * serve_clock_real_us(&w->service->clock, WORKER_BEAT_MS);
    TAILQ_INSERT_TAIL(&w->beating, c, beat);
}

uint64_t live_ping(struct worker *w)
{
    uint64_t now = contend_clock_ns();
    struct conn *c;

    while ((c = TAILQ_FIRST(&w->beating)) && c->beat_ns <= now) {
        TAILQ_REMOVE(&w->beating, c, beat);
        beat_later(w, c);
        c->ping_due = true;
        live_ask(c);
    }
    return c ? (c->beat_ns - now) / 1000 + 1 : serve_clock_real_us(&w->service->clock, WORKER_BEAT_MS);
}

/* Whether a stream or socket has not been writable for too long. */
static bool is_stuck(const struct conn *c)
{
    return c->kind != CONN_WAIT && c->asked_ns &&
           contend_clock_ns() - c->asked_ns >= WORKER_STUCK_S * UINT64_C(1000000000);
}

static bool is_gone(const struct conn *c)
{
    char byte;

    if (c->kind == CONN_SOCKET) /* the library reads from it, and sees its end */
        return false;
    ssize_t n = recv(lws_get_socket_fd(c->wsi), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

void live_look_for_ends(struct worker *w)
{
    for (struct conn *c = w->pushed; c; c = c->next) {
        bool stuck = !c->closing && is_stuck(c);
        if (stuck)
            tally_add(&worker_tally(w)->too_slow, 1);
        c->closing |= stuck;
        if (stuck || is_gone(c))
            lws_set_timeout(c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
    }
}

/* ---- messages ---- */

/* What has changed since the connection was told the last time: each key once. */
struct news {
    uint64_t posts[MOST_KEYS], came[MOST_KEYS], went[MOST_KEYS];
    unsigned post_count, came_count, went_count;
    uint64_t lost, oldest_ns;
};

static bool add(uint64_t *list, unsigned *count, uint64_t key)
{
    for (unsigned i = 0; i < *count; i++)
        if (list[i] == key)
            return true;
    list[(*count)++] = key;
    return *count < MOST_KEYS;
}

/* Takes in an event.  False: the message is full. */
static bool take(struct news *n, const struct conn *c, const struct push_event *e)
{
    if (e->kind == EVENT_CLAPS && c->one_post && e->key != c->post)
        return true;
    if (n->oldest_ns == 0 || e->at_ns < n->oldest_ns)
        n->oldest_ns = e->at_ns;
    if (e->kind == EVENT_CLAPS)
        return add(n->posts, &n->post_count, e->key);
    if (e->kind == EVENT_CAME)
        return add(n->came, &n->came_count, e->key);
    return add(n->went, &n->went_count, e->key);
}

static void gather(struct worker *w, struct conn *c, struct news *n)
{
    const struct service *s = w->service;
    struct push_event e;
    bool more = true;

    for (unsigned i = 0; i < s->sides && more; i++) {
        while (more && c->topics & TOPIC_CLAPS &&
               push_ring_read(&s->side[i].claps, &c->cursors[2 * i], &e, &n->lost))
            more = take(n, c, &e);
        while (more && c->topics & TOPIC_ONLINE &&
               push_ring_read(&s->side[i].online, &c->cursors[2 * i + 1], &e, &n->lost))
            more = take(n, c, &e);
    }
    if (n->lost && c->one_post) /* whatever was missed, this is how it is now */
        add(n->posts, &n->post_count, c->post);
    tally_add(&worker_tally(w)->overrun, n->lost);
}

struct text {
    char *bytes;
    size_t used;
};

__attribute__((format(printf, 2, 3)))
static void print(struct text *t, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    int n = vsnprintf(t->bytes + t->used, WORKER_MESSAGE - t->used, format, values);
    va_end(values);
    t->used += n < 0 ? 0 : (size_t)n;
}

static void print_list(struct text *t, const char *name, const uint64_t *list, unsigned count)
{
    if (count)
        print(t, ",\"%s\":[", name);
    for (unsigned i = 0; i < count; i++)
        print(t, "%s%" PRIu64, i ? "," : "", list[i]);
    if (count)
        print(t, "]");
}

/* The news as one object of JSON; a post's total is what it is now. */
static void print_news(struct worker *w, const struct news *n, struct text *t)
{
    uint64_t now = contend_clock_ns();

    print(t, "{\"late_us\":%" PRIu64,
          n->oldest_ns && n->oldest_ns < now ? (now - n->oldest_ns) / 1000 : 0);
    if (n->post_count)
        print(t, ",\"claps\":[");
    for (unsigned i = 0; i < n->post_count; i++)
        print(t, "%s[%" PRIu64 ",%" PRId64 "]", i ? "," : "", n->posts[i],
              service_total(w->service, w->side, n->posts[i]));
    if (n->post_count)
        print(t, "]");
    print_list(t, "came", n->came, n->came_count);
    print_list(t, "went", n->went, n->went_count);
    if (n->lost)
        print(t, ",\"lost\":%" PRIu64, n->lost);
    print(t, "}");
}

/* Writes it.  0, or -1 to close. */
static int push(struct worker *w, struct conn *c, size_t length, enum lws_write_protocol how)
{
    struct tally *t = worker_tally(w);

    tally_add(&t->pushed, 1);
    tally_add(&t->bytes_out, length);
    return lws_write(c->wsi, w->out + LWS_PRE, length, how) < (int)length ? -1 : 0;
}

static int push_news(struct worker *w, struct conn *c)
{
    struct news n = { .post_count = 0 };
    struct text t = { (char *)w->out + LWS_PRE, 0 };
    bool stream = c->kind == CONN_STREAM;

    gather(w, c, &n);
    if (!c->greeted && c->one_post)
        add(n.posts, &n.post_count, c->post);
    if (c->greeted && !n.post_count && !n.came_count && !n.went_count && !n.lost)
        return 0;
    c->greeted = true;
    if (stream)
        print(&t, "data: ");
    print_news(w, &n, &t);
    if (stream)
        print(&t, "\n\n");
    if (has_more(w, c))
        live_ask(c);
    return push(w, c, t.used, stream ? LWS_WRITE_HTTP : LWS_WRITE_TEXT);
}

/* ---- turns to write ---- */

static int answer_wait(struct worker *w, struct conn *c, bool late)
{
    int64_t total = service_total(w->service, w->side, c->post);

    if (total == c->since && !late && !is_draining(w)) {
        for (unsigned i = 0; i < w->service->sides; i++)
            push_ring_attach(&w->service->side[i].claps, &c->cursors[2 * i]);
        /* An event between the two may have been passed over: look once more. */
        total = service_total(w->service, w->side, c->post);
        if (total == c->since)
            return 0;
    }
    live_unlink(w, c);
    lws_set_timer_usecs(c->wsi, LWS_SET_TIMER_USEC_CANCEL);
    w->reply.etag[0] = '\0';
    w->reply.allow = NULL;
    reply_json(&w->reply, 200, "{\"post\":%" PRIu64 ",\"total\":%" PRId64 "}\n", c->post, total);
    tally_add(&worker_tally(w)->pushed, 1);
    return http_send(w, c, &w->reply);
}

static int write_turn(struct worker *w, struct conn *c)
{
    c->asked_ns = 0;
    if (!c->linked)
        return 0;
    if (c->kind == CONN_WAIT)
        return answer_wait(w, c, false);
    if (is_draining(w)) {
        if (c->kind == CONN_SOCKET)
            lws_close_reason(c->wsi, LWS_CLOSE_STATUS_GOINGAWAY, NULL, 0);
        return -1;
    }
    if (c->ping_due) {
        c->ping_due = false;
        live_ask(c); /* one write in a turn */
        w->out[LWS_PRE] = 'b'; /* the library tells nothing of a pong without contents */
        return push(w, c, 1, LWS_WRITE_PING);
    }
    return push_news(w, c);
}

static int give_up(struct worker *w, struct conn *c)
{
    c->closing = true;
    tally_add(&worker_tally(w)->too_slow, 1);
    return -1;
}

static int timer_turn(struct worker *w, struct conn *c)
{
    if (c->body) /* it took too long to come */
        return give_up(w, c);
    return c->linked && c->kind == CONN_WAIT ? answer_wait(w, c, true) : 0;
}

/* ---- WebSockets ---- */

/* The argument of that name of the request that is being upgraded.  0, -ENOENT or -EINVAL. */
static int argument(struct lws *wsi, const char *name, uint64_t *out)
{
    char text[64], wanted[32];
    const char *value;

    snprintf(wanted, sizeof wanted, "%s=", name);
    value = lws_get_urlarg_by_name(wsi, wanted, text, sizeof text);
    return value ? request_number(value, strlen(value), out) : -ENOENT;
}

int live_may_open(struct lws *wsi)
{
    char path[16];
    uint64_t number;

    if (lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI) < 0 || strcmp(path, "/live") != 0)
        return 404;
    return argument(wsi, "user", &number) == -EINVAL ||
                   argument(wsi, "post", &number) == -EINVAL ||
                   argument(wsi, "online", &number) == -EINVAL
               ? 400 : 0;
}

static int open_socket(struct worker *w, struct conn *c)
{
    uint64_t online;

    c->kind = CONN_SOCKET;
    c->told_length = 0;
    c->topics = argument(c->wsi, "online", &online) == 0 && online ? TOPIC_CLAPS | TOPIC_ONLINE
                                                                   : TOPIC_CLAPS;
    c->has_user = argument(c->wsi, "user", &c->user) == 0;
    c->one_post = argument(c->wsi, "post", &c->post) == 0;
    if (c->has_user && service_beat(w->service, w->side, c->user) < 0)
        return -1;
    if (live_link(w, c) != 0)
        return -1;
    beat_later(w, c);
    live_ask(c);
    return 0;
}

/* {"post": 1, "claps": 1}: claps of the socket's user.  Anything else is a heartbeat alone. */
static void take_message(struct worker *w, struct conn *c)
{
    struct service_claps done;
    uint64_t post;
    int claps;

    if (!c->has_user)
        return;
    service_beat(w->service, w->side, c->user);
    if (body_claps(c->told, c->told_length, "post", &post, &claps) == 0)
        service_clap(w->service, w->side, post, c->user, claps, &done);
}

/* A piece of a message, of whatever size the network made it. */
static int take_piece(struct worker *w, struct conn *c, const void *in, size_t length)
{
    if (lws_is_first_fragment(c->wsi))
        c->told_length = 0;
    if (length > sizeof c->told - c->told_length) {
        lws_close_reason(c->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
        return -1;
    }
    memcpy(c->told + c->told_length, in, length);
    c->told_length += (unsigned)length;
    if (lws_is_final_fragment(c->wsi))
        take_message(w, c);
    return 0;
}

int live_callback(struct worker *w, struct conn *c, enum lws_callback_reasons reason, void *in,
                  size_t length)
{
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return live_may_open(c->wsi) ? -1 : 0;
    case LWS_CALLBACK_ESTABLISHED:
        return open_socket(w, c);
    case LWS_CALLBACK_RECEIVE:
        return take_piece(w, c, in, length);
    case LWS_CALLBACK_RECEIVE_PONG:
        if (c->has_user)
            service_beat(w->service, w->side, c->user);
        return 0;
    case LWS_CALLBACK_HTTP_WRITEABLE:
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return write_turn(w, c);
    case LWS_CALLBACK_TIMER:
        return timer_turn(w, c);
    default:
        return 0;
    }
}
