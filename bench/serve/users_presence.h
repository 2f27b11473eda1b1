/*
 * users_presence.h - who is online: a presence map with a handle for each thread of the service.
 *
 * Sides are the threads of the service, numbered from 0; each attaches itself, and calls with its
 * own number.  Times are those of clock.h.
 */
#ifndef CONTEND_BENCH_SERVE_USERS_PRESENCE_H
#define CONTEND_BENCH_SERVE_USERS_PRESENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "locks/parts/options.h"

struct users;

struct users_plan {
    const void *strategy; /* an entry of the family's registry */
    struct contend_settings settings;
    uint64_t users;     /* at least so many have a place */
    uint64_t ttl_ms;    /* online for so long after a heartbeat */
    uint64_t retain_ms; /* and so much longer it is known when they were last active; less where
                           the map cannot */
    unsigned sides;
};

/* Makes it.  0, -ENOMEM, or what the map's init answered. */
int users_make(struct users **out, const struct users_plan *plan);
/* All sides have detached.  NULL is allowed. */
void users_end(struct users *u);

/* To be called by the thread of that side.  0, or what the map answered. */
int users_attach(struct users *u, unsigned side);
void users_detach(struct users *u, unsigned side);

/*
 * A heartbeat.  1: the user has come online; 0: was online already; or a negative errno value, and
 * nothing has changed: -ERANGE or -EINVAL for an id that the map does not take, -ENOSPC.
 */
int users_beat(struct users *u, unsigned side, uint64_t user, uint64_t now);
/* 1 or 0 for each of n users, or a negative errno value of that element.  0, or an error. */
int users_online(struct users *u, unsigned side, const uint64_t *ids, size_t n, uint64_t now,
                 int *results);
/* The time of the last heartbeat; -ENOENT, or -ENOTSUP by a map that keeps none. */
int64_t users_last_seen(struct users *u, unsigned side, uint64_t user);
/* How many are online, or a negative errno value. */
int64_t users_count(struct users *u, unsigned side, uint64_t now);
/* Removes a part of those who need not be remembered any longer. */
void users_sweep(struct users *u, unsigned side, uint64_t now, uint64_t budget);

/*
 * Calls fn for every user who is remembered, online or not, with the time of the last heartbeat.  By a
 * map that keeps no times these are the users who are online, each with `now`.  fn must not use any object.  0, an error of the map's, or what fn returned, if it was not 0.
 */
int users_each(struct users *u, unsigned side, uint64_t now,
               int (*fn)(void *ctx, uint64_t user, uint64_t last_seen), void *ctx);

/* The map's name, "packed", and the bytes that it holds now. */
const char *users_strategy(const struct users *u);
size_t users_bytes(struct users *u);
/* For how long after a heartbeat a user is remembered, in ms. */
uint64_t users_remembered_ms(const struct users *u);

#endif
