/*
 * http_load.h - requests to the service from one thread: as fast as answers come, or as they are due.
 *
 * In the open loop a request that is due waits for a connection that is free, and its time counts from
 * the instant at which it was due (bench/engine/open_loop.h says why).
 */
#ifndef CONTEND_BENCH_SERVE_LABS_HTTP_LOAD_H
#define CONTEND_BENCH_SERVE_LABS_HTTP_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/floors/histogram.h"

enum { LOAD_CONNECTIONS = 32 };
/* Of so many requests of LOAD_SERVICE so many are heartbeats. */
enum { LOAD_MIX = 16, LOAD_MIX_BEATS = 8 };

enum load_mix {
    LOAD_HELLO,  /* GET / alone */
    LOAD_BEATS,  /* heartbeats alone */
    LOAD_TOTALS, /* GET /posts/{id}/claps alone */
    LOAD_SERVICE /* of 16 requests 8 heartbeats, 4 reads of a post, 2 claps, 2 batches of who is online */
};

struct load_plan {
    unsigned port;
    enum load_mix mix;
    uint64_t users, posts, readers; /* posts are numbered from 1, the others from 0 */
    uint64_t length_ns;
    double per_s;                   /* due a second, with exponential gaps; 0: the closed loop */
    uint64_t seed;
    bool (*is_over)(void *ctx);     /* looked at now and then; ends it early */
    void *ctx;
};

struct load_result {
    struct histogram response; /* ns */
    uint64_t asked, answered;
    uint64_t failed; /* answers that are no 200 */
    uint64_t beats;  /* heartbeats that were acknowledged */
    uint64_t left;   /* requests that were due, and not sent when time was up */
    double seconds;
};

/*
 * Some thousand requests are written beforehand, and sent in turn: the generator shares the processors with
 * what it measures, and shall cost the same whatever is asked.
 * 0, or a negative errno value: -EPROTO for an answer that is none, -ETIMEDOUT, or of the socket.
 */
int load_run(const struct load_plan *plan, struct load_result *out);

#endif
