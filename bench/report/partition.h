/*
 * partition.h - `contend partition`: users on several servers, an outage of one, and writes that come
 * later than their acknowledgement.
 */
#ifndef CONTEND_BENCH_REPORT_PARTITION_H
#define CONTEND_BENCH_REPORT_PARTITION_H

#include "bench/report/experiment.h"
#include "bench/stores/trials/trials.h"

enum { PARTITION_MOVES = 5, PARTITION_OUTAGES = 2, PARTITION_ASYNC = 4 };

struct partition_options {
    struct experiment_options base;
    uint64_t users;  /* of the ring's arithmetic */
    uint64_t few;    /* on servers, each asked for on its own */
};

struct partition {
    const struct partition_options *options;
    struct experiment e;
    struct moves_trial moves[PARTITION_MOVES];
    struct growth_trial growth;
    struct outage outages[PARTITION_OUTAGES]; /* by enum outage_kind */
    struct async_trial async[PARTITION_ASYNC]; /* each window without and with coalescing */
    bool has_growth, has_outage[PARTITION_OUTAGES], has_async[PARTITION_ASYNC];
};

/* Runs it; the exit status of the command. */
int partition_command(const struct partition_options *o);

/* For partition_command(). */
void partition_print(const struct partition *p);
json_t *partition_json(const struct partition *p);

#endif
