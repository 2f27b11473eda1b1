/*
 * sharded.h - several Redis servers that know nothing of each other, among which the client shares
 * out the users by a ring (parts/ring.h).
 *
 * All objects of a process share the servers, which are started when they are first needed.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_SHARDED_H
#define CONTEND_BENCH_STORES_REDIS_SHARDED_H

#include "bench/stores/redis/nodes.h"
#include "bench/stores/parts/ring.h"

enum { REDIS_SHARDS = 8 };

struct redis_sharded_place {
    struct redis_place redis; /* its name, prefix, scripts and meter */
    struct ring ring;         /* of its nodes; grows while no call is under way */
};

struct redis_sharded_link {
    struct redis_sharded_place *place;
    struct redis_nodes nodes;
};

#define REDIS_SHARDED_NODES                                                                   \
    { "nodes", 3, 1, REDIS_SHARDS, "servers that the users are shared out among" },

extern const struct store_system redis_sharded_system;

int redis_sharded_place_make(struct redis_sharded_place *p, const char *name,
                             const struct redis_plan *plan, const struct contend_settings *settings);
void redis_sharded_place_end(struct redis_sharded_place *p);
void redis_sharded_place_traffic(struct redis_sharded_place *p, struct store_traffic *out);

int redis_sharded_link_open(struct redis_sharded_place *p, struct redis_sharded_link *l);
void redis_sharded_link_close(struct redis_sharded_link *l);

/*
 * Adds a node, empty, while no call is under way: the users that it takes over are asked for there
 * from now on, and are offline until they beat again.  0, -ENOSPC, or another negative errno value
 * after a complaint.
 */
int redis_sharded_grow(struct redis_sharded_place *p);

/* The connection to a node, which knows the object's scripts.  NULL after a complaint: none. */
struct redis_link *redis_sharded_node(struct redis_sharded_link *l, unsigned node);

/* The server of that number, for tests that hurt it; NULL: it was not started. */
struct server *redis_sharded_server(unsigned node);

#endif
