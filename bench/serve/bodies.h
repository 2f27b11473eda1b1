/*
 * bodies.h - objects of JSON in requests and answers.
 */
#ifndef CONTEND_BENCH_SERVE_BODIES_H
#define CONTEND_BENCH_SERVE_BODIES_H

#include <jansson.h>
#include <stdbool.h>

#include "bench/serve/reply.h"
#include "bench/serve/request.h"

/*
 * The body of a request, of which every key is in the format of json_unpack(), and every value of its
 * type; texts are UTF-8 without a 0.  The texts that it stores belong to the object, which the caller
 * releases with json_decref().  NULL if it has another form, and nothing is to be released.
 */
json_t *body_unpack(const struct serve_request *q, const char *format, ...);

/*
 * Claps as a request and a WebSocket's message have them: {"reader": 7, "claps": 3}, where `of` says what the
 * number is of.  0; or -EINVAL, also for 0 claps and for more than one reader may give.
 */
int body_claps(const char *text, size_t length, const char *of, uint64_t *number, int *claps);

/* Answers with an object, which it releases; NULL is a 503: there was no memory to make it. */
void reply_object(struct reply *r, int status, json_t *object);

/*
 * An object of JSON that is written into the reply piece by piece, for the answers that are asked for most:
 * making one by the library first takes several times as long.  What does not fit is told at the end.
 */
struct reply_text {
    struct reply *r;
    size_t used; /* REPLY_BYTES and more: it does not fit */
};

/* Names, brackets and commas, as they are. */
void reply_put(struct reply_text *t, const char *text);
void reply_put_number(struct reply_text *t, uint64_t n);
/* A string of UTF-8, with its quotes. */
void reply_put_string(struct reply_text *t, const char *bytes, size_t length);
/* The whole is the answer. */
void reply_put_end(struct reply_text *t, int status);

#endif
