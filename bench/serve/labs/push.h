/*
 * push.h - `contend push`: five ways to see a clap, and two ways to fan an event out.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_PUSH_H
#define CONTEND_BENCH_SERVE_LABS_PUSH_H

#include "bench/report/experiment.h"
#include "bench/serve/labs/push_crowd.h"
#include "bench/serve/push/push.h"

enum { PUSH_SIZES = 4, PUSH_RATES = 4, PUSH_ENTRIES = 4, PUSH_READERS = 5 };

struct push_lab_options {
    struct experiment_options base;
    uint64_t subscribers; /* the largest crowd */
    uint64_t poll_ms;     /* between two polls of a subscriber */
    uint64_t window_ms;   /* of each run */
    uint64_t seldom_ms;   /* of a run at the lowest rate, with the largest crowd; 0: none */
};

struct push_fanout {
    bool done;
    double publish_ns, read_ns; /* of an event; and of a reader that takes one */
    size_t bytes;
    uint64_t published, got, lost; /* by a reader that stood still all the time */
};

struct push_lab {
    const struct push_lab_options *options;
    struct experiment e;
    uint64_t most;               /* subscribers that the descriptors allow */
    char why[200];               /* the service could not be started, or empty */
    unsigned sizes;
    uint64_t size[PUSH_SIZES];
    struct push_run runs[PUSH_WAYS][PUSH_SIZES][PUSH_RATES];
    const struct push_ops *entries[PUSH_ENTRIES];
    unsigned count;
    struct push_fanout fanout[PUSH_ENTRIES][PUSH_READERS];
};

extern const double push_rates[PUSH_RATES];     /* claps a second */
extern const uint64_t push_readers[PUSH_READERS];

/* Runs it; the exit status of the command. */
int push_lab_command(const struct push_lab_options *o);

/* For push_lab_command(). */
int push_lab_fanout(struct push_lab *l, unsigned entry, unsigned readers);
void push_lab_judge(struct push_lab *l);
void push_lab_print(const struct push_lab *l);
json_t *push_lab_json(const struct push_lab *l);

#endif
