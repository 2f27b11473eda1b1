/*
 * cache_gateway.h - levels that are programs: an nginx before the service as its gateway, and one before that
 * as the edge of a CDN.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_CACHE_GATEWAY_H
#define CONTEND_BENCH_SERVE_LABS_CACHE_GATEWAY_H

#include <jansson.h>

#include "bench/report/experiment.h"

enum { GATEWAY_LEVELS = 3, GATEWAY_POSTS = 20, GATEWAY_KEPT_S = 1, GATEWAY_EDGE_KEPT_S = 2 };

struct gateway_run {
    bool done;
    double per_s;      /* pages a second that clients were answered */
    double calls_per_s; /* calls of the database */
    double most;        /* calls a second that the times pages are kept for allow; NAN: no bound */
    double p50_ns, p99_ns;
    uint64_t failed;
};

struct gateway {
    char why[200]; /* why there is nothing, or empty */
    struct gateway_run runs[GATEWAY_LEVELS];
};

extern const char *const gateway_names[GATEWAY_LEVELS];

/* Runs of so long each, until the experiment is over. */
void gateway_run_all(struct gateway *g, struct experiment *e, uint64_t window_ns);
void gateway_judge(const struct gateway *g, struct experiment *e);
void gateway_print(const struct gateway *g);
json_t *gateway_json(const struct gateway *g);

#endif
