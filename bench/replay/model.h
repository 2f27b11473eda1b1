/*
 * model.h - what the answers to a replayed load must be.
 *
 * The sequential specification over one pass of the log: for each visitor the last
 * heartbeat, for each post the claps.  Clones act alike, so one visitor stands for
 * all of them.  A strategy of granularity g is held to guarantee P13.
 */
#ifndef CONTEND_BENCH_REPLAY_MODEL_H
#define CONTEND_BENCH_REPLAY_MODEL_H

#include <stdbool.h>

#include "bench/replay/load.h"

#define REPLAY_NEVER UINT64_MAX /* no heartbeat yet */

struct replay_model {
    uint64_t users, posts;
    uint64_t limit_ms;       /* TTL + g - 1: the greatest age that is online */
    uint64_t granularity_ms;
    uint64_t *last;          /* by visitor: the stamp as a map of this granularity keeps it */
    uint64_t *claps;         /* by post, of one clone */
    uint64_t sessions;       /* heartbeats of visitors who were not online, of one clone */
    uint64_t first_ms;       /* of the log */
    uint64_t latest_ms;      /* of all heartbeats: the instant at which answers are compared */
};

/* 0 or -ENOMEM. */
int replay_model_make(struct replay_model *m, const struct replay_load *load, uint64_t ttl_ms,
                      uint64_t granularity_ms);
void replay_model_free(struct replay_model *m);
/* Resets it to the state before the first event. */
void replay_model_reset(struct replay_model *m);

/* Plays one thread's part between two positions. */
void replay_model_beats(struct replay_model *m, const struct replay_load *load, unsigned thread,
                        struct replay_position from, struct replay_position to);
void replay_model_claps(struct replay_model *m, const struct replay_load *load, unsigned thread,
                        struct replay_position from, struct replay_position to);

bool replay_model_online(const struct replay_model *m, uint64_t user, uint64_t now);
uint64_t replay_model_count(const struct replay_model *m, uint64_t now);

#endif
