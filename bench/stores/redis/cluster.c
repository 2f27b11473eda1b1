/* cluster.c - see cluster.h. */
#include "bench/stores/redis/cluster.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/redis/host.h"
#include "bench/stores/servers/server.h"
#include "locks/parts/options.h"

enum { HOPS = 6, MOST_WORDS = 16 };

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static struct server *server;     /* guarded by guard: the one that was started */
static char given[REDIS_ADDRESS]; /* somebody else's member; never changes once objects are made */

static const struct contend_option options[] = { REDIS_CLUSTER_PARTS CONTEND_OPTIONS_END };

int redis_cluster_use(const char *address)
{
    static const char scheme[] = "redis://";
    char *end;

    given[0] = '\0';
    if (strncmp(address, scheme, strlen(scheme)) != 0)
        return -EINVAL;
    address += strlen(scheme);
    const char *colon = strrchr(address, ':');
    if (!colon || colon == address || strlen(address) >= sizeof given || strchr(address, '@'))
        return -EINVAL;
    long port = strtol(colon + 1, &end, 10);
    if (end == colon + 1 || *end || port < 1 || port > 65535)
        return -EINVAL;
    snprintf(given, sizeof given, "%s", address);
    return 0;
}

static int ready(char *why, size_t size)
{
    return given[0] || server_is_installed(SERVER_REDIS_CLUSTER, why, size) ? 0 : -ENOENT;
}

static void end(void)
{
    pthread_mutex_lock(&guard);
    server_stop(server);
    server = NULL;
    pthread_mutex_unlock(&guard);
}

const struct store_system redis_cluster_system = {
    .name = "Redis Cluster", .needs = "redis-server libhiredis-dev",
    .asks = "three servers that keep all in memory", .effort = 3, .ready = ready,
    .use = redis_cluster_use, .end = end,
};

struct server *redis_cluster_server(void)
{
    pthread_mutex_lock(&guard);
    struct server *s = server;
    pthread_mutex_unlock(&guard);
    return s;
}

/* ---- who owns which slot ---- */

/* An entry of CLUSTER SLOTS: first slot, last slot, and the master's host and port.  False if not. */
static bool note_range(struct redis_cluster_link *l, const redisReply *range)
{
    char address[REDIS_ADDRESS];

    if (range->type != REDIS_REPLY_ARRAY || range->elements < 3 ||
        range->element[2]->type != REDIS_REPLY_ARRAY || range->element[2]->elements < 2)
        return false;
    const redisReply *host = range->element[2]->element[0], *port = range->element[2]->element[1];
    if (host->type != REDIS_REPLY_STRING || port->type != REDIS_REPLY_INTEGER)
        return false;
    snprintf(address, sizeof address, "%.90s:%d", host->str, (int)port->integer);
    int node = redis_nodes_find(&l->nodes, &l->place->redis, address);
    if (node < 0)
        return false;
    for (long long s = range->element[0]->integer;
         s <= range->element[1]->integer && s >= 0 && s < REDIS_SLOTS; s++)
        l->owner[s] = (unsigned char)node;
    return true;
}

/* Asks one member for the table.  0, or a negative errno value. */
static int read_table(struct redis_cluster_link *l, unsigned node)
{
    static const char *const words[] = { "CLUSTER", "SLOTS" };
    redisReply *reply;
    int error = redis_call(&l->nodes.links[node], words, 2, &reply);

    if (!error && reply->type != REDIS_REPLY_ARRAY)
        error = -EIO;
    for (size_t i = 0; !error && i < reply->elements; i++)
        if (!note_range(l, reply->element[i])) {
            trouble_note(l->place->redis.name, "Redis Cluster: CLUSTER SLOTS has no answer of use");
            error = -EIO;
        }
    freeReplyObject(reply);
    l->stale = l->stale && error;
    return error;
}

/* Asks one after the other, beginning behind the one that is not to be trusted. */
static int refresh(struct redis_cluster_link *l, unsigned behind)
{
    unsigned members = l->nodes.count;
    int error = -EAGAIN;

    for (unsigned i = 1; i <= members && error; i++)
        error = read_table(l, (behind + i) % members);
    return error;
}

struct redis_link *redis_cluster_owner(struct redis_cluster_link *l, const char *key)
{
    unsigned slot = redis_slot(key);

    if (l->stale)
        refresh(l, l->owner[slot] < REDIS_NODES ? l->owner[slot] : 0);
    return &l->nodes.links[l->owner[slot] < REDIS_NODES ? l->owner[slot] : 0];
}

/*
 * What a member said that does not serve the key, "MOVED 3999 127.0.0.1:6381": the connection to the
 * one it names, or NULL.  A new owner is a reason to read the whole table, from the one named.
 */
static struct redis_link *follow(struct redis_cluster_link *l, const char *said, bool *asking)
{
    char kind[8], address[REDIS_ADDRESS];
    unsigned slot;

    if (sscanf(said, "%7s %u %95s", kind, &slot, address) != 3 || slot >= REDIS_SLOTS)
        return NULL;
    int node = redis_nodes_find(&l->nodes, &l->place->redis, address);
    if (node < 0)
        return NULL;
    l->followed++;
    *asking = strcmp(kind, "ASK") == 0;
    if (!*asking && read_table(l, (unsigned)node) != 0)
        l->owner[slot] = (unsigned char)node;
    return &l->nodes.links[node];
}

/* ---- calls ---- */

/* Both in one round trip: ASKING holds for the next command of this connection only. */
static int call_asking(struct redis_link *at, const char *const *words, unsigned count,
                       redisReply **reply)
{
    static const char *const asking[] = { "ASKING" };
    int error = redis_ask(at, asking, 1);

    *reply = NULL;
    if (!error)
        error = redis_ask(at, words, count);
    if (!error)
        error = redis_flush(at);
    if (!error)
        error = redis_reply(at, reply);
    freeReplyObject(*reply);
    *reply = NULL;
    return error ? error : redis_reply(at, reply);
}

int redis_cluster_call(struct redis_cluster_link *l, const char *key, const char *const *words,
                       unsigned count, redisReply **reply)
{
    struct redis_link *at = redis_cluster_owner(l, key);
    bool asking = false;
    int error = -EAGAIN;

    *reply = NULL;
    for (unsigned hop = 0; hop < HOPS && at; hop++) {
        error = asking ? call_asking(at, words, count, reply) : redis_call(at, words, count, reply);
        l->stale = l->stale || (error && !at->context);
        if (error != -EREMCHG)
            return error;
        at = follow(l, at->moved, &asking);
    }
    trouble_note(l->place->redis.name, "Redis Cluster: no member serves the slot of %s", key);
    return -EAGAIN;
}

int redis_cluster_script(struct redis_cluster_link *l, unsigned script, const char *key,
                         const char *const *arguments, unsigned count, redisReply **reply)
{
    const char *words[MOST_WORDS] = { "EVALSHA", l->place->redis.sha[script], "1", key };

    for (unsigned i = 0; i < count; i++)
        words[4 + i] = arguments[i];
    int error = redis_cluster_call(l, key, words, 4 + count, reply);
    if (error != -ENOEXEC)
        return error;
    words[0] = "EVAL"; /* after which this member remembers it, too */
    words[1] = l->place->redis.plan->scripts[script];
    return redis_cluster_call(l, key, words, 4 + count, reply);
}

/* ---- an object ---- */

/* Makes sure that there is a cluster.  0, or a negative errno value after a complaint. */
static int begin(const char *name)
{
    char text[SERVER_ERROR];
    int error = 0;

    redis_host_ignore_broken_pipes();
    pthread_mutex_lock(&guard);
    if (!given[0] && !server) {
        error = server_start_redis_cluster(&server, text, sizeof text);
        if (error)
            trouble_note(name, "%s", text);
    }
    pthread_mutex_unlock(&guard);
    return error;
}

int redis_cluster_link_open(struct redis_cluster_place *p, struct redis_cluster_link *l)
{
    int error = 0;

    l->place = p;
    l->nodes.count = 0;
    l->stale = false;
    l->followed = 0;
    memset(l->owner, REDIS_NODES, sizeof l->owner);
    if (given[0])
        error = redis_nodes_find(&l->nodes, &p->redis, given);
    for (int i = 0; !given[0] && i < SERVER_MEMBERS && error >= 0; i++)
        error = redis_nodes_find(&l->nodes, &p->redis, server_member_address(redis_cluster_server(), i));
    error = error < 0 ? error : refresh(l, l->nodes.count - 1);
    if (error)
        redis_nodes_close(&l->nodes);
    return error;
}

void redis_cluster_link_close(struct redis_cluster_link *l)
{
    redis_nodes_close(&l->nodes);
}

/* Processor time and bytes of all members together. */
static void usage(const struct redis_cluster_link *l, uint64_t *cpu_ns, uint64_t *bytes)
{
    *cpu_ns = *bytes = 0;
    for (unsigned i = 0; i < l->nodes.count; i++) {
        uint64_t cpu, held;
        redis_host_usage(l->nodes.addresses[i], &cpu, &held);
        *cpu_ns += cpu;
        *bytes += held;
    }
}

/* Calls each(link) for every member.  The first error, which ends it; or 0. */
static int on_every(struct redis_cluster_link *l, int (*each)(struct redis_link *link))
{
    int error = 0;

    for (unsigned i = 0; i < l->nodes.count && !error; i++)
        error = each(&l->nodes.links[i]);
    return error;
}

int redis_cluster_place_make(struct redis_cluster_place *p, const char *name,
                             const struct redis_plan *plan, const struct contend_settings *settings)
{
    struct redis_cluster_link *l = malloc(sizeof *l);
    int error = l ? begin(name) : -ENOMEM;

    redis_place_fill(&p->redis, name, plan, settings);
    p->parts = (unsigned)contend_option_value(settings, options, "parts");
    redis_host_prefix(given[0], p->redis.prefix);
    if (!error)
        error = redis_cluster_link_open(p, l);
    if (!error) {
        error = on_every(l, redis_place_prepare);
        usage(l, &(uint64_t){ 0 }, &p->redis.bytes_before);
        redis_cluster_link_close(l);
    }
    free(l);
    return error;
}

void redis_cluster_place_end(struct redis_cluster_place *p)
{
    struct redis_cluster_link *l = malloc(sizeof *l);

    /* A member that is gone has nothing to be removed, and one without memory removes nothing. */
    if (l && redis_cluster_link_open(p, l) == 0) {
        for (unsigned i = 0; i < l->nodes.count; i++)
            redis_place_clear(&l->nodes.links[i]);
        redis_cluster_link_close(l);
    }
    free(l);
}

void redis_cluster_place_traffic(struct redis_cluster_place *p, struct store_traffic *out)
{
    struct redis_cluster_link *l = malloc(sizeof *l);
    struct redis_cluster_place apart = { .parts = p->parts };
    uint64_t held = 0;

    store_meter_read(&p->redis.meter, out);
    redis_place_apart(&apart.redis, &p->redis);
    if (l && redis_cluster_link_open(&apart, l) == 0) {
        usage(l, &out->server_cpu_ns, &held);
        redis_cluster_link_close(l);
    }
    free(l);
    out->held = held > p->redis.bytes_before ? held - p->redis.bytes_before : 0;
    out->held_by = held ? "INFO used_memory of the masters" : NULL;
}
