/*
 * host.h - the one Redis server of this process: started by it, or somebody else's.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_HOST_H
#define CONTEND_BENCH_STORES_REDIS_HOST_H

#include "bench/stores/redis/place.h"

/*
 * Makes sure that there is a server, and writes a prefix that no other object of this process has.
 * 0, or a negative errno value after a complaint that names `name`.
 */
int redis_host_begin(const char *name, char prefix[REDIS_PREFIX]);

/*
 * A connection to it, with these time-outs; or to the server at `address`, the path of a socket or
 * HOST:PORT, if that is not NULL.  0, or a negative errno value after a complaint: -EAGAIN where
 * nobody answers, -ETIMEDOUT, -EACCES for a wrong password.  Nothing has been asked of it by then.
 */
int redis_host_connect(const char *name, const char *address, int64_t timeout_ms, redisContext **out);

/* Writes a prefix that no other object of this process has. */
void redis_host_prefix(bool shared, char prefix[REDIS_PREFIX]);

/* A write to a connection that is broken shall be an error, not the end of the process. */
void redis_host_ignore_broken_pipes(void);

/*
 * Processor time that the server (at `address`, or the one of this process) has used so far, and
 * bytes that it holds; 0 if it does not say.
 */
void redis_host_usage(const char *address, uint64_t *cpu_ns, uint64_t *bytes);

/* The server that was started, for tests that stop it; NULL: none was. */
struct server *redis_host_server(void);

#endif
