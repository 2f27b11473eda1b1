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

/* A connection to it, with these time-outs.  0, or a negative errno value after a complaint. */
int redis_host_connect(const char *name, int64_t timeout_ms, redisContext **out);

/* Processor time that the server has used so far, and bytes that it holds; 0 if it does not say. */
void redis_host_usage(uint64_t *cpu_ns, uint64_t *bytes);

/* The server that was started, for tests that stop it; NULL: none was. */
struct server *redis_host_server(void);

#endif
