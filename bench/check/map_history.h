/*
 * map_history.h - is a history of map operations possible?
 *
 * Each user is an object of its own, and an operation on several of them (a sweep,
 * a count, a walk, a batch) is one step per user, in any order: that is what the
 * contract promises, no more, unless a map declares that its batches are atomic.
 * The state of all users is packed into one integer, so that the exhaustive check of
 * linear.h can be used.
 */
#ifndef CONTEND_BENCH_CHECK_MAP_HISTORY_H
#define CONTEND_BENCH_CHECK_MAP_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/check/history.h"
#include "bench/check/scenario.h"

/* A batch is for the first two users. */
enum { MAP_BATCH = 2, MET_MUTE = 1 };

/* An operation's argument (user and time), and the users that a walk reported. */
struct map_argument {
    unsigned user;
    char time;
    unsigned budget; /* of a sweep with one */
    uint64_t met[SCENARIO_USERS]; /* the stamp that it reported first, or 0; MET_MUTE without last_seen */
    unsigned again[SCENARIO_USERS]; /* how often it reported the user once more */
    int results[MAP_BATCH];       /* of a batch, by user */
    bool complete;
};

enum { MAP_ARGUMENTS = LINEAR_MAX };
extern struct map_argument map_arguments[MAP_ARGUMENTS]; /* by the operation's argument */

/* The time that a letter stands for. */
uint64_t map_time(char letter, uint64_t granularity);

/* What the map declares, and how it was made. */
struct map_rules {
    uint64_t granularity;
    unsigned users;    /* a bit for each that is named: only they are judged */
    unsigned capacity; /* fixed; 0 = unlimited */
    bool keeps_ids;    /* an id keeps its place for ever, even without an entry */
    bool batch_atomic; /* a batch is one step, not one step for each user */
    bool mute;         /* without last_seen */
    bool may_repeat;   /* a walk may meet a user who comes back again, and a count count them */
    bool may_miss;     /* a whole sweep may leave what is due */
    bool sweeps_again; /* a whole sweep may remove again a user that comes back in between */
    bool stores;       /* P20: a refresh is two steps, one that judges and one that stores */
    bool dense;        /* ids from the capacity on fail with -ERANGE, others have fixed places */
};

/*
 * Judges `history`, whose operations are letters with indices into map_arguments.
 *
 * A heartbeat may fail with -ENOSPC only while others take `capacity` places.  The
 * contract lets a map accept more users; a map of one part, as here, declares that its
 * limit is exact, except that each overlapping operation may have taken a place that is
 * not counted yet.  So no heartbeat inserts while capacity + (overlapping operations)
 * places are taken.
 */
bool map_history_possible(const struct map_rules *rules);

#endif
