/*
 * serve.h - the two systems as a live service: HTTP/1.1, server-sent events and WebSockets on one
 * port.  docs/service.md documents what it answers.
 */
#ifndef CONTEND_BENCH_SERVE_SERVE_H
#define CONTEND_BENCH_SERVE_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/serve/service.h"

struct serve_options {
    struct service_plan plan; /* workers, speed, sizes, and what each family is served by */
    const char *address;      /* where it listens: "127.0.0.1" */
    unsigned port;            /* 0: any that is free */
    uint64_t samples;         /* posts that it begins with, where no state says otherwise */
    uint64_t connections;     /* the most at once; fewer if there are not as many descriptors */
    const char *state;        /* the file that keeps what it holds; NULL: none */
    unsigned save_s;          /* real seconds between two times that it is saved */
    uint64_t for_s;           /* ends after so many seconds; 0: when a signal comes */
    bool hello;               /* answers "hello" to every request without a body, and does nothing else:
                                 what the library alone can do, for comparison */
    bool quiet;               /* says nothing but its address */
};

/*
 * Serves until SIGTERM or SIGINT, or until the time is over, and then drains: it accepts no more
 * connections, and answers those that there are.  Prints the address, and at the end what it did.
 * The exit status: 0, or 1 after a message.
 */
int serve_run(const struct serve_options *o);

#endif
