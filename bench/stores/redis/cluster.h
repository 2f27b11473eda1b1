/*
 * cluster.h - an object's keys in a Redis Cluster, and one thread's way to its members.
 *
 * All objects of a process share one cluster of three masters, which is started when the first of
 * them is made, or is the one that redis_cluster_use() was given a member of.  hiredis knows nothing of
 * clusters, so this does: a thread keeps a table of the slots' owners, sends a command to the owner
 * of its key's slot, and follows what it is told instead of an answer:
 *
 *   MOVED  the slot has a new owner: the table is read anew.
 *   ASK    the slot is being moved, and this key has been: once, to the other, with ASKING before it.
 *
 * Either means that the command was not executed, so it is sent again.  CLUSTERDOWN, and an owner
 * that takes no connection, are -EAGAIN: nothing has changed.  What broke on the way is unknown, as
 * bench/stores/redis/place.h says.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_CLUSTER_H
#define CONTEND_BENCH_STORES_REDIS_CLUSTER_H

#include "bench/stores/redis/nodes.h"
#include "bench/stores/redis/slots.h"

struct redis_cluster_place {
    struct redis_place redis; /* its name, prefix, scripts and meter */
    unsigned parts;           /* sorted sets among which a map's users are shared out */
};

struct redis_cluster_link {
    struct redis_cluster_place *place;
    struct redis_nodes nodes;
    unsigned char owner[REDIS_SLOTS]; /* number of the node; REDIS_NODES: nobody is known */
    bool stale;                       /* an owner did not answer: the table is to be read anew */
    uint64_t followed;                /* MOVED and ASK */
};

#define REDIS_CLUSTER_PARTS                                                                   \
    { "parts", 64, 1, 1024, "sorted sets that the users are shared out among, each in a slot" },

extern const struct store_system redis_cluster_system;

/*
 * Takes the cluster that has a member at "redis://HOST:PORT" instead of starting one.  For the main
 * thread, before any object is made.  0, or -EINVAL for an address that is none.
 */
int redis_cluster_use(const char *address);

/* The cluster that was started, for tests that hurt it; NULL: none was. */
struct server *redis_cluster_server(void);

int redis_cluster_place_make(struct redis_cluster_place *p, const char *name,
                             const struct redis_plan *plan, const struct contend_settings *settings);
void redis_cluster_place_end(struct redis_cluster_place *p);
void redis_cluster_place_traffic(struct redis_cluster_place *p, struct store_traffic *out);

int redis_cluster_link_open(struct redis_cluster_place *p, struct redis_cluster_link *l);
void redis_cluster_link_close(struct redis_cluster_link *l);

/* The connection to the owner of the key's slot, as far as the table knows. */
struct redis_link *redis_cluster_owner(struct redis_cluster_link *l, const char *key);

/* A command whose only key is `key`, wherever it is.  As redis_call(). */
int redis_cluster_call(struct redis_cluster_link *l, const char *key, const char *const *words,
                       unsigned count, redisReply **reply);
/* A script of the plan.  As redis_script(). */
int redis_cluster_script(struct redis_cluster_link *l, unsigned script, const char *key,
                         const char *const *arguments, unsigned count, redisReply **reply);

#endif
