/* workload.c - the workloads, and how contestants are found. */
#include "bench/engine/workload.h"

#include <stdio.h>
#include <string.h>

const struct workload workloads[] = {
    { "claps", "claps only, one hot post", OBJECT_COUNTER, 100, 0, 0, false, false },
    { "claps_99_1", "99 % claps, 1 % reads, one hot post", OBJECT_COUNTER, 99, 1, 0, false, false },
    { "claps_50_50", "half claps, half reads, one hot post", OBJECT_COUNTER, 50, 50, 0, false, false },

    { "claps_posts", "claps only, many posts", OBJECT_COUNTER, 100, 0, 0, false, true },
    { "reads_posts_90_10", "90 % reads, 10 % claps, many posts", OBJECT_COUNTER, 10, 90, 0, false,
      true },

    { "heartbeats", "heartbeats only", OBJECT_PRESENCE, 100, 0, 0, false, false },
    { "online_90_10", "90 % is_online, 10 % heartbeats", OBJECT_PRESENCE, 10, 90, 0, false, false },
    { "online_99_1", "99 % is_online, 1 % heartbeats", OBJECT_PRESENCE, 1, 99, 0, false, false },
    { "churn", "45 % join, 45 % leave, 10 % is_online", OBJECT_PRESENCE, 45, 10, 45, false, false },

    { "heartbeats_sweep", "heartbeats only, and a sweeper", OBJECT_PRESENCE, 100, 0, 0, true, false },
    { "online_90_10_sweep", "90 % is_online, 10 % heartbeats, and a sweeper", OBJECT_PRESENCE, 10,
      90, 0, true, false },
    { "online_99_1_sweep", "99 % is_online, 1 % heartbeats, and a sweeper", OBJECT_PRESENCE, 1, 99,
      0, true, false },
    { "churn_sweep", "45 % join, 45 % leave, 10 % is_online, and a sweeper", OBJECT_PRESENCE, 45,
      10, 45, true, false },
    { NULL, NULL, OBJECT_COUNTER, 0, 0, 0, false, false },
};

const struct workload workload_replay[2] = {
    { "replay_heartbeats", "as logged, swept", OBJECT_PRESENCE, 100, 0, 0,
      false, false },
    { "replay_claps", "the log's claps", OBJECT_COUNTER, 100, 0, 0, false, true },
};

const struct workload *workload_find(const char *name)
{
    for (const struct workload *w = workloads; w->name; w++)
        if (strcmp(w->name, name) == 0)
            return w;
    return NULL;
}

uint64_t cell_keys(const struct cell *c)
{
    return c->workload->object == OBJECT_COUNTER ? c->posts : c->users;
}

struct mix cell_mix(const struct cell *c, unsigned worker)
{
    const struct workload *w = c->workload;

    if (c->readers == 0)
        return (struct mix){ w->write_percent, w->read_percent, w->leave_percent };
    if (worker < c->readers)
        return (struct mix){ .read = 100 };
    return (struct mix){ .write = w->write_percent, .leave = w->leave_percent };
}

double cell_write_share(const struct cell *c, unsigned worker)
{
    struct mix m = cell_mix(c, worker);

    return (double)m.write / (m.write + m.read + m.leave);
}

bool contestant_exists(const struct contestant *c)
{
    return c->counter || c->presence;
}

const struct contend_identity *contestant_identity(const struct contestant *c)
{
    return c->object == OBJECT_COUNTER ? &c->counter->traits->id : &c->presence->traits->id;
}

const char *contestant_name(const struct contestant *c, char *buffer, size_t size)
{
    snprintf(buffer, size, "%s%s", contestant_identity(c)->name, c->again ? "_again" : "");
    return buffer;
}

struct contestant contestant_at(enum object_kind object, size_t index)
{
    struct contestant c = { .object = object };

    /* The registries end in NULL, so that the entry after the last does not exist. */
    if (object == OBJECT_COUNTER)
        c.counter = counter_registry[index];
    else
        c.presence = presence_registry[index];
    return c;
}

struct contestant contestant_find(enum object_kind object, const char *name)
{
    struct contestant c = { .object = object };

    if (object == OBJECT_COUNTER)
        c.counter = counter_find(name);
    else
        c.presence = presence_find(name);
    return c;
}

const char *object_name(enum object_kind object)
{
    return object == OBJECT_COUNTER ? "counter" : "presence";
}

const char *skew_name(enum key_skew skew)
{
    static const char *const names[] = { "uniform", "zipf", "hot", "logged" };

    return names[skew];
}
