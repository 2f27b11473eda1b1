/* moves.c - whom a further node moves. */
#include <stdlib.h>

#include "bench/stores/presence_map/redis_sharded.h"
#include "bench/stores/parts/ring.h"
#include "bench/stores/trials/trials.h"

void moves_trial(struct moves_trial *out, unsigned nodes, uint64_t users)
{
    static struct ring before, after;

    *out = (struct moves_trial){ .nodes = nodes, .users = users };
    ring_init(&before);
    while (before.nodes < nodes)
        ring_add(&before);
    after = before;
    unsigned added = (unsigned)ring_add(&after);
    for (uint64_t u = 0; u < users; u++) {
        unsigned was = ring_node(&before, u), is = ring_node(&after, u);
        out->moved += was != is;
        out->astray += was != is && is != added;
        out->moved_modulo += u % nodes != u % (nodes + 1);
    }
}

static uint64_t offline(struct presence_redis_sharded *m, struct presence_redis_sharded_handle *h,
                        uint64_t users, uint64_t now)
{
    uint64_t count = 0;

    for (uint64_t u = 0; u < users; u++)
        count += presence_redis_sharded_is_online(m, h, u, now) == 0;
    return count;
}

static int beat(struct presence_redis_sharded *m, struct presence_redis_sharded_handle *h,
                uint64_t users, uint64_t now)
{
    int answer = 0;

    for (uint64_t u = 0; u < users && answer >= 0; u++)
        answer = presence_redis_sharded_heartbeat(m, h, u, now);
    return answer < 0 ? answer : 0;
}

int growth_trial(struct growth_trial *out, unsigned nodes, uint64_t users)
{
    const struct contend_setting setting = { "nodes", nodes };
    const struct presence_config config = { .settings = { .list = &setting, .count = 1 } };
    struct presence_redis_sharded *m = calloc(1, sizeof *m);
    struct presence_redis_sharded_handle *h = calloc(1, sizeof *h);
    int error = m && h ? presence_redis_sharded_init(m, &config) : -ENOMEM;

    *out = (struct growth_trial){ .nodes = nodes, .users = users };
    if (!error) {
        error = presence_redis_sharded_attach(m, h);
        if (!error) {
            error = beat(m, h, users, 20000);
            if (!error)
                error = redis_sharded_grow(&m->place);
            out->offline = offline(m, h, users, 20000);
            if (!error)
                error = beat(m, h, users, 30000);
            out->offline_after_a_beat = offline(m, h, users, 30000);
            presence_redis_sharded_detach(m, h);
        }
        presence_redis_sharded_fini(m);
    }
    free(h);
    free(m);
    return error;
}
