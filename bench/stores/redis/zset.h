/*
 * zset.h - the scripts of a sorted set of users by the time of their last heartbeat.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_ZSET_H
#define CONTEND_BENCH_STORES_REDIS_ZSET_H

#include "bench/stores/redis/place.h"

enum { REDIS_ZSET_BEAT, REDIS_ZSET_LEAVE, REDIS_ZSET_SWEEP };

/* Redis writes scores as doubles, exact up to 2^53; times end at 2^48. */
static const struct redis_plan redis_zset_plan = {
    .scripts = {
        /* User and time: the time before, or 0. */
        [REDIS_ZSET_BEAT] =
            "local before = redis.call('ZSCORE', KEYS[1], ARGV[1]) "
            "redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1]) "
            "return before or '0'",
        /* User and time: how many were removed. */
        [REDIS_ZSET_LEAVE] =
            "local last = redis.call('ZSCORE', KEYS[1], ARGV[1]) "
            "if last and tonumber(last) <= tonumber(ARGV[2]) then "
            "  return redis.call('ZREM', KEYS[1], ARGV[1]) "
            "end "
            "return 0",
        /* Time and budget: removes the oldest that are before the time, as many as that. */
        [REDIS_ZSET_SWEEP] =
            "local due = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1]) "
            "local most = math.min(due, tonumber(ARGV[2])) "
            "if most == 0 then return 0 end "
            "return redis.call('ZREMRANGEBYRANK', KEYS[1], 0, most - 1)",
    },
};

#endif
