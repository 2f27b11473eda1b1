/*
 * pooled.h - a place in Redis whose threads share N connections, or make one for each operation.
 *
 * With `size` 0 there is no pool: every operation connects, asks, and closes, which is what a pool
 * is there to spare.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_POOLED_H
#define CONTEND_BENCH_STORES_REDIS_POOLED_H

#include "bench/stores/pool.h"
#include "bench/stores/redis/place.h"

struct redis_pooled_plan {
    struct redis_plan redis;
};

struct redis_pooled_place {
    struct redis_place redis;
    unsigned size;
    bool checks; /* asks a connection for a sign of life before it is used */
    struct redis_link *links; /* `size` of them */
    struct pool pool;
};

struct redis_pooled_link {
    struct redis_pooled_place *place;
};

#define REDIS_POOLED_OPTIONS                                                                  \
    { "size", 4, 0, POOL_LARGEST, "connections; 0: none is kept, each operation makes its own" }, \
    { "admission", 0, 0, POOL_ADMISSIONS - 1,                                                 \
      "how to wait for a free one: 0 sem_t, 1 a futex, 2 a condition variable, 3 not at all: -EAGAIN" }, \
    { "wait_ms", 10000, 0, 600000, "how long; then -EAGAIN" },                                \
    { "health_check", 0, 0, 1, "a PING before each use, so that no caller meets a dead connection" },

int redis_pooled_place_make(struct redis_pooled_place *p, const char *name,
                            const struct redis_pooled_plan *plan,
                            const struct contend_settings *settings);
void redis_pooled_place_end(struct redis_pooled_place *p);
void redis_pooled_place_traffic(struct redis_pooled_place *p, struct store_traffic *out);

/* A thread has nothing of its own. */
int redis_pooled_link_open(struct redis_pooled_place *p, struct redis_pooled_link *l);
void redis_pooled_link_close(struct redis_pooled_link *l);

/*
 * Lends a connection, and takes it back.  0, -EAGAIN if none was free in time and nothing has been
 * sent, or the error of a connection that could not be made.
 */
int redis_pooled_take(struct redis_pooled_place *p, struct redis_link **link);
void redis_pooled_give(struct redis_pooled_place *p, struct redis_link *link);

#endif
