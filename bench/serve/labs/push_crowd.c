/* push_crowd.c - see push_crowd.h. */
#include "bench/serve/labs/push_crowd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/floors/histogram.h"
#include "bench/serve/labs/wire.h"
#include "locks/parts/platform.h"

enum {
    BUFFER = 1024, REQUEST = 256, EVENTS = 256, POST = 1,
    STAMPS = 1 << 16, BOUND = 50, /* claps that a reader may give to a post */
    COMING = 1000, /* that have not been let in yet: a listener's queue in the kernel has 4,096 places */
    CLAPPERS = 16, /* connections that claps go over, so that one may be under way while the next is due */
    PATIENCE_S = 30, LOOK_MS = 2
};
#define SECOND UINT64_C(1000000000)

const char *const push_way_names[PUSH_WAYS] = { "poll", "conditional", "long poll", "stream", "socket" };

struct subscriber {
    int fd;
    bool asking; /* a request is under way */
    bool let_in; /* something has come */
    int64_t seen;
    char etag[WIRE_ETAG];
    struct push_reader reader;
};

struct clapper {
    int fd;
    bool clapping; /* a clap is under way */
};

struct push_crowd {
    struct push_crowd_plan plan;
    struct subscriber *list;
    struct clapper clappers[CLAPPERS];
    int epoll;
    int64_t sent, total; /* claps of the post with those under way, and with those that were answered */
    uint64_t *stamps;    /* when the clap was sent that made the total so */
    struct histogram delays;
    uint64_t bytes, messages, let_in; /* subscribers that have been answered for the first time */
    uint64_t polled;     /* how many polls have become due; they are due in turn */
    uint64_t begun_ns;
    bool measuring;
};

/* ---- what is sent ---- */

static int send_counted(struct push_crowd *c, int fd, const char *text, int n)
{
    c->bytes += (uint64_t)n;
    return wire_send(fd, text, (size_t)n);
}

static int ask(struct push_crowd *c, struct subscriber *s)
{
    char text[REQUEST], user[40] = "";
    int n;

    if (c->plan.users)
        snprintf(user, sizeof user, "&user=%td", s - c->list);
    s->asking = true;
    switch (c->plan.way) {
    case PUSH_LONG_POLL:
        n = snprintf(text, sizeof text,
                     "GET /posts/%d/claps/wait?since=%" PRId64 " HTTP/1.1\r\nHost: x\r\n\r\n", POST,
                     s->seen);
        break;
    case PUSH_STREAM:
        n = snprintf(text, sizeof text, "GET /posts/%d/claps/stream HTTP/1.1\r\nHost: x\r\n\r\n", POST);
        break;
    case PUSH_SOCKET:
        n = snprintf(text, sizeof text,
                     "GET /live?post=%d%s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Version: 13\r\n\r\n", POST, user);
        break;
    default:
        n = snprintf(text, sizeof text, "GET /posts/%d/claps HTTP/1.1\r\nHost: x\r\n%s%s%s\r\n", POST,
                     s->etag[0] ? "If-None-Match: " : "", s->etag, s->etag[0] ? "\r\n" : "");
        break;
    }
    return send_counted(c, s->fd, text, n);
}

static int watch(struct push_crowd *c, int fd, void *who)
{
    const struct linger none = { 1, 0 }; /* closed at once: ports are not kept for a while */
    struct epoll_event e = { .events = EPOLLIN, .data = { .ptr = who } };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    return epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &e) == 0 ? 0 : -errno;
}

/* The next clap, by a reader who may still give one. */
static int clap(struct push_crowd *c, struct clapper *by)
{
    char text[REQUEST], body[64];
    int m = snprintf(body, sizeof body, "{\"reader\":%" PRId64 ",\"claps\":1}", c->sent / BOUND);
    int n = snprintf(text, sizeof text,
                     "POST /posts/%d/claps HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", POST, m,
                     body);

    if (by->fd < 0) {
        by->fd = site_connect(c->plan.site->port);
        int error = by->fd < 0 ? by->fd : watch(c, by->fd, by);
        if (error)
            return error;
    }
    c->stamps[++c->sent % STAMPS] = contend_clock_ns();
    by->clapping = true;
    return wire_send(by->fd, text, (size_t)n);
}

/* One that has nothing under way, or NULL. */
static struct clapper *free_clapper(struct push_crowd *c)
{
    for (unsigned i = 0; i < CLAPPERS; i++)
        if (!c->clappers[i].clapping)
            return &c->clappers[i];
    return NULL;
}

/* ---- what comes ---- */

static void see(struct push_crowd *c, struct subscriber *s, int64_t total)
{
    uint64_t now, sent;

    if (total <= s->seen)
        return;
    if (c->measuring) {
        now = contend_clock_ns();
        sent = c->stamps[(s->seen + 1) % STAMPS];
        histogram_add(&c->delays, now > sent ? now - sent : 0);
    }
    s->seen = total;
}

/* A whole answer to a poll or a long poll, or the head of what is pushed. */
static int take_answer(struct push_crowd *c, struct subscriber *s, const struct push_unit *u)
{
    bool first = !s->let_in;

    c->let_in += first;
    s->let_in = true;
    if (u->kind == PUSH_HEAD)
        return u->status == (c->plan.way == PUSH_STREAM ? 200 : 101) ? 0 : -EPROTO;
    s->asking = false;
    c->messages++;
    if (u->status != 200 && u->status != 304)
        return -EPROTO;
    if (c->plan.way == PUSH_CONDITIONAL && u->etag[0])
        memcpy(s->etag, u->etag, sizeof s->etag);
    if (u->status == 200 && u->has_total) {
        s->seen = first ? u->total : s->seen;
        see(c, s, u->total);
    }
    return c->plan.way == PUSH_LONG_POLL ? ask(c, s) : 0;
}

static int take_one(struct push_crowd *c, struct subscriber *s, const struct push_unit *u)
{
    char out[132];

    switch (u->kind) {
    case PUSH_HEAD:
    case PUSH_ANSWER:
        return take_answer(c, s, u);
    case PUSH_MESSAGE:
        c->messages++;
        if (u->has_total)
            see(c, s, u->total);
        return 0;
    case PUSH_PING:
        return send_counted(c, s->fd, out, (int)wire_write_frame(out, WIRE_PONG, u->payload, u->length));
    default:
        return 0;
    }
}

static int take(struct push_crowd *c, struct subscriber *s)
{
    size_t most;
    char *in = push_reader_space(&s->reader, &most);
    ssize_t n = recv(s->fd, in, most, MSG_DONTWAIT);
    struct push_unit u;
    int more, error = 0;

    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -ECONNRESET;
    c->bytes += (uint64_t)n;
    push_reader_add(&s->reader, (size_t)n);
    while (!error && (more = push_reader_next(&s->reader, &u)) != 0)
        error = more < 0 ? more : take_one(c, s, &u);
    return error;
}

static int take_clap(struct push_crowd *c, struct clapper *by)
{
    char in[BUFFER];
    struct wire_answer a;
    int64_t total;
    ssize_t n = recv(by->fd, in, sizeof in, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0 && !by->clapping) { /* it said nothing for too long: the service has closed it */
        close(by->fd);
        by->fd = -1;
        return 0;
    }
    if (n <= 0)
        return -ECONNRESET;
    if (wire_read_answer(in, (size_t)n, &a) <= 0 || a.status != 200 ||
        !wire_find_number(a.body, a.length, "\"total\":", &total))
        return -EPROTO;
    c->total = total > c->total ? total : c->total;
    by->clapping = false;
    return 0;
}

/* ---- rounds ---- */

/* Polls whose turn has come: the i-th subscriber's is i / count of the way into each period. */
static int poll_due(struct push_crowd *c, uint64_t now)
{
    uint64_t due = (uint64_t)((double)(now - c->begun_ns) * (double)c->plan.count /
                              (double)c->plan.poll_ns);
    int error = 0;

    if (c->plan.way != PUSH_POLL && c->plan.way != PUSH_CONDITIONAL)
        return 0;
    for (; c->polled < due && !error; c->polled++) {
        struct subscriber *s = &c->list[c->polled % c->plan.count];
        if (!s->asking)
            error = ask(c, s);
    }
    return error;
}

static bool is_clapper(const struct push_crowd *c, const void *who)
{
    for (unsigned i = 0; i < CLAPPERS; i++)
        if (who == &c->clappers[i])
            return true;
    return false;
}

/* What has come, or nothing after a moment. */
static int look(struct push_crowd *c)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(c->epoll, events, EVENTS, LOOK_MS), error = 0;

    for (int i = 0; i < n && !error; i++)
        error = is_clapper(c, events[i].data.ptr) ? take_clap(c, events[i].data.ptr)
                                                  : take(c, events[i].data.ptr);
    return error;
}

static uint64_t behind(const struct push_crowd *c)
{
    uint64_t n = 0;

    for (uint64_t i = 0; i < c->plan.count; i++)
        n += c->list[i].seen < c->sent || !c->list[i].let_in;
    return n;
}

/* Until all have seen the last total; how many have not. */
static int settle(struct push_crowd *c, uint64_t *missing)
{
    uint64_t until = contend_clock_ns() + PATIENCE_S * SECOND, now;
    int error = 0;

    while ((*missing = behind(c)) && !error) {
        now = contend_clock_ns();
        if (now >= until || (c->plan.is_over && c->plan.is_over(c->plan.ctx)))
            break;
        error = poll_due(c, now);
        if (!error)
            error = look(c);
    }
    return error;
}

int push_crowd_run(struct push_crowd *c, double claps_per_s, uint64_t window_ns, struct push_run *out)
{
    uint64_t begun = contend_clock_ns(), now = begun, cpu = site_cpu_ns(c->plan.site), given = 0;
    double gap = 1e9 / claps_per_s, first = (gap < (double)window_ns / 2 ? gap : (double)window_ns / 2) / 2;
    int64_t before = c->sent;
    int error = 0;

    memset(out, 0, sizeof *out);
    memset(&c->delays, 0, sizeof c->delays);
    c->bytes = c->messages = 0;
    c->measuring = true;
    while (!error && now < begun + window_ns && !(c->plan.is_over && c->plan.is_over(c->plan.ctx))) {
        struct clapper *by;
        while (!error && (double)(now - begun) >= first + (double)given * gap && (by = free_clapper(c))) {
            error = clap(c, by); /* what fell behind is made up for */
            given++;
        }
        if (!error)
            error = poll_due(c, now);
        if (!error)
            error = look(c);
        now = contend_clock_ns();
    }
    out->cpu = (double)(site_cpu_ns(c->plan.site) - cpu) / (double)(now - begun);
    out->bytes = (double)c->bytes * 1e9 / (double)(now - begun) / (double)c->plan.count;
    out->messages = c->messages;
    if (!error)
        error = settle(c, &out->missing);
    out->claps = (uint64_t)(c->sent - before);
    out->p50_ns = histogram_quantile(&c->delays, 0.5);
    out->p99_ns = histogram_quantile(&c->delays, 0.99);
    c->measuring = false;
    out->done = !error && !(c->plan.is_over && c->plan.is_over(c->plan.ctx));
    return error;
}

int push_crowd_stay(struct push_crowd *c, uint64_t length_ns)
{
    uint64_t ends = contend_clock_ns() + length_ns;
    int error = 0;

    while (!error && contend_clock_ns() < ends && !(c->plan.is_over && c->plan.is_over(c->plan.ctx)))
        error = look(c);
    return error;
}

/* ---- connections ---- */

static bool give_up(const struct push_crowd *c, uint64_t until)
{
    return contend_clock_ns() >= until || (c->plan.is_over && c->plan.is_over(c->plan.ctx));
}

static int connect_all(struct push_crowd *c)
{
    uint64_t until = contend_clock_ns() + 2 * PATIENCE_S * SECOND;
    unsigned port = c->plan.site->port;
    uint64_t missing;
    int error = 0;

    c->sent = c->total;
    for (uint64_t i = 0; i < c->plan.count && !error; i++) {
        struct subscriber *s = &c->list[i];
        /* A long poll is answered at once if the total is another one. */
        s->seen = c->plan.way == PUSH_LONG_POLL ? c->total + 1 : c->total;
        push_reader_begin(&s->reader, c->plan.way);
        s->fd = site_connect(port);
        error = s->fd < 0 ? s->fd : watch(c, s->fd, s);
        if (!error)
            error = ask(c, s);
        if (!error && i % 32 == 31)
            error = look(c);
        while (!error && i >= c->let_in + COMING && !give_up(c, until))
            error = look(c);
    }
    c->begun_ns = contend_clock_ns();
    return error ? error : settle(c, &missing);
}

int push_crowd_open(struct push_crowd **out, const struct push_crowd_plan *plan)
{
    struct push_crowd *c = calloc(1, sizeof *c);
    char path[32], *text;
    int error = -ENOMEM;

    *out = NULL;
    if (!c)
        return error;
    c->plan = *plan;
    for (unsigned i = 0; i < CLAPPERS; i++)
        c->clappers[i].fd = -1;
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->list = calloc(plan->count, sizeof *c->list);
    c->stamps = calloc(STAMPS, sizeof *c->stamps);
    for (uint64_t i = 0; c->list && i < plan->count; i++)
        c->list[i].fd = -1;
    snprintf(path, sizeof path, "/posts/%d/claps", POST);
    text = site_ask(plan->site->port, "GET", path, NULL, NULL);
    if (text && c->list && c->stamps && c->epoll >= 0) {
        error = wire_find_number(text, strlen(text), "\"total\":", &c->total) ? 0 : -EPROTO;
        if (!error)
            error = connect_all(c);
    }
    free(text);
    if (error) {
        push_crowd_close(c);
        return error;
    }
    *out = c;
    return 0;
}

void push_crowd_close(struct push_crowd *c)
{
    if (!c)
        return;
    for (uint64_t i = 0; c->list && i < c->plan.count; i++)
        if (c->list[i].fd >= 0)
            close(c->list[i].fd);
    for (unsigned i = 0; i < CLAPPERS; i++)
        if (c->clappers[i].fd >= 0)
            close(c->clappers[i].fd);
    if (c->epoll >= 0)
        close(c->epoll);
    free(c->stamps);
    free(c->list);
    free(c);
}
