/* serve.c - the leader: makes the service and its workers, and ends them. */
#include "bench/serve/serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/interrupt.h"
#include "bench/base/text.h"
#include "bench/engine/crew.h"
#include "bench/serve/state.h"
#include "bench/serve/worker.h"

enum {
    LOOK_NS = 20000000,      /* between two looks of the leader */
    SPARE_FILES = 64,        /* descriptors that are not for connections */
    BACKLOG = 4096,
    GRACE_S = 5              /* for what is still open when it drains */
};

/* ---- the socket ---- */

static int say_cannot_listen(const struct serve_options *o, const char *why, bool taken)
{
    return arguments_error("cannot listen on %s port %u: %s%s", o->address, o->port, why,
                           taken ? "; --port=0 takes one that is free" : "");
}

/* The listening socket, and the port that it got.  Below 0 after a message. */
static int listen_at(const struct serve_options *o, unsigned *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)o->port) };
    socklen_t length = sizeof at;
    int one = 1, fd;

    if (inet_pton(AF_INET, o->address, &at.sin_addr) != 1)
        return arguments_error("--address=%s: an IPv4 address is wanted", o->address);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &length) != 0) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        return say_cannot_listen(o, strerror(error), error == EADDRINUSE);
    }
    *port = ntohs(at.sin_port);
    return fd;
}

/* How many connections there can be: each takes a descriptor. */
static uint64_t most_connections(const struct serve_options *o)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return o->connections;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur - SPARE_FILES >= o->connections)
        return o->connections;
    if (!o->quiet)
        fprintf(stderr, "%s: at most %llu connections, since this process may have %llu files open\n",
                arguments_program(), (unsigned long long)(limit.rlim_cur - SPARE_FILES),
                (unsigned long long)limit.rlim_cur);
    return limit.rlim_cur - SPARE_FILES;
}

/* ---- what workers do ---- */

static int attach(struct crew_worker *me)
{
    struct server *server = me->shared;

    return service_attach(server->service, me->number);
}

static int detach(struct crew_worker *me)
{
    struct server *server = me->shared;

    service_detach(server->service, me->number);
    return 0;
}

static int serve(struct crew_worker *me)
{
    struct server *server = me->shared;

    worker_serve(server->workers[me->number]);
    return 0;
}

/* ---- the leader ---- */

static void wake_all(struct server *server)
{
    for (unsigned i = 0; i < server->count; i++)
        worker_wake(server->workers[i]);
}

/* Until the service is to end, or strategies are to be exchanged. */
static bool is_over(const struct serve_options *o, const struct service *s)
{
    return interrupt_came() ||
           (o->for_s && contend_clock_ns() - s->begun_ns >= o->for_s * UINT64_C(1000000000));
}

static void stop_workers(struct server *server)
{
    /* relaxed: workers look again and again, and nothing else is published by it. */
    atomic_store_explicit(&server->stopping, true, memory_order_relaxed);
    wake_all(server);
}

/* Exchanges the objects.  0, or the error of attaching again, which ends the service. */
static int exchange_objects(struct service *s, struct crew *crew)
{
    int error;

    service_detach(s, s->sides - 1);
    crew_perform(crew, &(struct crew_phase){ .work = { detach } }, NULL);
    error = service_switch(s);
    if (error)
        arguments_error("%s", s->switch_error);
    error = crew_perform(crew, &(struct crew_phase){ .work = { attach } }, NULL);
    return error ? error : service_attach(s, s->sides - 1);
}

/* The same while all workers stand; connections stay open, and wait. */
static int exchange(struct server *server, struct crew *crew)
{
    struct service *s = server->service;
    int error = 0;

    stop_workers(server);
    crew_finish(crew, NULL);
    if (service_may_switch(s))
        error = exchange_objects(s, crew);
    else
        arguments_error("%s", s->switch_error);
    /* relaxed: as above; the next phase publishes it. */
    atomic_store_explicit(&server->stopping, false, memory_order_relaxed);
    return error ? error : crew_start(crew, &(struct crew_phase){ .work = { serve } });
}

/* Whether the state was saved, if one is wanted; it says why not. */
static bool save(const struct serve_options *o, struct service *s)
{
    int error = o->state ? state_save(s, o->state) : 0;

    if (error)
        arguments_error("--state=%s: %s", o->state, strerror(-error));
    return error == 0;
}

/*
 * Takes up the state, or begins with samples, and saves it at once: a place that cannot be written is
 * found now.
 */
static bool restore(const struct serve_options *o, struct service *s)
{
    int restored = o->state ? state_restore(s, o->state) : 0;
    uint64_t count = o->samples < o->plan.posts ? o->samples : o->plan.posts - 1;
    int error = restored == 0 && count
                    ? service_write_samples(s, s->sides - 1, count, (uint64_t)time(NULL) * 1000) : 0;

    if (error)
        arguments_error("the first posts could not be written: %s", strerror(-error));
    return restored >= 0 && !error && save(o, s);
}

/* Lets clients that are there finish, for a while, and then ends the workers. */
static void drain(struct server *server)
{
    uint64_t begun = contend_clock_ns();

    /* relaxed: workers look again and again, and nothing else is published by it. */
    atomic_store_explicit(&server->service->draining, true, memory_order_relaxed);
    wake_all(server);
    while (service_sum(server->service, open) > 0 &&
           contend_clock_ns() - begun < GRACE_S * UINT64_C(1000000000))
        crew_sleep(LOOK_NS);
    stop_workers(server);
}

/* Until the end: exchanges what is wished, and saves from time to time. */
static int lead(const struct serve_options *o, struct server *server, struct crew *crew)
{
    uint64_t saved_ns = contend_clock_ns();
    int error = 0;

    while (!error && !is_over(o, server->service)) {
        crew_sleep(LOOK_NS);
        if (service_is_wished(server->service))
            error = exchange(server, crew);
        if (!error && contend_clock_ns() - saved_ns >= o->save_s * UINT64_C(1000000000)) {
            save(o, server->service);
            saved_ns = contend_clock_ns();
        }
    }
    return error;
}

static void print_address(const struct serve_options *o, const struct service *s, unsigned port)
{
    printf("http://%s:%u/\n", o->address, port);
    if (!o->quiet)
        printf("presence %s, claps %s, counter %s, posts %s, cache %s; %u worker%s.\n"
               "Ctrl-C, or SIGTERM, ends it.\n",
               users_strategy(s->users), applause_strategy(s->applause), views_strategy(s->views),
               blogs_means(s->blogs), totals_means(s->totals), s->plan.workers, s->plan.workers == 1 ? "" : "s");
    fflush(stdout);
}

static void print_end(const struct service *s)
{
    char requests[TEXT_NUMBER], beats[TEXT_NUMBER], claps[TEXT_NUMBER];
    uint64_t count = 0;

    for (unsigned side = 0; side < s->sides; side++)
        for (unsigned b = 0; b <= TALLY_BUCKETS; b++)
            count += tally_read(&s->side[side].tally.response[b]);
    printf("\nServed %s, with %s and %s.\n", text_count(count, "request", "requests", requests),
           text_count(service_sum(s, beats), "heartbeat", "heartbeats", beats),
           text_count(service_sum(s, claps), "clap", "claps", claps));
}

static int serve_phases(const struct serve_options *o, struct server *server, struct crew *crew,
                        unsigned port)
{
    struct service *s = server->service;
    int error = service_attach(s, s->sides - 1);

    if (!error && !restore(o, s)) {
        service_detach(s, s->sides - 1);
        return -EINVAL;
    }
    if (!error)
        error = crew_perform(crew, &(struct crew_phase){ .work = { attach } }, NULL);
    if (!error)
        error = crew_start(crew, &(struct crew_phase){ .work = { serve } });
    if (!error) {
        print_address(o, s, port);
        error = lead(o, server, crew);
    }
    if (error) {
        arguments_error("the threads could not be attached: %s", strerror(-error));
    } else {
        drain(server);
        error = crew_finish(crew, NULL);
        if (!error && !save(o, s))
            error = -EIO;
        if (!o->quiet)
            print_end(s);
    }
    service_detach(s, s->sides - 1);
    crew_perform(crew, &(struct crew_phase){ .work = { detach } }, NULL);
    return error;
}

static int serve_with_workers(const struct serve_options *o, struct server *server, unsigned port)
{
    struct crew_plan plan = { .roles = { { .count = server->count, .cpu = CREW_ANYWHERE } },
                              .shared = server };
    struct crew *crew;
    int error;

    for (unsigned i = 0; i < server->count; i++) {
        server->workers[i] = worker_make(server, i);
        if (!server->workers[i]) {
            arguments_error("libwebsockets could not make a worker: memory, or file descriptors?");
            return -ENOMEM;
        }
    }
    sched_getaffinity(0, sizeof plan.allowed, &plan.allowed);
    error = crew_make(&crew, &plan);
    if (error) /* which the last words of the command name */
        return error;
    error = serve_phases(o, server, crew, port);
    crew_end(crew);
    return error;
}

static int serve_at(const struct serve_options *o, struct service *s)
{
    struct server server = { .service = s, .count = o->plan.workers, .hello = o->hello };
    unsigned port = 0;
    int error = -ENOMEM;

    server.most_connections = most_connections(o);
    server.listening = listen_at(o, &port);
    if (server.listening < 0)
        return server.listening;
    server.workers = calloc(server.count, sizeof *server.workers);
    if (server.workers)
        error = serve_with_workers(o, &server, port);
    for (unsigned i = 0; server.workers && i < server.count; i++)
        worker_end(server.workers[i]);
    free(server.workers);
    close(server.listening);
    return error;
}

int serve_run(const struct serve_options *o)
{
    struct service *s = contend_alloc_aligned(sizeof *s);
    const char *culprit = NULL;
    int error = s ? service_make(s, &o->plan, &culprit) : -ENOMEM;

    lws_set_log_level(0, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (error) {
        arguments_error("the %s could not be made: %s", culprit ? culprit : "service",
                        strerror(-error));
    } else {
        interrupt_catch();
        error = serve_at(o, s);
        interrupt_release();
        service_end(s);
    }
    free(s);
    return error ? 1 : 0;
}
