/*
 * map_history.h - is a history of map operations possible?
 *
 * Each user is an object of its own, and an operation on several of them (a sweep,
 * a count, a walk) is one step per user, in any order: that is what the contract
 * promises, no more.  The state of all users is packed into one integer, so that
 * the exhaustive check of linear.h can be used.
 */
#ifndef CONTEND_TESTS_CHECK_MAP_HISTORY_H
#define CONTEND_TESTS_CHECK_MAP_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/check/history.h"
#include "tests/check/scenario.h"

/* An operation's argument: who and when, and for a walk whom it met. */
struct map_argument {
    unsigned user;
    char time;
    uint64_t met[SCENARIO_USERS]; /* the stamp that it reported, or 0 */
    bool complete;
};

enum { MAP_ARGUMENTS = LINEAR_MAX };
extern struct map_argument map_arguments[MAP_ARGUMENTS]; /* by the operation's argument */

/* The time that a letter stands for. */
uint64_t map_time(char letter, uint64_t granularity);

/* Judges `history`, whose operations are letters with indices into map_arguments. */
bool map_history_possible(uint64_t granularity);

#endif
