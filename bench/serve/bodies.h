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

/* Answers with an object, which it releases; NULL is a 503: there was no memory to make it. */
void reply_object(struct reply *r, int status, json_t *object);

#endif
