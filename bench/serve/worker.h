/*
 * worker.h - one thread of the server: a libwebsockets context, and its connections.
 *
 * Debian's libwebsockets is built for one service thread to a context, so each worker has a context
 * of its own; nothing is shared but the listening socket, which all workers poll.  A worker that is
 * idle accepts, and keeps the connection.
 */
#ifndef CONTEND_BENCH_SERVE_WORKER_H
#define CONTEND_BENCH_SERVE_WORKER_H

#include <libwebsockets.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "bench/serve/service.h"

enum {
    WORKER_MOST_BODY = 16 * 1024,  /* bytes of a request's body */
    WORKER_MOST_HEADERS = 8192,    /* and of its line and headers */
    WORKER_HEAD_BYTES = 1024,      /* of an answer's headers */
    WORKER_PATIENCE_S = 10,        /* for a request that comes slowly */
    WORKER_STUCK_S = 30,           /* for a client that does not read */
    WORKER_IDLE_S = 60,            /* between requests */
    WORKER_BEAT_MS = 10000,        /* virtual: between two pings of a WebSocket */
    WORKER_SEND_BUFFER = 32 * 1024,
    WORKER_MESSAGE = 4096,         /* bytes of a message that is pushed */
    WORKER_TOLD = 128              /* and of one that a WebSocket may send */
};

/* What the workers of a server share. */
struct server {
    struct service *service;
    struct worker **workers;
    unsigned count;
    int listening;           /* the socket */
    uint64_t most_connections;
    bool hello;              /* answers "hello" to all, as serve.h says */
    _Atomic bool stopping;   /* all workers leave their loops */
};

/* A client for as long as it is connected: the library forgets the one below with each request. */
struct guest {
    uint64_t since_ns; /* when it came, or its last request did, or the answer to that was done */
    bool asked, idle;  /* a request has come; the last answer is done */
    bool judged;       /* whether it was too slow has been said */
    bool resting;      /* between requests, since then: */
    uint64_t rest_ns;
    struct lws *wsi;
    TAILQ_ENTRY(guest) rest;
};

enum conn_kind { CONN_PLAIN, CONN_WAIT, CONN_STREAM, CONN_SOCKET };

/* A connection; libwebsockets keeps it beside its own state. */
struct conn {
    enum conn_kind kind;
    struct lws *wsi;
    struct conn *next, *previous; /* among those that are pushed to */
    bool linked;
    /* A request whose body is on its way: */
    char *body;
    size_t length, received;
    enum serve_method method;
    bool closing; /* the connection ends with this answer, or is ended */
    /* Whom to tell what, from where on: cursors of each side's two rings. */
    struct push_ring_handle *cursors;
    unsigned topics;
    bool one_post, greeted;
    uint64_t post, user;
    bool has_user, ping_due;
    TAILQ_ENTRY(conn) beat; /* a WebSocket among those of its worker */
    uint64_t beat_ns;       /* when its next ping is due */
    int64_t since;
    unsigned told_length; /* of a message that has come in part: a frame may come in pieces */
    char told[WORKER_TOLD];
    uint64_t asked_ns; /* since when it should be writable; 0: it need not be */
};

struct worker {
    struct server *server;
    struct service *service;
    unsigned side;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct lws *listener;
    const struct lws_protocols *protocol;
    lws_sorted_usec_list_t timer, looker, pinger, last_call;
    struct conn *pushed;  /* the first of those that are pushed to */
    TAILQ_HEAD(, conn) beating; /* WebSockets, in the order of their next pings */
    TAILQ_HEAD(, guest) resting; /* connections between requests, the longest first */
    uint64_t calls, gone; /* of the callback; connections that have ended */
    uint64_t looked_ns;   /* for clients of streams that are gone */
    uint64_t seen, mine;  /* sums of heads of rings: all sides', and its own */
    _Atomic bool woken;
    struct reply reply;
    char path[WORKER_MOST_HEADERS], query[WORKER_MOST_HEADERS];
    unsigned char out[LWS_PRE + WORKER_HEAD_BYTES + REPLY_BYTES];
};

/* Makes the worker of that side.  NULL if its context could not be made. */
struct worker *worker_make(struct server *server, unsigned side);
/* Closes what is still open.  The side has detached.  NULL is allowed. */
void worker_end(struct worker *w);

/* Serves until the server is stopping, or until it is draining and the worker has no connection. */
void worker_serve(struct worker *w);
/* Wakes a worker that sleeps.  Any thread may call it. */
void worker_wake(struct worker *w);

/* The callback of libwebsockets: http.c. */
int worker_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length);
/* What it leaves to live.c: WebSockets, and whatever is pushed. */
int live_callback(struct worker *w, struct conn *c, enum lws_callback_reasons reason, void *in,
                  size_t length);

/*
 * Whether a request may become a WebSocket: GET /live?user=7&post=1&online=1, where each may be
 * missing.  0, or the status of the refusal.
 */
int live_may_open(struct lws *wsi);
/* Has the connection told of what is published from now on; 0, or -ENOMEM. */
int live_link(struct worker *w, struct conn *c);
void live_unlink(struct worker *w, struct conn *c);
/* Asks for a turn to write for each connection that there is something for. */
void live_fan_out(struct worker *w);
/* Asks for a turn to write for each WebSocket whose ping is due.  How many microseconds later to call it again. */
uint64_t live_ping(struct worker *w);
/*
 * Ends streams and WebSockets whose clients do not read, and streams and long polls whose clients are gone.  The library reads nothing while an answer is under
 * way: the end of a client wakes it again and again, and it does nothing about it.
 */
void live_look_for_ends(struct worker *w);
/* The connection should be told something: it is wanted writable. */
void live_ask(struct conn *c);

/*
 * The last answer of the connection is whole, and it waits for its next request; or it waits no more, if it did.
 * rest_begin() is the end of *c: 0, or -1 to close.
 */
int rest_begin(struct worker *w, struct conn *c);
void rest_end(struct worker *w, struct guest *g);
/* Ends connections that have asked for nothing for WORKER_IDLE_S. */
void rest_look(struct worker *w);

/* Sends a whole answer.  What the callback has to return. */
int http_send(struct worker *w, struct conn *c, const struct reply *r);

static inline struct tally *worker_tally(struct worker *w)
{
    return &w->service->side[w->side].tally;
}

#endif
