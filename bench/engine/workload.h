/*
 * workload.h - what is measured: the load, its size, and who contends.
 *
 * A workload says which operations are mixed.  A cell is one workload at one
 * size with one number of threads: the place in which strategies are compared.
 * A contestant is one strategy in a cell.
 */
#ifndef CONTEND_BENCH_ENGINE_WORKLOAD_H
#define CONTEND_BENCH_ENGINE_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counters/counter.h"
#include "presence_map/presence_map.h"

enum object_kind { OBJECT_COUNTER, OBJECT_PRESENCE };

enum key_skew {
    SKEW_UNIFORM,
    SKEW_ZIPF, /* theta 0.99, scattered so that hot users are not neighbours */
    SKEW_HOT,  /* one user */
    SKEW_LOGGED /* as a log has it */
};

struct workload {
    const char *name;  /* "claps", "online_90_10", "churn_sweep" */
    const char *title; /* "90 % is_online, 10 % heartbeat" */
    enum object_kind object;
    unsigned write_percent; /* add, heartbeat */
    unsigned read_percent;  /* read, is_online */
    unsigned leave_percent; /* leave; the three make 100 */
    bool sweeper;           /* one more thread that sweeps beside the workers */
    bool many;              /* counters: many posts, not one hot one */
};

/* All workloads in the order of the report, ended by a NULL name. */
extern const struct workload workloads[];

/* What a replayed log is to each object: heartbeats, then claps.  Not among the workloads. */
extern const struct workload workload_replay[2];

/* NULL if there is none of that name. */
const struct workload *workload_find(const char *name);

struct cell {
    const struct workload *workload;
    uint64_t users;   /* presence: how many; counters: 1 */
    uint64_t posts;   /* counters: how many of them, 1 is one hot post; presence: 0 */
    unsigned threads; /* workers, the sweeper not counted */
    unsigned readers; /* the first so many only read, the others only write; 0: all do both */
    enum key_skew skew;
    bool disjoint; /* every worker has keys of its own; default: all share all */
};

/* How many users or posts the keys of a tape are drawn from. */
uint64_t cell_keys(const struct cell *c);

/* What one worker does, as parts of the sum of the three. */
struct mix {
    unsigned write, read, leave;
};
struct mix cell_mix(const struct cell *c, unsigned worker);

/* How much of a worker's operations are adds or heartbeats, 0 .. 1. */
double cell_write_share(const struct cell *c, unsigned worker);

struct contestant {
    enum object_kind object;
    const struct counter_ops *counter;   /* one of the two */
    const struct presence_ops *presence;
    bool again; /* the reference entered a second time: must come out as a tie */
};

/* The strategy's name; "mutex_again" for the reference's second entry. */
const char *contestant_name(const struct contestant *c, char *buffer, size_t size);
const struct contend_identity *contestant_identity(const struct contestant *c);

/* The strategy of that name, or a contestant without one. */
struct contestant contestant_find(enum object_kind object, const char *name);
bool contestant_exists(const struct contestant *c);

/* The index-th entry of the object's registry; one that does not exist after the last. */
struct contestant contestant_at(enum object_kind object, size_t index);

const char *object_name(enum object_kind object); /* "counter", "presence" */
const char *skew_name(enum key_skew skew);         /* "uniform", "zipf", "hot" */

#endif
