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

#include "bench/serve/frames.h"
#include "bench/serve/head.h"
#include "bench/serve/service.h"

enum {
    WORKER_MOST_BODY = 16 * 1024,  /* bytes of a request's body */
    WORKER_MOST_HEADERS = 32 * 1024, /* and of its line and headers: 1,000 ids of 20 digits fit */
    WORKER_MOST_PENDING = WORKER_MOST_HEADERS + WORKER_MOST_BODY,
    WORKER_READ = 8192,            /* bytes that are read at once */
    WORKER_HEAD_BYTES = 1024,      /* of an answer's headers */
    WORKER_MATCHES = 1024,         /* of an If-None-Match; a longer one is no condition */
    WORKER_BEAT_MS = 10000,        /* virtual: between two pings of a WebSocket */
    WORKER_SILENCE_S = 20,         /* real: for so long a ping may be without an answer; two pings, at speed 1 */
    WORKER_SEND_BUFFER = 32 * 1024,
    WORKER_MESSAGE = 4096          /* bytes of a message that is pushed */
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

enum conn_kind {
    CONN_PLAIN,   /* the next request is waited for */
    CONN_WAIT,    /* a long poll is to be answered later */
    CONN_STREAM,
    CONN_SOCKET,
    CONN_LEAVING  /* it has had its last answer, and what it still sends is dropped */
};

/* What is waited for, and for how long: patience.c. */
enum patience {
    PATIENCE_NONE,     /* for nothing: it may stay as it is */
    PATIENCE_ARRIVING, /* for the first byte of a connection, and then for the rest of a request */
    PATIENCE_RESTING,  /* for the next request */
    PATIENCE_FLUSHING, /* for a client to read */
    PATIENCE_LEAVING,  /* for a client to close, once it has been told */
    PATIENCES
};

/* A connection; libwebsockets keeps it beside its own state. */
struct conn {
    enum conn_kind kind;
    struct lws *wsi;
    struct conn *next, *previous; /* among those that are pushed to */
    bool linked;
    enum patience patience;
    uint64_t patient_ns; /* since then */
    TAILQ_ENTRY(conn) waiting;
    /* Bytes that have come and were not taken yet: a request in part, or what follows a long poll. */
    char *pending;
    size_t pending_length, pending_size;
    size_t looked;  /* how far the end of a head was looked for */
    size_t wanted;  /* with its body the request has so many bytes; 0: that is not known yet */
    bool continued; /* it was told to go on with the body */
    bool held;      /* the library does not read from it */
    enum serve_method method;
    uint64_t meter; /* whose the bytes are, or 0: meters.h */
    bool closing; /* the connection ends with this answer, or is ended */
    /* Whom to tell what, from where on: cursors of each side's two rings. */
    struct push_ring_handle *cursors;
    unsigned topics;
    bool one_post, greeted;
    uint64_t post, user;
    bool has_user, ping_due;
    uint64_t asked_ns; /* since when a ping is without an answer; 0: none is */
    bool in_part;      /* what has come since the last whole frame is none */
    bool silent;       /* it has had its time to answer */
    TAILQ_ENTRY(conn) beat; /* a WebSocket among those of its worker */
    uint64_t beat_ns;       /* when its next ping is due */
    int64_t since;
    struct frames frames; /* of a WebSocket */
};

TAILQ_HEAD(conn_queue, conn);

struct worker {
    struct server *server;
    struct service *service;
    unsigned side;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct lws *listener;
    lws_sorted_usec_list_t timer, looker, pinger, last_call;
    struct conn *pushed;  /* the first of those that are pushed to */
    struct conn_queue beating; /* WebSockets, in the order of their next pings */
    struct conn_queue waiting[PATIENCES]; /* the longest first */
    uint64_t gone;        /* connections that have ended */
    uint64_t seen, mine;  /* sums of heads of rings: all sides', and its own */
    _Atomic bool woken;
    struct reply reply;
    char path[WORKER_MOST_HEADERS], query[WORKER_MOST_HEADERS], matches[WORKER_MATCHES];
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

/* The callback of libwebsockets: callback.c. */
int worker_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length);

/* ---- http.c: requests; what they return, callbacks of the library return too: 0, or -1 to close ---- */

/* Takes bytes that a client has sent. */
int http_receive(struct worker *w, struct conn *c, char *bytes, size_t n);
/* Goes on with what a client has sent meanwhile: an answer is whole, or has been read. */
int http_go_on(struct worker *w, struct conn *c);

/* ---- answer.c: answers ---- */

/* Writes n bytes, before which LWS_PRE more belong to the library; it keeps what the socket does not take. */
int answer_put(struct worker *w, struct conn *c, unsigned char *bytes, size_t n);
/* Sends a whole answer, and then ends the connection if it is to end. */
int answer_send(struct worker *w, struct conn *c, const struct reply *r);
/* Sends the head of a stream. */
int answer_stream(struct worker *w, struct conn *c);
/* Refuses what is no request, or not one that can be answered; the connection ends. */
int answer_refuse(struct worker *w, struct conn *c, int status, const char *why);
/* The same, where w->reply says it already. */
int answer_refusal(struct worker *w, struct conn *c);
/* Says that nothing more will come, and lets the client read what has. */
int answer_leave(struct worker *w, struct conn *c);
/* The client has read, or what it waits for has come: the library reads from it again. */
void answer_unhold(struct conn *c);

/* ---- live.c: whatever is pushed ---- */

/* Has the connection told of what is published from now on; 0, or -ENOMEM. */
int live_link(struct worker *w, struct conn *c);
void live_unlink(struct worker *w, struct conn *c);
/* Asks for a turn to write for each connection that there is something for. */
void live_fan_out(struct worker *w);
/* The connection should be told something: it is wanted writable. */
void live_ask(struct worker *w, struct conn *c);
/* A turn to write, and the end of a long poll's time. */
int live_write(struct worker *w, struct conn *c);
int live_late(struct worker *w, struct conn *c);

/* ---- socket.c: WebSockets ---- */

/* Whether the client wants a WebSocket.  Other upgrades are not known, and a server may pass them over. */
bool socket_is_wanted(const struct head *h);
/*
 * Makes a WebSocket of a connection: GET /live?user=7&post=1&online=1, where each may be missing.  The
 * target is in w->path and w->query.
 */
int socket_open(struct worker *w, struct conn *c, const struct head *h);
/* Takes n bytes of frames.  How many of them, none while the client has still to read; or -1 to close. */
int64_t socket_take(struct worker *w, struct conn *c, const char *bytes, size_t n);
/* Sends a whole frame of n bytes, which stand at w->out + LWS_PRE. */
int socket_put(struct worker *w, struct conn *c, enum wslay_opcode kind, size_t n);
/* Says why, and lets the client say goodbye. */
int socket_close(struct worker *w, struct conn *c, enum wslay_status_code why);
/* The same for a client that has let its time pass: it is gone, or has begun a frame and not ended it. */
int socket_give_up(struct worker *w, struct conn *c);
/* Asks for a turn to write for each WebSocket whose ping is due.  How many microseconds later to call it again. */
uint64_t socket_ping(struct worker *w);

/* ---- patience.c ---- */

/* Waits for that from now on, and for nothing else. */
void patience_begin(struct worker *w, struct conn *c, enum patience p);
/* Ends connections whose time is over. */
void patience_look(struct worker *w);
/* Ends those of which nothing is wanted, while the service drains. */
void patience_dismiss(struct worker *w);

static inline bool worker_is_draining(const struct worker *w)
{
    /* relaxed: it publishes nothing. */
    return atomic_load_explicit(&w->service->draining, memory_order_relaxed);
}

static inline struct tally *worker_tally(struct worker *w)
{
    return &w->service->side[w->side].tally;
}

#endif
