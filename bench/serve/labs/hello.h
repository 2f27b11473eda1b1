/*
 * hello.h - the service against a bare "hello" on the same library, for every command that promises it; and two
 * services against each other, in the same way.
 *
 * Both stand all the while, and take turns at being asked: what disturbs the machine disturbs both.  Against
 * the hello the service has the strategies that a user would take (packed, cas, striped).
 */
#ifndef CONTEND_BENCH_SERVE_LABS_HELLO_H
#define CONTEND_BENCH_SERVE_LABS_HELLO_H

#include "bench/report/experiment.h"
#include "bench/serve/labs/http_load.h"

/* Of all turns of one of them, in ns: `window_ns` shared out among the pairs. */
struct hello_plan {
    uint64_t window_ns, seed;
    bool (*is_over)(void *ctx);
    void *ctx;
};

enum { HELLO_PAIRS = 5, HELLO_WHY = 200 };

struct hello_result {
    bool done;
    char why[HELLO_WHY]; /* no service could be started, or empty */
    double hello_per_s, service_per_s; /* requests, of all turns together, of the first and the second */
    double ratio, low, high;           /* the second by the first: the median of the pairs', the least, the largest */
    uint64_t asked, answered, failed;  /* of both */
};

/* 0, or a negative errno value: -EINTR after a Ctrl-C. */
int hello_compare(const struct hello_plan *plan, struct hello_result *out);

/* A service as its command line says it, ended by NULL; two of them, of which neither is a hello. */
int hello_compare_services(const struct hello_plan *plan, const char *const *first, const char *const *second,
                           struct hello_result *out);

/* The shape "hello": at least 0.7 of it. */
void hello_judge(struct experiment *e, const struct hello_result *r);
/* The line of a table, and the member of a file, "speed". */
void hello_print(const struct hello_result *r);
json_t *hello_json(const struct hello_result *r);

#endif
