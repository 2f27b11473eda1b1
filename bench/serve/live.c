/* live.c - what is pushed to clients: to streams, long polls and WebSockets. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void live_ask(struct worker *w, struct conn *c)
{
    if (c->patience != PATIENCE_FLUSHING) /* else it has been asked already */
        patience_begin(w, c, PATIENCE_FLUSHING);
    lws_callback_on_writable(c->wsi);
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
        if (worker_is_draining(w) || has_more(w, c))
            live_ask(w, c);
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

/* Totals as they are now.  One that is an error is left out: a client would take it for a total. */
static void print_totals(struct worker *w, const struct news *n, struct text *t)
{
    unsigned known = 0;

    for (unsigned i = 0; i < n->post_count; i++) {
        int64_t total = service_total(w->service, w->side, n->posts[i]);
        if (total >= 0)
            print(t, "%s[%" PRIu64 ",%" PRId64 "]", known++ ? "," : ",\"claps\":[", n->posts[i], total);
    }
    if (known)
        print(t, "]");
}

/* The news as one object of JSON. */
static void print_news(struct worker *w, const struct news *n, struct text *t)
{
    uint64_t now = contend_clock_ns();

    print(t, "{\"late_us\":%" PRIu64,
          n->oldest_ns && n->oldest_ns < now ? (now - n->oldest_ns) / 1000 : 0);
    print_totals(w, n, t);
    print_list(t, "came", n->came, n->came_count);
    print_list(t, "went", n->went, n->went_count);
    if (n->lost)
        print(t, ",\"lost\":%" PRIu64, n->lost);
    print(t, "}");
}

/* Writes it.  0, or -1 to close. */
static int push(struct worker *w, struct conn *c, size_t length)
{
    tally_add(&worker_tally(w)->pushed, 1);
    return c->kind == CONN_SOCKET ? socket_put(w, c, WSLAY_TEXT_FRAME, length)
                                  : answer_put(w, c, w->out + LWS_PRE, length);
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
        live_ask(w, c);
    return push(w, c, t.used);
}

/* ---- turns to write ---- */

static int answer_wait(struct worker *w, struct conn *c, bool late)
{
    int64_t total = service_total(w->service, w->side, c->post);

    if (total == c->since && !late && !worker_is_draining(w)) {
        for (unsigned i = 0; i < w->service->sides; i++)
            push_ring_attach(&w->service->side[i].claps, &c->cursors[2 * i]);
        /* An event between the two may have been passed over: look once more. */
        total = service_total(w->service, w->side, c->post);
        if (total == c->since)
            return 0;
    }
    live_unlink(w, c);
    lws_set_timer_usecs(c->wsi, LWS_SET_TIMER_USEC_CANCEL);
    reply_begin(&w->reply);
    if (total < 0) /* a store that does not answer */
        reply_failure(&w->reply, (int)total, "this post");
    else
        reply_json(&w->reply, 200, "{\"post\":%" PRIu64 ",\"total\":%" PRId64 "}\n", c->post, total);
    tally_add(&worker_tally(w)->pushed, 1);
    return answer_send(w, c, &w->reply);
}

int live_write(struct worker *w, struct conn *c)
{
    if (c->kind == CONN_WAIT)
        return answer_wait(w, c, false);
    if (worker_is_draining(w))
        return c->kind == CONN_SOCKET ? socket_close(w, c, WSLAY_CODE_GOING_AWAY) : -1;
    if (c->silent)
        return socket_give_up(w, c);
    if (c->ping_due) {
        c->ping_due = false;
        live_ask(w, c); /* one write in a turn */
        return socket_put(w, c, WSLAY_PING, 0);
    }
    return push_news(w, c);
}

int live_late(struct worker *w, struct conn *c)
{
    return c->linked && c->kind == CONN_WAIT ? answer_wait(w, c, true) : 0;
}
