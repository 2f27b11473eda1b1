/*
 * wait.h - `contend wait`: what a waiter burns, and how late it wakes.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_WAIT_H
#define CONTEND_BENCH_SERVE_LABS_WAIT_H

#include "bench/report/experiment.h"
#include "bench/serve/wait/wait.h"

enum { WAIT_ENTRIES = 8, WAIT_INTERVALS = 6 };

struct wait_lab_options {
    struct experiment_options base;
    uint64_t window_ms; /* of each run */
};

struct wait_run {
    bool done;
    double p50_ns, p99_ns;   /* from an announcement to the waiter that has seen it */
    double cpu;              /* processors that the waiter used */
    double ready;            /* and those that it would have used, had nobody else had them; NAN */
    double announce_ns;      /* what an announcement took the announcer, on average */
    uint64_t announced, seen; /* at the end both numbers are the same */
};

struct wait_lab {
    const struct wait_lab_options *options;
    struct experiment e;
    const struct wait_ops *entries[WAIT_ENTRIES];
    unsigned count;
    struct wait_run runs[WAIT_ENTRIES][WAIT_INTERVALS];
    double alone_ns[WAIT_ENTRIES]; /* an announcement with nobody waiting; NAN: not reached */
};

extern const uint64_t wait_intervals_us[WAIT_INTERVALS];

/* Runs it; the exit status of the command. */
int wait_lab_command(const struct wait_lab_options *o);

/* For wait_lab_command(). */
void wait_lab_judge(struct wait_lab *l);
void wait_lab_print(const struct wait_lab *l);
json_t *wait_lab_json(const struct wait_lab *l);

#endif
