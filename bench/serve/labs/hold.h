/*
 * hold.h - `contend hold`: what the service promises to hold under load, each promise tried and reported.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_HOLD_H
#define CONTEND_BENCH_SERVE_LABS_HOLD_H

#include "bench/serve/labs/hello.h"

enum { HOLD_SOCKET_BYTES = 20000, HOLD_WHY = 200 };

struct hold_options {
    struct experiment_options base;
    uint64_t sockets;   /* WebSockets at once */
    uint64_t window_ms; /* of each load */
};

struct hold_lab {
    const struct hold_options *options;
    struct experiment e;
    char why[HOLD_WHY]; /* the service could not be started, or empty */
    struct hello_result speed;
    struct {
        bool done;
        uint64_t sockets;       /* fewer than wanted where there are not as many descriptors */
        uint64_t held, came_back; /* as the service counts them */
        uint64_t beats, refused;  /* of all that came and came back */
        double bytes;             /* of the service for each */
        double back_ms;           /* until all were back */
    } crowd;
    struct {
        bool done;
        uint64_t asked, answered, failed;    /* beside clients that are slow */
        double p99_ns, p99_beside_ns, rate; /* without them, and with them */
    } slow;
    struct {
        bool done;
        uint64_t saved, given; /* claps acknowledged before a save began, and until the kill */
        uint64_t restored;
    } kill;
};

/* Runs it; the exit status of the command. */
int hold_lab_command(const struct hold_options *o);

/* For hold_lab_command(). */
void hold_lab_judge(struct hold_lab *l);
void hold_lab_print(const struct hold_lab *l);
json_t *hold_lab_json(const struct hold_lab *l);

#endif
