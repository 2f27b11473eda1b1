/*
 * trials.h - what becomes of users when data are shared out among servers, and when writes come later.
 *
 * Each fills figures that follow from what servers answered, not from how fast they did; `contend
 * partition` (bench/report/partition.c) judges and prints them.  0, or a negative errno value after a
 * complaint (bench/stores/parts/trouble.h).  For the main thread.
 */
#ifndef CONTEND_BENCH_STORES_TRIALS_TRIALS_H
#define CONTEND_BENCH_STORES_TRIALS_TRIALS_H

#include <stdbool.h>
#include <stdint.h>

/* ---- from k nodes to k + 1 ---- */

struct moves_trial {
    unsigned nodes;         /* k */
    uint64_t users;
    uint64_t moved;         /* on a ring; all of them to the new node, or `astray` */
    uint64_t astray;        /* from one old node to another */
    uint64_t moved_modulo;  /* with the user's number modulo the nodes */
};

/* Arithmetic only: no server is asked. */
void moves_trial(struct moves_trial *out, unsigned nodes, uint64_t users);

/* The same on servers: users who are offline after a server was added, until they beat again. */
struct growth_trial {
    unsigned nodes;
    uint64_t users, offline, offline_after_a_beat;
};
int growth_trial(struct growth_trial *out, unsigned nodes, uint64_t users);

/* ---- a cluster that loses a master ---- */

/* What each user's heartbeat came to while a master was away. */
struct outage {
    uint64_t users, its_users;      /* all, and those whose slot the master served */
    uint64_t answered, unknown, refused; /* of all */
    uint64_t slowest_us;            /* of one call */
    double back_s;                  /* from its return until all of its users were answered */
    uint64_t forgotten;             /* users without an entry then, though an earlier heartbeat was acknowledged */
};

enum outage_kind {
    OUTAGE_KILLED, /* the process is gone with its data, and comes back empty */
    OUTAGE_SILENT  /* it stands still and goes on: to all others as if the network were cut */
};

int outage_trial(struct outage *out, enum outage_kind kind, uint64_t users);

/* ---- write-behind ---- */

/*
 * An exhibit: heartbeats are acknowledged once they are in a queue of this process, which is written
 * every `window_ms` of the users' time.  Each user beats every 10 s of it.
 */
struct async_trial {
    uint64_t window_ms;
    bool coalesces;        /* of one user only the latest heartbeat is kept */
    uint64_t users;
    uint64_t acknowledged; /* until the process was killed */
    uint64_t commands;     /* that the server was sent */
    uint64_t written;      /* heartbeats that these stand for */
    uint64_t lost;         /* acknowledged, neither in the server nor replaced by a later one there */
    uint64_t lost_users;   /* whose latest acknowledged heartbeat is not in the server */
};
int async_trial(struct async_trial *out, uint64_t window_ms, bool coalesces, uint64_t users);

#endif
