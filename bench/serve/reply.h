/*
 * reply.h - what the service answers, for the transport to send.
 */
#ifndef CONTEND_BENCH_SERVE_REPLY_H
#define CONTEND_BENCH_SERVE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/serve/request.h"

enum reply_kind {
    REPLY_WHOLE,  /* the text below */
    REPLY_WAIT,   /* once the post's total is not `since`, or after wait_ms */
    REPLY_STREAM  /* server-sent events of the topics, until the client goes */
};

/* What a client can be told of. */
enum reply_topics { TOPIC_CLAPS = 1, TOPIC_ONLINE = 2 };

enum { REPLY_BYTES = 64 * 1024, REPLY_ETAG = 48 };

struct reply {
    enum reply_kind kind;
    int status;
    const char *type;   /* of the text: "application/json" */
    const char *allow;  /* of 405: the methods that there are */
    char etag[REPLY_ETAG]; /* "" without one */
    const char *text;
    size_t length;
    int route; /* its number, for the metrics; or -1 */
    /* Of what comes later: */
    unsigned topics;
    bool one_post; /* of that post alone */
    uint64_t post;
    int64_t since;
    uint64_t wait_ms; /* real */
    char bytes[REPLY_BYTES]; /* where a text is written that is made for this reply */
};

/* Forgets what an earlier answer has left in it. */
static inline void reply_begin(struct reply *r)
{
    r->kind = REPLY_WHOLE;
    r->allow = NULL;
    r->etag[0] = '\0';
    r->route = -1;
}

/* A text of the format, as JSON.  What does not fit is a 500. */
__attribute__((format(printf, 3, 4)))
void reply_json(struct reply *r, int status, const char *format, ...);

/* {"error": the sentence} */
__attribute__((format(printf, 3, 4)))
void reply_error(struct reply *r, int status, const char *format, ...);

/*
 * The error of one of the objects, as a status: 400 for what it does not take, 404 for what is not
 * there, 507 where it is full, 503 for what may pass.  `what` is the subject of the sentence.
 */
void reply_failure(struct reply *r, int error, const char *what);

#endif
