/* sharded.c - see sharded.h. */
#include "bench/stores/redis/sharded.h"

#include <errno.h>
#include <pthread.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/redis/host.h"
#include "bench/stores/servers/server.h"
#include "locks/parts/options.h"

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct server *servers[REDIS_SHARDS]; /* guarded by guard; those that were started */

static const struct contend_option options[] = { REDIS_SHARDED_NODES CONTEND_OPTIONS_END };

static int ready(char *why, size_t size)
{
    return server_is_installed(SERVER_REDIS, why, size) ? 0 : -ENOENT;
}

static void end(void)
{
    pthread_mutex_lock(&guard);
    for (unsigned i = 0; i < REDIS_SHARDS; i++) {
        server_stop(servers[i]);
        servers[i] = NULL;
    }
    pthread_mutex_unlock(&guard);
}

const struct store_system redis_sharded_system = {
    .name = "sharded Redis", .needs = "redis-server libhiredis-dev",
    .asks = "several servers that keep all in memory", .effort = 3, .ready = ready, .end = end,
};

struct server *redis_sharded_server(unsigned node)
{
    pthread_mutex_lock(&guard);
    struct server *s = servers[node];
    pthread_mutex_unlock(&guard);
    return s;
}

/* Makes sure that the server of that number runs.  0, or a negative errno after a complaint. */
static int start(const char *name, unsigned node)
{
    char text[SERVER_ERROR];
    int error = 0;

    pthread_mutex_lock(&guard);
    if (!servers[node]) {
        error = server_start_redis(&servers[node], text, sizeof text);
        if (error)
            trouble_note(name, "%s", text);
    }
    pthread_mutex_unlock(&guard);
    return error;
}

struct redis_link *redis_sharded_node(struct redis_sharded_link *l, unsigned node)
{
    while (l->nodes.count <= node) /* after the place has grown */
        if (redis_nodes_find(&l->nodes, &l->place->redis,
                             server_address(redis_sharded_server(l->nodes.count))) < 0)
            return NULL;
    return &l->nodes.links[node];
}

int redis_sharded_grow(struct redis_sharded_place *p)
{
    unsigned node = p->ring.nodes;
    uint64_t before = 0;

    if (node == REDIS_SHARDS)
        return -ENOSPC;
    int error = start(p->redis.name, node);
    if (error)
        return error;
    struct redis_link link = { .place = &p->redis,
                               .address = server_address(redis_sharded_server(node)) };
    error = redis_place_prepare(&link);
    redis_link_close(&link);
    redis_host_usage(link.address, &(uint64_t){ 0 }, &before);
    p->redis.bytes_before += before;
    return error ? error : ring_add(&p->ring) < 0 ? -ENOSPC : 0;
}

int redis_sharded_place_make(struct redis_sharded_place *p, const char *name,
                             const struct redis_plan *plan, const struct contend_settings *settings)
{
    unsigned nodes = (unsigned)contend_option_value(settings, options, "nodes");
    int error = 0;

    redis_host_ignore_broken_pipes();
    redis_place_fill(&p->redis, name, plan, settings);
    redis_host_prefix(false, p->redis.prefix);
    ring_init(&p->ring);
    while (!error && p->ring.nodes < nodes)
        error = redis_sharded_grow(p);
    return error;
}

void redis_sharded_place_end(struct redis_sharded_place *p)
{
    struct redis_sharded_link l;

    redis_sharded_link_open(p, &l);
    for (unsigned i = 0; i < p->ring.nodes; i++) {
        struct redis_link *link = redis_sharded_node(&l, i);
        if (link)
            redis_place_clear(link); /* a server that is gone has nothing to be removed */
    }
    redis_sharded_link_close(&l);
}

void redis_sharded_place_traffic(struct redis_sharded_place *p, struct store_traffic *out)
{
    uint64_t all = 0;

    store_meter_read(&p->redis.meter, out);
    for (unsigned i = 0; i < p->ring.nodes; i++) {
        uint64_t cpu, held;
        redis_host_usage(server_address(redis_sharded_server(i)), &cpu, &held);
        out->server_cpu_ns += cpu;
        all += held;
    }
    out->held = all > p->redis.bytes_before ? all - p->redis.bytes_before : 0;
    out->held_by = all ? "INFO used_memory of the servers" : NULL;
}

int redis_sharded_link_open(struct redis_sharded_place *p, struct redis_sharded_link *l)
{
    l->place = p;
    l->nodes.count = 0;
    return redis_sharded_node(l, p->ring.nodes - 1) ? 0 : -ENOSPC;
}

void redis_sharded_link_close(struct redis_sharded_link *l)
{
    redis_nodes_close(&l->nodes);
}
