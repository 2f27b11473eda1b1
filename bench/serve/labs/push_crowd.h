/*
 * push_crowd.h - subscribers of one post, all in one of five ways, and a reader who claps.
 *
 * One thread is all of them.  A delay counts from when a clap was sent until a subscriber has read a total
 * that includes it; where one message brings several claps, from the first of them that is new to it.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_PUSH_CROWD_H
#define CONTEND_BENCH_SERVE_LABS_PUSH_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/serve/labs/push_reader.h"
#include "bench/serve/labs/site.h"

extern const char *const push_way_names[PUSH_WAYS];

struct push_run {
    bool done;
    uint64_t claps;        /* that were given */
    uint64_t missing;      /* subscribers that had not seen the last total when patience ended */
    double p50_ns, p99_ns; /* the delay */
    double cpu;            /* processors that the service used, during the window */
    double bytes;          /* to and from a subscriber in a second of the window, without TCP's own */
    uint64_t messages;     /* that subscribers read in the window */
};

struct push_crowd;

struct push_crowd_plan {
    const struct site *site;
    enum push_way way;
    uint64_t count;   /* subscribers */
    bool users;       /* each WebSocket is a user's, numbered from 0, and so a heartbeat */
    uint64_t poll_ns; /* between two polls of one */
    bool (*is_over)(void *ctx);
    void *ctx;
};

/* Connects them.  0, or a negative errno value: -EMFILE without descriptors. */
int push_crowd_open(struct push_crowd **out, const struct push_crowd_plan *plan);
/*
 * Claps so often a second for so long, and waits until all have seen the last total: for at most 30 s more, or
 * until it is over.  0, or a negative errno value.
 */
int push_crowd_run(struct push_crowd *c, double claps_per_s, uint64_t window_ns, struct push_run *out);
/* Answers pings, and takes what comes, for so long or until it is over.  0, or a negative errno value. */
int push_crowd_stay(struct push_crowd *c, uint64_t length_ns);
/* Closes all connections at once, as a network that is gone does. */
void push_crowd_close(struct push_crowd *c);

#endif
