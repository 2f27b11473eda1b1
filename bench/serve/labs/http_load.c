/* http_load.c - see http_load.h. */
#include "bench/serve/labs/http_load.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/base/random.h"
#include "bench/serve/labs/site.h"
#include "bench/serve/labs/wire.h"
#include "locks/parts/platform.h"

enum { BUFFER = 4096, EVENTS = LOAD_CONNECTIONS, SPIN_NS = 200000, PATIENCE_S = 30, BATCH = 10,
       REQUESTS = 8192, LOAD_REQUEST = 512 /* bytes of one, at most */ };

struct request {
    uint32_t at, length; /* of its text */
    bool beat;
};

struct lane {
    int fd;
    uint64_t due_ns; /* of the request that is under way; 0: none is */
    bool beat;
    size_t got;
    char in[BUFFER];
};

struct load {
    const struct load_plan *plan;
    struct load_result *out;
    struct lane lanes[LOAD_CONNECTIONS];
    unsigned idle[LOAD_CONNECTIONS], idle_count;
    int epoll;
    struct request requests[REQUESTS]; /* written beforehand: each is as cheap to send as another */
    char *texts;                       /* theirs, one behind the other */
    unsigned next;
    struct random gaps;
    uint64_t next_due_ns, ends_ns;
};

static uint64_t draw(uint64_t *random, uint64_t bound)
{
    return ((random_splitmix(random) >> 32) * bound) >> 32;
}

static int ask_who_is_online(const struct load_plan *p, uint64_t *random, char out[LOAD_REQUEST])
{
    int n = snprintf(out, LOAD_REQUEST, "GET /users/online?ids=");

    for (int i = 0; i < BATCH; i++)
        n += snprintf(out + n, LOAD_REQUEST - (size_t)n, "%s%llu", i ? "," : "",
                      (unsigned long long)draw(random, p->users));
    return n + snprintf(out + n, LOAD_REQUEST - (size_t)n, " HTTP/1.1\r\nHost: x\r\n\r\n");
}

/* Writes the next request of the mix; *beat is whether it is a heartbeat.  Its size. */
static int write_request(const struct load_plan *p, uint64_t *random, char out[LOAD_REQUEST], bool *beat)
{
    unsigned kind = p->mix == LOAD_SERVICE ? (unsigned)draw(random, LOAD_MIX) : 0;
    char body[64];
    int n;

    *beat = p->mix != LOAD_HELLO && p->mix != LOAD_TOTALS && kind < LOAD_MIX_BEATS;
    if (p->mix == LOAD_HELLO)
        return snprintf(out, LOAD_REQUEST, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    if (p->mix == LOAD_TOTALS)
        return snprintf(out, LOAD_REQUEST, "GET /posts/%llu/claps HTTP/1.1\r\nHost: x\r\n\r\n",
                        1 + (unsigned long long)draw(random, p->posts));
    if (*beat)
        return snprintf(out, LOAD_REQUEST,
                        "POST /users/%llu/heartbeat HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
                        (unsigned long long)draw(random, p->users));
    if (kind < 12)
        return snprintf(out, LOAD_REQUEST, "GET /posts/%llu HTTP/1.1\r\nHost: x\r\n\r\n",
                        1 + (unsigned long long)draw(random, p->posts));
    if (kind < 14)
        return ask_who_is_online(p, random, out);
    n = snprintf(body, sizeof body, "{\"reader\":%llu,\"claps\":1}",
                 (unsigned long long)draw(random, p->readers));
    return snprintf(out, LOAD_REQUEST,
                    "POST /posts/%llu/claps HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s",
                    1 + (unsigned long long)draw(random, p->posts), n, body);
}

static int write_requests(struct load *l)
{
    char text[LOAD_REQUEST];
    uint64_t random = l->plan->seed;
    size_t used = 0;

    for (unsigned i = 0; i < REQUESTS; i++) {
        struct request *r = &l->requests[i];
        size_t length = (size_t)write_request(l->plan, &random, text, &r->beat);
        if (i % 64 == 0) { /* as many bytes as so many more can take */
            char *more = realloc(l->texts, used + 64 * (size_t)LOAD_REQUEST);
            if (!more)
                return -ENOMEM;
            l->texts = more;
        }
        memcpy(l->texts + used, text, length);
        r->at = (uint32_t)used;
        r->length = (uint32_t)length;
        used += length;
    }
    return 0;
}

static int begin_request(struct load *l, unsigned lane, uint64_t due_ns)
{
    const struct request *r = &l->requests[l->next++ % REQUESTS];
    struct lane *c = &l->lanes[lane];

    c->beat = r->beat;
    c->due_ns = due_ns;
    c->got = 0;
    l->out->asked++;
    return wire_send(c->fd, l->texts + r->at, r->length);
}

/* Reads what there is.  0, or a negative errno value. */
static int take_answer(struct load *l, unsigned lane)
{
    struct lane *c = &l->lanes[lane];
    struct wire_answer a;
    ssize_t n = recv(c->fd, c->in + c->got, BUFFER - c->got, MSG_DONTWAIT);

    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -ECONNRESET;
    c->got += (size_t)n;
    n = wire_read_answer(c->in, c->got, &a);
    if (n == 0)
        return c->got == BUFFER ? -EPROTO : 0;
    if (n < 0 || (size_t)n != c->got || !c->due_ns)
        return -EPROTO;
    uint64_t now = contend_clock_ns();
    histogram_add(&l->out->response, now > c->due_ns ? now - c->due_ns : 0);
    l->out->answered++;
    l->out->failed += a.status != 200;
    l->out->beats += c->beat && a.status == 200;
    c->due_ns = 0;
    l->idle[l->idle_count++] = lane;
    return 0;
}

/* Sends what is due, as far as connections are free. */
static int send_due(struct load *l, uint64_t now)
{
    double per_s = l->plan->per_s;
    int error = 0;

    while (!error && l->idle_count && now < l->ends_ns && (per_s <= 0 || l->next_due_ns <= now)) {
        unsigned lane = l->idle[--l->idle_count];
        error = begin_request(l, lane, per_s > 0 ? l->next_due_ns : now);
        if (per_s > 0)
            l->next_due_ns += (uint64_t)(-log(1 - random_unit(&l->gaps)) * 1e9 / per_s) + 1;
        else
            now = contend_clock_ns();
    }
    return error;
}

static int open_lanes(struct load *l)
{
    for (unsigned i = 0; i < LOAD_CONNECTIONS; i++) {
        struct epoll_event e = { .events = EPOLLIN, .data = { .u32 = i } };
        l->lanes[i].fd = site_connect(l->plan->port);
        if (l->lanes[i].fd < 0)
            return l->lanes[i].fd;
        if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->lanes[i].fd, &e) != 0)
            return -errno;
        l->idle[l->idle_count++] = i;
    }
    return 0;
}

/* How long to sleep for answers, in ms: not at all while the next request is due within a moment. */
static int patience(const struct load *l, uint64_t now)
{
    if (l->plan->per_s <= 0 || !l->idle_count)
        return 20;
    return l->next_due_ns < now + SPIN_NS ? 0 : (int)((l->next_due_ns - now) / 1000000);
}

static int exchange(struct load *l)
{
    struct epoll_event events[EVENTS];
    uint64_t begun = contend_clock_ns(), now = begun;
    int error = 0;

    l->next_due_ns = begun;
    l->ends_ns = begun + l->plan->length_ns;
    while (!error && (now < l->ends_ns || l->idle_count < LOAD_CONNECTIONS)) {
        error = send_due(l, now);
        int n = error ? 0 : epoll_wait(l->epoll, events, EVENTS, patience(l, now));
        for (int i = 0; i < n && !error; i++)
            error = take_answer(l, events[i].data.u32);
        now = contend_clock_ns();
        if (!error && l->plan->is_over && now < l->ends_ns && l->plan->is_over(l->plan->ctx))
            l->ends_ns = now;
        if (!error && now > l->ends_ns + PATIENCE_S * UINT64_C(1000000000))
            error = -ETIMEDOUT;
    }
    l->out->seconds = (double)(now - begun) / 1e9;
    /* What was due and found no connection: it has waited for so long already. */
    while (l->plan->per_s > 0 && l->next_due_ns < l->ends_ns) {
        histogram_add(&l->out->response, l->ends_ns - l->next_due_ns);
        l->out->left++;
        l->next_due_ns += (uint64_t)(1e9 / l->plan->per_s) + 1;
    }
    return error;
}

int load_run(const struct load_plan *plan, struct load_result *out)
{
    struct load *l = calloc(1, sizeof *l);
    int error;

    memset(out, 0, sizeof *out);
    if (!l)
        return -ENOMEM;
    l->plan = plan;
    l->out = out;
    l->gaps = random_seeded(plan->seed, 1);
    for (unsigned i = 0; i < LOAD_CONNECTIONS; i++)
        l->lanes[i].fd = -1;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    error = l->epoll < 0 ? -errno : write_requests(l);
    if (!error)
        error = open_lanes(l);
    if (!error)
        error = exchange(l);
    for (unsigned i = 0; i < LOAD_CONNECTIONS; i++)
        if (l->lanes[i].fd >= 0)
            close(l->lanes[i].fd);
    if (l->epoll >= 0)
        close(l->epoll);
    free(l->texts);
    free(l);
    return error;
}
