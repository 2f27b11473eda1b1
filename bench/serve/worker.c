/* worker.c - see worker.h. */
#include "bench/serve/worker.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TEND_MS = 500,     /* virtual: between two calls of service_tend() */
    TEND_ON_MS = 20,   /* the same, while users are due whom the last call did not come to */
    ENDS_MS = 1000,    /* real: between two looks whether the time of clients is over */
    LAST_CALL_MS = 200 /* for requests that are on their way when it drains */
};

static const struct lws_protocols protocols[] = {
    { .name = "contend", .callback = worker_callback, .per_session_data_size = sizeof(struct conn),
      .rx_buffer_size = WORKER_READ, .tx_packet_size = REPLY_BYTES },
    { .name = NULL },
};

static void tend(lws_sorted_usec_list_t *timer)
{
    struct worker *w = lws_container_of(timer, struct worker, timer);

    unsigned rest = service_tend(w->service, w->side) ? TEND_ON_MS : TEND_MS;
    lws_sul_schedule(w->context, 0, &w->timer, tend,
                     (lws_usec_t)serve_clock_real_us(&w->service->clock, rest));
}

static void look_for_ends(lws_sorted_usec_list_t *timer)
{
    struct worker *w = lws_container_of(timer, struct worker, looker);

    patience_look(w);
    lws_sul_schedule(w->context, 0, &w->looker, look_for_ends, ENDS_MS * 1000);
}

static void ping(lws_sorted_usec_list_t *timer)
{
    struct worker *w = lws_container_of(timer, struct worker, pinger);

    lws_sul_schedule(w->context, 0, &w->pinger, ping, (lws_usec_t)socket_ping(w));
}

static struct lws_context *make_context(struct worker *w)
{
    /* Of a connection that says nothing the library would have a timer; ours find those. */
    static const lws_retry_bo_t silence = { .secs_since_valid_hangup = 0 };
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .vhost_name = "contend",
        .user = w,
        .uid = -1, .gid = -1,
        .retry_and_idle_policy = &silence,
        .pt_serv_buf_size = WORKER_READ,
    };

    return lws_create_context(&info);
}

struct worker *worker_make(struct server *server, unsigned side)
{
    struct worker *w = contend_alloc_aligned(sizeof *w);
    lws_sock_file_fd_type listening;

    if (!w)
        return NULL;
    memset(w, 0, sizeof *w);
    TAILQ_INIT(&w->beating);
    for (int p = 0; p < PATIENCES; p++)
        TAILQ_INIT(&w->waiting[p]);
    w->server = server;
    w->service = server->service;
    w->side = side;
    w->context = make_context(w);
    listening.filefd = w->context ? dup(server->listening) : -1;
    if (listening.filefd >= 0) {
        w->vhost = lws_get_vhost_by_name(w->context, "contend");
        w->listener = lws_adopt_descriptor_vhost(w->vhost, LWS_ADOPT_RAW_FILE_DESC, listening,
                                                 "contend", NULL);
    }
    if (!w->listener) {
        worker_end(w);
        return NULL;
    }
    lws_sul_schedule(w->context, 0, &w->timer, tend, 1000);
    lws_sul_schedule(w->context, 0, &w->looker, look_for_ends, ENDS_MS * 1000);
    lws_sul_schedule(w->context, 0, &w->pinger, ping, 1000);
    return w;
}

void worker_end(struct worker *w)
{
    if (!w)
        return;
    if (w->context)
        lws_context_destroy(w->context);
    free(w);
}

void worker_wake(struct worker *w)
{
    /* acq_rel: acquire and release pair with the exchange in worker_serve(), which looks after it. */
    if (!atomic_exchange_explicit(&w->woken, true, memory_order_acq_rel))
        lws_cancel_service(w->context);
}

/* Passes on what was published: to this worker's connections, and to the other workers. */
static void pass_on(struct worker *w)
{
    if (service_published(w->service, w->side, &w->mine))
        for (unsigned i = 0; i < w->server->count; i++)
            if (i != w->side)
                worker_wake(w->server->workers[i]);
    if (service_published(w->service, w->service->sides, &w->seen))
        live_fan_out(w);
}

/* Connections of which nothing is wanted end, after a moment for requests that are on their way. */
static void end_idle(lws_sorted_usec_list_t *timer)
{
    struct worker *w = lws_container_of(timer, struct worker, last_call);

    patience_dismiss(w);
}

static bool goes_on(struct worker *w)
{
    /* relaxed: it ends a loop, and publishes nothing. */
    if (atomic_load_explicit(&w->server->stopping, memory_order_relaxed))
        return false;
    return !worker_is_draining(w) || tally_read(&worker_tally(w)->open) > 0;
}

void worker_serve(struct worker *w)
{
    while (goes_on(w)) {
        if (worker_is_draining(w) && w->listener) {
            lws_set_timeout(w->listener, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_SYNC);
            w->listener = NULL;
            live_fan_out(w); /* each connection is told */
            lws_sul_schedule(w->context, 0, &w->last_call, end_idle, LAST_CALL_MS * 1000);
        }
        lws_service(w->context, 0);
        /* acq_rel: as in worker_wake(). */
        atomic_exchange_explicit(&w->woken, false, memory_order_acq_rel);
        pass_on(w);
    }
}
